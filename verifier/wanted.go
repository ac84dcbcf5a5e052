package verifier

import (
	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// Wanted treats findings of another pass on a unit as Check does its own: what
// a comment of the unit keeps back and what the policy does not want is gone,
// the rest is graded. It reuses found.
func (c *Checker) Wanted(u *cindex.Unit, found []Finding) []Finding {
	if len(found) == 0 {
		return nil
	}
	return c.policy.apply(ignore(directivesOf(u), found))
}

// KernelsOf gives the kernels that a unit is checked for.
func (c *Checker) KernelsOf(u *cindex.Unit) []*btfdb.Kernel {
	return c.forUnit(directivesOf(u), u.Main).kernels
}

func directivesOf(u *cindex.Unit) []*Directive {
	var out []*Directive
	for _, f := range u.Files {
		out = append(out, directives(f, functionsOf(u, f))...)
	}
	return out
}
