package cindex

// Character classes of the lexer.
const (
	cOther = iota
	cSpace
	cNewline
	cIdent
	cDigit
	cQuote
	cPunct
)

var class = func() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == '$', b >= 0x80:
			t[c] = cIdent
		case b >= '0' && b <= '9':
			t[c] = cDigit
		case b == '\n':
			t[c] = cNewline
		case b <= ' ' || b == 0x7f: // NUL and friends are blanks
			t[c] = cSpace
		case b == '"' || b == '\'':
			t[c] = cQuote
		default:
			t[c] = cPunct
		}
	}
	return t
}()

// A lexer cuts src into tokens. It never fails: what is no token is skipped
// or becomes a one-byte punctuator.
type lexer struct {
	src   string
	pos   int
	flags tokFlags // for the next token
}

// newLexer starts at the beginning of a file.
func newLexer(src string) *lexer {
	l := &lexer{src: src, flags: fBOL | fCol0}
	if len(src) >= 3 && src[:3] == "\xef\xbb\xbf" {
		l.pos = 3
	}
	return l
}

// spliceLen gives the length of a backslash-newline at i, 0 when there is none.
func (l *lexer) spliceLen(i int) int {
	s := l.src
	if s[i] != '\\' || i+1 >= len(s) {
		return 0
	}
	if s[i+1] == '\n' {
		return 2
	}
	if s[i+1] == '\r' && i+2 < len(s) && s[i+2] == '\n' {
		return 3
	}
	return 0
}

// skip passes blanks, comments and splices. With inLine it stops at a newline.
func (l *lexer) skip(inLine bool) {
	s := l.src
	for l.pos < len(s) {
		c := s[l.pos]
		switch class[c] {
		case cNewline:
			if inLine {
				return
			}
			l.pos++
			l.flags |= fBOL | fCol0 | fSpace
			continue
		case cSpace:
			l.pos++
		default:
			n := l.spliceLen(l.pos)
			if n == 0 {
				if n = l.comment(inLine); n == 0 {
					return
				}
				l.flags |= fComment
			}
			l.pos += n
		}
		l.flags |= fSpace
		l.flags &^= fCol0
	}
}

// comment gives the length of a comment at the position, 0 when there is none.
func (l *lexer) comment(inLine bool) int {
	s := l.src[l.pos:]
	if len(s) < 2 || s[0] != '/' {
		return 0
	}
	if s[1] == '*' {
		for i := 2; i < len(s); i++ {
			if s[i] == '\n' && !inLine {
				l.flags |= fBOL
			}
			if s[i] == '*' && i+1 < len(s) && s[i+1] == '/' {
				return i + 2
			}
		}
		return len(s)
	}
	if s[1] != '/' {
		return 0
	}
	i := 2
	for i < len(s) && s[i] != '\n' {
		if n := l.spliceLen(l.pos + i); n > 0 {
			i += n
			continue
		}
		i++
	}
	return i
}

// next gives the next token; its offsets count from the start of src. With
// inLine the end of the line is an end of file.
func (l *lexer) next(inLine bool) token {
	l.skip(inLine)
	t := token{start: uint32(l.pos), end: uint32(l.pos), flags: l.flags}
	l.flags = 0
	if l.pos >= len(l.src) || l.src[l.pos] == '\n' {
		l.flags = t.flags // for the token after the line
		return t
	}
	c := l.src[l.pos]
	switch class[c] {
	case cIdent:
		l.ident(&t)
	case cDigit:
		l.number(&t)
	case cQuote:
		l.quoted(&t, c)
	default:
		l.punct(&t)
	}
	t.end = uint32(l.pos)
	return t
}

func (l *lexer) ident(t *token) {
	t.kind = tIdent
	s, i := l.src, l.pos
	h := uint32(2166136261)
	for i < len(s) {
		c := s[i]
		if k := class[c]; k != cIdent && k != cDigit {
			n := 0
			if c == '\\' {
				n = l.spliceLen(i)
			}
			if n == 0 {
				break
			}
			t.flags |= fSplice
			i += n
			continue
		}
		h = (h ^ uint32(c)) * 16777619
		i++
	}
	l.pos = i
	t.hash = h
}

// number takes a preprocessing number: whatever begins like one.
func (l *lexer) number(t *token) {
	t.kind = tNumber
	s, i := l.src, l.pos+1
	for i < len(s) {
		c := s[i]
		if k := class[c]; k == cIdent || k == cDigit || c == '.' {
			i++
			continue
		}
		if p := s[i-1] | 0x20; (c == '+' || c == '-') && (p == 'p' || p == 'e') && !hexNumber(s[l.pos:i]) {
			i++
			continue
		}
		n := 0
		if c == '\\' {
			n = l.spliceLen(i)
		}
		if n == 0 {
			break
		}
		t.flags |= fSplice
		i += n
	}
	l.pos = i
}

// hexNumber tells of an integer like 0xe, after which + is an operator. (The
// standard disagrees; every author means this.)
func hexNumber(s string) bool {
	return len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' && s[len(s)-1]|0x20 == 'e'
}

func (l *lexer) quoted(t *token, q byte) {
	t.kind = tString
	if q == '\'' {
		t.kind = tChar
	}
	s, i := l.src, l.pos+1
	for i < len(s) && s[i] != '\n' && s[i] != q {
		if s[i] == '\\' && i+1 < len(s) {
			if n := l.spliceLen(i); n > 0 {
				t.flags |= fSplice
				i += n
				continue
			}
			i++
			if s[i] == '\n' {
				break
			}
		}
		i++
	}
	if i < len(s) && s[i] == q {
		i++
	}
	l.pos = min(i, len(s))
}

func (l *lexer) punct(t *token) {
	t.kind = tPunct
	s := l.src[l.pos:]
	n := 1
	switch {
	case len(s) >= 3 && (s[:3] == "..." || s[:3] == "<<=" || s[:3] == ">>="):
		n = 3
	case s[0] == '.' && len(s) >= 2 && class[s[1]] == cDigit:
		l.number(t)
		return
	case len(s) >= 2 && twoBytes(s[0], s[1]):
		n = 2
	}
	t.hash = punct(s[:n])
	l.pos += n
}

// twoBytes tells whether a and b make a punctuator.
func twoBytes(a, b byte) bool {
	switch a {
	case '+', '&', '|':
		return b == a || b == '='
	case '-':
		return b == a || b == '=' || b == '>'
	case '<', '>':
		return b == a || b == '='
	case '=', '!', '*', '/', '%', '^':
		return b == '='
	case '#':
		return b == '#'
	}
	return false
}
