package cindex

import "strings"

type tokKind uint8

const (
	tEOF tokKind = iota
	tIdent
	tNumber
	tString
	tChar
	tPunct
	tDirective // a whole directive line; token.hash is its index in piece.dirs
)

type tokFlags uint8

const (
	fSpace   tokFlags = 1 << iota // blanks before it
	fBOL                          // first on its line
	fCol0                         // at column 0
	fSplice                       // holds a backslash-newline
	fNoExp                        // the name of a macro that must not expand any more
	fArg                          // came in through a macro's argument
	fSecond                       // in an arm of #if that is taken only if the build defines something
	fComment                      // a comment before it
)

// A token of a file. Offsets count from the start of its piece.
type token struct {
	start, end uint32
	// hash is identHash of an identifier and the bytes of a punctuator.
	hash  uint32
	kind  tokKind
	flags tokFlags
}

// A ptok is a token after preprocessing.
type ptok struct {
	text  string
	via   *viaNode // the macro that it came out of, nil when the author wrote it here
	start uint32   // what the author sees: the token, or the outermost macro's name
	end   uint32
	hash  uint32
	kind  tokKind
	flags tokFlags
}

func (t *ptok) is(p uint32) bool { return t.kind == tPunct && t.hash == p }

func (t *ptok) span() Span { return Span{int(t.start), int(t.end)} }

// A viaNode is a macro and the expansion that it is part of.
type viaNode struct {
	m      *macro
	parent *viaNode
}

func identHash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// punct gives the hash of a punctuator: its bytes, first one highest.
func punct(s string) uint32 {
	var h uint32
	for i := 0; i < len(s); i++ {
		h = h<<8 | uint32(s[i])
	}
	return h
}

// textOf gives the spelling of a token of src, without line splices.
func textOf(src string, t token) string {
	s := src[t.start:t.end]
	if t.flags&fSplice != 0 {
		s = unsplice(s)
	}
	return s
}

func unsplice(s string) string {
	s = strings.ReplaceAll(s, "\\\r\n", "")
	return strings.ReplaceAll(s, "\\\n", "")
}
