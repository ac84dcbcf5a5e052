package object

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"
)

// relocation types of EM_BPF.
const (
	relocInsn64 = 1  // R_BPF_64_64: ld_imm64
	relocAbs64  = 2  // R_BPF_64_ABS64
	relocAbs32  = 3  // R_BPF_64_ABS32
	relocNoDyld = 4  // R_BPF_64_NODYLD32
	relocCall   = 10 // R_BPF_64_32
)

// maxCode bounds the instructions of one object: the kernel takes a million
// for one program (BPF_COMPLEXITY_LIMIT_INSNS).
const maxCode = 1 << 20

// codeSection is one section of instructions.
type codeSection struct {
	index int // of the section
	insns []insn
	refs  map[int]ref  // by slot
	cores []*coreValue // by slot; nil when there is none in the section
	lines []lineInfo
	funcs []*fn // by start

	relocs []reloc
}

// A fn is a function: a program or a subprogram.
type fn struct {
	id         int
	name       string
	global     bool
	code       *codeSection
	start, end int // slots
	program    *Program

	cfg *cfg
}

// refKind tells what an instruction refers to.
type refKind uint8

const (
	refNone   refKind = iota
	refFunc           // a function of the object
	refExtern         // a kernel symbol
	refRodata         // read-only data: section, offset
	refData           // other data, or a map
)

// A ref is what the immediate of an instruction stands for.
type ref struct {
	kind refKind
	fn   *fn
	ext  *Extern
	sec  int
	off  int64
}

// readCode decodes the executable sections and finds their functions.
func (o *Object) readCode() error {
	total := 0
	for i := range o.im.sections {
		s := &o.im.sections[i]
		if s.typ != elf.SHT_PROGBITS || s.flags&elf.SHF_EXECINSTR == 0 || s.size == 0 {
			continue
		}
		raw, err := o.im.data(i)
		if err != nil {
			return err
		}
		c := &codeSection{index: i, refs: map[int]ref{}}
		if c.insns, err = decodeInsns(raw, o.im.order); err != nil {
			return partError("section "+s.name, err)
		}
		if total += len(c.insns); total > maxCode {
			return partError("section "+s.name, fmt.Errorf("more than %d instructions", maxCode))
		}
		if x := o.ext[s.name]; x != nil {
			c.lines = x.lines
			slices.SortStableFunc(c.lines, func(a, b lineInfo) int { return int(a.off) - int(b.off) })
		}
		if err := o.readRelocs(c); err != nil {
			return err
		}
		o.code[i] = c
	}
	if len(o.code) == 0 {
		return errors.New("no code")
	}
	o.findFuncs()
	return nil
}

func (o *Object) readRelocs(c *codeSection) (err error) {
	name := o.im.sections[c.index].name
	if c.relocs, err = o.im.relocationsOf(c.index); err != nil {
		return err
	}
	for _, r := range c.relocs {
		if r.off%insnSize != 0 || r.off/insnSize >= uint64(len(c.insns)) {
			return partError("relocations of "+name, fmt.Errorf("offset %#x", r.off))
		}
	}
	return nil
}

// starts collects where functions begin, the best name first.
type starts struct {
	o  *Object
	at map[int]map[int]funcStart // by section and slot
}

type funcStart struct {
	name   string
	global bool
}

func (s starts) note(sec int, slot int64, f funcStart) {
	c := s.o.code[sec]
	if c == nil || slot < 0 || slot >= int64(len(c.insns)) {
		return
	}
	if s.at[sec] == nil {
		s.at[sec] = map[int]funcStart{}
	}
	if _, ok := s.at[sec][int(slot)]; !ok {
		if f.name == "" {
			f.name = fmt.Sprintf("%s+%d", s.o.im.sections[sec].name, slot)
		}
		s.at[sec][int(slot)] = f
	}
}

// findFuncs takes functions from the symbols, from .BTF.ext, and, where
// neither knows the target of a call, from the call.
func (o *Object) findFuncs() {
	s := starts{o: o, at: map[int]map[int]funcStart{}}
	for _, sym := range o.im.symbols {
		if sym.typ == elf.STT_FUNC && sym.value%insnSize == 0 {
			s.note(int(sym.sec), int64(sym.value/insnSize), funcStart{sym.name, sym.bind != elf.STB_LOCAL})
		}
	}
	for sec, c := range o.code {
		if x := o.ext[o.im.sections[sec].name]; x != nil {
			for _, f := range x.funcs {
				name, global := o.funcName(f.typeID)
				s.note(sec, int64(f.off/insnSize), funcStart{name, global})
			}
		}
		s.note(sec, 0, funcStart{})
		s.noteCalls(c)
	}
	for _, sec := range sortedKeys(o.code) {
		o.cutFuncs(o.code[sec], s.at[sec])
	}
}

func (s starts) noteCalls(c *codeSection) {
	related := map[int]bool{}
	for _, r := range c.relocs {
		slot := int(r.off / insnSize)
		related[slot] = true
		sym := s.o.im.symbols[r.sym]
		if s.o.code[int(sym.sec)] != nil {
			s.note(int(sym.sec), targetOf(c.insns[slot], sym), funcStart{})
		}
	}
	for i, x := range c.insns {
		if x.op == opCall && x.src == pseudoCall && !related[i] {
			s.note(c.index, int64(i)+1+int64(x.imm), funcStart{})
		}
	}
}

// targetOf is the slot that a call, or a load of a function's address, means:
// the symbol's value plus the addend in the immediate, which calls count in
// instructions from the next one.
func targetOf(x insn, sym symbol) int64 {
	if x.op == opCall {
		return int64(sym.value/insnSize) + int64(x.imm) + 1
	}
	return int64(sym.value/insnSize) + int64(x.imm)/insnSize
}

func (o *Object) cutFuncs(c *codeSection, at map[int]funcStart) {
	for _, slot := range sortedKeys(at) {
		if n := len(c.funcs); n > 0 {
			c.funcs[n-1].end = slot
		}
		s := at[slot]
		f := &fn{id: len(o.funcs), name: s.name, global: s.global, code: c, start: slot, end: len(c.insns)}
		c.funcs = append(c.funcs, f)
		o.funcs = append(o.funcs, f)
	}
}

// resolve turns relocations into what instructions refer to.
func (o *Object) resolve() error {
	for _, sec := range sortedKeys(o.code) {
		c := o.code[sec]
		for _, r := range c.relocs {
			slot := int(r.off / insnSize)
			c.refs[slot] = o.refTo(c.insns[slot], r)
		}
		for slot, x := range c.insns {
			if x.op != opCall || x.src != pseudoCall {
				continue
			}
			if _, ok := c.refs[slot]; !ok {
				if f := c.funcAt(slot + 1 + int(x.imm)); f != nil {
					c.refs[slot] = ref{kind: refFunc, fn: f}
				}
			}
		}
		if err := o.resolveCore(c, sec); err != nil {
			return partError("CO-RE relocations of "+o.im.sections[sec].name, err)
		}
	}
	for _, f := range o.funcs {
		f.cfg = f.control()
	}
	return nil
}

// refTo resolves one relocation as libbpf does
// (tools/lib/bpf/libbpf.c:bpf_program__record_reloc).
func (o *Object) refTo(x insn, r reloc) ref {
	s := o.im.symbols[r.sym]
	if ext := o.symExt[r.sym]; ext != nil {
		if x.op == opCall && ext.Kind == ExternVar {
			ext.Kind = ExternFunc // an object without BTF
		}
		return ref{kind: refExtern, ext: ext}
	}
	sec := int(s.sec)
	if c := o.code[sec]; c != nil {
		if f := c.funcAt(int(targetOf(x, s))); f != nil {
			return ref{kind: refFunc, fn: f}
		}
		return ref{}
	}
	if o.rodata[sec] != nil {
		return ref{kind: refRodata, sec: sec, off: int64(s.value) + int64(x.imm)}
	}
	return ref{kind: refData}
}

// funcAt finds the function that starts at a slot.
func (c *codeSection) funcAt(slot int) *fn {
	i, ok := slices.BinarySearchFunc(c.funcs, slot, func(f *fn, slot int) int { return f.start - slot })
	if !ok {
		return nil
	}
	return c.funcs[i]
}

// lineAt finds the source line of a slot.
func (c *codeSection) lineAt(slot int) (lineInfo, bool) {
	i, ok := slices.BinarySearchFunc(c.lines, uint32(slot*insnSize), func(l lineInfo, off uint32) int { return int(l.off) - int(off) })
	if !ok {
		i--
	}
	if i < 0 {
		return lineInfo{}, false
	}
	return c.lines[i], true
}

// reachableInsns counts what libbpf makes one program of: the function and
// all functions that it refers to.
func (f *fn) reachableInsns() int {
	seen := map[*fn]bool{f: true}
	n := 0
	for queue := []*fn{f}; len(queue) > 0; queue = queue[1:] {
		g := queue[0]
		n += g.end - g.start
		for slot := g.start; slot < g.end; slot++ {
			if r, ok := g.code.refs[slot]; ok && r.kind == refFunc && !seen[r.fn] {
				seen[r.fn] = true
				queue = append(queue, r.fn)
			}
		}
	}
	return n
}

func sortedKeys[V any](m map[int]V) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
