package extract

import "strings"

// A token is a word, a number or one character of C. Comments, strings and
// preprocessor lines are gone: all configurations are read as if chosen.
type token struct {
	text string
	pos  int // offset in the file
}

// tokenize splits C source. It accepts anything.
func tokenize(src string) []token {
	var out []token
	start := true // only blanks since the line began
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c == '\n':
			start = true
			i++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\\':
			i++
		case c == '#' && start:
			i = skipDirective(src, i)
		case strings.HasPrefix(src[i:], "//"):
			i = skipTo(src, i, "\n")
		case strings.HasPrefix(src[i:], "/*"):
			i = min(skipTo(src, i+2, "*/")+2, len(src))
		case c == '"' || c == '\'':
			end := skipQuoted(src, i)
			out = append(out, token{src[i:end], i})
			i, start = end, false
		case isWord(c):
			end := i
			for end < len(src) && isWord(src[end]) {
				end++
			}
			out = append(out, token{src[i:end], i})
			i, start = end, false
		default:
			out = append(out, token{src[i : i+1], i})
			i, start = i+1, false
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func skipTo(src string, i int, end string) int {
	if i >= len(src) {
		return len(src)
	}
	if n := strings.Index(src[i:], end); n >= 0 {
		return i + n
	}
	return len(src)
}

// skipDirective passes over a preprocessor line and its continuations.
func skipDirective(src string, i int) int {
	for {
		i = skipTo(src, i, "\n")
		if i == len(src) || src[i-1] != '\\' {
			return i
		}
		i++
	}
}

func skipQuoted(src string, i int) int {
	quote := src[i]
	for i++; i < len(src) && src[i] != '\n'; i++ {
		switch src[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return min(i, len(src))
}

// closing is the index of the bracket that closes the one at i; len(toks) if
// none does.
func closing(toks []token, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		switch toks[i].text {
		case "(", "{", "[":
			depth++
		case ")", "}", "]":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(toks)
}

// arguments splits what is inside the parentheses that open at i.
func arguments(toks []token, i int) (args [][]token, end int) {
	end = closing(toks, i)
	if i+1 >= end {
		return nil, end
	}
	depth, start := 0, i+1
	for j := i + 1; j < end; j++ {
		switch toks[j].text {
		case "(", "{", "[":
			depth++
		case ")", "}", "]":
			depth--
		case ",":
			if depth == 0 {
				args = append(args, toks[start:j])
				start = j + 1
			}
		}
	}
	return append(args, toks[start:end]), end
}

// text joins tokens as C is written: "struct task_struct *p".
func text(toks []token) string {
	var w strings.Builder
	for i, t := range toks {
		if i > 0 && needsSpace(toks[i-1].text, t.text) {
			w.WriteByte(' ')
		}
		w.WriteString(t.text)
	}
	return w.String()
}

func needsSpace(a, b string) bool {
	switch {
	case b == "," || b == ")" || b == "]" || b == "[" || b == ";":
		return false
	case a == "(" || a == "[" || a == "*" || a == "~" || a == "&":
		return false
	case b == "(":
		return false
	case b == "*":
		return true
	}
	return true
}
