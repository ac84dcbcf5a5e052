package syntax

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// check holds the promise about spans: within the file, and in order.
func check(t *testing.T, f *File) {
	t.Helper()
	size := len(f.content)
	in := func(what string, s, outer cindex.Span) {
		if s == (cindex.Span{}) {
			return
		}
		if s.Start < outer.Start || s.End < s.Start || s.End > outer.End {
			t.Fatalf("%s %v is not within %v of %q", what, s, outer, clip(f.text))
		}
	}
	whole := cindex.Span{Start: 0, End: size}
	end := 0
	for _, p := range f.pieces {
		if p.at < end {
			t.Fatalf("piece at %d begins before %d in %q", p.at, end, clip(f.text))
		}
		end = p.end()
	}
	last := 0
	for _, id := range f.Idents("") {
		in("identifier", id.Span, whole)
		if id.Span.Start < last || int(id.Role) >= len(roleNames) {
			t.Fatalf("identifier %v is out of order or without role in %q", id, clip(f.text))
		}
		last = id.Span.End
	}
	for _, d := range f.Decls() {
		in("declaration", d.Span, whole)
		checkDecl(d, in)
	}
	for i, c := range f.Calls("") {
		in("call", c.Span, whole)
		for _, a := range c.Args {
			in("argument", a, c.Span)
		}
		if i > 1000 {
			break // the arguments of nested calls are nested, too
		}
	}
	checkStmts(f, in)
}

func checkDecl(d Decl, in func(string, cindex.Span, cindex.Span)) {
	for _, s := range []cindex.Span{d.NameSpan, d.SectionSpan, d.TypeSpan, d.Body} {
		in(d.Kind.String()+" "+clip(d.Name), s, d.Span)
	}
	for _, p := range d.Params {
		in("parameter", p.NameSpan, d.Span)
		in("parameter type", p.TypeSpan, d.Span)
	}
	for _, m := range d.Members {
		in("member", m.NameSpan, d.Span)
		in("member type", m.TypeSpan, d.Span)
	}
	for _, i := range d.Inits {
		in("initialiser", i.Span, d.Span)
		in("initialised member", i.MemberSpan, i.Span)
		in("value", i.ValueSpan, i.Span)
		in("function", i.FuncSpan, i.Span)
	}
}

func checkStmts(f *File, in func(string, cindex.Span, cindex.Span)) {
	for _, p := range f.pieces {
		last := uint32(0)
		for _, s := range p.stmts {
			in("statement", p.span(s.start, s.end), cindex.Span{Start: p.at, End: p.end()})
			if s.start < last {
				panic("statements are out of order")
			}
			last = s.start
		}
	}
}

func clip(s string) string {
	if len(s) > 300 {
		return s[:300]
	}
	return s
}

// queries asks everything about an offset.
func queries(t *testing.T, f *File, off int) {
	t.Helper()
	size := len(f.content)
	in := func(s cindex.Span) {
		if s.Start < 0 || s.End < s.Start || s.End > size {
			t.Fatalf("at %d of %q: span %v", off, clip(f.text), s)
		}
	}
	if d, ok := f.DeclAt(off); ok {
		in(d.Span)
		in(f.Doc(d))
	}
	if d, ok := f.FuncAt(off); ok {
		in(d.Body)
	}
	if c, arg, ok := f.CallAt(off); ok {
		in(c.Span)
		if arg < 0 {
			t.Fatalf("argument %d", arg)
		}
	}
	if s, ok := f.StmtAt(off); ok {
		in(s.Span)
		in(s.Indent)
	}
	if d, i, _, ok := f.InitAt(off); ok {
		in(d.Span)
		in(i.Span)
	}
	if id, ok := f.IdentAt(off); ok && (off < id.Span.Start || off > id.Span.End) {
		t.Fatalf("%v is not at %d", id, off)
	}
	_, s := f.PlaceAt(off)
	in(s)
}

func seeds(f *testing.F) []string {
	var out []string
	files, _ := filepath.Glob("testdata/*.c")
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, string(content))
	}
	return out
}

// FuzzParse: any text is read, and every span of the answers is within it.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, 100)
	}
	f.Add("({", 1)
	f.Fuzz(func(t *testing.T, src string, off int) {
		if len(src) > 1<<16 {
			return
		}
		file := Parse([]byte(src))
		check(t, file)
		queries(t, file, off)
		for i := 0; i <= len(src); i += 1 + len(src)/64 {
			queries(t, file, i)
		}
	})
}

// FuzzCache: after any edits, facts from a cache are those of a fresh parse.
func FuzzCache(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, []byte{byte(i), 7, '}', 90, 3, 0, 200, 0, '{', byte(3 * i), 40, '"', 17, 200, '\n'})
	}
	f.Fuzz(func(t *testing.T, src string, edits []byte) {
		if len(src) > 1<<14 || len(edits) > 60 {
			return
		}
		cache := NewCache(1 << 18)
		text := []byte(src)
		for {
			if got, want := cache.Parse(text), Parse(text); !same(got, want) {
				t.Fatalf("cached:\n%s\nfresh:\n%s\nof %q", dump(got), dump(want), text)
			}
			if len(edits) < 3 {
				return
			}
			text = edit(text, edits[0], edits[1], edits[2])
			edits = edits[3:]
		}
	})
}

// edit deletes a few bytes somewhere, and inserts one.
func edit(text []byte, at, del, ins byte) []byte {
	i := len(text) * int(at) / 256
	n := min(int(del)%16, len(text)-i)
	out := append([]byte(nil), text[:i]...)
	if ins != 0 {
		out = append(out, ins)
	}
	return append(out, text[i+n:]...)
}

func same(a, b *File) bool {
	if len(a.pieces) != len(b.pieces) {
		return false
	}
	for i := range a.pieces {
		if a.pieces[i].loose || b.pieces[i].loose {
			continue // a machine that stood still for seconds
		}
		if a.pieces[i].at != b.pieces[i].at || !reflect.DeepEqual(a.pieces[i].piece, b.pieces[i].piece) {
			return false
		}
	}
	return true
}
