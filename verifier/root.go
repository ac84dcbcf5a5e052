package verifier

import (
	"math/bits"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Root is a program in one of the contexts that it runs in: once per member
// that names it for struct_ops, once for any other type.
type Root struct {
	Program *cindex.Program
	Wiring  *cindex.Wiring // nil unless struct_ops
	Name    string         // "sched_ext_ops.enqueue", "syscall"
	order   int            // in the list of roots
	unit    int            // that defines the program
	walk    *walk          // nil when nobody walked it
}

// Roots lists the contexts of a unit's programs in the order of the source. A
// struct_ops program that no table names has none: libbpf does not load it.
func Roots(u *cindex.Unit) []Root { return objectRoots([]*cindex.Unit{u}) }

// objectRoots lists the contexts of the programs of sources that are linked:
// the ops table of one may name a function of another.
func objectRoots(units []*cindex.Unit) []Root {
	var roots []Root
	for i, u := range units {
		for _, p := range u.Programs {
			if p.Type != "struct_ops" {
				roots = append(roots, Root{Program: p, Name: p.Type, unit: i})
				continue
			}
			seen := map[string]bool{}
			for _, w := range wirings(units, i, p) {
				name := w.Table.Type + "." + w.Init.Member
				if !seen[name] {
					seen[name] = true
					roots = append(roots, Root{Program: p, Wiring: w, Name: name, unit: i})
				}
			}
		}
	}
	for i := range roots {
		roots[i].order = i
	}
	return roots
}

// wirings gives the places that name a program of a unit, in all units.
func wirings(units []*cindex.Unit, at int, p *cindex.Program) []*cindex.Wiring {
	var out []*cindex.Wiring
	for i := range p.Wirings {
		out = append(out, &p.Wirings[i])
	}
	for i, u := range units {
		if i == at || p.Func.Static {
			continue
		}
		for _, t := range u.Tables {
			for _, in := range t.Inits {
				if in.Func == p.Func.Name && u.Func(in.Func) == nil {
					out = append(out, &cindex.Wiring{Table: t, Init: in})
				}
			}
		}
	}
	return out
}

// TableType is the struct_ops type of a root, "" when it has none.
func (r Root) TableType() string {
	if r.Wiring == nil {
		return ""
	}
	return r.Wiring.Table.Type
}

// context gives what a kernel judges the root by; false when the kernel does
// not know the member.
func (r Root) context(k *btfdb.Kernel) (btfdb.Context, bool) {
	p := r.Program
	if r.Wiring == nil {
		return btfdb.SectionContext(p.Section)
	}
	return k.MemberContext(r.Wiring.Table.Type, r.Wiring.Init.Member, p.Sleepable)
}

// unsure tells that the build may not have the program, or not wired like this.
func (r Root) unsure() bool {
	return r.Program.Func.Unsure || r.Wiring != nil && r.Wiring.Init.Unsure
}

// judged counts the kernels of a pass that know the context.
func (r Root) judged(p *Pass) int {
	n := 0
	for _, w := range p.run.object.walkers {
		n += bits.OnesCount64(uint64(w.world.place(r).known))
	}
	return n
}
