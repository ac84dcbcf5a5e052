package cindex

import "sort"

// SymbolKind tells what a name stands for.
type SymbolKind uint8

// Kinds of symbols, in the order in which Symbols lists them.
const (
	SymbolFunc  SymbolKind = iota // a function's definition
	SymbolMacro                   // a #define
	SymbolTable                   // an ops table
	SymbolVar                     // a global variable
	SymbolEnum                    // a constant of an enum
	SymbolType                    // a struct, union, enum or typedef; At is its name
	SymbolKsym                    // a __ksym or __kconfig declaration
	SymbolProto                   // a function's declaration
)

// A Symbol is a place that defines or declares a name.
type Symbol struct {
	Name string // of a tag with its keyword: "struct foo"
	Kind SymbolKind
	At   Loc // the name
}

// Symbols gives all definitions and declarations of a name in the unit's
// files, definitions first. A struct is found with and without its keyword.
func (u *Unit) Symbols(name string) []Symbol {
	if u.own == nil {
		return nil
	}
	f := finder{name: name, seen: map[Loc]bool{}}
	f.result(u.own.res)
	for _, file := range u.Files {
		if s := u.own.srcs[file.Path]; s != nil {
			f.macros(s)
		}
	}
	sort.SliceStable(f.out, func(i, j int) bool { return f.out[i].Kind < f.out[j].Kind })
	return f.out
}

// A finder collects the places of one name.
type finder struct {
	name string
	out  []Symbol
	seen map[Loc]bool
}

func (f *finder) result(r *fileResult) {
	for _, it := range r.items {
		if it.nested != nil {
			f.result(it.nested)
			continue
		}
		f.facts(r.src, it)
	}
}

func (f *finder) add(name string, kind SymbolKind, at Loc) {
	if (name == f.name || kind == SymbolType && tagName(name) == f.name) && !f.seen[at] {
		f.seen[at] = true
		f.out = append(f.out, Symbol{name, kind, at})
	}
}

func (f *finder) facts(src *source, it item) {
	fs := it.facts
	for _, fn := range fs.funcs {
		f.add(fn.name, SymbolFunc, loc(src, it.at, fn.at))
	}
	for _, t := range fs.tables {
		f.add(t.name, SymbolTable, loc(src, it.at, t.at))
	}
	for i := range fs.vars {
		f.add(fs.vars[i].name, SymbolVar, loc(src, it.at, fs.vars[i].at))
	}
	for i := range fs.enums {
		f.add(fs.enums[i].name, SymbolEnum, loc(src, it.at, fs.enums[i].at))
	}
	for i := range fs.tags {
		f.add(fs.tags[i].name, SymbolType, loc(src, it.at, fs.tags[i].at))
	}
	for i := range fs.externs {
		f.add(fs.externs[i].name, SymbolKsym, loc(src, it.at, fs.externs[i].at))
	}
	for i := range fs.protos {
		f.add(fs.protos[i].name, SymbolProto, loc(src, it.at, fs.protos[i].at))
	}
}

func (f *finder) macros(s *source) {
	if !s.defined.names[f.name] {
		return
	}
	for _, p := range s.pieces {
		for _, d := range append(p.dirs[:len(p.dirs):len(p.dirs)], p.dir) {
			if d != nil && d.macro != nil && !d.macro.undef && d.name == f.name {
				f.add(d.name, SymbolMacro, loc(s, p.at, Span{int(d.at.start), int(d.at.end)}))
			}
		}
	}
}

// References gives all places in the unit's files where an identifier is
// spelled name, in code and directives but not in comments and strings, in the
// order of Files.
func (u *Unit) References(name string) []Loc {
	if u.own == nil || name == "" {
		return nil
	}
	hash := identHash(name)
	var out []Loc
	for _, file := range u.Files {
		s := u.own.srcs[file.Path]
		if s == nil {
			continue
		}
		for _, p := range s.pieces {
			out = p.references(out, s, hash, name)
		}
	}
	return out
}

func (p placed) references(out []Loc, s *source, hash uint32, name string) []Loc {
	for _, t := range p.toks {
		if t.kind == tIdent && t.hash == hash && p.text(t) == name {
			out = append(out, loc(s, p.at, Span{int(t.start), int(t.end)}))
		}
	}
	for _, d := range append(p.dirs[:len(p.dirs):len(p.dirs)], p.dir) {
		if d == nil {
			continue
		}
		if d.macro != nil && d.hash == hash && d.name == name {
			out = append(out, loc(s, p.at, Span{int(d.at.start), int(d.at.end)}))
		}
		for _, t := range d.toks {
			if t.kind == tIdent && t.hash == hash && d.text(t) == name {
				out = append(out, loc(s, p.at, Span{int(t.start), int(t.end)}))
			}
		}
	}
	return out
}
