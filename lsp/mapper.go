package lsp

import (
	"bytes"
	"encoding/binary"
	"sort"
	"unicode/utf8"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// Positions in this program:
//
//   - below lsp: byte offsets into a file's content, [cindex.Span] for pairs;
//   - on the wire: protocol.Position, a line from 0 and a character from 0 that
//     counts UTF-8 bytes, UTF-16 code units or code points, as negotiated.
//
// This file is the only one that converts between them.
//
// A line ends with "\n", "\r\n" or a lone "\r", as LSP has it. A byte that is
// not UTF-8 counts as one unit in every encoding: editors show it as U+FFFD.

// encoding is what a character of a position counts.
type encoding uint8

const (
	utf16 encoding = iota // the protocol's default
	utf8s
	utf32
)

// negotiate takes the first of the client's encodings that we know.
func negotiate(offered []protocol.PositionEncodingKind) (encoding, protocol.PositionEncodingKind) {
	for _, kind := range offered {
		switch kind {
		case protocol.PositionEncodingKindUTF8:
			return utf8s, kind
		case protocol.PositionEncodingKindUTF16:
			return utf16, kind
		case protocol.PositionEncodingKindUTF32:
			return utf32, kind
		}
	}
	return utf16, protocol.PositionEncodingKindUTF16
}

// A mapper converts positions of one content. It is immutable, and so is the
// content from the moment that a mapper has it.
type mapper struct {
	content []byte
	enc     encoding
	starts  []int // byte offset of each line
	// plain says that the content is ASCII and has no "\r": every character is
	// one unit, every line ends with "\n". It may be false without need.
	plain bool
}

func newMapper(content []byte, enc encoding) *mapper {
	m := &mapper{content: content, enc: enc, plain: isPlain(content)}
	if m.plain {
		m.starts = appendStarts(make([]int, 1, 2+bytes.Count(content, []byte("\n"))), content, 0)
	} else {
		m.starts = lineStarts(content)
	}
	return m
}

// isPlain tells whether every byte is an ASCII character but "\r".
func isPlain(b []byte) bool {
	if bytes.IndexByte(b, '\r') >= 0 {
		return false
	}
	for ; len(b) >= 8; b = b[8:] {
		if binary.NativeEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendStarts adds the starts of the lines that end in text, which begins at
// base and has no "\r".
func appendStarts(starts []int, text []byte, base int) []int {
	for off := 0; ; {
		i := bytes.IndexByte(text[off:], '\n')
		if i < 0 {
			return starts
		}
		off += i + 1
		starts = append(starts, base+off)
	}
}

func lineStarts(b []byte) []int {
	starts := make([]int, 1, 2+bytes.Count(b, []byte("\n")))
	for i, c := range b {
		if c == '\n' || (c == '\r' && (i+1 == len(b) || b[i+1] != '\n')) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// replace gives the mapper of the content in which text stands for a span. A
// keystroke in a large document costs the copy of it and little else.
func (m *mapper) replace(span cindex.Span, text string) *mapper {
	content := make([]byte, 0, len(m.content)-(span.End-span.Start)+len(text))
	content = append(content, m.content[:span.Start]...)
	content = append(content, text...)
	content = append(content, m.content[span.End:]...)
	insert := content[span.Start : span.Start+len(text)]
	if !m.plain || !isPlain(insert) {
		return newMapper(content, m.enc)
	}
	first := sort.SearchInts(m.starts, span.Start+1) // of the line after the span's start
	next := sort.SearchInts(m.starts, span.End+1)    // of the line after its end
	starts := make([]int, first, len(m.starts)-(next-first)+bytes.Count(insert, []byte("\n")))
	copy(starts, m.starts)
	starts = appendStarts(starts, insert, span.Start)
	shift := len(content) - len(m.content)
	for _, start := range m.starts[next:] {
		starts = append(starts, start+shift)
	}
	return &mapper{content: content, enc: m.enc, starts: starts, plain: true}
}

// line gives a line's offset and its text without the line end; ok is false
// for a line that the content does not have.
func (m *mapper) line(n uint32) (start int, text []byte, ok bool) {
	if uint64(n) >= uint64(len(m.starts)) {
		return len(m.content), nil, false
	}
	start, end := m.starts[n], len(m.content)
	if int(n)+1 < len(m.starts) {
		end = m.starts[n+1]
	}
	text = m.content[start:end]
	text = bytes.TrimSuffix(text, []byte("\n"))
	text = bytes.TrimSuffix(text, []byte("\r"))
	return start, text, true
}

// PositionOffset gives the byte offset of a position. A character behind the
// end of its line means the line's end, a line behind the last one the end of
// the content, and a position inside a character the character's start.
func (m *mapper) PositionOffset(p protocol.Position) int {
	start, text, ok := m.line(p.Line)
	if !ok {
		return start
	}
	if m.plain {
		return start + int(min(uint64(p.Character), uint64(len(text))))
	}
	units := uint64(0)
	for i := 0; i < len(text); {
		r, width := utf8.DecodeRune(text[i:])
		units += uint64(m.units(r, width))
		if units > uint64(p.Character) {
			return start + i
		}
		i += width
	}
	return start + len(text)
}

// OffsetPosition gives the position of a byte offset. Offsets outside the
// content count as its nearest end, offsets inside a character or a line end
// as its start.
func (m *mapper) OffsetPosition(off int) protocol.Position {
	off = min(max(off, 0), len(m.content))
	n := sort.SearchInts(m.starts, off+1) - 1
	start, text, _ := m.line(uint32(n))
	col := min(off-start, len(text))
	if m.plain {
		return protocol.Position{Line: uint32(n), Character: uint32(col)}
	}
	units := 0
	for i := 0; i < col; {
		r, width := utf8.DecodeRune(text[i:])
		if i += width; i <= col {
			units += m.units(r, width)
		}
	}
	return protocol.Position{Line: uint32(n), Character: uint32(units)}
}

// units gives what a rune of so many bytes counts on the wire.
func (m *mapper) units(r rune, width int) int {
	switch {
	case m.enc == utf8s:
		return width
	case m.enc == utf16 && r > 0xffff:
		return 2
	}
	return 1
}

// RangeSpan gives the span of a range; a range whose end comes before its
// start means the text between the two.
func (m *mapper) RangeSpan(r protocol.Range) cindex.Span {
	a, b := m.PositionOffset(r.Start), m.PositionOffset(r.End)
	return cindex.Span{Start: min(a, b), End: max(a, b)}
}

// SpanRange gives the range of a span.
func (m *mapper) SpanRange(s cindex.Span) protocol.Range {
	return protocol.Range{Start: m.OffsetPosition(s.Start), End: m.OffsetPosition(s.End)}
}

// sameContent tells whether the mapper's content is these bytes.
func (m *mapper) sameContent(b []byte) bool {
	if len(b) > 0 && len(b) == len(m.content) && &b[0] == &m.content[0] {
		return true
	}
	return bytes.Equal(m.content, b)
}
