package verifier

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Directive is a comment that is meant for us:
//
//	scx_bpf_dsq_move_to_local(0); // scx-lsp: ignore[kfunc-context] only on 6.12
//	// scx-lsp: kernels 6.18..7.3
//
// A comment behind code speaks of its line. One on a line of its own speaks of
// the statement below it, or of the whole function when that is what follows.
type Directive struct {
	At      cindex.Loc // from "scx-lsp:" to the end of the comment
	Rules   []string   // of an ignore: what is not reported
	Kernels string     // of a kernels: what the source is written for
	Problem string     // why nobody can obey it, "" when all is well
	Used    []bool     // by Rules: whether anything was kept back

	covers cindex.Span
}

var directiveMark = []byte("scx-lsp:")

// directives finds those of a file; funcs are the functions that it defines.
func directives(file *cindex.File, funcs []*cindex.Func) []*Directive {
	if !bytes.Contains(file.Content, directiveMark) {
		return nil
	}
	var out []*Directive
	eachComment(file.Content, func(c cindex.Span) {
		text := file.Content[c.Start:c.End]
		at := len(text) - len(bytes.TrimLeft(text, "/*! \t\r\n"))
		if !bytes.HasPrefix(text[at:], directiveMark) {
			return
		}
		body := strings.TrimSpace(strings.TrimSuffix(string(text[at:]), "*/"))
		d := readDirective(strings.TrimSpace(body[len(directiveMark):]))
		d.At = cindex.Loc{File: file, Span: cindex.Span{Start: c.Start + at, End: c.Start + at + len(body)}}
		d.covers = covered(file.Content, c, funcs)
		out = append(out, d)
	})
	return out
}

// readDirective reads what stands behind the mark.
func readDirective(s string) *Directive {
	d := &Directive{}
	if spec, ok := strings.CutPrefix(s, "kernels"); ok && strings.TrimSpace(spec) != "" {
		d.Kernels = strings.TrimSpace(spec)
		return d
	}
	list, ok := strings.CutPrefix(s, "ignore[")
	list, _, closed := strings.Cut(list, "]")
	switch {
	case !ok && strings.HasPrefix(s, "ignore"), ok && strings.TrimSpace(list) == "":
		d.Problem = "name the rules that it is about: ignore[kfunc-context]"
	case !ok:
		d.Problem = "want ignore[RULE] or kernels RELEASES"
	case !closed:
		d.Problem = "the list of rules does not end with ]"
	default:
		for id := range strings.SplitSeq(list, ",") {
			d.Rules = append(d.Rules, strings.TrimSpace(id))
		}
		d.Used = make([]bool, len(d.Rules))
	}
	return d
}

// eachComment visits the comments of C, their ends included.
func eachComment(src []byte, visit func(cindex.Span)) {
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '"', '\'':
			i = skipQuoted(src, i)
		case '/':
			end := commentEnd(src, i)
			if end > i {
				visit(cindex.Span{Start: i, End: end})
				i = end - 1
			}
		}
	}
}

// skipQuoted gives the offset of the quote that ends a string, or of the end of
// the line.
func skipQuoted(src []byte, i int) int {
	quote := src[i]
	for i++; i < len(src) && src[i] != quote && src[i] != '\n'; i++ {
		if src[i] == '\\' {
			i++
		}
	}
	return i
}

// commentEnd gives the end of a comment that begins at i; i when none does.
func commentEnd(src []byte, i int) int {
	switch rest := src[i:]; {
	case bytes.HasPrefix(rest, []byte("//")):
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			return i + n
		}
		return len(src)
	case bytes.HasPrefix(rest, []byte("/*")):
		if n := bytes.Index(rest[2:], []byte("*/")); n >= 0 {
			return i + 2 + n + 2
		}
		return len(src)
	}
	return i
}

// covered gives the code that a comment speaks of.
func covered(src []byte, c cindex.Span, funcs []*cindex.Func) cindex.Span {
	lineStart := bytes.LastIndexByte(src[:c.Start], '\n') + 1
	lineEnd := len(src)
	if n := bytes.IndexByte(src[c.End:], '\n'); n >= 0 {
		lineEnd = c.End + n
	}
	if len(bytes.TrimSpace(src[lineStart:c.Start]))+len(bytes.TrimSpace(src[c.End:lineEnd])) > 0 {
		return cindex.Span{Start: lineStart, End: lineEnd}
	}
	start := nextCode(src, lineEnd)
	for _, f := range funcs {
		if f.At.Span.Start >= start && !bytes.ContainsAny(src[start:f.At.Span.Start], ";{}") {
			return cindex.Span{Start: start, End: f.Body.End}
		}
	}
	return cindex.Span{Start: start, End: statementEnd(src, start)}
}

// nextCode gives the offset of the first byte that is neither blank nor in a
// comment.
func nextCode(src []byte, i int) int {
	for i < len(src) {
		switch end := commentEnd(src, i); {
		case end > i:
			i = end
		case strings.IndexByte(" \t\r\n", src[i]) >= 0:
			i++
		default:
			return i
		}
	}
	return i
}

var control = regexp.MustCompile(`^(if|for|while|switch|bpf_for|bpf_for_each|bpf_repeat)\s*\(`)

// statementEnd gives the end of a statement, of the head of one that controls
// others, or of an entry in a list.
func statementEnd(src []byte, i int) int {
	head := control.Match(src[i:])
	for depth := 0; i < len(src); i++ {
		switch src[i] {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; head && depth == 0 {
				return i
			}
		case '"', '\'':
			i = skipQuoted(src, i)
		case ';', '{', '}':
			return i
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}
