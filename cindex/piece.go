package cindex

import "sync/atomic"

// A piece is one top-level declaration of a file, or one directive between
// declarations. It is immutable but for its memo, and knows nothing of where
// it stands: all offsets count from its own start.
type piece struct {
	src  string
	toks []token
	dirs []*directive // directives in the middle of the declaration, by token.hash
	dir  *directive   // the directive that the piece is, else nil
	// open tells that the declaration goes on in the next piece that is not a
	// directive: an #endif or so stands in the middle of it.
	open bool
	// natural tells that the piece would be cut the same way in a file with
	// unbalanced brackets.
	natural bool
	memo    atomic.Pointer[[]*memo]
}

func (p *piece) text(t token) string { return textOf(p.src, t) }

// Punctuators by their hash.
const (
	pLParen = '('
	pRParen = ')'
	pLBrack = '['
	pRBrack = ']'
	pLBrace = '{'
	pRBrace = '}'
	pSemi   = ';'
	pComma  = ','
	pColon  = ':'
	pQuest  = '?'
	pEq     = '='
	pHash   = '#'
	pPaste  = '#'<<8 | '#'
	pStar   = '*'
	pAmp    = '&'
	pDot    = '.'
	pArrow  = '-'<<8 | '>'
	pDots   = '.'<<16 | '.'<<8 | '.'
)

// placed is a piece and its place in a file.
type placed struct {
	*piece
	at int
}

// end gives the offset behind the piece.
func (p placed) end() int { return p.at + len(p.src) }
