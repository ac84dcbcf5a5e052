// Package report prints what the database of kernels holds: for people, for
// documents and for programs.
package report

import (
	"encoding/json"
	"io"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A Matrix is every kfunc of a kernel in every context.
type Matrix struct {
	Release     string          `json:"release"` // the exact build
	Enforcement string          `json:"enforcement"`
	Partial     []string        `json:"partial,omitempty"` // what is not known
	NotCallable []string        `json:"not_callable,omitempty"`
	Contexts    map[string]*Row `json:"contexts"`
	names       []string        // of the contexts, in order
}

// A Row is one context. Denied is what the context forbids, at load or, where
// Aborted says so, at run time. A kfunc that needs a sleepable program is
// listed as allowed if the context can have one.
type Row struct {
	Sleepable      string   `json:"sleepable"` // "no" or "may"
	Allowed        []string `json:"allowed"`
	Denied         []string `json:"denied"`
	NeedsSleepable []string `json:"needs_sleepable,omitempty"`
	Aborted        []string `json:"aborted,omitempty"`
	Unknown        []string `json:"unknown,omitempty"`
}

// NewMatrix asks for every cell.
func NewMatrix(k *btfdb.Kernel) *Matrix {
	m := &Matrix{
		Release: k.Build, Enforcement: k.Enforcement.String(), Partial: k.Partial(),
		Contexts: map[string]*Row{},
	}
	for _, f := range k.Kfuncs() {
		if f.Broken {
			m.NotCallable = append(m.NotCallable, f.Name)
		}
	}
	for _, p := range k.Contexts() {
		m.names = append(m.names, p.Name)
		m.Contexts[p.Name] = newRow(k, p.Context)
	}
	return m
}

func newRow(k *btfdb.Kernel, ctx btfdb.Context) *Row {
	r := &Row{Sleepable: "no", Allowed: []string{}, Denied: []string{}}
	if ctx.Sleepable {
		r.Sleepable = "may"
	}
	for _, f := range k.Kfuncs() {
		switch k.Query(ctx, f.Name).Outcome {
		case btfdb.Allowed:
			r.Allowed = append(r.Allowed, f.Name)
			if ctx.Sleepable && f.Flags.Has(btfdb.FlagSleepable) {
				r.NeedsSleepable = append(r.NeedsSleepable, f.Name)
			}
		case btfdb.NotSleepable:
			r.NeedsSleepable = append(r.NeedsSleepable, f.Name)
		case btfdb.AbortedRun:
			r.Aborted = append(r.Aborted, f.Name)
			r.Denied = append(r.Denied, f.Name)
		case btfdb.RefusedLoad:
			r.Denied = append(r.Denied, f.Name)
		case btfdb.NotCallable: // listed once for all contexts
		default:
			r.Unknown = append(r.Unknown, f.Name)
		}
	}
	return r
}

// JSON writes the matrix for programs.
func (m *Matrix) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(m)
}
