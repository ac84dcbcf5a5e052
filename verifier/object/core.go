package object

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/btfdb"
)

// coreKind is enum bpf_core_relo_kind (include/uapi/linux/bpf.h).
type coreKind uint32

const (
	coreFieldByteOffset coreKind = iota
	coreFieldByteSize
	coreFieldExists
	coreFieldSigned
	coreFieldLshift
	coreFieldRshift
	coreTypeIDLocal
	coreTypeIDTarget
	coreTypeExists
	coreTypeSize
	coreEnumvalExists
	coreEnumvalValue
	coreTypeMatches
)

// A coreValue is a CO-RE relocation in the terms that a kernel is asked in.
type coreValue struct {
	kind  coreKind
	typ   string // essential name
	field string // "a.b", or the enumerator
	sized bool   // the type has a name, so that a kernel can be asked at all
}

// resolveCore names what the CO-RE relocations of a section ask for.
func (o *Object) resolveCore(c *codeSection, sec int) error {
	x := o.ext[o.im.sections[sec].name]
	if x == nil || o.spec == nil {
		return nil
	}
	memo := map[coreReloc]*coreValue{}
	for _, r := range x.cores {
		slot := int(r.off / insnSize)
		if r.off%insnSize != 0 || slot >= len(c.insns) {
			return fmt.Errorf("offset %#x", r.off)
		}
		key := r
		key.off = 0
		v := memo[key]
		if v == nil {
			var err error
			if v, err = o.coreValue(r); err != nil {
				return fmt.Errorf("at %#x: %w", r.off, err)
			}
			memo[key] = v
			o.coreValues = append(o.coreValues, v)
		}
		if c.cores == nil {
			c.cores = make([]*coreValue, len(c.insns))
		}
		c.cores[slot] = v
	}
	return nil
}

func (o *Object) coreValue(r coreReloc) (*coreValue, error) {
	t, err := o.spec.TypeByID(btf.TypeID(r.typeID))
	if err != nil {
		return nil, err
	}
	t = skipMods(t)
	v := &coreValue{kind: r.kind}
	switch {
	case r.kind == coreEnumvalExists || r.kind == coreEnumvalValue:
		e, ok := t.(*btf.Enum)
		i, err := strconv.Atoi(r.access)
		if !ok || err != nil || i < 0 || i >= len(e.Values) {
			return nil, fmt.Errorf("enum value %q", r.access)
		}
		v.typ, v.field = essential(e.Name), essential(e.Values[i].Name)
	case r.kind <= coreFieldRshift:
		v.typ = typeName(t)
		if v.field, err = fieldPath(t, r.access); err != nil {
			return nil, err
		}
	default:
		v.typ = typeName(t)
	}
	v.sized = v.typ != ""
	return v, nil
}

// typeName is the essential name of a named struct, union, enum or typedef.
func typeName(t btf.Type) string {
	switch t.(type) {
	case *btf.Struct, *btf.Union, *btf.Enum, *btf.Fwd:
		return essential(t.TypeName())
	}
	return ""
}

func skipMods(t btf.Type) btf.Type {
	for range 32 {
		switch x := t.(type) {
		case *btf.Const:
			t = x.Type
		case *btf.Volatile:
			t = x.Type
		case *btf.Restrict:
			t = x.Type
		case *btf.Typedef:
			t = x.Type
		case *btf.TypeTag:
			t = x.Type
		default:
			return t
		}
	}
	return t
}

// fieldPath names the members of an access string "0:1:2"; those of anonymous
// structs and unions belong to the outer one, array indexes do not count.
func fieldPath(t btf.Type, access string) (string, error) {
	steps := strings.Split(access, ":")
	if len(steps) > 64 {
		return "", errors.New("access string too deep")
	}
	var names []string
	for _, s := range steps[1:] {
		i, err := strconv.Atoi(s)
		if err != nil || i < 0 {
			return "", fmt.Errorf("access string %q", access)
		}
		var members []btf.Member
		switch x := skipMods(t).(type) {
		case *btf.Struct:
			members = x.Members
		case *btf.Union:
			members = x.Members
		case *btf.Array:
			t = x.Type
			continue
		default:
			return "", fmt.Errorf("access string %q: not a struct", access)
		}
		if i >= len(members) {
			return "", fmt.Errorf("access string %q: member %d of %d", access, i, len(members))
		}
		if members[i].Name != "" {
			names = append(names, members[i].Name)
		}
		t = members[i].Type
	}
	return strings.Join(names, "."), nil
}

// A coreAnswer is what a relocation comes to on a kernel.
type coreAnswer struct {
	state coreState
	value uint64
}

type coreState uint8

const (
	coreUnknown coreState = iota
	coreKnown             // value
	corePoison            // the target is not there: libbpf makes the instruction one that is refused
)

// answer asks a kernel (tools/lib/bpf/relo_core.c:bpf_core_calc_relo).
func (v *coreValue) answer(k *btfdb.Kernel) coreAnswer {
	if !v.sized {
		return coreAnswer{}
	}
	switch v.kind {
	case coreFieldExists:
		return fromTri(k.HasField(v.typ, v.field))
	case coreTypeExists:
		return fromTri(k.HasType(v.typ))
	case coreEnumvalExists:
		return fromTri(k.HasEnumValue(v.typ, v.field))
	case coreEnumvalValue:
		return v.enumValue(k)
	case coreFieldByteOffset, coreFieldByteSize, coreFieldSigned, coreFieldLshift, coreFieldRshift:
		if k.HasType(v.typ) == btfdb.No || k.HasField(v.typ, v.field) == btfdb.No {
			return coreAnswer{state: corePoison}
		}
	}
	return coreAnswer{}
}

func (v *coreValue) enumValue(k *btfdb.Kernel) coreAnswer {
	if e := k.Enum(v.typ); e != nil {
		for _, x := range e.Values {
			if x.Name == v.field {
				return coreAnswer{coreKnown, x.Value}
			}
		}
	}
	if k.HasEnumValue(v.typ, v.field) == btfdb.No {
		return coreAnswer{state: corePoison}
	}
	return coreAnswer{}
}

func fromTri(t btfdb.Tri) coreAnswer {
	switch t {
	case btfdb.Yes:
		return coreAnswer{coreKnown, 1}
	case btfdb.No:
		return coreAnswer{coreKnown, 0}
	}
	return coreAnswer{}
}

// describe names what a relocation asks for.
func (v *coreValue) describe() string {
	switch v.kind {
	case coreEnumvalExists, coreEnumvalValue:
		return fmt.Sprintf("enum value %s of enum %s", v.field, v.typ)
	case coreTypeIDLocal, coreTypeIDTarget, coreTypeExists, coreTypeSize, coreTypeMatches:
		return "type " + v.typ
	}
	return fmt.Sprintf("field %s of struct %s", v.field, v.typ)
}

// core is the CO-RE relocation of a slot, nil when there is none.
func (c *codeSection) core(slot int) *coreValue {
	if c.cores == nil {
		return nil
	}
	return c.cores[slot]
}
