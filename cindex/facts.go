package cindex

// The facts that cindex gives to everything above it. All of them are
// immutable once returned and safe for concurrent readers. Positions are byte
// offsets into the file's content as it was given, never line numbers.

// A Span is a half-open range of byte offsets into one file.
type Span struct{ Start, End int }

// A Loc is a span in a file.
type Loc struct {
	File *File
	Span Span
}

// A File is one source or header as it was read: its path as the FS knows it,
// its content, and its line table.
type File struct {
	Path    string
	Content []byte
	Lines   *Lines
}

// A Unit is one translation unit: a main source, the headers that it reaches,
// and what the compiler would make of them.
type Unit struct {
	Main     *File
	Files    []*File    // Main first, then headers in the order of inclusion
	Programs []*Program // entry points, in the order of the source
	Tables   []*OpsTable
	Externs  []*Extern  // __ksym declarations
	Includes []*Include // the #include lines of Main whose file was found
	Missing  []*Include // #include lines, of any file, whose file was not found
	Vmlinux  bool       // vmlinux.h is included: it is never read, but declares things
	License  *License   // nil when the unit does not define one

	own    *unitOwn // what the main source itself defines
	layers []*placedLayer
}

// Func gives the definition of a function of the unit, nil when it has none.
// A macro with the function's name does not hide it.
func (u *Unit) Func(name string) *Func {
	if u.own == nil {
		return nil
	}
	if f := u.own.byName[name]; f != nil {
		return f
	}
	for _, l := range u.layers {
		if f := l.byName[name]; f != nil {
			return f
		}
	}
	return nil
}

// Funcs gives all functions that the unit defines, headers first, in the order
// of the source.
func (u *Unit) Funcs() []*Func {
	var out []*Func
	for _, l := range u.layers {
		out = append(out, l.funcs...)
	}
	if u.own != nil {
		out = append(out, u.own.funcs...)
	}
	return out
}

// An Include is an #include line.
type Include struct {
	At     Loc
	Spec   string // as written, without quotes or brackets
	System bool   // <...>
	Path   string // the file, "" when there is none
}

// An Extern is a declaration of a kernel symbol (`__ksym`).
type Extern struct {
	Name string // as declared, with any ___suffix
	At   Loc    // the name
	Weak bool
	Func bool // a kfunc; false for a variable
}

// A License is the string in section "license", which the loader hands to the
// kernel for all programs of the object.
type License struct {
	At    Loc    // the variable's name
	Value string // without quotes; "" when it is no single string literal
}

// A Func is a function definition.
type Func struct {
	Name    string
	At      Loc // the name
	Body    Span
	Params  []Param
	Ret     string // the type of the result as spelled, blanks folded: "s32", "void"
	Static  bool
	Weak    bool
	Section string // the SEC() string after macro expansion, "" when none
	Calls   []Call // in the order of the source
	// Unsure marks a function in an arm of #if that the compiler takes only if
	// the build defines something that the sources do not.
	Unsure bool

	prog section
	key  *FuncKey
	flow *flowSource
}

// A Param is one parameter of a function.
type Param struct {
	Name string
	Type string // as spelled, blanks folded
}

// CallKind tells how control gets to a callee.
type CallKind uint8

const (
	// CallDirect is an ordinary call.
	CallDirect CallKind = iota
	// CallSync is a callback that the callee's helper (Call.Helper) runs before
	// it returns: bpf_loop, bpf_for_each_map_elem, bpf_rbtree_add ...
	CallSync
	// CallTimer is a callback that a bpf_timer runs later, in softirq.
	CallTimer
	// CallWork is a callback that bpf_wq or bpf_task_work runs later, in a
	// context that may sleep.
	CallWork
)

// A Call is one possible transfer of control out of a function, as the author
// wrote it: calls that macros make are attributed to the outermost use site.
type Call struct {
	Callee string   // the function's name after all expansion
	At     Span     // in the caller's file: the callee's name, or the macro's name at the use site
	Kind   CallKind // how it is called
	Helper string   // for callbacks: the helper or kfunc that takes the callback
	Via    []Via    // the macros that the call came out of, outermost first
	Args   []*Expr  // what is known of each argument; OpUnknown when nothing is
	// Guards must all be non-zero for the call to be reached, each as far as
	// it can be told without running the program.
	Guards []*Expr
	// Unsure marks a call in an arm of #if that the compiler takes only if the
	// build defines something that the sources do not.
	Unsure bool
}

// A Via is one macro that a call came out of.
type Via struct {
	Macro string
	Def   Loc // the macro's name in its #define; a zero File for a macro that we know from libbpf without having its header
}

// A Program is a function with a SEC() that names a program type, or one that
// an ops table names.
type Program struct {
	Func      *Func
	Section   string // "struct_ops.s/init"
	Type      string // libbpf's name of the program type: "struct_ops", "syscall", "fentry", "tp_btf", ...
	Sleepable bool   // the section's ".s"
	Autoload  bool   // false for SEC("?...")
	Wirings   []Wiring
}

// A Wiring is one place where an ops table names a program.
type Wiring struct {
	Table *OpsTable
	Init  *Init
}

// An OpsTable is a variable of a struct_ops type.
type OpsTable struct {
	Name    string // the variable
	Type    string // "sched_ext_ops": the struct without its ___flavour
	Spelled string // the struct as spelled
	Section string // ".struct_ops.link"
	At      Loc    // the variable's name
	Inits   []*Init
}

// An Init is one designated initialiser of an ops table.
type Init struct {
	Member string
	At     Loc    // the member's name
	Value  string // as spelled, without casts and blanks folded
	Func   string // the function it names, "" for data and NULL
	Num    *Expr  // the value of data, as far as it is known
	Guards []*Expr
	Unsure bool // like Call.Unsure
}

// Op is an operator of an Expr.
type Op uint8

const (
	OpUnknown     Op = iota // nothing is known
	OpInt                   // Int
	OpKsymExists            // Name: the weak ksym, as declared, resolves in the kernel
	OpTypeExists            // Type: "struct foo", flavour kept
	OpFieldExists           // Type, Name
	OpEnumExists            // Type ("" when not told), Name: the enum value exists
	OpKernelVer             // LINUX_KERNEL_VERSION, KERNEL_VERSION(a,b,c) folds to an OpInt
	OpRodata                // Name: a `const volatile` of the unit; Int: its initial value; X: nil, or OpUnknown when that is not known
	OpParam                 // Int: index of the parameter of the enclosing function
	OpNot                   // !X
	OpAnd                   // X && Y
	OpOr                    // X || Y
	OpEq                    // X == Y
	OpNe                    // X != Y
	OpLt                    // X < Y
	OpLe                    // X <= Y
	OpGt                    // X > Y
	OpGe                    // X >= Y
	OpBitAnd                // X & Y
	OpConfig                // Name: a __kconfig extern
	OpRange                 // an unknown value from 0 to Int
)

// An Expr is what can be told of a C expression without running it. A nil
// Expr is OpUnknown.
type Expr struct {
	Op   Op
	Name string
	Type string
	Int  int64
	X, Y *Expr
}
