package object

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// An Object is one BPF object. It is immutable once opened and safe for
// concurrent use.
type Object struct {
	Name     string // the path that it was opened by
	License  string
	Programs []*Program // in the order of sections and code
	Tables   []*Table
	Externs  []*Extern

	im      *image
	spec    *btf.Spec
	strings btfStrings
	ext     map[string]*extInfo
	code    map[int]*codeSection // by section index
	funcs   []*fn
	rodata  map[int]*rodataSection // by section index
	symExt  map[uint32]*Extern     // by symbol index

	coreValues  []*coreValue
	asksVersion bool

	inlineOnce sync.Once
	inlines    *inlineTable
}

// A Program is an entry point: a function in a section that names a program
// type.
type Program struct {
	Name      string
	Section   string // "struct_ops.s/init", with a leading "?" when it has one
	Type      string // libbpf's name of the type: "struct_ops", "fentry"; "" when unknown
	Sleepable bool
	Autoload  bool // false for SEC("?...")
	Static    bool // libbpf refuses the whole object
	Wirings   []Wiring
	Insns     int // of the program and the subprograms that libbpf appends

	fn *fn
}

// A Wiring is one place where an ops table names a program.
type Wiring struct {
	Table  *Table
	Member string
}

// A Table is a variable of a struct_ops type.
type Table struct {
	Name    string
	Type    string // without the ___flavour
	Spelled string
	Section string
	Members []TableMember // those that are set
}

// A TableMember is a member of a table that is not zero.
type TableMember struct {
	Name    string
	Off     uint32
	Program *Program // nil for data
}

// AutoCreate is false for tables in "?.struct_ops" sections.
func (t *Table) AutoCreate() bool { return !strings.HasPrefix(t.Section, "?") }

// An Extern is a kernel symbol that the object refers to.
type Extern struct {
	Name  string // as declared, with any ___suffix
	Weak  bool
	Kind  ExternKind
	proto *btf.FuncProto
	id    int // index in Object.Externs
}

// ExternKind tells what an extern is.
type ExternKind uint8

const (
	// ExternVar is a variable of the kernel, or a symbol of no known type.
	ExternVar ExternKind = iota
	// ExternFunc is a kfunc.
	ExternFunc
	// ExternConfig is a __kconfig variable.
	ExternConfig
)

// Kernel is the name under which libbpf looks the extern up.
func (x *Extern) Kernel() string { return essential(x.Name) }

// essential is the name without what libbpf ignores at its end.
func essential(declared string) string { return verifier.KernelName(declared) }

// Open reads an object of size bytes. The error of a bad one names the part.
func Open(name string, r io.ReaderAt, size int64) (o *Object, err error) {
	defer func() {
		// cilium/ebpf reads the types; a panic there is a bad object.
		if v := recover(); v != nil {
			o, err = nil, fmt.Errorf("%s: %v", name, v)
		}
	}()
	if o, err = open(r, size); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	o.Name = name
	return o, nil
}

func open(r io.ReaderAt, size int64) (*Object, error) {
	im, err := openImage(r, size)
	if err != nil {
		return nil, err
	}
	o := &Object{im: im, code: map[int]*codeSection{}, rodata: map[int]*rodataSection{}, symExt: map[uint32]*Extern{}}
	for _, step := range []func() error{
		o.readTypes, o.readLicense, o.readCode, o.readExterns, o.readRodata, o.resolve, o.readPrograms, o.readTables,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// readTypes reads .BTF and .BTF.ext. An object without them has programs and
// calls all the same.
func (o *Object) readTypes() error {
	i := o.im.find(".BTF")
	if i < 0 {
		return nil
	}
	raw, err := o.im.data(i)
	if err != nil {
		return err
	}
	// LoadSpecFromReader would take an ELF file in here for one.
	if len(raw) < 4 || o.im.order.Uint16(raw) != 0xeb9f {
		return partError(".BTF", errors.New("no BTF header"))
	}
	if o.spec, err = btf.LoadSpecFromReader(bytes.NewReader(raw)); err != nil {
		return partError(".BTF", err)
	}
	if o.strings, err = readStrings(raw, o.im.order); err != nil {
		return partError(".BTF", err)
	}
	if i = o.im.find(".BTF.ext"); i < 0 {
		return nil
	}
	if raw, err = o.im.data(i); err != nil {
		return err
	}
	if o.ext, err = readExt(raw, o.im.order, o.strings); err != nil {
		return partError(".BTF.ext", err)
	}
	return nil
}

func (o *Object) readLicense() error {
	i := o.im.find("license")
	if i < 0 {
		return nil
	}
	raw, err := o.im.data(i)
	if err != nil {
		return err
	}
	raw, _, _ = bytes.Cut(raw, []byte{0})
	o.License = string(raw[:min(len(raw), 64)])
	return nil
}

// readPrograms makes a program of every function outside .text.
func (o *Object) readPrograms() error {
	for _, f := range o.funcs {
		sec := o.im.sections[f.code.index].name
		if sec == ".text" {
			continue
		}
		p := &Program{Name: f.name, Section: sec, Autoload: !strings.HasPrefix(sec, "?"), Static: !f.global, fn: f}
		prefix, _, _ := strings.Cut(strings.TrimPrefix(sec, "?"), "/")
		if prefix == "struct_ops" || prefix == "struct_ops.s" {
			p.Type, p.Sleepable = "struct_ops", prefix == "struct_ops.s"
		} else if ctx, ok := btfdb.SectionContext(sec); ok {
			p.Type, p.Sleepable = ctx.Prog, ctx.Sleepable
		}
		f.program = p
		p.Insns = f.reachableInsns()
		o.Programs = append(o.Programs, p)
	}
	return nil
}

// readExterns finds the kernel symbols among the undefined ones.
func (o *Object) readExterns() error {
	funcs, configs := o.externTypes()
	for i, s := range o.im.symbols {
		if s.sec != elf.SHN_UNDEF || s.name == "" || s.bind == elf.STB_LOCAL {
			continue
		}
		x := &Extern{Name: s.name, Weak: s.bind == elf.STB_WEAK}
		if f := funcs[s.name]; f != nil {
			x.Kind = ExternFunc
			x.proto, _ = f.Type.(*btf.FuncProto)
		} else if configs[s.name] {
			x.Kind = ExternConfig
		}
		o.symExt[uint32(i)] = x
		o.Externs = append(o.Externs, x)
	}
	slices.SortFunc(o.Externs, func(a, b *Extern) int { return strings.Compare(a.Name, b.Name) })
	for i, x := range o.Externs {
		x.id = i
		o.asksVersion = o.asksVersion || x.Name == "LINUX_KERNEL_VERSION"
	}
	return nil
}

// externTypes tells from .BTF which externs are functions and which kconfig.
func (o *Object) externTypes() (funcs map[string]*btf.Func, configs map[string]bool) {
	funcs, configs = map[string]*btf.Func{}, map[string]bool{}
	for _, v := range o.datasec(".ksyms") {
		if f, ok := v.Type.(*btf.Func); ok {
			funcs[f.Name] = f
		}
	}
	for _, v := range o.datasec(".kconfig") {
		if x, ok := v.Type.(*btf.Var); ok {
			configs[x.Name] = true
		}
	}
	return funcs, configs
}

// datasec lists the variables of a section.
func (o *Object) datasec(name string) []btf.VarSecinfo {
	if o.spec == nil {
		return nil
	}
	var d *btf.Datasec
	if err := o.spec.TypeByName(name, &d); err != nil {
		return nil
	}
	return d.Vars
}
