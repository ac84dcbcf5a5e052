package link

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// A Kernel is what linking needs to know of one: its BTF, and settings.
// It is immutable and safe for concurrent use.
type Kernel struct {
	Release string            // "7.3.4+deb13-amd64"
	Version uint32            // LINUX_KERNEL_VERSION
	Config  map[string]string // CONFIG_X to y, m, a number or a quoted string; nil when not known

	spec  *btf.Spec
	types index
}

// An index finds types of a raw BTF by kind and exact name. cilium/ebpf's own
// takes X___v2 for a flavour of X, which kfuncs are not.
type index struct {
	funcs, vars, structs, typedefs map[string]btf.TypeID
	enums                          map[string]uint64 // enumerators called SCX_...
}

// NewKernel reads the BTF of a kernel.
func NewKernel(rawBTF []byte) (k *Kernel, err error) {
	defer func() {
		if v := recover(); v != nil {
			k, err = nil, fmt.Errorf("kernel BTF: %v", v)
		}
	}()
	k = &Kernel{}
	if k.types, err = readIndex(rawBTF); err != nil {
		return nil, fmt.Errorf("kernel BTF: %w", err)
	}
	if k.spec, err = btf.LoadSpecFromReader(bytes.NewReader(rawBTF)); err != nil {
		return nil, fmt.Errorf("kernel BTF: %w", err)
	}
	return k, nil
}

// HasSchedExt tells whether the kernel is built with sched_ext.
func (k *Kernel) HasSchedExt() bool { return k.types.structs["sched_ext_ops"] != 0 }

// Kinds of BTF (include/uapi/linux/btf.h).
const (
	kindInt       = 1
	kindArray     = 3
	kindStruct    = 4
	kindUnion     = 5
	kindEnum      = 6
	kindTypedef   = 8
	kindFunc      = 12
	kindFuncProto = 13
	kindVar       = 14
	kindDatasec   = 15
	kindDeclTag   = 17
	kindEnum64    = 19
)

// record is one type of a raw BTF.
type record struct {
	id   btf.TypeID
	at   int // offset in the raw BTF
	kind int
	vlen int
	name string
	raw  []byte // the whole record
}

// header is where the parts of a raw BTF are.
type header struct {
	order              binary.ByteOrder
	types, typesEnd    int
	strings, stringEnd int
}

var errBTF = errors.New("damaged")

func readHeader(raw []byte) (h header, err error) {
	if len(raw) < 24 {
		return h, errBTF
	}
	switch {
	case binary.LittleEndian.Uint16(raw) == 0xeb9f:
		h.order = binary.LittleEndian
	default:
		return h, errors.New("not a little-endian BTF")
	}
	n := func(at int) int { return int(h.order.Uint32(raw[at:])) }
	hdr := n(4)
	h.types, h.strings = hdr+n(8), hdr+n(16)
	h.typesEnd, h.stringEnd = h.types+n(12), h.strings+n(20)
	if hdr < 24 || h.types < hdr || h.typesEnd < h.types || h.strings < h.typesEnd || h.stringEnd < h.strings || h.stringEnd > len(raw) {
		return h, errBTF
	}
	return h, nil
}

// tailSize is what follows the 12 bytes that all kinds have.
func tailSize(kind, vlen int) (int, bool) {
	switch kind {
	case kindInt, kindVar, kindDeclTag:
		return 4, true
	case 2, 7, 8, 9, 10, 11, kindFunc, 16, 18: // ptr, fwd, typedef, volatile, const, restrict, func, float, type_tag
		return 0, true
	case kindArray:
		return 12, true
	case kindStruct, kindUnion, kindDatasec, kindEnum64:
		return 12 * vlen, true
	case kindEnum, kindFuncProto:
		return 8 * vlen, true
	}
	return 0, false
}

// eachType walks a raw BTF. Records alias it.
func eachType(raw []byte, f func(record)) error {
	h, err := readHeader(raw)
	if err != nil {
		return err
	}
	id := btf.TypeID(1)
	for at := h.types; at < h.typesEnd; id++ {
		if h.typesEnd-at < 12 {
			return errBTF
		}
		info := h.order.Uint32(raw[at+4:])
		kind, vlen := int(info>>24&0x1f), int(info&0xffff)
		tail, ok := tailSize(kind, vlen)
		if !ok || tail > h.typesEnd-at-12 {
			return fmt.Errorf("type %d of kind %d: %w", id, kind, errBTF)
		}
		f(record{id, at, kind, vlen, h.name(raw, h.order.Uint32(raw[at:])), raw[at : at+12+tail]})
		at += 12 + tail
	}
	return nil
}

func (h header) name(raw []byte, off uint32) string {
	if uint64(off) >= uint64(h.stringEnd-h.strings) {
		return ""
	}
	s := raw[h.strings+int(off) : h.stringEnd]
	if i := bytes.IndexByte(s, 0); i >= 0 {
		return string(s[:i])
	}
	return ""
}

func readIndex(raw []byte) (index, error) {
	x := index{map[string]btf.TypeID{}, map[string]btf.TypeID{}, map[string]btf.TypeID{}, map[string]btf.TypeID{}, map[string]uint64{}}
	h, err := readHeader(raw)
	if err != nil {
		return x, err
	}
	err = eachType(raw, func(r record) {
		switch r.kind {
		case kindFunc:
			x.funcs[r.name] = r.id
		case kindVar:
			x.vars[r.name] = r.id
		case kindStruct:
			x.structs[r.name] = r.id
		case kindTypedef:
			x.typedefs[r.name] = r.id
		case kindEnum, kindEnum64:
			x.addEnum(h, raw, r)
		}
	})
	return x, err
}

// addEnum keeps the enumerators of sched_ext, which scx's loaders copy into
// the object (SCX_ENUM_INIT).
func (x *index) addEnum(h header, raw []byte, r record) {
	size := 8
	if r.kind == kindEnum64 {
		size = 12
	}
	for at := 12; at+size <= len(r.raw); at += size {
		name := h.name(raw, h.order.Uint32(r.raw[at:]))
		if !strings.HasPrefix(name, "SCX_") {
			return
		}
		v := uint64(int64(int32(h.order.Uint32(r.raw[at+4:]))))
		if r.kind == kindEnum64 {
			v = uint64(h.order.Uint32(r.raw[at+4:])) | uint64(h.order.Uint32(r.raw[at+8:]))<<32
		}
		x.enums[name] = v
	}
}

// member finds a member of a struct of the kernel.
func (k *Kernel) structType(name string) (*btf.Struct, btf.TypeID) {
	id, ok := k.types.structs[name]
	if !ok {
		return nil, 0
	}
	t, err := k.spec.TypeByID(id)
	if err != nil {
		return nil, 0
	}
	s, _ := t.(*btf.Struct)
	return s, id
}
