package verifier

import (
	"slices"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// Off is the severity of rules that a user does not want to hear of.
const Off = Severity(255)

// A Policy is what a user wants of findings, beyond what the rules say.
type Policy struct {
	// Severity grades the findings of a rule, by its id. What a rule reports as
	// a remark never becomes more than one.
	Severity map[string]Severity
	// Paths hold for some files only; of several that match, the last that
	// names the rule counts.
	Paths []PathPolicy
	// OwnKernels makes a source's own "scx-lsp: kernels" comment count, in place
	// of the kernels of the checker.
	OwnKernels bool
}

// A PathPolicy is a policy for the files that match.
type PathPolicy struct {
	Match    func(path string) bool
	Severity map[string]Severity
}

// of gives what a rule's findings in a file count, false when the policy says
// nothing of it.
func (p *Policy) of(rule, path string) (s Severity, ok bool) {
	s, ok = p.Severity[rule]
	for _, x := range p.Paths {
		if given, has := x.Severity[rule]; has && x.Match(path) {
			s, ok = given, true
		}
	}
	return s, ok
}

// apply grades findings, and drops those that nobody wants.
func (p *Policy) apply(list []Finding) []Finding {
	out := list[:0]
	for _, f := range list {
		s, ok := p.of(f.Rule, f.At.File.Path)
		switch {
		case !ok:
		case s == Off:
			continue
		case f.Severity >= Info:
			f.Severity = max(f.Severity, s)
		default:
			f.Severity = s
		}
		out = append(out, f)
	}
	return out
}

// WithPolicy sets the policy of a checker that was not used yet, and gives it.
func (c *Checker) WithPolicy(p Policy) *Checker {
	c.policy = p
	return c
}

// forUnit gives the checker for the kernels that a source says it is for; c
// itself when it says nothing, or nothing that can be understood.
func (c *Checker) forUnit(list []*Directive, main *cindex.File) *Checker {
	if !c.policy.OwnKernels {
		return c
	}
	for _, d := range list {
		if d.Kernels == "" || d.At.File != main {
			continue
		}
		kernels, err := btfdb.Select(d.Kernels)
		if err != nil {
			return c // the rule directive says so
		}
		return c.forKernels(d.Kernels, kernels)
	}
	return c
}

// forKernels gives a checker that differs in its kernels alone.
func (c *Checker) forKernels(spec string, kernels []*btfdb.Kernel) *Checker {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.others[spec]
	if o == nil {
		o = NewChecker(kernels, c.rules)
		o.policy = c.policy
		if c.others == nil || len(c.others) > maxObjects {
			c.others = map[string]*Checker{}
		}
		c.others[spec] = o
	}
	return o
}

// ignore drops the findings that directives keep back, and notes which did.
func ignore(list []*Directive, found []Finding) []Finding {
	if len(list) == 0 {
		return found
	}
	return slices.DeleteFunc(found, func(f Finding) bool {
		kept := false
		for _, d := range list {
			if i := slices.Index(d.Rules, f.Rule); i >= 0 && d.speaksOf(f.At) {
				d.Used[i] = true
				kept = true
			}
		}
		return kept
	})
}

func (d *Directive) speaksOf(at cindex.Loc) bool {
	return d.At.File == at.File && d.covers.Start <= at.Span.Start && at.Span.Start < d.covers.End
}
