package btfdb

import (
	"slices"
	"strings"
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
		places = append(places, Place{Context: Context{Prog: name, Sleepable: t.sleeps}, Name: name})
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

// Groups names the groups that let a kfunc be called: its set8s without the
// kernel's prefixes ("enqueue_dispatch", "any", "generic").
func (k *Kernel) Groups(kfunc string) []string {
	f := k.kfuncs[kfunc]
	if f == nil {
		return nil
	}
	var names []string
	for _, s := range f.Sets {
		names = append(names, GroupName(s))
	}
	return names
}

// GroupName shortens a set8's symbol.
func GroupName(set string) string {
	name := strings.TrimPrefix(set, "scx_kfunc_ids_")
	for _, suffix := range []string{"_kfunc_btf_ids", "_kfunc_set_ids", "_kfunc_ids", "_kfuncs", "_btf_ids", "_set_ids"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return name
}
