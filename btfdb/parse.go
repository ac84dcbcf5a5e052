package btfdb

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// FormatVersion is the first line of a data file. A file of a newer format is
// refused rather than half understood.
const FormatVersion = 1

// maxData bounds a data file. The largest embedded one is below 200 KiB.
const maxData = 8 << 20

// record is one fact: a line, and the text of the indented lines below it.
type record struct {
	line int
	key  string
	args []string
	body string
}

// ParseFacts reads a data file. The error names the line.
func ParseFacts(text string) (*Facts, error) {
	if len(text) > maxData {
		return nil, fmt.Errorf("kernel facts: %d bytes, more than %d", len(text), maxData)
	}
	f := &Facts{}
	seen := false
	words := make([]string, 0, 16) // shared by all records: nobody keeps them
	for rest, line := text, 1; rest != ""; {
		var r record
		var err error
		start := line
		r, rest, line, err = nextRecord(rest, line, words)
		if err == nil && r.key != "" {
			if !seen && r.key != "format" {
				err = errors.New(`no "format" line`)
			} else {
				seen = true
				err = f.add(r)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("kernel facts: line %d: %w", start, err)
		}
	}
	if f.Build == "" || f.Release == "" {
		return nil, errors.New(`kernel facts: no "build" or no "release" line`)
	}
	return f, nil
}

// nextRecord cuts the first record off text. Comments and blank lines come
// back as a record without a key. The record's words are in words.
func nextRecord(text string, line int, words []string) (r record, rest string, next int, err error) {
	head, rest, _ := strings.Cut(text, "\n")
	next = line + 1
	switch {
	case head == "" || head[0] == '#':
		return r, rest, next, nil
	case head[0] == '\t':
		return r, rest, next, errors.New("continues nothing")
	}
	r.line = line
	r.args = words[:0]
	for word := range strings.FieldsSeq(head) {
		r.args = append(r.args, word)
	}
	if len(r.args) == 0 {
		return r, rest, next, errors.New("blank line with spaces")
	}
	r.key, r.args = r.args[0], r.args[1:]
	for strings.HasPrefix(rest, "\t") {
		var more string
		more, rest, _ = strings.Cut(rest[1:], "\n")
		next++
		if r.body == "" {
			r.body = more
		} else {
			r.body += " " + more
		}
	}
	return r, rest, next, nil
}

// parsers say how each kind of record is read, and how many words it has.
var parsers = map[string]struct {
	words int // at least
	add   func(*Facts, record) error
}{
	"format":       {1, addFormat},
	"build":        {1, func(f *Facts, r record) error { f.Build = r.args[0]; return nil }},
	"release":      {1, func(f *Facts, r record) error { f.Release = r.args[0]; return nil }},
	"origin":       {1, func(f *Facts, r record) error { f.Origin.Kind = r.args[0]; return nil }},
	"banner":       {0, func(f *Facts, r record) error { f.Origin.Banner = r.body; return nil }},
	"package":      {1, func(f *Facts, r record) error { f.Origin.Package = strings.Join(r.args, " "); return nil }},
	"image-sha256": {1, func(f *Facts, r record) error { f.Origin.SHA256 = r.args[0]; return nil }},
	"generator":    {1, func(f *Facts, r record) error { f.Origin.Generator = r.args[0]; return nil }},
	"borrowed":     {1, func(f *Facts, r record) error { f.Origin.Borrowed = r.args[0]; return nil }},
	"btf-sha1":     {1, func(f *Facts, r record) error { f.BTFSHA1 = r.args[0]; return nil }},
	"scope":        {1, addScope},
	"note":         {0, func(f *Facts, r record) error { f.Notes = append(f.Notes, r.body); return nil }},
	"enforcement":  {1, addEnforcement},
	"prog":         {2, addProg},
	"filter":       {1, addFilter},
	"set":          {2, addSet},
	"kfunc":        {3, addKfunc},
	"ops":          {2, addOps},
	"member":       {4, addMember},
	"enum":         {3, addEnum},
	"struct":       {1, addStruct},
}

func (f *Facts) add(r record) error {
	p, ok := parsers[r.key]
	if !ok {
		return fmt.Errorf("unknown fact %q", r.key)
	}
	if len(r.args) < p.words {
		return fmt.Errorf("%s: %d words, want %d", r.key, len(r.args), p.words)
	}
	if err := p.add(f, r); err != nil {
		return fmt.Errorf("%s %s: %w", r.key, strings.Join(r.args[:p.words], " "), err)
	}
	return nil
}

func addFormat(_ *Facts, r record) error {
	if r.args[0] != strconv.Itoa(FormatVersion) {
		return fmt.Errorf("this program reads format %d", FormatVersion)
	}
	return nil
}

func addEnforcement(f *Facts, r record) error {
	switch r.args[0] {
	case "verifier":
		f.Enforcement = EnforceVerifier
	case "runtime":
		f.Enforcement = EnforceRuntime
	default:
		return errors.New("want verifier or runtime")
	}
	return nil
}

func addScope(f *Facts, r record) error {
	if f.Scope = r.args[0]; f.Scope != "scx" {
		return errors.New("want scx")
	}
	return nil
}

func addProg(f *Facts, r record) error {
	h, err := HooksByName(r.args[1])
	f.Progs = append(f.Progs, ProgHook{Prog: r.args[0], Hook: h})
	return err
}

func addFilter(f *Facts, r record) error {
	f.Filters = append(f.Filters, Filter{Name: r.args[0], Sets: strings.Fields(r.body)})
	return nil
}

func addSet(f *Facts, r record) error {
	s := Set{Name: r.args[0], Known: true}
	switch r.args[1] {
	case "plain":
		s.Plain = true
	case "?":
		s.Known = false
	default:
		h, err := HooksByName(r.args[1])
		if err != nil {
			return err
		}
		s.Hooks = h
	}
	if len(r.args) > 2 {
		s.Filter = r.args[2]
	}
	f.Sets = append(f.Sets, s)
	return nil
}

func addKfunc(f *Facts, r record) error {
	k := &Kfunc{Name: r.args[0], Proto: r.body}
	if r.args[1] != "-" {
		k.Sets = strings.Split(r.args[1], ",")
	}
	for rest, more := r.args[2], r.args[2] != "-"; more; {
		var name string
		name, rest, more = strings.Cut(rest, "|")
		bit, ok := FlagByName(name)
		if !ok {
			return fmt.Errorf("unknown flag %q", name)
		}
		k.Flags |= bit
	}
	for _, a := range r.args[3:] {
		if err := k.attr(a); err != nil {
			return err
		}
	}
	f.Kfuncs = append(f.Kfuncs, k)
	return nil
}

func (k *Kfunc) attr(a string) (err error) {
	switch name, val, _ := strings.Cut(a, "="); name {
	case "accept":
		k.Accept, err = StateByName(val)
	case "broken":
		k.Broken = true
	default:
		err = fmt.Errorf("unknown attribute %q", a)
	}
	return err
}

func addOps(f *Facts, r record) error {
	size, err := strconv.ParseUint(r.args[1], 10, 32)
	f.Ops = append(f.Ops, OpsType{Name: r.args[0], Size: uint32(size)})
	return err
}

// maxOffset bounds a member's offset. The largest struct_ops type of 7.3 has
// 2 KiB.
const maxOffset = 1 << 16

func addMember(f *Facts, r record) error {
	m := &Member{Ops: r.args[0], Name: r.args[2], Proto: r.body}
	moff, err := strconv.ParseUint(r.args[1], 10, 32)
	if err != nil {
		return err
	}
	if m.Moff = uint32(moff); moff > maxOffset {
		return fmt.Errorf("offset %d: more than %d", moff, maxOffset)
	}
	switch r.args[3] {
	case "func":
		m.Func = true
	case "data":
	default:
		return fmt.Errorf("kind %q: want func or data", r.args[3])
	}
	for _, a := range r.args[4:] {
		if err := m.attr(a); err != nil {
			return err
		}
	}
	f.Members = append(f.Members, m)
	return nil
}

func (m *Member) attr(a string) (err error) {
	switch name, val, _ := strings.Cut(a, "="); name {
	case "sleep":
		m.SleepKnown, m.Sleepable = true, val == "may"
		if val != "may" && val != "no" {
			err = fmt.Errorf("sleep=%q: want may or no", val)
		}
	case "nostub":
		m.NoStub = true
	case "allow":
		m.Allow = strings.Split(val, "|")
	case "state":
		m.State, err = StateByName(val)
	default:
		err = fmt.Errorf("unknown attribute %q", a)
	}
	return err
}

func addEnum(f *Facts, r record) error {
	name := r.args[0]
	if name == "-" {
		name = ""
	}
	v := EnumValue{Name: r.args[1]}
	var err error
	if v.Signed = strings.HasPrefix(r.args[2], "-"); v.Signed {
		var n int64
		n, err = strconv.ParseInt(r.args[2], 0, 64)
		v.Value = uint64(n)
	} else {
		v.Value, err = strconv.ParseUint(r.args[2], 0, 64)
	}
	if n := len(f.Enums); n == 0 || f.Enums[n-1].Name != name {
		f.Enums = append(f.Enums, Enum{Name: name})
	}
	e := &f.Enums[len(f.Enums)-1]
	e.Values = append(e.Values, v)
	return err
}

func addStruct(f *Facts, r record) error {
	f.Structs = append(f.Structs, Struct{Name: r.args[0], Fields: strings.Fields(r.body)})
	return nil
}
