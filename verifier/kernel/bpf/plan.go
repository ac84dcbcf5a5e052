package bpf

// A Plan is a list of steps; a step refers to an earlier one by its index.
type Plan struct {
	Steps []Step `json:"steps"`
	// Run attaches schedulers once everything is loaded; nil loads only. Never
	// set for the running kernel.
	Run *Run `json:"run,omitempty"`
}

// Op tells what a step does.
type Op string

// The operations.
const (
	OpBTF    Op = "btf"    // BPF_BTF_LOAD
	OpMap    Op = "map"    // BPF_MAP_CREATE
	OpUpdate Op = "update" // BPF_MAP_UPDATE_ELEM
	OpFreeze Op = "freeze" // BPF_MAP_FREEZE
	OpArena  Op = "arena"  // mmap(2) of an arena, which sets its address
	OpProg   Op = "prog"   // BPF_PROG_LOAD
	OpProbe  Op = "probe"  // BPF_PROG_LOAD of a call of each of many kfuncs
)

// None stands for no step.
const None = -1

// A Step is one call. Fields that an operation does not need are zero.
type Step struct {
	Op   Op       `json:"op"`
	Name string   `json:"name,omitempty"`
	Data Blob     `json:"data,omitempty"` // BTF; value of an update; bytes of an arena
	On   int      `json:"on,omitempty"`   // the map of update, freeze, arena
	Map  *Map     `json:"map,omitempty"`
	Prog *Prog    `json:"prog,omitempty"`
	IDs  []uint32 `json:"ids,omitempty"` // probe: BTF ids of kfuncs, called from a Prog without code

	Key    Blob   `json:"key,omitempty"`    // of an update
	Value  int    `json:"value,omitempty"`  // update: the step whose descriptor is the value, when Data is empty
	Offset int    `json:"offset,omitempty"` // arena: where Data goes
	Size   int    `json:"size,omitempty"`   // arena: bytes to map
	Addr   uint64 `json:"addr,omitempty"`   // arena: where it is to be, 0 anywhere
}

// A Blob is bytes that travel beside the text of a message.
type Blob []byte

// A Map is what BPF_MAP_CREATE takes.
type Map struct {
	Type        uint32 `json:"type"`
	KeySize     uint32 `json:"keySize"`
	ValueSize   uint32 `json:"valueSize"`
	MaxEntries  uint32 `json:"maxEntries"`
	Flags       uint32 `json:"flags,omitempty"`
	Extra       uint64 `json:"extra,omitempty"`
	Inner       int    `json:"inner"` // step of the inner map, None
	BTF         int    `json:"btf"`   // step, None
	KeyType     uint32 `json:"keyType,omitempty"`
	ValueType   uint32 `json:"valueType,omitempty"`
	KernelValue uint32 `json:"kernelValue,omitempty"` // btf_vmlinux_value_type_id, of struct_ops
}

// A Prog is what BPF_PROG_LOAD takes.
type Prog struct {
	Type     uint32    `json:"type"`
	Attach   uint32    `json:"attach,omitempty"` // expected_attach_type: of struct_ops, the member
	AttachID uint32    `json:"attachID,omitempty"`
	Flags    uint32    `json:"flags,omitempty"`
	License  string    `json:"license"`
	Insns    Blob      `json:"insns"`
	BTF      int       `json:"btf"` // step, None
	FuncInfo Blob      `json:"funcInfo,omitempty"`
	FuncRec  uint32    `json:"funcRec,omitempty"`
	LineInfo Blob      `json:"lineInfo,omitempty"`
	LineRec  uint32    `json:"lineRec,omitempty"`
	Refs     []Ref     `json:"refs,omitempty"`
	Kallsyms []Kallsym `json:"kallsyms,omitempty"`
}

// A Ref is an instruction whose immediate is a map's descriptor.
type Ref struct {
	Insn int `json:"insn"`
	Step int `json:"step"`
}

// A Kallsym is an instruction that loads the address of a symbol that has no
// type in the kernel's BTF.
type Kallsym struct {
	Insn int    `json:"insn"`
	Name string `json:"name"`
	Weak bool   `json:"weak,omitempty"`
}

// A Run attaches struct_ops maps and works the machine.
type Run struct {
	Seconds int      `json:"seconds"`
	Ops     []Attach `json:"ops"`
}

// An Attach is one struct_ops map with its value in the kernel's layout.
type Attach struct {
	Name  string   `json:"name"`
	On    int      `json:"on"` // step of the map
	Link  bool     `json:"link"`
	Value Blob     `json:"value"`
	Progs []Member `json:"progs"`
}

// A Member is a place in the value that holds a program's descriptor.
type Member struct {
	Offset int `json:"offset"`
	Step   int `json:"step"`
}

// A Report is what came of a plan.
type Report struct {
	Kernel  string     `json:"kernel"` // uname -r
	Results []Result   `json:"results"`
	Run     *RunReport `json:"run,omitempty"`
	Trouble string     `json:"trouble,omitempty"` // the plan could not be performed
}

// A Result is what came of a step.
type Result struct {
	Errno     int    `json:"errno,omitempty"`
	Needs     int    `json:"needs,omitempty"` // 1 + the failed step that kept this one from being tried
	Log       Blob   `json:"log,omitempty"`
	Truncated bool   `json:"truncated,omitempty"`
	Micros    int64  `json:"micros,omitempty"`
	Missing   string `json:"missing,omitempty"` // a symbol that kallsyms lacks
	Jit       *Jit   `json:"jit,omitempty"`     // when a run is wanted
}

// Answers to a probe, a byte of Result.Log for each kfunc.
const (
	ProbeCalled     = 'c' // the kernel takes the call, whatever it says of the arguments
	ProbeNotAllowed = 'n' // "calling kernel function %s is not allowed"
	ProbeSleepable  = 's' // "program must be sleepable to call sleepable kfunc %s"
	ProbeBroken     = 'b' // no program can call it on this build
	ProbeContext    = 'x' // the context itself is refused: "attach to unsupported member"
	ProbeOther      = '?'
)

// A Jit ties machine code to instructions.
type Jit struct {
	Lens  []uint32  `json:"lens"` // bytes of code by function
	Lines []JitLine `json:"lines"`
}

// A JitLine is the first byte of code of an instruction that has a line.
type JitLine struct {
	Func int    `json:"func"`
	Off  uint32 `json:"off"`
	Insn uint32 `json:"insn"`
}

// A RunReport is what became of the attached schedulers.
type RunReport struct {
	Attached []AttachReport `json:"attached"`
	Survived bool           `json:"survived"` // still enabled when the time was up
	Hotplug  bool           `json:"hotplug"`  // it left when a CPU came or went, as it may
	Seconds  float64        `json:"seconds"`
	Kernel   string         `json:"kernel"` // what the kernel logged
	Did      []string       `json:"did"`    // the work that was done
}

// An AttachReport is what came of attaching one table.
type AttachReport struct {
	Name  string `json:"name"`
	Errno int    `json:"errno,omitempty"`
	Stage string `json:"stage,omitempty"` // "update" or "link", where it failed
}
