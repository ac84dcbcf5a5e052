package extract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// types are a kernel's BTF types, found by exact names: btf.Spec's own lookup
// takes scx_bpf_dsq_insert___v2 for a flavour of scx_bpf_dsq_insert. Only what
// is asked for gets decoded.
type types struct {
	spec    *btf.Spec
	ids     map[string]uint32 // structs and unions, and functions named X_impl
	enums   []*btf.Enum
	funcIDs map[string]uint32 // functions that a known kernel has as kfuncs
	kfuncs  []uint32          // functions with the bpf_kfunc decl tag
	count   uint32
	strings uint32 // length of the string table
}

// maxTypes bounds the BTF types; kernels have 0.13 million.
const maxTypes = 4 << 20

func readTypes(raw []byte) (t *types, err error) {
	return readSplitTypes(raw, nil)
}

// readSplitTypes reads the BTF of a module if base is that of its kernel.
func readSplitTypes(raw []byte, base *types) (t *types, err error) {
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fmt.Errorf("btf: %v", p)
		}
	}()
	t = &types{ids: map[string]uint32{}, funcIDs: map[string]uint32{}}
	first, skip := uint32(1), uint32(0)
	if base != nil {
		first, skip = base.count+1, base.strings
	}
	var enums []uint32
	err = walkBTF(raw, first, skip, func(r rawType) {
		t.count = r.id
		if t.note(r) {
			enums = append(enums, r.id)
		}
	})
	if err != nil {
		return nil, err
	}
	h, _ := parseBTFHeader(raw)
	t.strings = skip + h.StrLen
	if base == nil {
		t.spec, err = btf.LoadSpecFromReader(bytes.NewReader(raw))
	} else {
		t.spec, err = btf.LoadSplitSpecFromReader(bytes.NewReader(raw), base.spec)
	}
	if err != nil {
		return nil, fmt.Errorf("btf: %w", err)
	}
	return t, t.loadEnums(enums)
}

// note indexes a type and reports whether it is an enum.
func (t *types) note(r rawType) (enum bool) {
	switch r.kind {
	case kindStruct, kindUnion:
		if r.name != "" && t.ids[r.name] == 0 {
			t.ids[r.name] = r.id
		}
	case kindFunc:
		if strings.HasSuffix(r.name, "_impl") {
			t.ids[r.name] = r.id
		}
		if btfdb.KnownKfunc(r.name) {
			t.funcIDs[r.name] = r.id
		}
	case kindDeclTag:
		if r.name == "bpf_kfunc" {
			t.kfuncs = append(t.kfuncs, r.ref)
		}
	}
	return r.kind == kindEnum || r.kind == kindEnum64
}

func (t *types) loadEnums(ids []uint32) error {
	for _, id := range ids {
		typ, err := t.spec.TypeByID(btf.TypeID(id))
		if err != nil {
			return fmt.Errorf("btf: type %d: %w", id, err)
		}
		if e, ok := typ.(*btf.Enum); ok && wantEnum(e) {
			t.enums = append(t.enums, e)
		}
	}
	return nil
}

// members lists the members of a struct or union; nil if there is none of
// that name.
func (t *types) members(name string) (members []btf.Member, size uint32) {
	id := t.ids[name]
	if id == 0 {
		return nil, 0
	}
	switch typ, _ := t.spec.TypeByID(btf.TypeID(id)); typ := typ.(type) {
	case *btf.Struct:
		return typ.Members, typ.Size
	case *btf.Union:
		return typ.Members, typ.Size
	}
	return nil, 0
}

func wantEnum(e *btf.Enum) bool {
	if btfdb.Tracked(e.Name) || e.Name == "qdisc_ops_kf_flags" || e.Name == "btf_kfunc_hook" || e.Name == "bpf_prog_type" {
		return true
	}
	for _, v := range e.Values {
		if strings.HasPrefix(v.Name, "SCX_") || strings.HasPrefix(v.Name, "__SCX_") ||
			strings.HasPrefix(v.Name, "QDISC_OPS_KF_") {
			return true
		}
	}
	return false
}

// funcByID finds the function of a set8 entry.
func (t *types) funcByID(id uint32) (*btf.Func, error) {
	typ, err := t.spec.TypeByID(btf.TypeID(id))
	if err != nil {
		return nil, fmt.Errorf("btf: type %d: %w", id, err)
	}
	f, ok := typ.(*btf.Func)
	if !ok {
		return nil, fmt.Errorf("btf: type %d: %T is no function", id, typ)
	}
	return f, nil
}

// structFacts lists the tracked structs and unions.
func (t *types) structFacts() []btfdb.Struct {
	var out []btfdb.Struct
	for name := range t.ids {
		if btfdb.Tracked(name) && !strings.Contains(name, "___") && !strings.HasSuffix(name, "_impl") {
			m, _ := t.members(name)
			out = append(out, btfdb.Struct{Name: strings.Clone(name), Fields: fieldNames(m, 0)})
		}
	}
	return out
}

// fieldNames lists members, and what C lets one name through anonymous ones.
func fieldNames(members []btf.Member, depth int) []string {
	if depth > 16 {
		return nil
	}
	var names []string
	for _, m := range members {
		if m.Name != "" {
			names = append(names, m.Name)
			continue
		}
		switch inner := btf.UnderlyingType(m.Type).(type) {
		case *btf.Struct:
			names = append(names, fieldNames(inner.Members, depth+1)...)
		case *btf.Union:
			names = append(names, fieldNames(inner.Members, depth+1)...)
		}
	}
	return names
}

// enumFacts lists the enums that schedulers use.
func (t *types) enumFacts() []btfdb.Enum {
	var out []btfdb.Enum
	seen := map[string]bool{}
	for _, e := range t.enums {
		if len(e.Values) == 0 || !keepEnum(e) {
			continue
		}
		key := e.Name + " " + e.Values[0].Name
		if seen[key] {
			continue
		}
		seen[key] = true
		x := btfdb.Enum{Name: e.Name}
		for _, v := range e.Values {
			x.Values = append(x.Values, btfdb.EnumValue{Name: v.Name, Value: v.Value, Signed: e.Signed})
		}
		out = append(out, x)
	}
	return out
}

// keepEnum leaves out what only extraction looks at.
func keepEnum(e *btf.Enum) bool {
	return btfdb.Tracked(e.Name) || slices.ContainsFunc(e.Values, func(v btf.EnumValue) bool {
		return strings.Contains(v.Name, "SCX_")
	})
}

// enumNames maps the bits of a flag enum to names without a prefix.
func (t *types) enumNames(prefix string) map[uint64]string {
	names := map[uint64]string{}
	for _, e := range t.enums {
		for _, v := range e.Values {
			if name, ok := strings.CutPrefix(v.Name, prefix); ok {
				names[v.Value] = name
			}
		}
	}
	return names
}
