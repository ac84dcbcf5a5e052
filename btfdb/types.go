package btfdb

import (
	"slices"
	"strings"
)

// Tri is an answer that may not be known.
type Tri uint8

// The answers.
const (
	NotKnown Tri = iota
	No
	Yes
)

func (t Tri) String() string { return [...]string{"not known", "no", "yes"}[t] }

func triOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// trackedPrefixes and trackedTypes are the types that data files hold. What
// they do not cover is NotKnown: 128,000 types would be too much to keep, and
// these are what public schedulers ask CO-RE for.
var (
	trackedPrefixes = []string{"scx_", "sched_ext", "bpf_iter_scx"}
	trackedTypes    = []string{
		"bpf_cpumask", "bpf_iter_bits", "bpf_iter_css", "bpf_iter_task", "bpf_prog_aux", "cgroup", "cpumask", "irqtime",
		"rq", "sched_dl_entity", "sched_entity", "sched_statistics", "task_group", "task_struct",
	}
)

// Tracked reports whether data files hold a struct, union or enum of this
// name if the kernel has one. A flavour suffix (___v2) does not count.
func Tracked(name string) bool {
	name = flavourless(name)
	for _, p := range trackedPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return slices.Contains(trackedTypes, name)
}

// flavourless cuts what libbpf ignores in a local type's name
// (tools/lib/bpf/libbpf_internal.h:bpf_core_essential_name_len).
func flavourless(name string) string {
	if i := strings.LastIndex(name, "___"); i > 0 {
		return name[:i]
	}
	return name
}

// HasType answers bpf_core_type_exists(struct NAME).
func (k *Kernel) HasType(name string) Tri {
	name = flavourless(name)
	if _, ok := k.structs[name]; ok || k.enums[name] != nil || k.ops[name] != nil {
		return Yes
	}
	if !Tracked(name) || !k.typesKnown(name) {
		return NotKnown
	}
	return No
}

// HasField answers bpf_core_field_exists(((struct NAME *)0)->FIELD). Members
// of anonymous members count; paths with dots are not known beyond the first.
func (k *Kernel) HasField(typ, field string) Tri {
	typ = flavourless(typ)
	first, rest, nested := strings.Cut(field, ".")
	fields, ok := k.structs[typ]
	switch {
	case !ok && k.ops[typ] != nil:
		return triOf(k.Member(typ, field) != nil)
	case !ok && k.HasType(typ) == No:
		return No
	case !ok || len(fields) == 0:
		return NotKnown
	case !slices.Contains(fields, first):
		return No
	case nested && rest != "":
		return NotKnown
	}
	return Yes
}

// HasEnumValue answers bpf_core_enum_value_exists(enum TYPE, NAME).
func (k *Kernel) HasEnumValue(typ, name string) Tri {
	typ = flavourless(typ)
	e := k.enums[typ]
	switch {
	case e != nil:
		return triOf(slices.ContainsFunc(e.Values, func(v EnumValue) bool { return v.Name == flavourless(name) }))
	case Tracked(typ) && k.typesKnown(""):
		return No
	}
	return NotKnown
}

// Enum finds an enum by name; nil if the data has none.
func (k *Kernel) Enum(name string) *Enum { return k.enums[flavourless(name)] }

// Enums lists the enums of the data, anonymous ones with the name "".
func (k *Kernel) Enums() []Enum { return k.facts.Enums }

// EnumValue finds an enumerator by its name alone: SCX_ENQ_IMMED.
func (k *Kernel) EnumValue(name string) (EnumValue, bool) {
	v, ok := k.values[name]
	return v, ok
}

// typesKnown reports whether a tracked type that the data lacks is one that
// the kernel lacks. Of a whole source tree that holds for sched_ext's own.
func (k *Kernel) typesKnown(name string) bool {
	if k.BTFSHA1 != "" {
		return true
	}
	return k.facts.Scope == "" && (strings.HasPrefix(name, "scx_") || strings.HasPrefix(name, "sched_ext"))
}
