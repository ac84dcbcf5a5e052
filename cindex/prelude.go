package cindex

import (
	_ "embed"
	"sort"
	"strings"
	"sync"
)

//go:embed prelude.h
var preludeText string

//go:embed builtin.h
var builtinText string

//go:embed compiler.h
var compilerText string

// baseEnv is what every unit begins with but for its own -D.
var baseEnv = sync.OnceValue(func() *env {
	e := &env{}
	e = defineAll(e, preludeText, func(m *macro) { m.fallback = true })
	e = defineAll(e, builtinText, func(m *macro) { m.fallback, m.keep = true, true })
	e = defineAll(e, compilerText, func(*macro) {})
	names := make([]string, 0, len(opaque))
	for name := range opaque {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		m := &macro{name: name, hash: identHash(name), fallback: true, keep: true, opaque: true}
		e = e.set(m, m)
	}
	return e
})

// defineAll applies the #define lines of a text of ours.
func defineAll(e *env, text string, mark func(*macro)) *env {
	for _, p := range newSource("", []byte(text)).pieces {
		if p.dir != nil && p.dir.macro != nil {
			mark(p.dir.macro)
			e = e.set(p.dir, p.dir.macro)
		}
	}
	return e
}

// withDefines adds what -D says. LSP is for clangd only: the compiler, whose
// place we take, does not define it.
func withDefines(defines map[string]string) *env {
	var b strings.Builder
	names := make([]string, 0, len(defines))
	arch := false
	for name := range defines {
		if name != "LSP" {
			names = append(names, name)
		}
		arch = arch || strings.HasPrefix(name, "__TARGET_ARCH_")
	}
	sort.Strings(names)
	for _, name := range names {
		val := strings.NewReplacer("\n", " ", "\r", " ").Replace(defines[name])
		b.WriteString("#define " + name + " " + val + "\n")
	}
	if !arch {
		b.WriteString("#define __TARGET_ARCH_x86 1\n")
	}
	return defineAll(baseEnv(), b.String(), func(*macro) {})
}
