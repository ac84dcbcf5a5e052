package kfuncdeprecated

import (
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// since is when scx_validate_ops() began to warn of cpu_acquire and
// cpu_release.
const since = "6.19"

// members reports the callbacks that the kernel warns of when the scheduler is
// attached.
func members(p *verifier.Pass, t *cindex.OpsTable) {
	if t.Type != "sched_ext_ops" {
		return
	}
	for _, in := range t.Inits {
		if in.Member != "cpu_acquire" && in.Member != "cpu_release" || in.Func == "" || in.Func == "NULL" {
			continue
		}
		on := p.Where(func(k *btfdb.Kernel) bool { return btfdb.CompareReleases(k.Release, since) >= 0 })
		p.ReportOn(on, p.Kernels, verifier.Finding{
			At: in.At, Severity: verifier.Hint, Tag: verifier.TagDeprecated, Context: t.Type + "." + in.Member, Program: in.Func,
			Message: fmt.Sprintf("ops.%s is deprecated since %s: a tracing program on sched_switch takes its place", in.Member, since),
			Notes: []verifier.Note{
				{Message: "Linux " + since + " and later print when the scheduler is attached: \"ops->cpu_acquire/release() are deprecated, use sched_switch TP instead\""},
				{Message: "SEC(\"tp_btf/sched_switch\") sees the CPU change hands; scx_bpf_reenqueue_local() may be called from there since 6.19"},
			},
		})
	}
}
