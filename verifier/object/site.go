package object

import (
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A CodeAt is an instruction of the object: a section by its index in the
// file, and the instruction in it.
type CodeAt struct{ Section, Slot int }

// A Site is where to show what a kernel said of an instruction.
type Site struct {
	At    cindex.Loc
	Chain []verifier.Step // from the program's entry to At
	Known bool            // false when the object has no such instruction
}

// Sites finds places in the sources. A stack is the calls that lead to an
// instruction, outermost first, and the instruction; kfunc is what the last
// one calls, "" when it calls none. Wrappers of scx and libbpf belong to the
// call, as in Check.
func (o *Object) Sites(stacks [][]CodeAt, kfunc []string) []Site {
	j := &judge{o: o}
	src := o.newSources()
	chains := make([][]frameStep, len(stacks))
	for i, stack := range stacks {
		p := problem{kfunc: kfunc[i], chain: j.chainAt(stack, kfunc[i])}
		_, chains[i], _ = j.siteOf(&p)
		for _, s := range chains[i] {
			src.want(s.at)
		}
	}
	out := make([]Site, len(stacks))
	for i, chain := range chains {
		for _, s := range chain {
			out[i].Chain = append(out[i].Chain, verifier.Step{Function: s.fn, At: src.loc(s.at), Callee: s.callee, Kind: s.kind.source()})
		}
		n := len(chain)
		if n == 0 {
			continue
		}
		out[i].At, out[i].Known = out[i].Chain[n-1].At, true
		if chain[n-1].callee == "" {
			out[i].Chain = out[i].Chain[:n-1] // it calls nothing
		}
	}
	return out
}

// chainAt are the steps of a stack; nil when an instruction is not there.
func (j *judge) chainAt(stack []CodeAt, kfunc string) []frameStep {
	var out []frameStep
	for i, c := range stack {
		f := j.o.funcOf(c)
		if f == nil {
			return nil
		}
		callee, kind := kfunc, callKfunc
		if i+1 < len(stack) {
			kind = callSub
			if g := j.o.funcOf(stack[i+1]); g != nil {
				callee = g.name
			}
		}
		out = append(out, j.stepsIn(f, c.Slot, callee, kind)...)
	}
	return out
}

// funcOf finds the function that holds an instruction.
func (o *Object) funcOf(at CodeAt) *fn {
	c := o.code[at.Section]
	if c == nil {
		return nil
	}
	for _, f := range c.funcs {
		if at.Slot >= f.start && at.Slot < f.end {
			return f
		}
	}
	return nil
}

// Place is where a program is declared; without any line, the object itself.
func (o *Object) Place(p *Program) cindex.Loc {
	j := &judge{o: o}
	at := j.placeOf(&problem{root: root{prog: p}})
	src := o.newSources()
	src.want(at)
	return src.loc(at)
}

// FirstUse finds where the object first refers to an extern, by its declared
// name.
func (o *Object) FirstUse(extern string) Site {
	for _, f := range o.funcs {
		for slot := f.start; slot < f.end; slot++ {
			if r, ok := f.code.refs[slot]; ok && r.ext != nil && r.ext.Name == extern {
				return o.Sites([][]CodeAt{{{f.code.index, slot}}}, []string{r.ext.Kernel()})[0]
			}
		}
	}
	return Site{}
}
