package lsp

import (
	"sort"
	"strings"
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

// A mapper converts positions of one content. It is immutable.
type mapper struct {
	content string
	enc     encoding
	starts  []int // byte offset of each line
	ascii   bool  // every character is one unit in every encoding
}

func newMapper(content string, enc encoding) *mapper {
	return &mapper{content: content, enc: enc, starts: lineStarts(content), ascii: isASCII(content)}
}

func lineStarts(s string) []int {
	starts := make([]int, 1, 1+strings.Count(s, "\n"))
	if strings.IndexByte(s, '\r') < 0 {
		for off := 0; ; {
			i := strings.IndexByte(s[off:], '\n')
			if i < 0 {
				return starts
			}
			off += i + 1
			starts = append(starts, off)
		}
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' || (s[i] == '\r' && (i+1 == len(s) || s[i+1] != '\n')) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// line gives a line's offset and its text without the line end; ok is false
// for a line that the content does not have.
func (m *mapper) line(n uint32) (start int, text string, ok bool) {
	if uint64(n) >= uint64(len(m.starts)) {
		return len(m.content), "", false
	}
	start, end := m.starts[n], len(m.content)
	if int(n)+1 < len(m.starts) {
		end = m.starts[n+1]
	}
	text = m.content[start:end]
	text = strings.TrimSuffix(text, "\n")
	text = strings.TrimSuffix(text, "\r")
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
	if m.ascii {
		return start + int(min(uint64(p.Character), uint64(len(text))))
	}
	units := uint64(0)
	for i, r := range text {
		units += uint64(m.units(r, text[i:]))
		if units > uint64(p.Character) {
			return start + i
		}
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
	if m.ascii {
		return protocol.Position{Line: uint32(n), Character: uint32(col)}
	}
	units := 0
	for i, r := range text {
		if i >= col || i+m.width(r, text[i:]) > col {
			break
		}
		units += m.units(r, text[i:])
	}
	return protocol.Position{Line: uint32(n), Character: uint32(units)}
}

// width gives the bytes of the rune that s starts with.
func (m *mapper) width(r rune, s string) int {
	if r == utf8.RuneError {
		_, w := utf8.DecodeRuneInString(s)
		return w
	}
	return utf8.RuneLen(r)
}

// units gives what the rune that s starts with counts on the wire.
func (m *mapper) units(r rune, s string) int {
	switch {
	case m.enc == utf8s:
		return m.width(r, s)
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
	return len(m.content) == len(b) && m.content == string(b)
}
