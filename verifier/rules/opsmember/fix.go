package opsmember

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// maxHead is how far before a function's name its section is looked for.
const maxHead = 300

// head gives the text between the end of what stands before a function and the
// function's name, and where it starts.
func head(fn *cindex.Func) (string, int) {
	from := max(0, fn.At.Span.Start-maxHead)
	text := string(fn.At.File.Content[from:fn.At.Span.Start])
	if i := strings.LastIndexAny(text, ";}"); i >= 0 {
		text, from = text[i+1:], from+i+1
	}
	return text, from
}

// plainFix takes the mark of a sleepable program away where its author put it.
func plainFix(fn *cindex.Func) []verifier.Fix {
	text, from := head(fn)
	for _, c := range []struct{ mark, before string }{
		{"_SLEEPABLE", "BPF_STRUCT_OPS"}, {".s", "\"struct_ops"}, {".s", "\"?struct_ops"},
	} {
		if i := strings.LastIndex(text, c.before+c.mark); i >= 0 {
			at := from + i + len(c.before)
			return []verifier.Fix{{Title: "Declare " + fn.Name + " as not sleepable", Safe: true, Edits: []verifier.Edit{
				{At: cindex.Loc{File: fn.At.File, Span: cindex.Span{Start: at, End: at + len(c.mark)}}},
			}}}
		}
	}
	return nil
}

// parameters finds the text of the parameters after a function's name: behind
// the comma in BPF_PROG(name, ...), or inside of the parentheses in name(...).
// It is not ok when the text is not as simple as that.
func parameters(fn *cindex.Func) (at cindex.Loc, inMacro, ok bool) {
	src := fn.At.File.Content
	i := fn.At.Span.End
	for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	if i >= len(src) || fn.Body.Start > len(src) || i >= fn.Body.Start {
		return at, false, false
	}
	inMacro = src[i] == ',' || src[i] == ')'
	start := i
	if !inMacro || src[i] == ',' {
		start++
	}
	end := closing(src[:fn.Body.Start], start)
	if end < 0 || !inMacro && src[i] != '(' {
		return at, false, false
	}
	return cindex.Loc{File: fn.At.File, Span: cindex.Span{Start: start, End: end}}, inMacro, true
}

// closing finds the parenthesis that ends the group in which from is; -1 when
// comments or macros make that unsure.
func closing(src []byte, from int) int {
	depth := 0
	for i := from; i < len(src); i++ {
		switch src[i] {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		case '/', '#', '"':
			return -1
		}
	}
	return -1
}
