package lsp

import (
	"slices"
	"testing"
	"unicode/utf8"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

var encodings = map[encoding]string{utf8s: "utf-8", utf16: "utf-16", utf32: "utf-32"}

var mapperTexts = []string{
	"", "\n", "\r", "\r\n", "\n\r", "a", "ab\ncd", "ab\r\ncd\rü\n", "/* ü𝄞 */ x\n𝄞𝄞\r\n", "\r\r\n\n", "x\n\n\ny", "ü", "𝄞",
}

// checkMapper compares every offset of a text with the plain conversion, and
// converts it back.
func checkMapper(t *testing.T, text string) {
	t.Helper()
	for enc, name := range encodings {
		m := newMapper([]byte(text), enc)
		for off := 0; off <= len(text); off++ {
			if off < len(text) && !utf8.RuneStart(text[off]) {
				continue
			}
			got := m.OffsetPosition(off)
			want := lsptest.PositionAt(text, off, name)
			if int(got.Line) != want.Line || int(got.Character) != want.Character {
				t.Fatalf("%q %s: offset %d is %v, want %v", text, name, off, got, want)
			}
			inside := off > 0 && off < len(text) && text[off-1] == '\r' && text[off] == '\n'
			if back := m.PositionOffset(got); back != off && !inside {
				t.Fatalf("%q %s: %v is offset %d, want %d", text, name, got, back, off)
			}
		}
	}
}

func TestMapper(t *testing.T) {
	for _, text := range mapperTexts {
		checkMapper(t, text)
	}
}

func TestMapperOutside(t *testing.T) {
	const text = "/* ü𝄞 */\nab\n"
	for _, tt := range []struct {
		enc        encoding
		line, char uint32
		want       int
	}{
		{utf16, 0, 999, len("/* ü𝄞 */")},
		{utf16, 1, 3, len("/* ü𝄞 */\nab")},
		{utf16, 2, 7, len(text)},
		{utf16, 3, 0, len(text)},
		{utf16, 1 << 31, 1 << 31, len(text)},
		{utf16, 0, 5, len("/* ü")}, // between the surrogates of 𝄞
		{utf8s, 0, 4, len("/* ")},  // inside ü
		{utf32, 0, 5, len("/* ü𝄞")},
	} {
		m := newMapper([]byte(text), tt.enc)
		if got := m.PositionOffset(protocol.Position{Line: tt.line, Character: tt.char}); got != tt.want {
			t.Errorf("%s %d:%d is offset %d, want %d", encodings[tt.enc], tt.line, tt.char, got, tt.want)
		}
	}
	m := newMapper([]byte(text), utf16)
	for _, off := range []int{-1, len(text) + 1} {
		if p := m.OffsetPosition(off); m.PositionOffset(p) != min(max(off, 0), len(text)) {
			t.Errorf("offset %d is %v", off, p)
		}
	}
}

func TestMapperInvalidUTF8(t *testing.T) {
	const text = "a\xff\xc3b\n" // a header in Latin-1, say
	for enc, name := range encodings {
		m := newMapper([]byte(text), enc)
		if p := m.OffsetPosition(3); p.Character != 3 {
			t.Errorf("%s: b is at %v", name, p)
		}
	}
}

// TestMapperReplace compares the mapper after an edit with a fresh one.
func TestMapperReplace(t *testing.T) {
	for _, text := range append(mapperTexts, "one\ntwo\n\nthree", "\n\n\n") {
		for _, insert := range []string{"", "x", "\n", "a\nb\nc", "\r", "ü", "\r\n"} {
			for start := range len(text) + 1 {
				for end := start; end <= len(text); end++ {
					got := newMapper([]byte(text), utf16).replace(cindex.Span{Start: start, End: end}, insert)
					want := newMapper([]byte(text[:start]+insert+text[end:]), utf16)
					if string(got.content) != string(want.content) || !slices.Equal(got.starts, want.starts) || (got.plain && !want.plain) {
						t.Fatalf("%q[%d:%d] = %q: %+v, want %+v", text, start, end, insert, got, want)
					}
				}
			}
		}
	}
}

func FuzzMapper(f *testing.F) {
	for _, text := range mapperTexts {
		f.Add(text, uint32(0), uint32(1))
	}
	f.Fuzz(func(t *testing.T, text string, line, char uint32) {
		for enc := range encodings {
			m := newMapper([]byte(text), enc)
			off := m.PositionOffset(protocol.Position{Line: line, Character: char})
			if off < 0 || off > len(text) {
				t.Fatalf("%q: %d:%d is offset %d", text, line, char, off)
			}
			// What a position means, means itself.
			p := m.OffsetPosition(off)
			if again := m.PositionOffset(p); again != off {
				t.Fatalf("%q: %d is %v is %d", text, off, p, again)
			}
		}
		if utf8.ValidString(text) && len(text) < 300 {
			checkMapper(t, text)
		}
	})
}

func TestNegotiate(t *testing.T) {
	const u8, u16, u32 = protocol.PositionEncodingKindUTF8, protocol.PositionEncodingKindUTF16, protocol.PositionEncodingKindUTF32
	for _, tt := range []struct {
		offered []protocol.PositionEncodingKind
		want    protocol.PositionEncodingKind
	}{
		{nil, u16},
		{[]protocol.PositionEncodingKind{u8, u16}, u8},
		{[]protocol.PositionEncodingKind{u16, u8}, u16},
		{[]protocol.PositionEncodingKind{"utf-7", u32}, u32},
		{[]protocol.PositionEncodingKind{"utf-7"}, u16},
	} {
		if _, got := negotiate(tt.offered); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.offered, got, tt.want)
		}
	}
}
