package link

import (
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

const (
	progTracing   = 26
	progStructOps = 27
	flagSleepable = 1 << 4 // BPF_F_SLEEPABLE
)

// A sectionType is what libbpf makes of the name of a section
// (tools/lib/bpf/libbpf.c:section_defs).
type sectionType struct {
	prog, attach uint32
	target       string // prefix of the type that the program is attached to
	named        bool   // it needs that type
	sleeps       bool
}

var sectionTypes = map[string]sectionType{
	"socket": {prog: 1}, "kprobe": {prog: 2}, "kretprobe": {prog: 2}, "uprobe": {prog: 2}, "uretprobe": {prog: 2},
	"ksyscall": {prog: 2}, "kretsyscall": {prog: 2}, "usdt": {prog: 2},
	"tc": {prog: 3}, "classifier": {prog: 3}, "action": {prog: 4},
	"tracepoint": {prog: 5}, "tp": {prog: 5}, "xdp": {prog: 6, attach: 37}, "perf_event": {prog: 7},
	"cgroup_skb/ingress": {prog: 8, attach: 0}, "cgroup_skb/egress": {prog: 8, attach: 1}, "cgroup/skb": {prog: 8},
	"raw_tracepoint": {prog: 17}, "raw_tp": {prog: 17}, "raw_tracepoint.w": {prog: 24}, "raw_tp.w": {prog: 24},
	"tp_btf":   {prog: progTracing, attach: 23, target: "btf_trace_", named: true},
	"fentry":   {prog: progTracing, attach: 24, named: true},
	"fexit":    {prog: progTracing, attach: 25, named: true},
	"fmod_ret": {prog: progTracing, attach: 26, named: true},
	"iter":     {prog: progTracing, attach: 28, target: "bpf_iter_", named: true},
	"lsm":      {prog: 29, attach: 27, target: "bpf_lsm_", named: true},
	"syscall":  {prog: 31, sleeps: true},
}

// lookUp finds the type of a section that is not struct_ops.
func lookUp(section string) (t sectionType, target string, ok bool) {
	section = strings.TrimPrefix(section, "?")
	if t, ok = sectionTypes[section]; ok {
		return t, "", true
	}
	name, target, _ := strings.Cut(section, "/")
	if t, ok = sectionTypes[name]; ok {
		return t, target, true
	}
	t, ok = sectionTypes[strings.TrimSuffix(name, ".s")]
	t.sleeps = true
	return t, target, ok && strings.HasSuffix(name, ".s")
}

// addPrograms plans every program that libbpf would load.
func (l *linker) addPrograms() {
	for _, p := range l.o.Programs {
		at, f := l.entry(p)
		l.progs[at] = bpf.None
		switch {
		case p.Static:
			l.refuse("prog '%s': static and not supported", p.Name)
			fallthrough
		case f == nil:
			l.skip(p, p.Section, "no global function of this name")
		case p.Type == "struct_ops":
			l.addMembers(p, at, f)
		default:
			l.addOther(p, at, f)
		}
	}
}

func (l *linker) skip(p *object.Program, context, why string) {
	l.out.Programs = append(l.out.Programs, Program{Prog: p, Context: context, Step: bpf.None, NotJudged: why})
}

// addMembers plans a struct_ops program, for each kernel member that it
// implements. libbpf takes but one; the others are judged all the same.
func (l *linker) addMembers(p *object.Program, at place, f *function) {
	seen := map[string]bool{}
	for _, w := range p.Wirings {
		context := w.Table.Type + "." + w.Member
		if seen[context] {
			continue
		}
		seen[context] = true
		m, why := l.memberOf(w)
		if why != "" {
			l.skip(p, context, why)
			continue
		}
		step := l.addProg(p, context, f, bpf.Prog{Type: progStructOps, Attach: m.index, AttachID: uint32(m.typeID)}, p.Sleepable)
		l.progs[at] = step
		l.members[w] = step
	}
	if len(seen) > 1 {
		l.refuse("struct_ops init_kern: invalid reuse of prog %s", p.Name)
	}
	if len(p.Wirings) > 0 {
		return
	}
	x := Program{Prog: p, Context: "struct_ops", Step: bpf.None, NotJudged: "in no ops table"}
	if p.Autoload {
		x.Refused = fmt.Sprintf("prog '%s': SEC(\"struct_ops\") program isn't referenced anywhere, did you forget to use it?", p.Name)
		x.NotJudged = ""
	}
	l.out.Programs = append(l.out.Programs, x)
}

// addOther plans a program of another type.
func (l *linker) addOther(p *object.Program, at place, f *function) {
	t, target, ok := lookUp(p.Section)
	context := p.Type
	if context == "" {
		context = p.Section
	}
	switch {
	case !ok:
		l.skip(p, context, fmt.Sprintf("section %s is of a type that is not loaded here", p.Section))
		return
	case !p.Autoload:
		l.skip(p, context, fmt.Sprintf("SEC(%q) is not loaded by itself", p.Section))
		return
	}
	x := bpf.Prog{Type: t.prog, Attach: t.attach}
	if t.named {
		if x.AttachID = uint32(l.k.typeID(t.target, target)); x.AttachID == 0 {
			l.skip(p, context, fmt.Sprintf("Linux %s itself has no %q to attach to; a module may", l.k.Release, target))
			return
		}
	}
	l.progs[at] = l.addProg(p, context, f, x, t.sleeps)
}

// addProg puts a program together and plans its load.
func (l *linker) addProg(p *object.Program, context string, f *function, x bpf.Prog, sleeps bool) int {
	code, err := l.assemble(f)
	if err != nil {
		l.skip(p, context, err.Error())
		return bpf.None
	}
	if sleeps {
		x.Flags |= flagSleepable
	}
	x.License, x.Insns, x.BTF = l.o.License, code.insns, l.btf
	x.FuncInfo, x.FuncRec = code.funcInfo, uint32(code.funcRec)
	x.LineInfo, x.LineRec = code.lineInfo, uint32(code.lineRec)
	x.Refs, x.Kallsyms = code.refs, code.syms
	step := l.add(bpf.Step{Op: bpf.OpProg, Name: p.Name, Prog: &x})
	l.out.Programs = append(l.out.Programs, Program{Prog: p, Context: context, Step: step, Code: code.code, Funcs: code.funcs})
	return step
}
