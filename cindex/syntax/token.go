package syntax

// A tokKind is what a token is.
type tokKind uint8

const (
	tEOF tokKind = iota
	tWord
	tNumber
	tString
	tChar
	tPunct
	tDirective // a whole line of the preprocessor, continuations included
	tComment
)

// Operators of more than one byte that matter get a letter of their own.
const (
	opArrow = 'A' // ->
	opDots  = 'E' // ...
	opOther = 'O' // any other: ==, +=, <<, ...
)

// A token is a piece of text. Offsets are relative to the lexer's text.
type token struct {
	start, end uint32
	kind       tokKind
	op         byte // of a tPunct: its byte, or one of the letters above
}

// Classes of bytes.
const (
	cPunct = iota
	cSpace // NUL too: it separates tokens and is otherwise not there
	cLine
	cWord
	cDigit
	cQuote
)

var class = func() (t [256]uint8) {
	for _, c := range " \t\v\f\r\x00" {
		t[c] = cSpace
	}
	t['\n'] = cLine
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = cWord, cWord
	}
	t['_'], t['$'] = cWord, cWord
	for c := 0x80; c < 0x100; c++ {
		t[c] = cWord
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = cDigit
	}
	t['"'], t['\''] = cQuote, cQuote
	return t
}()

const bom = "\ufeff"

// A lexer cuts text into tokens. It never fails: what is not closed ends with
// its line (strings) or with the text (comments).
type lexer struct {
	text  string
	pos   int
	fresh bool // nothing but blanks and comments so far on this line
}

func newLexer(text string) *lexer {
	l := &lexer{text: text, fresh: true}
	if len(text) >= len(bom) && text[:len(bom)] == bom {
		l.pos = len(bom)
	}
	return l
}

// next gives the next token, comments included.
func (l *lexer) next() token {
	l.blanks()
	start := l.pos
	if start >= len(l.text) {
		return token{start: uint32(len(l.text)), end: uint32(len(l.text))}
	}
	kind, op := l.scan(l.text[start])
	if kind != tComment {
		l.fresh = false
	}
	return token{uint32(start), uint32(l.pos), kind, op}
}

// code gives the next token that is no comment.
func (l *lexer) code() token {
	for {
		if t := l.next(); t.kind != tComment {
			return t
		}
	}
}

func (l *lexer) blanks() {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case class[c] == cLine:
			l.fresh = true
		case class[c] == cSpace:
		case c == '\\' && l.splice(l.pos) > 0:
		default:
			return
		}
		l.pos++
	}
}

// splice tells how long the backslash and line end at i are, 0 if they are none.
func (l *lexer) splice(i int) int {
	if l.text[i] != '\\' || i+1 >= len(l.text) {
		return 0
	}
	if l.text[i+1] == '\n' {
		return 2
	}
	if l.text[i+1] == '\r' && i+2 < len(l.text) && l.text[i+2] == '\n' {
		return 3
	}
	return 0
}

func (l *lexer) scan(c byte) (tokKind, byte) {
	switch class[c] {
	case cWord:
		l.word()
		return tWord, 0
	case cDigit:
		l.number()
		return tNumber, 0
	case cQuote:
		l.quoted(c)
		if c == '"' {
			return tString, c
		}
		return tChar, c
	}
	switch {
	case c == '/' && l.at(1) == '/':
		l.toLineEnd(false)
		return tComment, '/'
	case c == '/' && l.at(1) == '*':
		l.comment()
		return tComment, '*'
	case c == '#' && l.fresh:
		l.toLineEnd(true)
		return tDirective, 0
	case c == '.' && class[l.at(1)] == cDigit:
		l.number()
		return tNumber, 0
	}
	return tPunct, l.punct(c)
}

// at gives the byte n after the current one, 0 past the end.
func (l *lexer) at(n int) byte {
	if l.pos+n < len(l.text) {
		return l.text[l.pos+n]
	}
	return 0
}

func (l *lexer) word() {
	i := l.pos + 1
	for i < len(l.text) && class[l.text[i]]-cWord <= cDigit-cWord {
		i++
	}
	l.pos = i
}

// number takes a preprocessing number: 1e-3 and 0x1p+2 are one each.
func (l *lexer) number() {
	i := l.pos + 1
	for i < len(l.text) {
		c := l.text[i]
		sign := (c == '+' || c == '-') && (l.text[i-1]|0x20 == 'e' && !hex(l.text[l.pos:i]) || l.text[i-1]|0x20 == 'p')
		if k := class[c]; k != cWord && k != cDigit && c != '.' && !sign {
			break
		}
		i++
	}
	l.pos = i
}

func hex(s string) bool { return len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' }

func (l *lexer) quoted(q byte) {
	i := l.pos + 1
	for i < len(l.text) && l.text[i] != q && l.text[i] != '\n' {
		if n := l.splice(i); n > 0 {
			i += n
			continue
		}
		if l.text[i] == '\\' && i+1 < len(l.text) && l.text[i+1] != '\n' {
			i++
		}
		i++
	}
	if i < len(l.text) && l.text[i] == q {
		i++
	}
	l.pos = min(i, len(l.text))
}

func (l *lexer) comment() {
	i := l.pos + 2
	for i < len(l.text) {
		if l.text[i] == '*' && i+1 < len(l.text) && l.text[i+1] == '/' {
			l.pos = i + 2
			return
		}
		i++
	}
	l.pos = len(l.text)
}

// toLineEnd goes to the end of the logical line. Within a directive, a comment
// may carry it over line ends, and quotes hide the signs of one.
func (l *lexer) toLineEnd(directive bool) {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case c == '\n':
			return
		case c == '\r' && l.at(1) == '\n':
			return
		case c == '\\' && l.splice(l.pos) > 0:
			l.pos += l.splice(l.pos)
		case directive && class[c] == cQuote:
			l.quoted(c)
		case directive && c == '/' && l.at(1) == '*':
			l.comment()
		case directive && c == '/' && l.at(1) == '/':
			directive = false
		default:
			l.pos++
		}
	}
}

func (l *lexer) punct(c byte) byte {
	d := l.at(1)
	n, op := 1, c
	switch {
	case c == '-' && d == '>':
		n, op = 2, opArrow
	case c == '.' && d == '.' && l.at(2) == '.':
		n, op = 3, opDots
	case (c == '<' || c == '>') && d == c:
		n, op = 2, opOther
		if l.at(2) == '=' {
			n = 3
		}
	case d == '=' && isOperator(c), d == c && isDoubled(c):
		n, op = 2, opOther
	}
	l.pos += n
	return op
}

func isOperator(c byte) bool {
	switch c {
	case '=', '!', '<', '>', '+', '-', '*', '/', '%', '&', '|', '^':
		return true
	}
	return false
}

func isDoubled(c byte) bool { return c == '+' || c == '-' || c == '&' || c == '|' || c == '#' }
