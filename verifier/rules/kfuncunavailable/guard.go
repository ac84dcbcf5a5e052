package kfuncunavailable

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// guardFix puts a call that is a statement of its own behind a test that the
// kernel has the kfunc, and makes the declaration weak, without which the test
// would always be true.
func guardFix(at cindex.Loc, callee string, x *cindex.Extern) []verifier.Fix {
	src := at.File.Content
	line := strings.LastIndexByte(string(src[:at.Span.Start]), '\n') + 1
	indent := string(src[line:at.Span.Start])
	if strings.TrimLeft(indent, " \t") != "" || !statementBefore(src[:line]) || !statementAfter(src[at.Span.End:]) || x == nil {
		return nil
	}
	fix := verifier.Fix{Title: "Call " + callee + " only where the kernel has it", Edits: []verifier.Edit{{
		At:      cindex.Loc{File: at.File, Span: cindex.Span{Start: at.Span.Start, End: at.Span.Start}},
		NewText: "if (bpf_ksym_exists(" + callee + "))\n" + indent + "\t",
	}}}
	if !x.Weak {
		weak := weakFix(x)
		if weak == nil {
			return nil
		}
		fix.Edits = append(fix.Edits, weak[0].Edits...)
	}
	return []verifier.Fix{fix}
}

// statementBefore tells whether what stands before ends a statement or opens a
// block: the next line is then not the body of an if without braces.
func statementBefore(src []byte) bool {
	text := strings.TrimRight(string(src[max(0, len(src)-2000):]), " \t\r\n")
	for strings.HasSuffix(text, "*/") {
		i := strings.LastIndex(text, "/*")
		if i < 0 {
			return false
		}
		text = strings.TrimRight(text[:i], " \t\r\n")
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return text != "" && strings.ContainsRune(";{}", rune(text[len(text)-1])) && !strings.Contains(last, "//")
}

// statementAfter tells whether the arguments that src begins with end the
// statement.
func statementAfter(src []byte) bool {
	depth := 0
	for i, c := range src {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return strings.HasPrefix(strings.TrimLeft(string(src[i+1:min(len(src), i+100)]), " \t"), ";")
			}
		case '"', '\'', '/', ';':
			return false
		default:
			if depth == 0 && c != ' ' {
				return false
			}
		}
	}
	return false
}
