package lsp

import "bytes"

// codeAt tells whether an offset of a source is in code: not in a comment, a
// string or a character.
func codeAt(content []byte, off int) bool {
	for i := 0; i < off; i++ {
		var end int
		switch c := content[i]; {
		case c == '"' || c == '\'':
			end = endOfLiteral(content, i, c)
		case c == '/' && i+1 < len(content) && content[i+1] == '/':
			end = indexFrom(content, i, "\n")
		case c == '/' && i+1 < len(content) && content[i+1] == '*':
			end = indexFrom(content, i+2, "*/") + 1
		default:
			continue
		}
		if off <= end {
			return false
		}
		i = end
	}
	return true
}

// indexFrom gives the offset of a text at or after start, the end if there is
// none.
func indexFrom(content []byte, start int, text string) int {
	start = min(start, len(content))
	if i := bytes.Index(content[start:], []byte(text)); i >= 0 {
		return start + i
	}
	return len(content)
}

// endOfLiteral gives the offset of the quote that ends a literal, or of the
// end of its line.
func endOfLiteral(content []byte, start int, quote byte) int {
	for i := start + 1; i < len(content); i++ {
		switch content[i] {
		case '\\':
			i++
		case quote, '\n':
			return i
		}
	}
	return len(content)
}
