package cindex

import (
	"bytes"
	"sort"
	"strings"
	"sync"
	"unsafe"
)

// A source is one version of one file, cut into pieces. It is immutable.
type source struct {
	file   *File
	pieces []placed
	// eagerFrom is where brackets stop to balance, -1 when they all do.
	eagerFrom int
	// defined holds the names of all macros that the file defines or
	// undefines anywhere: what the author manages is no switch of the build.
	defined *nameSet
	whole   *fileMemo // facts of the file as a header

	macroOnce sync.Once
	macroAt   map[*macro]Span // where the file's macros stand
}

// newSource cuts a file from scratch.
func newSource(path string, content []byte) *source {
	c := newCutter(path, newLexer(stringOf(content)))
	c.toks = make([]token, 0, len(content)/4+16)
	s := &source{file: newFile(path, content)}
	for i := 0; c.tok(i).kind != tEOF; {
		end, open, natural := c.piece(i)
		s.pieces = append(s.pieces, c.make(i, end, open, natural))
		i = end
	}
	s.eagerFrom = c.eagerFrom
	s.finish(nil)
	return s
}

func newFile(path string, content []byte) *File {
	return &File{Path: path, Content: content, Lines: NewLines(content)}
}

// stringOf views content as a string; content is never written to.
func stringOf(content []byte) string {
	return unsafe.String(unsafe.SliceData(content), len(content))
}

// A nameSet is a set of names; versions of a file share it while it does not
// change, so that pointers tell whether it did.
type nameSet struct{ names map[string]bool }

// finish fills in what follows from the pieces.
func (s *source) finish(prev *source) {
	s.whole = &fileMemo{}
	names := map[string]bool{}
	same := prev != nil
	s.eachDirective(func(d *directive) {
		if d.kind == dDefine || d.kind == dUndef {
			names[d.name] = true
			same = same && prev.defined.names[d.name]
		}
	})
	s.defined = &nameSet{names}
	if same && len(names) == len(prev.defined.names) {
		s.defined = prev.defined
	}
}

func (s *source) eachDirective(f func(*directive)) {
	for _, p := range s.pieces {
		if p.dir != nil {
			f(p.dir)
		}
		for _, d := range p.dirs {
			f(d)
		}
	}
}

// macroSpan tells where a macro's name stands in this version of the file.
func (s *source) macroSpan(m *macro) (Span, bool) {
	s.macroOnce.Do(func() {
		s.macroAt = map[*macro]Span{}
		for _, p := range s.pieces {
			for _, d := range append(p.dirs[:len(p.dirs):len(p.dirs)], p.dir) {
				if d != nil && d.macro != nil {
					s.macroAt[d.macro] = Span{p.at + int(d.at.start), p.at + int(d.at.end)}
				}
			}
		}
	})
	at, ok := s.macroAt[m]
	return at, ok
}

// edit makes the next version of the file. It cuts only what changed, and the
// result is that of newSource.
func (s *source) edit(content []byte) *source {
	old := s.file.Content
	pre := commonPrefix(old, content)
	if pre == len(old) && pre == len(content) {
		return s
	}
	suf := commonSuffix(old[pre:], content[pre:])
	next := &source{file: newFile(s.file.Path, content), eagerFrom: -1}
	keep := s.keep(pre)
	next.pieces = make([]placed, keep, len(s.pieces)+8)
	copy(next.pieces, s.pieces)
	start := 0
	if keep > 0 {
		start = s.pieces[keep-1].end()
	}
	r := recut{old: s, next: next, delta: len(content) - len(old), safe: len(content) - suf}
	r.run(start)
	next.finish(s)
	return next
}

// keep tells how many pieces at the front an edit at offset pre leaves as
// they are. The one before the edit is cut again: it may go on now.
func (s *source) keep(pre int) int {
	n := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].end() >= pre })
	n = max(n-1, 0)
	for n > 0 && (s.pieces[n-1].open || s.eagerFrom >= 0 && s.pieces[n-1].end() > s.eagerFrom) {
		n--
	}
	return n
}

// A recut is the cutting of what follows an edit.
type recut struct {
	old, next *source
	delta     int // what the edit adds to offsets behind it
	safe      int // offset in the new content from which on it equals the old
	c         *cutter
	oldAt     int // first old piece that may be met again
}

// run cuts from start until the old pieces fit again. The text is copied as it
// is needed, lest small pieces keep whole old versions alive.
func (r *recut) run(start int) {
	content := r.next.file.Content
	limit := min(len(content), r.safe+4<<10)
	for !r.try(start, limit) {
		limit = min(len(content), limit*4)
	}
}

// try cuts the text up to limit; false when that was not far enough to tell.
func (r *recut) try(start, limit int) bool {
	content := r.next.file.Content
	n := len(r.next.pieces)
	lex := newLexer(strings.Clone(stringOf(content[start:limit])))
	if start > 0 {
		lex.pos, lex.flags = 0, 0
	}
	r.c, r.oldAt = newCutter(r.next.file.Path, lex), 0
	for i := 0; ; {
		t := r.c.tok(i)
		if t.kind == tEOF {
			break
		}
		if old, all := r.met(t, start); all {
			return true
		} else if old != nil {
			r.next.pieces = append(r.next.pieces, placed{old, int(t.start) + start})
			end := t.start + uint32(len(old.src))
			for i < len(r.c.toks) && r.c.toks[i].start < end {
				i++
			}
			if i == len(r.c.toks) && !r.c.eof {
				lex.pos, lex.flags = int(end), 0
			}
			continue
		}
		end, open, natural := r.c.piece(i)
		if r.c.eof && limit < len(content) {
			r.next.pieces = r.next.pieces[:n]
			return false
		}
		p := r.c.make(i, end, open, natural)
		p.at += start
		r.next.pieces = append(r.next.pieces, r.unchanged(p))
		i = end
	}
	if limit < len(content) {
		r.next.pieces = r.next.pieces[:n]
		return false
	}
	if r.c.eagerFrom >= 0 {
		r.next.eagerFrom = r.c.eagerFrom + start
	}
	return true
}

// unchanged gives the old piece at the place of one before the edit, which is
// cut again only because it might have gone on.
func (r *recut) unchanged(p placed) placed {
	i := len(r.next.pieces)
	if i >= len(r.old.pieces) {
		return p
	}
	o := r.old.pieces[i]
	if o.at != p.at || o.src != p.src || o.open != p.open || o.natural != p.natural ||
		o.toks[0].flags != p.toks[0].flags {
		return p
	}
	return o
}

// met tells whether an old piece begins with token t. When both versions are
// in the same state there, all the rest is taken over; otherwise the piece
// alone, if it would be cut the same way in any state.
func (r *recut) met(t token, start int) (old *piece, all bool) {
	at := int(t.start) + start
	if at <= r.safe {
		return nil, false
	}
	pieces := r.old.pieces
	for r.oldAt < len(pieces) && pieces[r.oldAt].at+r.delta < at {
		r.oldAt++
	}
	if r.oldAt == len(pieces) || pieces[r.oldAt].at+r.delta != at {
		return nil, false
	}
	first := pieces[r.oldAt].toks[0]
	if first.flags&^fSpace != t.flags&^fSpace || first.kind != t.kind {
		return nil, false
	}
	if r.c.eager || r.old.eagerFrom >= 0 {
		if p := pieces[r.oldAt]; p.natural && !p.open {
			return p.piece, false
		}
		return nil, false
	}
	for _, p := range pieces[r.oldAt:] {
		r.next.pieces = append(r.next.pieces, placed{p.piece, p.at + r.delta})
	}
	return nil, true
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	const block = 4096
	i := 0
	for i+block <= n && bytes.Equal(a[i:i+block], b[i:i+block]) {
		i += block
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonSuffix(a, b []byte) int {
	n := min(len(a), len(b))
	a, b = a[len(a)-n:], b[len(b)-n:]
	const block = 4096
	i := 0
	for i+block <= n && bytes.Equal(a[n-i-block:n-i], b[n-i-block:n-i]) {
		i += block
	}
	for i < n && a[n-i-1] == b[n-i-1] {
		i++
	}
	return i
}
