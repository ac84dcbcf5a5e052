package btfdb

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxColumn is how wide a line of a data file gets; longer text is wrapped.
const maxColumn = 120

// Sort puts the facts into the one order in which data files hold them, so
// that equal facts make equal files.
func (f *Facts) Sort() {
	byName := func(a, b string) int { return strings.Compare(a, b) }
	slices.SortFunc(f.Progs, func(a, b ProgHook) int { return byName(a.Prog, b.Prog) })
	slices.SortFunc(f.Filters, func(a, b Filter) int { return byName(a.Name, b.Name) })
	slices.SortFunc(f.Sets, func(a, b Set) int { return byName(a.Name, b.Name) })
	slices.SortFunc(f.Kfuncs, func(a, b *Kfunc) int { return byName(a.Name, b.Name) })
	slices.SortFunc(f.Ops, func(a, b OpsType) int { return byName(a.Name, b.Name) })
	slices.SortFunc(f.Members, func(a, b *Member) int {
		return cmp.Or(byName(a.Ops, b.Ops), cmp.Compare(a.Moff, b.Moff), byName(a.Name, b.Name))
	})
	slices.SortFunc(f.Enums, compareEnums)
	slices.SortFunc(f.Structs, func(a, b Struct) int { return byName(a.Name, b.Name) })
	for i := range f.Filters {
		slices.Sort(f.Filters[i].Sets)
	}
	for _, k := range f.Kfuncs {
		slices.Sort(k.Sets)
	}
	for _, m := range f.Members {
		slices.Sort(m.Allow)
	}
	for i := range f.Structs {
		slices.Sort(f.Structs[i].Fields)
		f.Structs[i].Fields = slices.Compact(f.Structs[i].Fields)
	}
}

// compareEnums orders by name, anonymous enums by their first value's.
func compareEnums(a, b Enum) int {
	first := func(e Enum) string {
		if len(e.Values) == 0 {
			return ""
		}
		return e.Values[0].Name
	}
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(first(a), first(b)))
}

// Format writes a data file. Call Sort first.
func (f *Facts) Format() string {
	var w strings.Builder
	w.WriteString("# Facts of one kernel, written by scx-lsp; the format is in docs/kernels.md. Do not edit.\n")
	fmt.Fprintf(&w, "format %d\nbuild %s\nrelease %s\n", FormatVersion, f.Build, f.Release)
	f.formatOrigin(&w)
	for _, p := range f.Progs {
		fmt.Fprintf(&w, "prog %s %s\n", p.Prog, p.Hook)
	}
	for _, x := range f.Filters {
		fmt.Fprintf(&w, "filter %s\n", x.Name)
		wrap(&w, strings.Join(x.Sets, " "))
	}
	for _, s := range f.Sets {
		fmt.Fprintf(&w, "set %s %s%s\n", s.Name, s.where(), optional(s.Filter))
	}
	for _, k := range f.Kfuncs {
		fmt.Fprintf(&w, "kfunc %s %s %s%s\n", k.Name, cmp.Or(strings.Join(k.Sets, ","), "-"), k.Flags.data(), k.attrs())
		wrap(&w, k.Proto)
	}
	for _, o := range f.Ops {
		fmt.Fprintf(&w, "ops %s %d\n", o.Name, o.Size)
	}
	for _, m := range f.Members {
		fmt.Fprintf(&w, "member %s %d %s%s\n", m.Ops, m.Moff, m.Name, m.attrs())
		wrap(&w, m.Proto)
	}
	for _, e := range f.Enums {
		for _, v := range e.Values {
			fmt.Fprintf(&w, "enum %s %s %s\n", cmp.Or(e.Name, "-"), v.Name, v)
		}
	}
	for _, s := range f.Structs {
		fmt.Fprintf(&w, "struct %s\n", s.Name)
		wrap(&w, strings.Join(s.Fields, " "))
	}
	return w.String()
}

func (f *Facts) formatOrigin(w *strings.Builder) {
	o := f.Origin
	for _, kv := range [][2]string{
		{"origin", o.Kind},
		{"package", o.Package},
		{"image-sha256", o.SHA256},
		{"btf-sha1", f.BTFSHA1},
		{"generator", o.Generator},
		{"borrowed", o.Borrowed},
		{"scope", f.Scope},
		{"enforcement", f.Enforcement.String()},
	} {
		if kv[1] != "" {
			fmt.Fprintf(w, "%s %s\n", kv[0], kv[1])
		}
	}
	if o.Banner != "" {
		w.WriteString("banner\n")
		wrap(w, o.Banner)
	}
	for _, n := range f.Notes {
		w.WriteString("note\n")
		wrap(w, n)
	}
}

// wrap writes body as indented lines of at most maxColumn columns, a tab
// counting as eight.
func wrap(w *strings.Builder, body string) {
	col := 0
	for i, word := range strings.Fields(body) {
		switch {
		case i == 0:
			w.WriteString("\t")
			col = 8
		case col+1+len(word) > maxColumn:
			w.WriteString("\n\t")
			col = 8
		default:
			w.WriteString(" ")
			col++
		}
		w.WriteString(word)
		col += len(word)
	}
	if col > 0 {
		w.WriteString("\n")
	}
}

func optional(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func (s Set) where() string {
	switch {
	case s.Plain:
		return "plain"
	case !s.Known:
		return "?"
	}
	return s.Hooks.String()
}

func (f Flags) data() string {
	if f == 0 {
		return "-"
	}
	names := f.Names()
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], "KF_")
	}
	return strings.Join(names, "|")
}

func (k *Kfunc) attrs() string {
	s := ""
	if k.Accept != 0 {
		s += " accept=" + k.Accept.String()
	}
	if k.Broken {
		s += " broken"
	}
	return s
}

func (m *Member) attrs() string {
	if !m.Func {
		return " data"
	}
	s := " func"
	if m.SleepKnown {
		s += " sleep=" + map[bool]string{true: "may", false: "no"}[m.Sleepable]
	}
	if m.NoStub {
		s += " nostub"
	}
	if len(m.Allow) > 0 {
		s += " allow=" + strings.Join(m.Allow, "|")
	}
	if m.State != 0 {
		s += " state=" + m.State.String()
	}
	return s
}

// String is decimal for negative values and hexadecimal otherwise.
func (v EnumValue) String() string {
	if v.Signed && int64(v.Value) < 0 {
		return strconv.FormatInt(int64(v.Value), 10)
	}
	return "0x" + strconv.FormatUint(v.Value, 16)
}
