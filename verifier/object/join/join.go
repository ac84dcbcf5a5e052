// Package join brings together what is found in sources and in the object that
// was built from them: for an editor, the findings of the object at the lines of
// the sources; for a person, where the two passes disagree, and why.
//
// What an object says holds for the sources that it was built from. Its line
// information brings the text of every line with code along, and a file with
// another text at one of these is another version: nothing is said of it.
package join

import (
	"path"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// A Built is a judged object that sources can be held against. It is immutable.
type Built struct {
	Result *object.Result
	lines  map[string]map[int]string
	calls  map[string]bool // kfuncs that the object refers to, by the kernel's name
}

// New prepares the result of a check.
func New(res *object.Result) *Built {
	b := &Built{Result: res, lines: res.Object.Lines(), calls: map[string]bool{}}
	for _, x := range res.Object.Externs {
		b.calls[x.Kernel()] = true
	}
	return b
}

// A match is a file of the object among those of a unit.
type match struct {
	file  *cindex.File
	fresh bool // it holds what was compiled
}

// match finds the files of the object, by the object's names of them. A name
// may be relative to a folder that nobody knows: the file whose path has the
// most in common with it at its end is meant, one that was compiled first.
func (b *Built) match(files []*cindex.File) map[string]match {
	out := map[string]match{}
	for name, lines := range b.lines {
		var best match
		common := 0
		for _, f := range files {
			n := commonEnd(name, f.Path)
			if n == 0 || n < common {
				continue
			}
			m := match{f, holds(f, lines)}
			if n > common || m.fresh && !best.fresh {
				best, common = m, n
			}
		}
		if best.file != nil {
			out[name] = best
		}
	}
	return out
}

// commonEnd counts the names that two paths have in common at their ends; 0
// when one of them says that it is another file.
func commonEnd(a, b string) int {
	x, y := strings.Split(path.Clean(a), "/"), strings.Split(path.Clean(b), "/")
	slices.Reverse(x)
	slices.Reverse(y)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] && x[n] != ".." {
		n++
	}
	return n
}

// holds tells whether a file has all the lines.
func holds(f *cindex.File, lines map[int]string) bool {
	for n, text := range lines {
		if n < 1 {
			continue // code of no line, which clang makes
		}
		at := f.Lines.LineSpan(n - 1)
		if strings.TrimSpace(string(f.Content[at.Start:at.End])) != strings.TrimSpace(text) {
			return false
		}
	}
	return true
}

// Fresh tells whether code of the object is from a file, and whether all files
// that it has code from hold what was compiled.
func (b *Built) Fresh(main *cindex.File, files []*cindex.File) bool {
	seen := false
	for _, m := range b.match(files) {
		if !m.fresh {
			return false
		}
		seen = seen || m.file == main
	}
	return seen
}

// Findings gives what the object shows of a unit and the source pass did not
// find, at the lines of the unit. An object that was not built from the unit as
// it is shows nothing.
func (b *Built) Findings(u *cindex.Unit, found []verifier.Finding) []verifier.Finding {
	if !b.Fresh(u.Main, u.Files) {
		return nil
	}
	files := b.match(u.Files)
	known := map[key]bool{}
	for _, f := range found {
		known[keyOf(f)] = true
	}
	var out []verifier.Finding
	for _, f := range b.Result.Findings {
		f, ok := move(f, files)
		if ok && !known[keyOf(f)] {
			out = append(out, f)
		}
	}
	return out
}

// move brings a finding from the lines of the object to those of sources.
// Steps of the chain in files that are not there are left out.
func move(f verifier.Finding, files map[string]match) (verifier.Finding, bool) {
	at, ok := moveLoc(f.At, files)
	if !ok {
		return f, false
	}
	f.At = at
	var chain []verifier.Step
	for _, s := range f.Chain {
		if s.At, ok = moveLoc(s.At, files); ok {
			chain = append(chain, s)
		}
	}
	f.Chain = chain
	f.Notes = slices.Clone(f.Notes)
	for i := range f.Notes {
		if n := &f.Notes[i]; n.At.File != nil {
			n.At, _ = moveLoc(n.At, files)
		}
	}
	return f, true
}

func moveLoc(at cindex.Loc, files map[string]match) (cindex.Loc, bool) {
	m := files[at.File.Path]
	if m.file == nil {
		return cindex.Loc{}, false
	}
	line, col := at.File.Lines.OffsetLineCol(at.Span.Start)
	span := m.file.Lines.LineSpan(line)
	start := min(span.Start+col, span.End)
	end := min(start+at.Span.End-at.Span.Start, span.End)
	return cindex.Loc{File: m.file, Span: cindex.Span{Start: start, End: end}}, true
}
