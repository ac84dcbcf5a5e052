package object

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path"
)

// .BTF.ext ties instructions to functions, lines and CO-RE relocations
// (Documentation/bpf/btf.rst). cilium/ebpf reads it too, but keeps kind and
// access string of a CO-RE relocation to itself.

type funcInfo struct {
	off    uint32 // bytes into the section
	typeID uint32
}

type lineInfo struct {
	off       uint32 // bytes into the section
	file      string
	text      string // the source line
	line, col uint32
}

type coreReloc struct {
	off    uint32
	typeID uint32
	access string
	kind   coreKind
}

// extInfo is what .BTF.ext says of one section.
type extInfo struct {
	funcs []funcInfo
	lines []lineInfo
	cores []coreReloc
}

// btfStrings is the string table of .BTF.
type btfStrings string

func (s btfStrings) at(off uint32) (string, error) { return cString(string(s), off) }

// readStrings cuts the string table out of a raw .BTF section.
func readStrings(raw []byte, o binary.ByteOrder) (btfStrings, error) {
	if len(raw) < 24 || o.Uint16(raw) != 0xeb9f {
		return "", errors.New("no BTF header")
	}
	hdr, off, n := uint64(o.Uint32(raw[4:])), uint64(o.Uint32(raw[16:])), uint64(o.Uint32(raw[20:]))
	if hdr+off+n > uint64(len(raw)) {
		return "", fmt.Errorf("strings: %w", errTruncated)
	}
	return btfStrings(raw[hdr+off : hdr+off+n]), nil
}

type extReader struct {
	raw     []byte
	order   binary.ByteOrder
	strings btfStrings
	out     map[string]*extInfo
	paths   map[string]string
}

// readExt reads a raw .BTF.ext section; the result is by section name.
func readExt(raw []byte, o binary.ByteOrder, strings btfStrings) (map[string]*extInfo, error) {
	if len(raw) < 24 || o.Uint16(raw) != 0xeb9f {
		return nil, errors.New("no header")
	}
	r := extReader{raw: raw, order: o, strings: strings, out: map[string]*extInfo{}, paths: map[string]string{}}
	hdr := o.Uint32(raw[4:])
	parts := []struct {
		name string
		at   uint32
		size int
		add  func(*extInfo, []byte) error
	}{
		{"func_info", 8, 8, r.addFunc}, {"line_info", 16, 16, r.addLine}, {"core_relo", 24, 16, r.addCore},
	}
	for _, p := range parts {
		if p.at+8 > hdr || uint64(p.at)+8 > uint64(len(raw)) {
			continue // an older header is shorter
		}
		if err := r.part(hdr, o.Uint32(raw[p.at:]), o.Uint32(raw[p.at+4:]), p.size, p.add); err != nil {
			return nil, partError(p.name, err)
		}
	}
	return r.out, nil
}

// part reads one kind of info: a record size, then for each section its name,
// a count and the records.
func (r *extReader) part(hdr, off, n uint32, size int, add func(*extInfo, []byte) error) error {
	start, end := uint64(hdr)+uint64(off), uint64(hdr)+uint64(off)+uint64(n)
	if end > uint64(len(r.raw)) {
		return errTruncated
	}
	b := r.raw[start:end]
	if len(b) == 0 {
		return nil
	}
	if len(b) < 4 || int(r.order.Uint32(b)) < size {
		return errors.New("record size")
	}
	rec := uint64(r.order.Uint32(b))
	for b = b[4:]; len(b) >= 8; {
		name, err := r.strings.at(r.order.Uint32(b))
		if err != nil {
			return err
		}
		count := uint64(r.order.Uint32(b[4:]))
		b = b[8:]
		if count > uint64(len(b))/rec {
			return fmt.Errorf("section %s: %d records: %w", name, count, errTruncated)
		}
		x := r.out[name]
		if x == nil {
			x = &extInfo{}
			r.out[name] = x
		}
		for ; count > 0; count-- {
			if err := add(x, b); err != nil {
				return fmt.Errorf("section %s: %w", name, err)
			}
			b = b[rec:]
		}
	}
	return nil
}

func (r *extReader) addFunc(x *extInfo, b []byte) error {
	x.funcs = append(x.funcs, funcInfo{r.order.Uint32(b), r.order.Uint32(b[4:])})
	return nil
}

// clean takes "./" out of a path; there are few different ones.
func (r *extReader) clean(file string) string {
	c, ok := r.paths[file]
	if !ok {
		c = path.Clean(file)
		r.paths[file] = c
	}
	return c
}

func (r *extReader) addLine(x *extInfo, b []byte) error {
	file, err := r.strings.at(r.order.Uint32(b[4:]))
	if err != nil {
		return err
	}
	text, err := r.strings.at(r.order.Uint32(b[8:]))
	if err != nil {
		text = "" // a source line of any length
	}
	pos := r.order.Uint32(b[12:])
	x.lines = append(x.lines, lineInfo{off: r.order.Uint32(b), file: r.clean(file), text: text, line: pos >> 10, col: pos & 0x3ff})
	return nil
}

func (r *extReader) addCore(x *extInfo, b []byte) error {
	access, err := r.strings.at(r.order.Uint32(b[8:]))
	if err != nil {
		return err
	}
	x.cores = append(x.cores, coreReloc{r.order.Uint32(b), r.order.Uint32(b[4:]), access, coreKind(r.order.Uint32(b[12:]))})
	return nil
}
