package verifier

import "github.com/scx-lsp/scx-lsp/cindex"

// References tells whether the compiler leaves a reference to name in the
// object: some function that is compiled calls it, reached or not. A static
// function that nobody calls is not compiled.
func (p *Pass) References(name string) bool {
	seen := map[*cindex.Func]bool{}
	var walk func(f *cindex.Func) bool
	walk = func(f *cindex.Func) bool {
		if seen[f] {
			return false
		}
		seen[f] = true
		for i := range f.Calls {
			c := &f.Calls[i]
			if deadInC(c.Guards) {
				continue
			}
			if c.Callee == name {
				return true
			}
			if callee := p.Unit.Func(c.Callee); callee != nil && walk(callee) {
				return true
			}
		}
		return false
	}
	for _, f := range p.Unit.Funcs() {
		if !f.Static && walk(f) {
			return true
		}
	}
	return false
}

// deadInC tells whether the compiler itself drops what is behind guards.
func deadInC(guards []*cindex.Expr) bool {
	for _, g := range guards {
		if g != nil && g.Op == cindex.OpInt && g.Int == 0 {
			return true
		}
	}
	return false
}
