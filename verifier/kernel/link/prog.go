package link

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
)

// Pseudo values of src_reg (include/uapi/linux/bpf.h).
const (
	srcMapFD    = 1
	srcMapValue = 2
	srcBTFID    = 3
	srcFunc     = 4
	srcCall     = 1
	srcKfunc    = 2

	opCall  = 0x85
	opLoad  = 0x18
	relData = 1  // R_BPF_64_64
	relCall = 10 // R_BPF_64_32
)

// PoisonKfunc is what libbpf writes where a missing weak kfunc is called; the
// verifier names the number when it gets there.
const PoisonKfunc = 2002000000

// A Code is where an instruction of a program comes from.
type Code struct {
	Section int // index of the section
	Name    string
	Slot    int // instruction in the section
}

// place is a byte of a section.
type place struct {
	sec int
	off uint64
}

// function is a function of the object's code.
type function struct {
	name       string
	sec        int
	start, end int // instructions
}

// program is one being put together: the entry function, then all that it
// refers to, in the order of libbpf (bpf_object__reloc_code).
type program struct {
	insns []byte
	code  []Code
	funcs []string
	at    map[place]int // where a function has been put
	todo  []fixCall

	funcInfo, lineInfo []byte
	funcRec, lineRec   int
	refs               []bpf.Ref
	syms               []bpf.Kallsym
}

type fixCall struct {
	insn int
	to   place
}

// findFunctions reads the functions of the executable sections.
func (l *linker) findFunctions() {
	for _, s := range l.f.syms {
		i := int(s.Section)
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || i <= 0 || i >= len(l.f.secs) || s.Value%insnSize != 0 {
			continue
		}
		n := len(l.f.secs[i].data) / insnSize
		start := int(min(s.Value/insnSize, uint64(n)))
		end := int(min((s.Value+s.Size)/insnSize, uint64(n)))
		if start < end {
			l.funcs[place{i, s.Value}] = &function{s.Name, i, start, end}
		}
	}
}

// assemble puts a program together.
func (l *linker) assemble(f *function) (*program, error) {
	p := &program{at: map[place]int{}}
	if err := l.appendFunc(p, f); err != nil {
		return nil, err
	}
	for _, c := range p.todo {
		at, ok := p.at[c.to]
		if !ok {
			return nil, fmt.Errorf("no function at %s+%d", l.f.secs[c.to.sec].Name, c.to.off)
		}
		binary.LittleEndian.PutUint32(p.insns[c.insn*insnSize+4:], uint32(at-c.insn-1))
	}
	return p, nil
}

// maxInsns is more than any kernel takes (BPF_COMPLEXITY_LIMIT_INSNS).
const maxInsns = 1 << 20

func (l *linker) appendFunc(p *program, f *function) error {
	base := len(p.insns) / insnSize
	if base+f.end-f.start > maxInsns {
		return errors.New("more than a million instructions")
	}
	p.at[place{f.sec, uint64(f.start * insnSize)}] = base
	p.funcs = append(p.funcs, f.name)
	code, err := l.relocated(f.sec)
	if err != nil {
		return err
	}
	p.insns = append(p.insns, code[f.start*insnSize:f.end*insnSize]...)
	for s := f.start; s < f.end; s++ {
		p.code = append(p.code, Code{f.sec, l.f.secs[f.sec].Name, s})
	}
	if x := l.f.info[l.f.secs[f.sec].Name]; x != nil {
		p.funcRec, p.lineRec = max(p.funcRec, x.funcRec), max(p.lineRec, x.lineRec)
		p.funcInfo = append(p.funcInfo, cut(x.funcs, x.funcRec, f.start, f.end, base)...)
		p.lineInfo = append(p.lineInfo, cut(x.lines, x.lineRec, f.start, f.end, base)...)
	}
	return l.patchFunc(p, f, base)
}

// patchFunc resolves the references of one function, and appends those it
// calls that are not there yet.
func (l *linker) patchFunc(p *program, f *function, base int) error {
	var next []*function
	relocs := map[int]reloc{}
	for _, r := range l.f.secs[f.sec].relocs {
		relocs[int(r.off/insnSize)] = r
	}
	for s := f.start; s < f.end; s++ {
		at := base + s - f.start
		in := p.insns[at*insnSize : (at+1)*insnSize]
		r, ok := relocs[s]
		var to *function
		var err error
		switch {
		case ok:
			to, err = l.patch(p, at, r)
		case in[0] == opCall && in[1]>>4 == srcCall:
			target := place{f.sec, uint64((s + 1 + int(int32(binary.LittleEndian.Uint32(in[4:])))) * insnSize)}
			to = l.funcs[target]
			p.todo = append(p.todo, fixCall{at, target})
		}
		if err != nil {
			return fmt.Errorf("%s, instruction %d: %w", f.name, s-f.start, err)
		}
		if to != nil {
			next = append(next, to)
		}
	}
	for _, g := range next {
		if _, ok := p.at[place{g.sec, uint64(g.start * insnSize)}]; ok {
			continue
		}
		if err := l.appendFunc(p, g); err != nil {
			return err
		}
	}
	return nil
}

// patch applies one relocation (bpf_program__record_reloc,
// bpf_object__relocate_data); to is the function that it refers to.
func (l *linker) patch(p *program, at int, r reloc) (to *function, err error) {
	s := l.f.syms[r.sym]
	in := p.insns[at*insnSize:]
	imm := int32(binary.LittleEndian.Uint32(in[4:]))
	if x := l.externs[r.sym]; x != nil {
		return nil, l.patchExtern(p, at, x)
	}
	sec := int(s.Section)
	if sec <= 0 || sec >= len(l.f.secs) {
		return nil, fmt.Errorf("symbol %q: in no section", s.Name)
	}
	if l.f.secs[sec].Flags&elf.SHF_EXECINSTR != 0 {
		return l.patchCode(p, at, sec, s.Value, imm)
	}
	if in[0] != opLoad || len(in) < 2*insnSize {
		return nil, fmt.Errorf("symbol %q: not a load", s.Name)
	}
	if step, ok := l.maps[place{sec, s.Value}]; ok {
		setSrc(in, srcMapFD)
		p.refs = append(p.refs, bpf.Ref{Insn: at, Step: step})
		return nil, nil
	}
	step, ok := l.data[sec]
	if !ok {
		return nil, fmt.Errorf("symbol %q in section %s: not supported", s.Name, l.f.secs[sec].Name)
	}
	setSrc(in, srcMapValue)
	binary.LittleEndian.PutUint32(in[insnSize+4:], uint32(imm)+uint32(s.Value))
	p.refs = append(p.refs, bpf.Ref{Insn: at, Step: step})
	return nil, nil
}

// patchCode makes a call, or the address of a callback, relative to the
// program.
func (l *linker) patchCode(p *program, at, sec int, value uint64, imm int32) (*function, error) {
	in := p.insns[at*insnSize:]
	target := place{sec, value + uint64(int64(imm))}
	if in[0] == opCall {
		target.off = value + uint64((int64(imm)+1)*insnSize)
		setSrc(in, srcCall)
	} else {
		setSrc(in, srcFunc)
	}
	f := l.funcs[target]
	if f == nil {
		return nil, fmt.Errorf("no function at %s+%d", l.f.secs[sec].Name, target.off)
	}
	p.todo = append(p.todo, fixCall{at, target})
	return f, nil
}

func setSrc(in []byte, src byte) { in[1] = in[1]&0x0f | src<<4 }

func (l *linker) patchExtern(p *program, at int, x *extern) error {
	in := p.insns[at*insnSize:]
	le := binary.LittleEndian
	switch {
	case in[0] == opCall && x.id != 0:
		setSrc(in, srcKfunc)
		le.PutUint32(in[4:], uint32(x.id))
		le.PutUint16(in[2:], 0)
	case in[0] == opCall:
		n := slices.Index(l.missing, x.name)
		if n < 0 {
			n = len(l.missing)
			l.missing = append(l.missing, x.name)
		}
		copy(in, []byte{opCall, 0, 0, 0})
		le.PutUint32(in[4:], uint32(PoisonKfunc+n))
	case in[0] != opLoad || len(in) < 2*insnSize:
		return fmt.Errorf("extern %s: neither called nor loaded", x.name)
	case x.kconfig:
		setSrc(in, srcMapValue)
		le.PutUint32(in[insnSize+4:], x.off)
		p.refs = append(p.refs, bpf.Ref{Insn: at, Step: l.kconfigMap})
	case x.typeless:
		p.syms = append(p.syms, bpf.Kallsym{Insn: at, Name: x.name, Weak: x.weak})
	case x.id != 0:
		setSrc(in, srcBTFID)
		le.PutUint32(in[4:], uint32(x.id))
		le.PutUint32(in[insnSize+4:], 0)
	default: // weak and missing: the address is NULL
		le.PutUint32(in[4:], 0)
		le.PutUint32(in[insnSize+4:], 0)
	}
	return nil
}
