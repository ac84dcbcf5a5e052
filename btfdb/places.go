package btfdb

import (
	"slices"
	"strings"
	"sync"
)

// A Place is a context with the name that people know it by.
type Place struct {
	Context
	Name          string // "sched_ext_ops.dispatch", "syscall"
	OnlySleepable bool   // only a sleepable program may make the call there
}

// mainProgs are the program types that lists of places name, one for each
// kind of behaviour.
var mainProgs = []string{
	"syscall", "tracing", "iter", "fsession", "lsm", "tp", "raw_tp", "perf_event", "kprobe", "kprobe.session", "xdp",
	"tc", "action", "socket", "sk_skb", "cgroup_skb", "lwt_in", "netfilter",
}

// Contexts lists every context that the kernel tells apart: all callbacks of
// all struct_ops types, scx first, then the program types. Context.Sleepable is
// set where a sleepable program is possible.
func (k *Kernel) Contexts() []Place {
	var places []Place
	types := k.OpsTypes()
	slices.SortStableFunc(types, func(a, b *OpsType) int { return scxFirst(a.Name) - scxFirst(b.Name) })
	for _, t := range types {
		for _, m := range t.Members {
			if m.Func {
				ctx := Context{Prog: "struct_ops", Ops: t.Name, Moff: m.Moff, Sleepable: m.Sleepable}
				places = append(places, Place{Context: ctx, Name: t.Name + "." + m.Name})
			}
		}
	}
	names := make([]string, 0, len(progs)+len(exactProgs))
	for _, table := range []map[string]progTraits{progs, exactProgs} {
		for name := range table {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		t := k.judge.progs[name].subject.traits
		places = append(places, Place{Context: Context{Prog: name, Sleepable: t.sleeps || t.may}, Name: name})
	}
	return places
}

func scxFirst(name string) int {
	if strings.HasPrefix(name, "sched_ext_ops") {
		return 0
	}
	return 1
}

// AllowedIn lists where a kfunc may be called: the callbacks of sched_ext
// types that allow it, then program types. A place where only a sleepable
// program may call it says so.
func (k *Kernel) AllowedIn(kfunc string) []Place {
	f := k.kfuncs[kfunc]
	if f == nil {
		return nil
	}
	var places []Place
	for _, t := range k.OpsTypes() {
		if scxFirst(t.Name) != 0 {
			continue
		}
		for _, m := range t.Members {
			if m.Func && !m.NoStub {
				ctx := Context{Prog: "struct_ops", Ops: t.Name, Moff: m.Moff, Sleepable: m.Sleepable}
				places = k.appendAllowed(places, ctx, f, t.Name+"."+m.Name)
			}
		}
	}
	for _, name := range mainProgs {
		places = k.appendAllowed(places, Context{Prog: name, Sleepable: true}, f, name)
	}
	return places
}

func (k *Kernel) appendAllowed(places []Place, ctx Context, f *Kfunc, name string) []Place {
	if !k.Query(ctx, f.Name).OK() {
		return places
	}
	needs := f.Flags.Has(FlagSleepable)
	ctx.Sleepable = needs
	return append(places, Place{Context: ctx, Name: name, OnlySleepable: needs})
}

// ContextName is the name of a context: "sched_ext_ops.enqueue", "syscall".
func (k *Kernel) ContextName(ctx Context) string {
	if ctx.Prog != "struct_ops" {
		return ctx.Prog
	}
	if j := k.contextOf(ctx); j != nil {
		return ctx.Ops + "." + j.subject.member.Name
	}
	return ctx.Ops
}

// GroupName shortens a set8's symbol: "enqueue_dispatch", "any", "generic".
func GroupName(set string) string {
	name := strings.TrimPrefix(set, "scx_kfunc_ids_")
	for _, suffix := range []string{"_kfunc_btf_ids", "_kfunc_set_ids", "_kfunc_ids", "_kfuncs", "_btf_ids", "_set_ids"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return name
}

// A Group is a set of kfuncs that every context treats alike: a set8, or the
// part of one that a filter singles out ("any/cpu_only").
type Group struct {
	Name   string
	Set    string   // the set8
	Kfuncs []string // sorted
}

// Groups lists the groups in the order of their bits.
func (k *Kernel) Groups() []Group {
	list := make([]Group, len(k.judge.groups))
	for bit, g := range k.judge.groups {
		list[bit] = Group{Name: GroupName(g.set.Name) + k.judge.partName(g), Set: g.set.Name}
		var one mask
		one.set(bit)
		for _, f := range k.facts.Kfuncs {
			if f.groups.and(one) {
				list[bit].Kfuncs = append(list[bit].Kfuncs, f.Name)
			}
		}
	}
	return list
}

// partName names the parts that set a group apart.
func (j *judge) partName(g group) string {
	name := ""
	for _, f := range j.govern[g.set.Name] {
		model := filterModels[f]
		if model == nil {
			continue
		}
		for i, p := range model.parts {
			if g.part&(1<<i) != 0 {
				name += "/" + GroupName(p)
			}
		}
	}
	return name
}

// AllowedGroups are the bits of the groups that a context may call, and of
// those that nothing is known of.
func (k *Kernel) AllowedGroups(ctx Context) (allowed, unknown []int) {
	j := k.contextOf(ctx)
	if j == nil {
		return nil, nil
	}
	for bit := range k.judge.groups {
		var one mask
		one.set(bit)
		switch {
		case one.and(j.allowed):
			allowed = append(allowed, bit)
		case one.and(j.unknown):
			unknown = append(unknown, bit)
		}
	}
	return allowed, unknown
}

// A Lifetime says in which known releases a kfunc is.
type Lifetime struct {
	Since   string // the first known release that has it
	Until   string // the first known release without it; "" if the newest has it
	Present []string
}

// History looks a kfunc up in all known releases; ok is false if none has it.
func History(kfunc string) (l Lifetime, ok bool) {
	for _, x := range known() {
		k, err := x.load()
		if err != nil || k.facts.Scope == "scx" && !strings.Contains(kfunc, "scx_") {
			continue
		}
		switch {
		case k.Kfunc(kfunc) != nil:
			if !ok {
				l.Since, ok = x.Release, true
			}
			l.Until, l.Present = "", append(l.Present, x.Release)
		case ok && l.Until == "":
			l.Until = x.Release
		}
	}
	return l, ok
}

// KnownKfunc reports whether any known kernel has a kfunc of this name.
func KnownKfunc(name string) bool {
	_, ok := allKfuncs()[name]
	return ok
}

// builtIn reports whether a known kernel has the kfunc in its image, so that
// it is not one of a module. An X_impl twin goes with its X.
func builtIn(name string) bool {
	return allKfuncs()[name] || allKfuncs()[strings.TrimSuffix(name, "_impl")]
}

// allKfuncs are the kfuncs of all known kernels; true for those of an image.
var allKfuncs = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, x := range known() {
		if k, err := x.load(); err == nil {
			for _, f := range k.Kfuncs() {
				names[f.Name] = names[f.Name] || k.BTFSHA1 != ""
			}
		}
	}
	return names
})
