package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"
)

// btfHeader is struct btf_header (include/uapi/linux/btf.h).
type btfHeader struct {
	Magic              uint16
	Version, Flags     uint8
	HdrLen             uint32
	TypeOff, TypeLen   uint32
	StrOff, StrLen     uint32
	order              binary.ByteOrder
	typesAt, stringsAt int
}

// parseBTFHeader checks that the parts lie inside of the data, so that an
// error can name the part and the offset.
func parseBTFHeader(raw []byte) (h btfHeader, err error) {
	if len(raw) < 24 {
		return h, fmt.Errorf("btf: header: %d bytes, want 24", len(raw))
	}
	h.order = binary.ByteOrder(binary.LittleEndian)
	if raw[0] == 0xeb && raw[1] == 0x9f {
		h.order = binary.BigEndian
	}
	h.Magic, h.Version = h.order.Uint16(raw), raw[2]
	u := func(off int) uint32 { return h.order.Uint32(raw[off:]) }
	h.HdrLen, h.TypeOff, h.TypeLen, h.StrOff, h.StrLen = u(4), u(8), u(12), u(16), u(20)
	switch {
	case h.Magic != 0xeb9f:
		return h, fmt.Errorf("btf: header: magic %#x, want 0xeb9f", h.Magic)
	case h.Version != 1:
		return h, fmt.Errorf("btf: header: version %d, want 1", h.Version)
	case h.HdrLen < 24 || uint64(h.HdrLen)+uint64(h.TypeOff)+uint64(h.TypeLen) > uint64(len(raw)):
		return h, fmt.Errorf("btf: types at %#x: %d bytes do not fit in %d", h.TypeOff, h.TypeLen, len(raw))
	case uint64(h.HdrLen)+uint64(h.StrOff)+uint64(h.StrLen) > uint64(len(raw)):
		return h, fmt.Errorf("btf: strings at %#x: %d bytes do not fit in %d", h.StrOff, h.StrLen, len(raw))
	}
	h.typesAt, h.stringsAt = int(h.HdrLen+h.TypeOff), int(h.HdrLen+h.StrOff)
	return h, nil
}

// btfSizes are the bytes after the common 12 for each kind: fixed, and for
// each of vlen entries (include/uapi/linux/btf.h).
var btfSizes = [...]struct{ fixed, each int }{
	1: {4, 0}, 2: {0, 0}, 3: {12, 0}, 4: {0, 12}, 5: {0, 12}, 6: {0, 8}, 7: {0, 0}, 8: {0, 0}, 9: {0, 0},
	10: {0, 0}, 11: {0, 0}, 12: {0, 0}, 13: {0, 8}, 14: {4, 0}, 15: {0, 12}, 16: {0, 0}, 17: {4, 0}, 18: {0, 0},
	19: {0, 12},
}

// A rawType is a type's place in the index of a BTF blob.
type rawType struct {
	id   uint32
	kind int
	ref  uint32 // the type that it refers to, if its kind does
	name string
}

// BTF kinds that extraction looks for.
const (
	kindStruct  = 4
	kindUnion   = 5
	kindEnum    = 6
	kindFunc    = 12
	kindDeclTag = 17
	kindEnum64  = 19
)

// walkBTF goes through all types of a BTF blob once. Damage is reported with
// its offset before any other reader sees the blob, and a huge count cannot
// cost memory later. The types of split BTF have names in two string tables;
// those in the base's come without one.
func walkBTF(raw []byte, firstID, baseStrings uint32, visit func(rawType)) error {
	h, err := parseBTFHeader(raw)
	if err != nil {
		return err
	}
	if h.StrLen == 0 || raw[h.stringsAt+int(h.StrLen)-1] != 0 || baseStrings == 0 && raw[h.stringsAt] != 0 {
		return fmt.Errorf("btf: strings at %#x: %w", h.stringsAt, errors.New("not between two zero bytes"))
	}
	strings := raw[h.stringsAt : h.stringsAt+int(h.StrLen)]
	end := h.typesAt + int(h.TypeLen)
	for at, id := h.typesAt, firstID; at < end; id++ {
		n, kind, err := typeSize(raw[at:end], h)
		if err == nil && id > maxTypes {
			err = fmt.Errorf("more than %d types", maxTypes)
		}
		if err != nil {
			return fmt.Errorf("btf: type %d at %#x: %w", id, at, err)
		}
		off := h.order.Uint32(raw[at:])
		switch {
		case off < baseStrings:
			visit(rawType{id: id, kind: kind, ref: h.order.Uint32(raw[at+8:])})
		case off-baseStrings >= h.StrLen:
			return fmt.Errorf("btf: type %d at %#x: name at %#x of %#x", id, at, off-baseStrings, h.StrLen)
		default:
			name, _, _ := bytes.Cut(strings[off-baseStrings:], []byte{0})
			visit(rawType{id, kind, h.order.Uint32(raw[at+8:]), unsafeString(name)})
		}
		at += n
	}
	return nil
}

// typeSize is the length of the type at the start of data.
func typeSize(data []byte, h btfHeader) (n, kind int, err error) {
	if len(data) < 12 {
		return 0, 0, errors.New("cut off")
	}
	info := h.order.Uint32(data[4:])
	kind = int(info >> 24 & 0x1f)
	if kind == 0 || kind >= len(btfSizes) {
		return 0, 0, fmt.Errorf("unknown kind %d", kind)
	}
	n = 12 + btfSizes[kind].fixed + int(info&0xffff)*btfSizes[kind].each
	if n > len(data) {
		return 0, 0, fmt.Errorf("%d bytes, %d left", n, len(data))
	}
	return n, kind, nil
}

// unsafeString shares the bytes of a blob that never changes.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
