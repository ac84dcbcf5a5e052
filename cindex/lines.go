package cindex

import (
	"bytes"
	"sort"
)

var newline = []byte{'\n'}

// Lines maps byte offsets of one file to lines and back. Lines and columns
// count from 0; columns are bytes. A line ends with "\n"; a "\r" before it
// belongs to the line.
type Lines struct {
	starts []int32
	size   int
}

// NewLines makes the line table of content.
func NewLines(content []byte) *Lines {
	l := &Lines{starts: make([]int32, 1, 1+bytes.Count(content, newline)), size: len(content)}
	for at := 0; ; {
		n := bytes.IndexByte(content[at:], '\n')
		if n < 0 {
			return l
		}
		at += n + 1
		l.starts = append(l.starts, int32(at))
	}
}

// Count gives the number of lines; an empty file has one.
func (l *Lines) Count() int { return len(l.starts) }

// OffsetLineCol gives line and column of a byte offset; offsets outside the
// file count as its nearest end.
func (l *Lines) OffsetLineCol(off int) (line, col int) {
	off = min(max(off, 0), l.size)
	line = sort.Search(len(l.starts), func(i int) bool { return int(l.starts[i]) > off }) - 1
	return line, off - int(l.starts[line])
}

// LineSpan gives the span of a line, with its line end.
func (l *Lines) LineSpan(line int) Span {
	if line < 0 || line >= len(l.starts) {
		return Span{l.size, l.size}
	}
	if line+1 == len(l.starts) {
		return Span{int(l.starts[line]), l.size}
	}
	return Span{int(l.starts[line]), int(l.starts[line+1])}
}
