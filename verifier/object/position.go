package object

import (
	"bytes"
	"slices"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A pos is a place in a source as the object names it; lines and columns
// count from 1, 0 stands for not known.
type pos struct {
	file      string
	line, col int
}

// maxLine bounds the lines of a file that a crafted object can make us
// believe in.
const maxLine = 1 << 20

func (p pos) clamp() pos {
	p.line, p.col = min(max(p.line, 1), maxLine), min(max(p.col, 1), 1<<10)
	return p
}

// sources makes files out of the lines that the object brings along in
// .BTF.ext: what was compiled, which the file on disk may no longer be. Lines
// that the object does not have are filled with NUL as far as a position
// needs them.
type sources struct {
	o     *Object
	need  map[string]map[int]int // column by line, by file
	files map[string]*cindex.File
}

func (o *Object) newSources() *sources {
	return &sources{o: o, need: map[string]map[int]int{}, files: map[string]*cindex.File{}}
}

// want announces a position; all must be announced before loc is called.
func (s *sources) want(p pos) {
	p = p.clamp()
	m := s.need[p.file]
	if m == nil {
		m = map[int]int{}
		s.need[p.file] = m
	}
	m[p.line] = max(m[p.line], p.col)
}

// loc gives a position as the rest of the program knows them: the identifier
// that begins there.
func (s *sources) loc(p pos) cindex.Loc {
	p = p.clamp()
	f := s.files[p.file]
	if f == nil {
		f = s.build(p.file)
		s.files[p.file] = f
	}
	start := f.Lines.LineSpan(p.line-1).Start + p.col - 1
	end := start
	for end < len(f.Content) && isWord(f.Content[end]) {
		end++
	}
	return cindex.Loc{File: f, Span: cindex.Span{Start: start, End: max(end, min(start+1, len(f.Content)))}}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (s *sources) build(path string) *cindex.File {
	lines := map[int]string{}
	last := 1
	for n := range s.need[path] {
		last = max(last, n)
		lines[n] = ""
	}
	for _, c := range s.o.code {
		for _, l := range c.lines {
			if _, ok := lines[int(l.line)]; ok && l.file == path {
				lines[int(l.line)] = l.text
			}
		}
	}
	var b bytes.Buffer
	at := 1
	for _, n := range sortedKeys(lines) {
		b.Write(bytes.Repeat([]byte("\n"), n-at))
		at = n
		b.WriteString(lines[n])
		if pad := s.need[path][n] - len(lines[n]); pad > 0 {
			b.Write(bytes.Repeat([]byte{0}, pad))
		}
	}
	b.Write(bytes.Repeat([]byte("\n"), last-at+1))
	content := b.Bytes()
	return &cindex.File{Path: path, Content: content, Lines: cindex.NewLines(content)}
}

// A frame is a function on the way to an instruction: the one that the code
// is in, or one that was inlined there.
type frame struct {
	fn string
	at pos // what it does: the call of the next frame, or the instruction
}

// frames lists the functions that an instruction is in, outermost first.
func (o *Object) frames(f *fn, slot int) []frame {
	line, ok := f.code.lineAt(slot)
	at := pos{file: o.Name, line: 1, col: 1}
	if ok {
		at = pos{line.file, int(line.line), int(line.col)}
	}
	out := []frame{{fn: f.name}}
	if ok {
		for _, in := range o.inlinedAt(f.code.index, slot) {
			out[len(out)-1].at = in.call
			out = append(out, frame{fn: in.name})
		}
	}
	out[len(out)-1].at = at
	return foldBody(out)
}

// foldBody joins the two functions that BPF_PROG() makes of one: the entry
// NAME, and ____NAME with the body.
func foldBody(fs []frame) []frame {
	for i := 1; i < len(fs); i++ {
		if fs[i].fn == "____"+fs[i-1].fn {
			fs[i].fn = fs[i-1].fn
			fs = slices.Delete(fs, i-1, i)
			i--
		}
	}
	return fs
}
