package kfuncunavailable

import (
	"fmt"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// variables tells of kernel variables that a kernel may lack. Which kernel has
// which hangs on its configuration, so that no database can know it: a strong
// declaration, or a use that no test guards, is worth a remark wherever the
// object is to load on more than one build.
func variables(p *verifier.Pass, calls []noteworthy) {
	weak := map[string]*cindex.Extern{}
	for _, x := range p.Unit.Externs {
		switch {
		case x.Func:
		case x.Weak:
			weak[x.Name] = x
		case !verifier.IsLibrary(x.At.File.Path):
			p.ReportOn(p.Kernels, p.Kernels, verifier.Finding{
				At: x.At, Severity: verifier.Info, Kfunc: x.Name, Outcome: verifier.OutcomeLoad,
				Message: fmt.Sprintf("kernel variable %s is declared without __weak: a kernel without it refuses the whole object", x.Name),
				Notes: []verifier.Note{{Message: fmt.Sprintf(
					"libbpf: \"extern (var ksym) '%s': not found in kernel BTF\"; whether a kernel has it depends on its configuration", x.Name,
				)}},
				Fixes: weakFix(x),
			})
		}
	}
	for _, n := range calls {
		if len(n.call.Args) > 0 && n.call.Args[0].Op == cindex.OpKsymExists {
			untested(p, n, weak[n.call.Args[0].Name])
		}
	}
}

// untested reports a variable whose address is used although it may be NULL.
func untested(p *verifier.Pass, n noteworthy, x *cindex.Extern) {
	if x == nil || asks(n.call.Guards, x.Name) {
		return
	}
	p.ReportOn(p.Kernels, p.Kernels, verifier.Finding{
		At: cindex.Loc{File: n.fn.At.File, Span: n.call.At}, Severity: verifier.Info, Kfunc: x.Name, Outcome: verifier.OutcomeLoad,
		Message: fmt.Sprintf("%s is used without asking whether the kernel has it", x.Name),
		Notes: []verifier.Note{
			{Message: "a kernel without it refuses to load the program: \"R1 type=scalar expected=percpu_ptr_\" (check_reg_type)"},
			{At: x.At, Message: fmt.Sprintf("it is weak: test &%s before", x.Name)},
		},
	})
}

// asks tells whether a guard looks at a kernel symbol.
func asks(guards []*cindex.Expr, name string) bool {
	for _, g := range guards {
		if mentions(g, name, 0) {
			return true
		}
	}
	return false
}

func mentions(x *cindex.Expr, name string, depth int) bool {
	if x == nil || depth > 64 {
		return false
	}
	return x.Op == cindex.OpKsymExists && x.Name == name || mentions(x.X, name, depth+1) || mentions(x.Y, name, depth+1)
}
