package verifier

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Checker checks sources again and again, for the same kernels and by the
// same rules. It remembers what it worked out, so that a check after an edit
// costs what the edit touches; what it finds is what a new checker would find.
// It is safe for concurrent use.
type Checker struct {
	kernels []*btfdb.Kernel
	rules   []*Rule
	worlds  []*world
	policy  Policy

	mu      sync.Mutex
	objects map[string]*object  // by the paths of the sources; guarded by mu
	others  map[string]*Checker // for other kernels; guarded by mu
	uses    int                 // counts checks; guarded by mu
}

// maxObjects is how many objects a checker remembers.
const maxObjects = 64

// An object is what is remembered of sources that are linked together, or of
// one that stands alone.
type object struct {
	used int // guarded by Checker.mu

	mu      sync.Mutex // held while the object is checked
	walkers []*walker  // by world
	cached  map[*Rule]map[*cindex.FuncKey]any
	kept    map[any]any
}

// NewChecker makes a checker that remembers nothing yet.
func NewChecker(kernels []*btfdb.Kernel, rules []*Rule) *Checker {
	c := &Checker{kernels: kernels, rules: rules, objects: map[string]*object{}}
	for some := range slices.Chunk(kernels, maxKernels) {
		c.worlds = append(c.worlds, newWorld(some, len(c.worlds)*maxKernels))
	}
	return c
}

// Check gives what the kernels would refuse in a unit; linked are the other
// sources of the same object, whose programs may get to it. The findings are
// sorted by file, position, rule and context. A rule that panics loses its own
// findings only; a cancelled context ends the check early.
func (c *Checker) Check(ctx context.Context, u *cindex.Unit, linked ...*cindex.Unit) []Finding {
	var said []*Directive
	for _, f := range u.Files {
		said = append(said, directives(f, functionsOf(u, f))...)
	}
	return c.forUnit(said, u.Main).check(ctx, u, linked, said)
}

// functionsOf gives the functions that a file of a unit defines.
func functionsOf(u *cindex.Unit, f *cindex.File) []*cindex.Func {
	if f == u.Main {
		return u.Own()
	}
	if !bytes.Contains(f.Content, directiveMark) {
		return nil // nobody will ask
	}
	return slices.DeleteFunc(u.Funcs(), func(fn *cindex.Func) bool { return fn.At.File != f })
}

func (c *Checker) check(ctx context.Context, u *cindex.Unit, linked []*cindex.Unit, said []*Directive) []Finding {
	o := c.object(u, linked)
	o.mu.Lock()
	defer o.mu.Unlock()
	run := &run{ctx: ctx, checker: c, object: o, units: sorted(u, linked), said: said}
	run.unit = slices.Index(run.units, u)
	pass := func(r *Rule) *Pass {
		return &Pass{Context: ctx, Unit: u, Linked: linked, Kernels: c.kernels, rule: r, run: run, only: ^outcomes(0)}
	}
	var all []Finding
	for _, r := range c.rules {
		if ctx.Err() == nil && !r.Last {
			all = append(all, runRule(pass(r))...)
		}
	}
	all = ignore(said, all)
	for _, r := range c.rules {
		if ctx.Err() == nil && r.Last {
			all = append(all, runRule(pass(r))...)
		}
	}
	all = c.policy.apply(all)
	slices.SortStableFunc(all, compareFindings)
	return all
}

// sorted puts the sources of an object into the order in which they are linked,
// which hangs on none of them.
func sorted(u *cindex.Unit, linked []*cindex.Unit) []*cindex.Unit {
	units := append([]*cindex.Unit{u}, linked...)
	slices.SortFunc(units, func(a, b *cindex.Unit) int { return strings.Compare(a.Main.Path, b.Main.Path) })
	return units
}

func (c *Checker) object(u *cindex.Unit, linked []*cindex.Unit) *object {
	var key strings.Builder
	for _, u := range sorted(u, linked) {
		key.WriteString(u.Main.Path)
		key.WriteByte(0)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.objects[key.String()]
	if o == nil {
		c.makeRoom()
		o = &object{cached: map[*Rule]map[*cindex.FuncKey]any{}, kept: map[any]any{}}
		for _, w := range c.worlds {
			o.walkers = append(o.walkers, &walker{world: w})
		}
		c.objects[key.String()] = o
	}
	c.uses++
	o.used = c.uses
	return o
}

// makeRoom forgets the object that was not asked for the longest time; c.mu is
// held.
func (c *Checker) makeRoom() {
	if len(c.objects) < maxObjects {
		return
	}
	oldest, least := "", c.uses+1
	for key, o := range c.objects {
		if o.used < least {
			oldest, least = key, o.used
		}
	}
	delete(c.objects, oldest)
}

// A run is one check: what its rules share.
type run struct {
	ctx     context.Context
	checker *Checker
	object  *object
	units   []*cindex.Unit
	unit    int // which of them is checked
	said    []*Directive
	ksyms   map[string]bool // see declaredKsyms

	walked bool
}

// walkers gives the walks of the newest sources.
func (r *run) walkers() []*walker {
	if !r.walked {
		r.walked = true
		for _, w := range r.object.walkers {
			w.update(r.ctx, r.units)
		}
	}
	if r.ctx.Err() != nil {
		return nil // some may be incomplete
	}
	return r.object.walkers
}

func (r *run) hits(only outcomes, visit func(*walker, *Root, *hit, kset)) {
	for _, w := range r.walkers() {
		w.hits(r.unit, only, visit)
	}
}

func (r *run) roots() []Root {
	if ws := r.walkers(); len(ws) > 0 {
		return ws[0].roots
	}
	return objectRoots(r.units)
}

func (r *run) ways(fn *cindex.Func) []Way {
	var out []Way
	for _, w := range r.walkers() {
		out = w.ways(out, r.unit, fn)
	}
	return out
}
