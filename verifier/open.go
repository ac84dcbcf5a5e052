package verifier

import (
	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// Open tells whether a kernel lets code behind guards run, as far as the kernel
// decides: what hangs on arguments or on user space counts as open. It is not
// sure when a guard asks what the database does not know of the kernel.
func (p *Pass) Open(k *btfdb.Kernel, guards []*cindex.Expr) (open, sure bool) {
	if len(guards) == 0 {
		return true, true
	}
	way, open := evaluator{ksyms: p.run.declaredKsyms(p.Unit), kernel: k}.path(guards)
	return open, !way.unsure
}

// declaredKsyms are the kernel symbols that a unit declares; true for functions.
func (r *run) declaredKsyms(u *cindex.Unit) map[string]bool {
	if r.ksyms == nil {
		r.ksyms = make(map[string]bool, len(u.Externs))
		for _, x := range u.Externs {
			r.ksyms[x.Name] = x.Func
		}
	}
	return r.ksyms
}
