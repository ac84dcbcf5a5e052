package opsmember

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/internal/spell"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// cleared are the members that scx's own loaders (SCX_OPS_OPEN and scx_utils)
// set to zero when the kernel does not have them.
var cleared = []string{"cgroup_set_bandwidth", "cgroup_set_idle", "sub_attach", "sub_detach", "sub_cgroup_id"}

// hasType tells whether a kernel has the type of a table, and says so when it
// is sched_ext's: other types may come from modules, which nobody knows here.
func (c *check) hasType(t *cindex.OpsTable, k *btfdb.Kernel) bool {
	if k.Ops(t.Type) != nil {
		return true
	}
	if isScx(t.Type) {
		c.add(k, issue{
			at: t.At, outcome: verifier.OutcomeLoad, decider: "libbpf: find_struct_ops_kern_types",
			message: fmt.Sprintf("the kernel has no struct_ops type %s", t.Type),
			says:    fmt.Sprintf("struct_ops init_kern: struct %s is not found in kernel BTF", t.Type),
		})
	}
	return false
}

// member finds the member of an initialiser in a kernel, nil when it has none.
// libbpf skips one that the kernel does not have only if it is zero.
func (c *check) member(t *cindex.OpsTable, in *cindex.Init, k *btfdb.Kernel) *btfdb.Member {
	if m := k.Member(t.Type, in.Member); m != nil || !isScx(t.Type) {
		return m
	}
	if isZero(in) || strings.Contains(in.Member, ".") {
		return nil
	}
	i := issue{
		at: in.At, outcome: verifier.OutcomeLoad, decider: "libbpf: bpf_map__init_kern_struct_ops",
		message: fmt.Sprintf("struct %s has no member %s", t.Type, in.Member),
		says:    fmt.Sprintf("struct_ops init_kern %s: Cannot find member %s in kernel BTF", t.Name, in.Member),
		typ:     t.Type, context: t.Type + "." + in.Member, program: in.Func,
	}
	if slices.Contains(cleared, in.Member) {
		i.weak = verifier.Info
		i.advice = "scx's loaders set this member to zero on kernels that lack it; another loader has to do the same"
	}
	if in.Unsure || in.Func == "" && !isNonzero(in) {
		i.weak = verifier.Info
	}
	if near := nearest(in.Member, k.Ops(t.Type)); near != "" {
		i.advice = "did you mean " + near + "?"
		i.fixes = []verifier.Fix{{Title: "Change to " + near, Edits: []verifier.Edit{{At: in.At, NewText: near}}}}
	}
	c.add(k, i)
	return nil
}

func isZero(in *cindex.Init) bool {
	return in.Value == "NULL" || in.Value == "0" || in.Num != nil && in.Num.Op == cindex.OpInt && in.Num.Int == 0
}

func isNonzero(in *cindex.Init) bool {
	return in.Num != nil && in.Num.Op == cindex.OpInt && in.Num.Int != 0
}

// nearest finds the member that a misspelt name stands for. A name that some
// known release has is not misspelt.
func nearest(name string, o *btfdb.OpsType) string {
	if known(o.Name, name) {
		return ""
	}
	return spell.Nearest(name, func(yield func(string) bool) {
		for _, m := range o.Members {
			if !yield(m.Name) {
				return
			}
		}
	})
}

func known(typ, member string) bool {
	for _, r := range btfdb.Releases() {
		if k, err := r.Load(); err == nil && k.Member(typ, member) != nil {
			return true
		}
	}
	return false
}
