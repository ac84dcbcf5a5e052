package kfuncunavailable

import (
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
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
	return replacements[name]
}

var replacements = map[string]string{
	"scx_bpf_dispatch":                    "it is scx_bpf_dsq_insert since 6.13",
	"scx_bpf_dispatch_vtime":              "it is scx_bpf_dsq_insert_vtime since 6.13",
	"scx_bpf_consume":                     "it is scx_bpf_dsq_move_to_local since 6.13",
	"scx_bpf_dispatch_from_dsq":           "it is scx_bpf_dsq_move since 6.13",
	"scx_bpf_dispatch_vtime_from_dsq":     "it is scx_bpf_dsq_move_vtime since 6.13",
	"scx_bpf_dispatch_from_dsq_set_slice": "it is scx_bpf_dsq_move_set_slice since 6.13",
	"scx_bpf_dispatch_from_dsq_set_vtime": "it is scx_bpf_dsq_move_set_vtime since 6.13",
	"scx_bpf_cpu_rq":                      "use scx_bpf_cpu_curr, or scx_bpf_locked_rq inside a callback that holds the rq lock; both since 6.18",
}

// nearest finds the one kfunc whose name is so close that a slip of the
// fingers explains the difference; "" when there is none or several.
func nearest(k *btfdb.Kernel, name string) string {
	best, found := 3, ""
	for _, f := range k.Kfuncs() {
		if !strings.Contains(f.Name, "scx_") {
			continue
		}
		switch d := distance(name, f.Name, best+1); {
		case d < best:
			best, found = d, f.Name
		case d == best:
			found = ""
		}
	}
	return found
}

// distance is the edit distance of two names, or limit when that is less.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diag := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diag
			if a[i-1] != b[j-1] {
				cost++
			}
			diag = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}
