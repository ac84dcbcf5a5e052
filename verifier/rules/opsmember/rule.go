// Package opsmember is the rule ops-member: ops tables, and the programs in
// them, that libbpf, the verifier or sched_ext refuse whatever the programs do.
package opsmember

import (
	_ "embed"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "ops-member",
	Summary: "an ops table, or a program in one, is not what the kernel takes",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	c := &check{pass: p, unit: p.Unit}
	for _, t := range p.Unit.Tables {
		if t.Section != "" && t.Section[0] == '?' {
			continue // libbpf makes it only when user space asks for it
		}
		c.table(t)
	}
	c.programs()
	c.report()
}

// A check gathers what is wrong with the tables and programs of one unit.
type check struct {
	pass   *verifier.Pass
	unit   *cindex.Unit
	issues []*issue
	index  map[issueKey]*issue
	protos map[string][]btfdb.Param // by prototype
}

// table looks at one ops table on every kernel of the pass.
func (c *check) table(t *cindex.OpsTable) {
	for _, k := range c.pass.Kernels {
		if !c.hasType(t, k) {
			continue
		}
		for _, in := range t.Inits {
			if m := c.member(t, in, k); m != nil && m.Func && in.Func != "" {
				c.program(t, in, m, k)
			}
		}
		if isScx(t.Type) {
			c.data(t, k)
		}
	}
}
