package lsp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A judge tells what the selected kernels make of kfuncs in a function.
type judge struct {
	kernels []*btfdb.Kernel
	ways    []verifier.Way // to the function
}

// A verdict is what a judge says of one kfunc.
type verdict struct {
	refused string          // "", or where and why it is refused
	lacking []*btfdb.Kernel // have no such kfunc
}

// on judges a kfunc, by the kernels' name of it. What is not known is no
// reason to refuse; neither is a kernel that lacks the kfunc, while another has
// it: there may be a guard.
func (j *judge) on(kfunc string) verdict {
	var v verdict
	for _, k := range j.kernels {
		if k.Kfunc(kfunc) == nil {
			v.lacking = append(v.lacking, k)
		}
	}
	if len(v.lacking) == len(j.kernels) && len(j.kernels) > 0 {
		v.refused = "not in " + releases(v.lacking, j.kernels)
		return v
	}
	for _, w := range slices.Backward(j.ways) {
		if w.Unsure || w.Kernel.Kfunc(kfunc) == nil {
			continue
		}
		if on := w.Kernel.Query(w.Context, kfunc); on.Refused() {
			v.refused = fmt.Sprintf("%s: %s on Linux %s", w.Root.Name, on.Outcome, w.Kernel.Release)
			return v
		}
	}
	return v
}

// where says in a few words for what contexts a kfunc was found to be allowed,
// "" when none is known.
func (j *judge) where() string {
	names := contextNames(j.ways)
	switch len(names) {
	case 0:
		return ""
	case 1, 2:
		return strings.Join(names, ", ") + " ✓"
	}
	return fmt.Sprintf("%s and %d more ✓", names[0], len(names)-1)
}

// contextNames gives the contexts of ways in short: members without their type.
func contextNames(ways []verifier.Way) []string {
	var out []string
	for _, w := range ways {
		name := w.Root.Name
		if _, member, ok := strings.Cut(name, "."); ok {
			name = member
		}
		switch w.Async {
		case cindex.CallTimer:
			name += " (timer)"
		case cindex.CallWork:
			name += " (work queue)"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// instead names what does nearly the same as a kfunc in other contexts, the
// nearest first. The kfuncs on CPUs have a twin on cids each (see nearest).
var instead = map[string][]string{
	"scx_bpf_consume":           {"scx_bpf_dsq_insert", "scx_bpf_kick_cpu", "scx_bpf_kick_cid"},
	"scx_bpf_dsq_move_to_local": {"scx_bpf_dsq_insert", "scx_bpf_kick_cpu", "scx_bpf_kick_cid"},
	"scx_bpf_dsq_move":          {"scx_bpf_dsq_insert", "scx_bpf_dsq_reenq"},
	"scx_bpf_dsq_move_vtime":    {"scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_reenq"},
	"scx_bpf_dsq_insert":        {"scx_bpf_dsq_move", "scx_bpf_dsq_reenq", "scx_bpf_kick_cpu", "scx_bpf_kick_cid"},
	"scx_bpf_dsq_insert_vtime":  {"scx_bpf_dsq_move_vtime", "scx_bpf_dsq_reenq"},
	"scx_bpf_reenqueue_local":   {"scx_bpf_dsq_reenq"},
	"scx_bpf_select_cpu_dfl":    {"scx_bpf_pick_idle_cpu"},
	"scx_bpf_select_cpu_and":    {"scx_bpf_pick_idle_cpu"},
	"scx_bpf_sub_dispatch":      {"scx_bpf_kick_cid", "scx_bpf_kick_cpu"},
}

// nearest gives the kfunc to call where one is refused, out of those that are
// allowed; "" when there is none.
func nearest(refused string, allowed []string) string {
	list := instead[refused]
	if s, ok := btfdb.Succeeded(refused); ok {
		list = append([]string{s.New}, list...)
	}
	if twin := strings.Replace(refused, "cpu", "cid", 1); twin != refused {
		list = append(list[:len(list):len(list)], twin)
	}
	for _, name := range list {
		if slices.Contains(allowed, name) {
			return name
		}
	}
	return ""
}
