package link

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// Options say how user space would load the object.
type Options struct {
	Rodata map[string]uint64 // variables of .rodata
	Run    int               // seconds to keep the ops attached; 0 loads only
}

// A Linked object is its plan for one kernel, and what the plan's answers are
// about.
type Linked struct {
	Plan     *bpf.Plan
	Programs []Program // each in each context that it has
	Refusals []string  // why libbpf would refuse the object before the kernel sees it
	Missing  []string  // weak kfuncs that are called and not there, by the number in the verifier's message
	Notes    []string  // what was left out or presumed on this kernel
}

// A Program is one program in one context.
type Program struct {
	Prog      *object.Program
	Context   string // "sched_ext_ops.enqueue", "syscall"
	Step      int    // in the plan, bpf.None
	Code      []Code
	Funcs     []string
	NotJudged string // why there is no step
	Refused   string // libbpf's words, when it would not load this program
}

type linker struct {
	f    *file
	o    *object.Object
	k    *Kernel
	plan *bpf.Plan
	out  *Linked

	externs    map[int]*extern // by symbol
	kconfig    []byte
	configAt   map[string]uint32
	missing    []string
	funcs      map[place]*function
	code       map[int]relocatedCode
	maps       map[place]int // steps of .maps
	data       map[int]int   // steps of sections of variables
	progs      map[place]int // steps of programs
	slots      []slotsOf
	btf        int
	arena      int
	arenaPages uint32
	kconfigMap int
	rodata     map[string]uint64
	unset      map[string]bool
	members    map[object.Wiring]int // steps of struct_ops programs
	tables     []table
}

// Link plans the loading of an object on a kernel. raw is the object that o
// was opened from.
func Link(raw []byte, o *object.Object, k *Kernel, opt Options) (out *Linked, err error) {
	defer func() {
		// cilium/ebpf solves CO-RE; a panic there is an object it cannot take.
		if v := recover(); v != nil {
			out, err = nil, fmt.Errorf("link: %v", v)
		}
	}()
	f, err := openFile(raw)
	if err != nil {
		return nil, err
	}
	l := &linker{
		f: f, o: o, k: k, plan: &bpf.Plan{}, out: &Linked{}, externs: map[int]*extern{}, configAt: map[string]uint32{},
		funcs: map[place]*function{}, code: map[int]relocatedCode{}, maps: map[place]int{}, data: map[int]int{}, progs: map[place]int{},
		btf: bpf.None, arena: bpf.None, kconfigMap: bpf.None, rodata: opt.Rodata, unset: map[string]bool{},
	}
	for name := range opt.Rodata {
		l.unset[name] = true
	}
	return l.link(opt)
}

func (l *linker) link(opt Options) (*Linked, error) {
	l.findFunctions()
	l.resolveExterns()
	types, err := l.f.kernelBTF(l.configAt)
	if err != nil {
		return nil, err
	}
	if types != nil {
		l.btf = l.add(bpf.Step{Op: bpf.OpBTF, Name: l.o.Name, Data: types})
	}
	if err := l.addMaps(); err != nil {
		return nil, err
	}
	if len(l.unset) > 0 {
		return nil, fmt.Errorf("rodata %s: no such variable", slices.Min(slices.Collect(maps.Keys(l.unset))))
	}
	l.addTables()
	l.addPrograms()
	l.addSlots()
	if opt.Run > 0 {
		l.addRun(opt.Run)
	}
	l.out.Plan, l.out.Missing = l.plan, l.missing
	return l.out, nil
}

func (l *linker) add(s bpf.Step) int {
	l.plan.Steps = append(l.plan.Steps, s)
	return len(l.plan.Steps) - 1
}

// refuse notes what libbpf would say of the whole object.
func (l *linker) refuse(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(l.out.Refusals, s) {
		l.out.Refusals = append(l.out.Refusals, s)
	}
}

// entry finds the function of a program.
func (l *linker) entry(p *object.Program) (place, *function) {
	for at, f := range l.funcs {
		if f.name == p.Name && l.f.secs[f.sec].Name == p.Section {
			return at, f
		}
	}
	return place{}, nil
}

// progAt finds the step of the program that starts at a byte of a section.
func (l *linker) progAt(sec int, off uint64) (int, bool) {
	step, ok := l.progs[place{sec, off}]
	return step, ok && step != bpf.None
}

// typeID finds the type that a tracing program is attached to.
func (k *Kernel) typeID(prefix, name string) btf.TypeID {
	if prefix == "btf_trace_" {
		return k.types.typedefs[prefix+name]
	}
	return k.types.funcs[prefix+name]
}
