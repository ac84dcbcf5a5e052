package config

import (
	"errors"
	"regexp"
	"strings"
)

// compileGlob turns a glob into an expression: * and ? stay within a folder,
// ** crosses folders, {a,b} is one of several, [a-z] one of some characters.
func compileGlob(glob string) (*regexp.Regexp, error) {
	if glob == "" {
		return nil, errors.New("an empty glob matches nothing")
	}
	var b strings.Builder
	b.WriteString("^")
	depth := 0
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; c {
		case '*':
			if strings.HasPrefix(glob[i:], "**/") {
				b.WriteString("(?:.*/)?")
				i += 2
			} else if strings.HasPrefix(glob[i:], "**") {
				b.WriteString(".*")
				i++
			} else {
				b.WriteString("[^/]*")
			}
		case '?':
			b.WriteString("[^/]")
		case '[':
			end := strings.IndexByte(glob[i:], ']')
			if end < 2 {
				return nil, errors.New("[ is not closed")
			}
			b.WriteString(class(glob[i+1 : i+end]))
			i += end
		case '{':
			depth++
			b.WriteString("(?:")
		case '}':
			if depth == 0 {
				return nil, errors.New("} without {")
			}
			depth--
			b.WriteByte(')')
		case ',':
			if depth > 0 {
				b.WriteByte('|')
			} else {
				b.WriteByte(',')
			}
		default:
			b.WriteString(regexp.QuoteMeta(glob[i : i+1]))
		}
	}
	if depth > 0 {
		return nil, errors.New("{ is not closed")
	}
	b.WriteString("$")
	return regexp.Compile(b.String())
}

// class writes the characters between brackets; ! at the front negates.
func class(chars string) string {
	not := ""
	if rest, ok := strings.CutPrefix(chars, "!"); ok {
		not, chars = "^", rest
	}
	return "[" + not + strings.NewReplacer(`\`, `\\`, "[", `\[`, "^", `\^`).Replace(chars) + "]"
}
