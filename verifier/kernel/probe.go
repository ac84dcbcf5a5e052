package kernel

import (
	"context"
	"errors"
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/link"
)

// A Probed is what a kernel answered to every cell of the matrix.
type Probed struct {
	Kernel string
	Cells  int
	Wrong  []string // cells in which the facts say otherwise
	Silent int      // cells of which the facts, or the kernel, say nothing
	Times  Times
}

// Probe asks a kernel, an image or Running, whether each kfunc may be called
// from each context, with programs of a call and an exit, and compares that
// with what is concluded from its facts.
//
// names are the kfuncs to ask about, nil for all.
//
// It sees what the verifier refuses. Masks that a kernel up to 7.0 checks when
// the call runs it cannot see, and flags only as far as they show in a refused
// call.
func (c *Checker) Probe(ctx context.Context, image string, facts *btfdb.Kernel, names []string, opt Options) (*Probed, error) {
	k, err := c.probedKernel(image)
	if err != nil {
		return nil, err
	}
	if names == nil {
		for _, f := range facts.Kfuncs() {
			names = append(names, f.Name)
		}
	}
	names = k.Funcs(names)
	p, contexts := k.Probe([]string{"sched_ext_ops", "sched_ext_ops_cid"}, names)
	out := &Probed{Kernel: k.Release}
	r, err := c.perform(ctx, image, p, opt, &out.Times)
	if err != nil {
		return nil, err
	}
	for i, x := range contexts {
		if len(r.Results[i].Log) != len(names) {
			return nil, fmt.Errorf("probe of %s: %d answers for %d kfuncs", x, len(r.Results[i].Log), len(names))
		}
		for n, name := range names {
			out.compare(facts, x, name, r.Results[i].Log[n])
		}
	}
	return out, nil
}

func (c *Checker) probedKernel(image string) (*link.Kernel, error) {
	if image == Running {
		return runningKernel()
	}
	hash, err := fileHash(image)
	if err != nil {
		return nil, err
	}
	return c.kernel(image, hash)
}

// perform runs a plan where the image says.
func (c *Checker) perform(ctx context.Context, image string, p *bpf.Plan, opt Options, t *Times) (*bpf.Report, error) {
	var r *bpf.Report
	var err error
	if image == Running {
		if why := bpf.Allowed(); why != "" {
			return nil, errors.New(why)
		}
		r = bpf.Perform(ctx, p)
	} else if r, err = c.ask(ctx, image, &link.Linked{Plan: p}, opt, t, func(string) {}); err != nil {
		return nil, err
	}
	if r.Trouble != "" || len(r.Results) != len(p.Steps) {
		return nil, fmt.Errorf("the plan was not performed: %s", r.Trouble)
	}
	return r, nil
}

// asked are the answers that follow from what the facts conclude.
var asked = map[btfdb.Outcome]byte{
	btfdb.Allowed: bpf.ProbeCalled, btfdb.AbortedRun: bpf.ProbeCalled, btfdb.RefusedLoad: bpf.ProbeNotAllowed,
	btfdb.NotSleepable: bpf.ProbeSleepable, btfdb.NotCallable: bpf.ProbeBroken,
}

// compare holds one answer against the facts.
func (p *Probed) compare(facts *btfdb.Kernel, x link.Context, kfunc string, answer byte) {
	p.Cells++
	if x.Section == "" {
		m := facts.Member(x.Ops, x.Member)
		switch refused := answer == bpf.ProbeContext; {
		case m == nil:
			p.Wrong = append(p.Wrong, fmt.Sprintf("%s: the facts have no such member", x))
			return
		case refused && (!m.Func || m.NoStub || x.Sleepable && !(m.SleepKnown && m.Sleepable)):
			return
		case refused != (m.Func && m.NoStub || x.Sleepable && m.SleepKnown && !m.Sleepable):
			p.Wrong = append(p.Wrong, fmt.Sprintf("%s: the kernel takes programs there: %v", x, !refused))
			return
		}
	}
	ctx, ok := btfdb.SectionContext(x.Section)
	if x.Section == "" {
		ctx, ok = facts.MemberContext(x.Ops, x.Member, x.Sleepable)
	}
	want, known := asked[facts.Query(ctx, kfunc).Outcome]
	switch {
	case !ok || !known || answer == bpf.ProbeOther:
		// What takes its arguments from an arena, or more than five, is refused
		// before the verifier asks where it may be called (add_kfunc_call).
		p.Silent++
	case answer == bpf.ProbeBroken && facts.Kfunc(kfunc).Broken:
		// Nobody can call it, which the kernel finds before it asks from where.
	case want != answer:
		p.Wrong = append(p.Wrong, fmt.Sprintf("%s: %s: the kernel answers %q, the facts say %q", x, kfunc, answer, want))
	}
}
