package kfuncunavailable

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

var (
	stores   = regexp.MustCompile(`->[\w.>\[\]-]*\s*[-+|&]?=[^=]`)
	returned = regexp.MustCompile(`\breturn\s+(false|true|NULL|-?\w+)\s*;`)
	constant = regexp.MustCompile(`^(false|true|NULL|-E[A-Z]+|-?[0-9]+U?)$`)
)

// instead tells what a wrapper does when it calls nothing, read off the text of
// its definition: "gives false", "does nothing"; "" when it has another way to
// do its work, such as a store to the field that the kfunc sets.
func instead(fn *cindex.Func, def cindex.Loc) string {
	switch {
	case def.File == nil:
		return ""
	case fn != nil && fn.At == def:
		return ofBody(string(def.File.Content[fn.Body.Start:fn.Body.End]))
	}
	return ofMacro(directiveText(def.File.Content[def.Span.End:]))
}

func ofBody(text string) string {
	if stores.MatchString(text) {
		return ""
	}
	for _, m := range returned.FindAllStringSubmatch(text, -1) {
		if constant.MatchString(m[1]) {
			return "gives " + m[1]
		}
	}
	return "does nothing"
}

// ofMacro looks at the last arm of C ? A : B.
func ofMacro(text string) string {
	i := strings.LastIndexByte(text, ':')
	if i < 0 || stores.MatchString(text) {
		return ""
	}
	arm := strings.Trim(text[i+1:], " \t\n\\()")
	switch {
	case arm == "{}" || arm == "void)0":
		return "does nothing"
	case constant.MatchString(arm):
		return "gives " + strings.TrimSuffix(arm, "U")
	}
	return ""
}

// directiveText gives the rest of a directive, with its continued lines.
func directiveText(src []byte) string {
	var out []byte
	for len(src) > 0 && len(out) < 4000 {
		line, rest, _ := bytes.Cut(src, []byte("\n"))
		out = append(append(out, line...), '\n')
		if !bytes.HasSuffix(bytes.TrimRight(line, " \t\r"), []byte("\\")) {
			break
		}
		src = rest
	}
	return string(out)
}
