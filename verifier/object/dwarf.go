package object

import (
	"cmp"
	"debug/dwarf"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"
)

// BTF's line of an inlined helper is in the helper. DWARF knows where the
// author called it: DW_TAG_inlined_subroutine. debug/elf does not apply the
// relocations of EM_BPF, so this file does.

// An inline is a function inlined into a range of instructions.
type inline struct {
	start, end int // slots
	depth      int
	name       string
	call       pos
}

// inlineTable holds the inlined functions by section, and where functions
// are declared.
type inlineTable struct {
	bySection map[int][]inline
	decls     map[uint64]pos // by the address of the first instruction
}

// maxDebug bounds the debug sections together; those of the largest public
// scheduler have 9 MB.
const maxDebug = 64 << 20

// inlinedAt lists the functions inlined around an instruction, outermost
// first. An object without usable DWARF has none.
func (o *Object) inlinedAt(sec, slot int) []inline {
	var out []inline
	for _, in := range o.debugInfo().bySection[sec] {
		if slot >= in.start && slot < in.end {
			out = append(out, in)
		}
	}
	slices.SortStableFunc(out, func(a, b inline) int { return cmp.Compare(a.depth, b.depth) })
	return out
}

// declared is where a function is declared; without DWARF, its first line of
// code.
func (o *Object) declared(f *fn) (pos, bool) {
	at, ok := o.debugInfo().decls[sectionBase(f.code.index)+uint64(f.start)*insnSize]
	if ok {
		at.col = f.code.columnOf(at, f.name)
		return at, true
	}
	l, ok := f.code.lineAt(f.start)
	return pos{l.file, int(l.line), int(l.col)}, ok
}

// columnOf finds a name in a line, when the object has that line.
func (c *codeSection) columnOf(at pos, name string) int {
	for _, l := range c.lines {
		if int(l.line) == at.line && l.file == at.file {
			return strings.Index(l.text, name) + 1
		}
	}
	return 0
}

func (o *Object) debugInfo() *inlineTable {
	o.inlineOnce.Do(func() {
		o.inlines = &inlineTable{}
		// Nothing but positions depends on DWARF: a broken one is as good as
		// none.
		defer func() { _ = recover() }()
		if t, err := o.readInlines(); err == nil {
			o.inlines = t
		}
	})
	return o.inlines
}

// sectionBase gives each section addresses of its own, so that a pc tells
// which one it is in.
func sectionBase(sec int) uint64 { return uint64(sec) << 32 }

func (o *Object) readInlines() (*inlineTable, error) {
	d, err := o.openDWARF()
	if err != nil {
		return nil, err
	}
	t := &inlineTable{bySection: map[int][]inline{}, decls: map[uint64]pos{}}
	r := inlineReader{o: o, d: d, t: t, names: map[dwarf.Offset]string{}}
	return t, r.read()
}

// debugSections are those that debug/dwarf takes as arguments, in its order,
// and those that it is given by name.
var (
	debugSections = []string{"abbrev", "aranges", "frame", "info", "line", "pubnames", "ranges", "str"}
	moreDebug     = []string{"addr", "line_str", "str_offsets", "rnglists", "loclists"}
)

func (o *Object) openDWARF() (*dwarf.Data, error) {
	total := uint64(0)
	get := func(name string) ([]byte, error) {
		i := o.im.find(".debug_" + name)
		if i < 0 || name == "aranges" || name == "frame" || name == "pubnames" {
			return nil, nil
		}
		if total += o.im.sections[i].size; total > maxDebug {
			return nil, fmt.Errorf("debug sections: more than %d bytes", maxDebug)
		}
		b, err := o.im.data(i)
		if err != nil {
			return nil, err
		}
		return b, o.relocate(i, b)
	}
	var first [8][]byte
	for i, name := range debugSections {
		var err error
		if first[i], err = get(name); err != nil {
			return nil, err
		}
	}
	d, err := dwarf.New(first[0], first[1], first[2], first[3], first[4], first[5], first[6], first[7])
	if err != nil {
		return nil, err
	}
	for _, name := range moreDebug {
		b, err := get(name)
		if err != nil {
			return nil, err
		}
		if b != nil {
			if err := d.AddSection(".debug_"+name, b); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}

// relocate applies the relocations of a debug section. The addend is in
// place (SHT_REL).
func (o *Object) relocate(sec int, b []byte) error {
	relocs, err := o.im.relocationsOf(sec)
	if err != nil {
		return err
	}
	for _, r := range relocs {
		s := o.im.symbols[r.sym]
		base := s.value
		if o.code[int(s.sec)] != nil {
			base += sectionBase(int(s.sec))
		}
		size := uint64(4)
		if r.typ == relocAbs64 {
			size = 8
		}
		if r.off > uint64(len(b)) || size > uint64(len(b))-r.off {
			return errTruncated
		}
		at := b[r.off:]
		switch r.typ {
		case relocAbs64:
			o.im.order.PutUint64(at, base+o.im.order.Uint64(at))
		case relocAbs32, relocNoDyld:
			putAdd32(o.im.order, at, s.value)
		}
	}
	return nil
}

func putAdd32(o binary.ByteOrder, at []byte, base uint64) { o.PutUint32(at, uint32(base)+o.Uint32(at)) }

type inlineReader struct {
	o     *Object
	d     *dwarf.Data
	t     *inlineTable
	names map[dwarf.Offset]string
	files []*dwarf.LineFile
}

// read walks the functions of all units; what lies below other entries is
// skipped.
func (r *inlineReader) read() error {
	rd := r.d.Reader()
	for {
		e, err := rd.Next()
		if err != nil || e == nil {
			return err
		}
		switch e.Tag {
		case dwarf.TagCompileUnit:
			if err := r.unit(e); err != nil {
				return err
			}
		case dwarf.TagSubprogram:
			r.declare(e)
			if err := r.below(rd, e, 0); err != nil {
				return err
			}
		default:
			if e.Children {
				rd.SkipChildren()
			}
		}
	}
}

func (r *inlineReader) unit(e *dwarf.Entry) error {
	r.files = nil
	lr, err := r.d.LineReader(e)
	if err != nil || lr == nil {
		return err
	}
	r.files = lr.Files()
	return nil
}

// declare notes where a function with code is declared.
func (r *inlineReader) declare(e *dwarf.Entry) {
	pc, ok := e.Val(dwarf.AttrLowpc).(uint64)
	file, _ := e.Val(dwarf.AttrDeclFile).(int64)
	line, _ := e.Val(dwarf.AttrDeclLine).(int64)
	if ok && line > 0 {
		r.t.decls[pc] = pos{file: r.file(file), line: int(line)}
	}
}

// maxInline bounds the nesting of inlined functions.
const maxInline = 64

// below reads the inlined functions under a function, a block or another
// inlined function.
func (r *inlineReader) below(rd *dwarf.Reader, parent *dwarf.Entry, depth int) error {
	if !parent.Children {
		return nil
	}
	for {
		e, err := rd.Next()
		if err != nil || e == nil || e.Tag == 0 {
			return err
		}
		next := depth
		switch {
		case depth > maxInline:
			rd.SkipChildren()
			continue
		case e.Tag == dwarf.TagInlinedSubroutine:
			if err := r.add(e, depth); err != nil {
				return err
			}
			next++
		case e.Tag != dwarf.TagLexDwarfBlock:
			if e.Children {
				rd.SkipChildren()
			}
			continue
		}
		if err := r.below(rd, e, next); err != nil {
			return err
		}
	}
}

func (r *inlineReader) add(e *dwarf.Entry, depth int) error {
	ranges, err := r.d.Ranges(e)
	if err != nil {
		return err
	}
	file, _ := e.Val(dwarf.AttrCallFile).(int64)
	line, _ := e.Val(dwarf.AttrCallLine).(int64)
	col, _ := e.Val(dwarf.AttrCallColumn).(int64)
	origin, _ := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
	in := inline{depth: depth, name: r.name(origin), call: pos{r.file(file), int(line), int(col)}}
	for _, g := range ranges {
		sec := int(g[0] >> 32)
		in.start, in.end = int(uint32(g[0])/insnSize), int(uint32(g[1])/insnSize)
		r.t.bySection[sec] = append(r.t.bySection[sec], in)
	}
	return nil
}

// file names a file of the unit as .BTF.ext does, but for "./" in it.
func (r *inlineReader) file(i int64) string {
	if i < 0 || i >= int64(len(r.files)) || r.files[i] == nil {
		return ""
	}
	return path.Clean(r.files[i].Name)
}

// name finds the name of an inlined function.
func (r *inlineReader) name(at dwarf.Offset) string {
	if n, ok := r.names[at]; ok {
		return n
	}
	rd := r.d.Reader()
	rd.Seek(at)
	name := ""
	if e, err := rd.Next(); err == nil && e != nil {
		name, _ = e.Val(dwarf.AttrName).(string)
	}
	r.names[at] = name
	return name
}
