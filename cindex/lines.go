package cindex

import "sort"

// Lines maps byte offsets of one file to lines and back. Lines and columns
// count from 0; columns are bytes. A line ends with "\n"; a "\r" before it
// belongs to the line.
type Lines struct {
	starts []int
	size   int
}

// NewLines makes the line table of content.
func NewLines(content []byte) *Lines {
	l := &Lines{starts: []int{0}, size: len(content)}
	for i, c := range content {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// Count gives the number of lines; an empty file has one.
func (l *Lines) Count() int { return len(l.starts) }

// OffsetLineCol gives line and column of a byte offset; offsets outside the
// file count as its nearest end.
func (l *Lines) OffsetLineCol(off int) (line, col int) {
	off = min(max(off, 0), l.size)
	line = sort.SearchInts(l.starts, off+1) - 1
	return line, off - l.starts[line]
}

// LineSpan gives the span of a line, with its line end.
func (l *Lines) LineSpan(line int) Span {
	if line < 0 || line >= len(l.starts) {
		return Span{l.size, l.size}
	}
	if line+1 == len(l.starts) {
		return Span{l.starts[line], l.size}
	}
	return Span{l.starts[line], l.starts[line+1]}
}
