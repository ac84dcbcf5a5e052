package link

import (
	"slices"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
)

// A Context is one that programs are probed in.
type Context struct {
	Section   string // "tp_btf/sched_switch"; "" for a member of an ops type
	Ops       string
	Member    string
	Sleepable bool
}

// String names a context as reports do.
func (c Context) String() string {
	name := c.Section
	if name == "" {
		name = c.Ops + "." + c.Member
	}
	if c.Sleepable {
		name += " (sleepable)"
	}
	return name
}

// probeTargets are attached to by the probe's programs of other types: things
// that every kernel has.
var probeTargets = []string{
	"tp_btf/sched_switch", "fentry/do_exit", "fexit/do_exit", "iter/task", "lsm/file_open", "tracepoint", "raw_tp", "perf_event", "kprobe", "xdp", "tc", "syscall",
}

// Probe plans a probe: every member of the given ops types, not sleepable and
// sleepable, and the other program types, each with a call of every kfunc.
// What a probe's programs are is never attached.
func (k *Kernel) Probe(ops []string, kfuncs []string) (*bpf.Plan, []Context) {
	var ids []uint32
	for _, name := range kfuncs {
		ids = append(ids, uint32(k.types.funcs[name]))
	}
	p := &bpf.Plan{}
	var contexts []Context
	add := func(c Context, x bpf.Prog) {
		x.License, x.BTF = "GPL", bpf.None
		if c.Sleepable {
			x.Flags = flagSleepable
		}
		p.Steps = append(p.Steps, bpf.Step{Op: bpf.OpProbe, Prog: &x, IDs: ids})
		contexts = append(contexts, c)
	}
	for _, t := range ops {
		s, id := k.structType(t)
		if s == nil {
			continue
		}
		for i, m := range s.Members {
			for _, sleepable := range []bool{false, true} {
				add(Context{Ops: t, Member: m.Name, Sleepable: sleepable}, bpf.Prog{Type: progStructOps, Attach: uint32(i), AttachID: uint32(id)})
			}
		}
	}
	for _, section := range probeTargets {
		t, target, _ := lookUp(section)
		x := bpf.Prog{Type: t.prog, Attach: t.attach}
		if t.named {
			if x.AttachID = uint32(k.typeID(t.target, target)); x.AttachID == 0 {
				continue
			}
		}
		add(Context{Section: section, Sleepable: t.sleeps}, x)
	}
	return p, contexts
}

// HasFunc tells whether the kernel's BTF has a function of exactly this name.
func (k *Kernel) HasFunc(name string) bool { return k.types.funcs[name] != 0 }

// Funcs filters names by HasFunc.
func (k *Kernel) Funcs(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !k.HasFunc(n) })
}
