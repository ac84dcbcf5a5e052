package syntax

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scx-lsp/scx-lsp/cindex"
)

var update = flag.Bool("update", false, "write the golden files")

// dump shows all facts of a file, one a line.
func dump(f *File) string {
	d := dumper{f: f, lines: cindex.NewLines(f.Content())}
	for _, decl := range f.Decls() {
		d.decl(decl)
	}
	for _, p := range f.pieces {
		for _, e := range p.errs {
			d.line("error %s", d.at(cindex.Span{Start: p.at + e.Start, End: p.at + e.End}))
		}
	}
	return d.b.String()
}

type dumper struct {
	b     strings.Builder
	f     *File
	lines *cindex.Lines
}

func (d *dumper) line(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

// at shows where a span is, and what it says if that is short.
func (d *dumper) at(s cindex.Span) string {
	if s == (cindex.Span{}) {
		return "-"
	}
	l, c := d.lines.OffsetLineCol(s.Start)
	m, e := d.lines.OffsetLineCol(s.End)
	if l == m {
		return fmt.Sprintf("%d:%d-%d", l+1, c+1, e+1)
	}
	return fmt.Sprintf("%d:%d-%d:%d", l+1, c+1, m+1, e+1)
}

func (d *dumper) text(s cindex.Span) string {
	return strings.Join(strings.Fields(d.f.text[s.Start:s.End]), " ")
}

func (d *dumper) decl(x Decl) {
	var extra []string
	add := func(ok bool, format string, args ...any) {
		if ok {
			extra = append(extra, fmt.Sprintf(format, args...))
		}
	}
	add(x.Section != "", "SEC(%s)", x.Section)
	add(x.Type != "", "of %s", x.Type)
	add(x.TypeSpan != (cindex.Span{}), "type=%q", d.text(x.TypeSpan))
	add(x.Wrapper != "", "by %s", x.Wrapper)
	add(x.Static, "static")
	add(x.Weak, "weak")
	add(x.Open, "open")
	add(x.Body != (cindex.Span{}), "body=%s", d.at(x.Body))
	d.line("%s %s %q at %s %s", d.at(x.Span), x.Kind, x.Name, d.at(x.NameSpan), strings.Join(extra, " "))
	for _, p := range x.Params {
		d.line("    param %q: %q", p.Name, d.text(p.TypeSpan))
	}
	for _, m := range x.Members {
		d.line("    member %q: %q", m.Name, d.text(m.TypeSpan))
	}
	for _, in := range x.Inits {
		d.line("    init %q = %q func %q", in.Member, d.text(in.ValueSpan), in.Func)
	}
	if x.Kind == KindFunc {
		d.body(x)
	}
}

func (d *dumper) body(x Decl) {
	for _, c := range d.f.CallsIn(x.Body) {
		var args []string
		for _, a := range c.Args {
			args = append(args, d.text(a))
		}
		open := ""
		if !c.Closed {
			open = " open"
		}
		d.line("    call %s %s [%s]%s", d.at(c.NameSpan), c.Name, strings.Join(args, " | "), open)
	}
	var by [8][]string
	for _, id := range d.f.Idents("") {
		if x.Span.Start <= id.Span.Start && id.Span.End <= x.Span.End && id.Role != RoleCall {
			by[id.Role] = append(by[id.Role], id.Name)
		}
	}
	for r, names := range by {
		if len(names) > 0 {
			d.line("    %s: %s", Role(r), strings.Join(names, " "))
		}
	}
	d.stmts(x)
}

func (d *dumper) stmts(x Decl) {
	for _, p := range d.f.pieces {
		for _, s := range p.stmts {
			st := d.f.stmt(p, s)
			if st.Span.Start < x.Span.Start || st.Span.End > x.Span.End {
				continue
			}
			flags := ""
			if st.InBlock {
				flags += " block"
			}
			if !st.Complete {
				flags += " open"
			}
			d.line("    stmt %s %s%s", d.at(st.Span), st.Kind, flags)
		}
	}
}

// TestGolden compares the facts of each fixture with what was reviewed.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.c")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(name, ".c")+".golden", dump(Parse(content)))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
