package kfuncunavailable

import (
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/internal/spell"
)

// history lists for each kfunc the known releases that have it, oldest first.
// It is made when the first finding asks for it: a clean source never pays.
// Of kernels that are known from their sources only sched_ext counts: the
// sources do not tell what is built as a module.
var history = sync.OnceValue(func() map[string][]string {
	h := map[string][]string{}
	for _, r := range btfdb.Releases() {
		k, err := r.Load()
		if err != nil {
			continue // a data file that does not parse fails btfdb's own tests
		}
		for _, f := range k.Kfuncs() {
			if k.BTFSHA1 == "" && !isSCX(f.Name) {
				continue
			}
			h[f.Name] = append(h[f.Name], k.Release)
		}
	}
	return h
})

func everKnown(name string) bool { return history()[name] != nil }

// presence tells which releases have a kfunc: " (6.12 to 6.16 have it)".
func presence(name string) string {
	has := history()[name]
	switch len(has) {
	case 0:
		return ""
	case 1:
		return " (only " + has[0] + " has it)"
	}
	last := has[len(has)-1]
	if last == btfdb.Newest().Release {
		return " (first in " + has[0] + ")"
	}
	return " (" + has[0] + " to " + last + " have it)"
}

// replacement says what took the place of a kfunc that is gone.
func replacement(name string) string {
	s, ok := btfdb.Succeeded(name)
	switch {
	case !ok:
		return ""
	case s.Drop:
		return "it is " + s.New + " since " + s.Since()
	}
	return s.Note + "; since " + s.Since()
}

// nearest finds the kfunc of sched_ext that a misspelt name stands for.
func nearest(k *btfdb.Kernel, name string) string {
	return spell.Nearest(name, func(yield func(string) bool) {
		for _, f := range k.Kfuncs() {
			if isSCX(f.Name) && !yield(f.Name) {
				return
			}
		}
	})
}
