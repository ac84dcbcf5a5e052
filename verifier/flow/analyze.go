package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/internal/bug"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A Result is an issue of a program and the kernels that have it.
type Result struct {
	Issue
	Root    verifier.Root   // a context of the program, the first of those that are alike
	Kernels []*btfdb.Kernel // that refuse it, in the order of the pass
	Judged  []*btfdb.Kernel // that know the context
}

// memory is what is remembered from check to check.
type memory struct {
	traits map[*btfdb.Kernel]*traits
	runs   map[string]*walks
	unit   *cindex.Unit
	last   []Result
}

// An outcome is one walk of a program.
type outcome struct {
	kernel *oracle
	deps   map[string]*cindex.FuncKey
	kptrs  map[[2]string]bool
	issues []Issue
	// tooMuch says that it was given up for its size. Other kernels would not
	// be done with it either.
	tooMuch bool
}

// walks are the walks of a program, and which of them stands for a kernel.
type walks struct {
	list []*outcome
	of   map[*btfdb.Kernel]*outcome
}

type memoryKey struct{}

// maxPrograms bounds the programs that are remembered.
const maxPrograms = 4000

// Results lists the issues of a unit's programs, in the order of roots and
// paths. All rules of a check share one list.
func Results(p *verifier.Pass) []Result {
	m := verifier.Kept(p, memoryKey{}, func() *memory {
		return &memory{traits: map[*btfdb.Kernel]*traits{}, runs: map[string]*walks{}}
	})
	if m.unit == p.Unit {
		return m.last
	}
	if len(m.runs) > maxPrograms {
		m.runs = map[string]*walks{}
	}
	m.unit, m.last = nil, m.results(p)
	if p.Context.Err() == nil {
		m.unit = p.Unit
	}
	return m.last
}

func (m *memory) results(p *verifier.Pass) []Result {
	var out []Result
	done := map[string]bool{}
	for _, r := range p.Roots() {
		e := entryOf(r)
		if p.Unit.Func(e.Func.Name) != e.Func || p.Context.Err() != nil {
			continue
		}
		key := fmt.Sprintf("%s %v %v %v %v", e.Func.Name, e.Sleepable, e.Trusted, e.Untrusted, e.Nullable)
		if !done[key] {
			done[key] = true
			out = m.program(p, r, e, key, out)
		}
	}
	return out
}

// entryOf tells how a kernel verifies a root.
func entryOf(r verifier.Root) Entry {
	e := Entry{Func: r.Program.Func, Sleepable: r.Program.Sleepable || r.Program.Type == "syscall", Trusted: true}
	switch r.Program.Type {
	case "fentry", "fexit", "fmod_ret":
		e.Untrusted = unpacked(r.Program.Func) // prog_args_trusted in kernel/bpf/btf.c
	case "lsm":
		e.Untrusted = untrustedHooks[r.Program.Section[strings.LastIndexByte(r.Program.Section, '/')+1:]]
	}
	if r.Wiring != nil {
		e.Nullable = nullable[r.Wiring.Init.Member]
		// Others have arguments that come with a reference (__ref).
		e.Trusted = strings.HasPrefix(r.TableType(), "sched_ext_ops")
	}
	return e
}

// nullable are the ops members of sched_ext whose stubs have a parameter with
// the suffix __nullable (kernel/sched/ext.c, since 6.12; BTF of images does not
// tell).
var nullable = map[string][]bool{
	"dispatch": {false, true},
	"yield":    {false, true},
}

// unpacked tells whether the parameters of a program are the arguments of what
// it is attached to, and not the context that holds them.
func unpacked(fn *cindex.Func) bool {
	return strings.HasSuffix(string(fn.At.File.Content[:fn.At.Span.Start]), "BPF_PROG(")
}

// untrustedHooks are LSM hooks whose arguments are on their way out
// (untrusted_lsm_hooks in kernel/bpf/bpf_lsm.c).
var untrustedHooks = map[string]bool{"task_free": true, "file_free_security": true, "sk_free_security": true}

// program adds the issues of a program. Kernels that answer alike are asked
// once.
func (m *memory) program(p *verifier.Pass, r verifier.Root, e Entry, key string, out []Result) []Result {
	judged := p.Judged(r)
	known := m.runs[key]
	if known == nil || slices.ContainsFunc(known.list, func(o *outcome) bool { return !o.holds(p.Unit) }) {
		known = &walks{of: map[*btfdb.Kernel]*outcome{}}
		m.runs[key] = known
	}
	at := map[Issue]int{}
	for _, k := range judged {
		o := m.outcome(p.Unit, k, e, known)
		for _, i := range o.issues {
			rodata := i.Rodata
			i.Rodata = ""
			j, ok := at[i]
			if !ok {
				j = len(out)
				at[i] = j
				i.Rodata = rodata
				out = append(out, Result{Issue: i, Root: r, Judged: judged})
			}
			if rodata == "" {
				out[j].Rodata = ""
			}
			out[j].Kernels = append(out[j].Kernels, k)
		}
	}
	return out
}

// outcome walks a program for a kernel, unless one that answers alike was
// walked for already.
func (m *memory) outcome(u *cindex.Unit, k *btfdb.Kernel, e Entry, known *walks) *outcome {
	if o := known.of[k]; o != nil {
		return o
	}
	t := m.traits[k]
	if t == nil {
		t = newTraits(k)
		m.traits[k] = t
	}
	now := newOracle(k, t)
	for _, o := range known.list {
		if o.tooMuch && len(o.issues) == 0 || o.kernel.agrees(now) {
			known.of[k] = o
			return o
		}
	}
	o := walk(u, now, e)
	known.list = append(known.list, o)
	known.of[k] = o
	return o
}

// walk walks a program. What goes wrong loses its issues only.
func walk(u *cindex.Unit, k *oracle, e Entry) (o *outcome) {
	mach := &machine{
		unit: u, kernel: k, others: []Entry{e},
		graphs: map[*cindex.Func]*graph{}, deps: map[string]*cindex.Func{}, issues: map[Issue]int{}, kptrs: map[[2]string]bool{},
	}
	o = &outcome{kernel: k, deps: map[string]*cindex.FuncKey{}, kptrs: mach.kptrs}
	defer func() {
		if v := recover(); v != nil {
			bug.Errorf("flow of %s: %v", e.Func.Name, v)
		}
		for name, fn := range mach.deps {
			o.deps[name] = nil
			if fn != nil {
				o.deps[name] = fn.Key()
			}
		}
	}()
	mach.run()
	o.issues, o.tooMuch = mach.order, mach.tooMuch
	return o
}

// holds tells whether the functions that a walk went through are the same.
func (o *outcome) holds(u *cindex.Unit) bool {
	for name, key := range o.deps {
		fn := u.Func(name)
		if fn == nil && key != nil || fn != nil && fn.Key() != key {
			return false
		}
	}
	for k, is := range o.kptrs {
		if u.Kptr(k[0], k[1]) != is {
			return false
		}
	}
	return true
}
