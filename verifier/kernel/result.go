package kernel

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/vlog"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// Rules of what no static rule speaks of.
const (
	RuleVerifier = vlog.RuleUnknown
	RuleRuntime  = "kernel-runtime" // sched_ext threw the scheduler out
)

// A problem is one refusal of one kernel.
type problem struct {
	kernel   int // index in the judgements
	rule     string
	prog     *object.Program
	context  string
	message  string
	kfunc    string
	outcome  string
	notes    []string
	path     []Event
	site     object.Site
	whole    bool // of the object: every row has it
	stack    []object.CodeAt
	fallback cindex.Loc
}

// Results makes rows and findings of what kernels said, as object.Check does
// of what they would say.
func Results(o *object.Object, js []Judgement) *object.Result {
	res := &object.Result{Object: o}
	for _, j := range js {
		res.Kernels = append(res.Kernels, facts(j.Kernel))
	}
	b := builder{o: o, js: js, res: res}
	for i := range js {
		b.object(i)
		for _, v := range js[i].Verdicts {
			if v.Refused {
				b.verdict(i, v)
			}
		}
		if r := js[i].Run; r != nil && !r.Survived && !r.Attach {
			b.run(i, r)
		}
	}
	b.locate()
	b.rows()
	b.group()
	return res
}

// facts is what is known of the kernel; one that is not in the database has
// at least a name.
func facts(build string) *btfdb.Kernel {
	for _, x := range btfdb.Releases() {
		if x.Build == build {
			if k, err := x.Load(); err == nil {
				return k
			}
		}
	}
	release := build
	if r, err := btfdb.ParseRelease(build); err == nil {
		release = r.Base().String()
	}
	return &btfdb.Kernel{Release: release, Build: build}
}

type builder struct {
	o        *object.Object
	js       []Judgement
	res      *object.Result
	problems []problem
	groups   []*group
}

var externName = regexp.MustCompile(`^extern \((?:func ksym|var ksym|kcfg)\) '([^']+)'`)

// object notes what libbpf has against the whole object.
func (b *builder) object(i int) {
	for _, says := range b.js[i].Refusals {
		p := problem{kernel: i, rule: "ops-member", message: says, outcome: verifier.OutcomeLoad, whole: true}
		p.notes = []string{fmt.Sprintf("Linux %s does not get to see the object: %q (libbpf)", b.res.Kernels[i].Release, says)}
		if m := externName.FindStringSubmatch(says); m != nil {
			p.rule, p.kfunc = "kfunc-unavailable", verifier.KernelName(m[1])
			p.site = b.o.FirstUse(m[1])
		}
		p.fallback = b.o.Place(nil)
		b.problems = append(b.problems, p)
	}
}

func (b *builder) program(name string) *object.Program {
	for _, p := range b.o.Programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func (b *builder) verdict(i int, v Verdict) {
	p := problem{
		kernel: i, rule: vlog.Rule(v.Message), prog: b.program(v.Program), context: v.Context, message: v.Message, kfunc: vlog.Kfunc(v.Message),
		outcome: verifier.OutcomeLoad, path: v.Path, stack: v.Stack,
	}
	p.notes = append(p.notes, fmt.Sprintf("Linux %s refuses to load the program: %q", b.res.Kernels[i].Release, strings.Join(append([]string{v.Message}, v.More...), "; ")))
	if v.Reason != "" {
		p.notes = append(p.notes, v.Reason)
	}
	if v.Suggestion != "" {
		p.notes = append(p.notes, v.Suggestion)
	}
	p.fallback = b.o.Place(p.prog)
	b.problems = append(b.problems, p)
}

var maskError = regexp.MustCompile(`kfunc with mask 0x|called from a nested operation|called on a task not being operated on|called cross-task|must only be called from`)

// run notes how the scheduler was thrown out.
func (b *builder) run(i int, r *Run) {
	p := problem{
		kernel: i, rule: RuleRuntime, prog: b.program(r.Program), message: cmp.Or(r.Message, r.Outcome), outcome: verifier.OutcomeRuntime, stack: r.Stack,
	}
	if maskError.MatchString(r.Message) {
		p.rule = "kfunc-context"
		if p.kfunc = kernelCaller(r.Trace); p.kfunc != "" {
			p.message = p.kfunc + ": " + p.message
		}
	}
	for _, v := range b.js[i].Verdicts {
		if v.Program == r.Program {
			p.context = v.Context
		}
	}
	p.notes = []string{fmt.Sprintf("Linux %s throws the scheduler out after %.1f s (%s): %q", b.res.Kernels[i].Release, r.Seconds, cmp.Or(r.Kind, "no reason given"), r.Message)}
	p.fallback = b.o.Place(p.prog)
	b.problems = append(b.problems, p)
}

// kernelCaller is the kernel's function that a program of ours called: the
// line of a backtrace above the first of ours.
func kernelCaller(trace []string) string {
	for i, t := range trace {
		if strings.HasPrefix(t, "bpf_prog_") && i > 0 {
			name, _, _ := strings.Cut(trace[i-1], "+")
			return name
		}
	}
	return ""
}

// locate finds the sources of all problems at once.
func (b *builder) locate() {
	stacks := make([][]object.CodeAt, len(b.problems))
	kfuncs := make([]string, len(b.problems))
	for i, p := range b.problems {
		stacks[i], kfuncs[i] = p.stack, p.kfunc
	}
	for i, s := range b.o.Sites(stacks, kfuncs) {
		p := &b.problems[i]
		if !p.site.Known {
			p.site = s
		}
		if !p.site.Known {
			p.site.At = p.fallback
		}
	}
}

// rows makes a row for each program, context and kernel.
func (b *builder) rows() {
	var order []rowKey
	for _, j := range b.js {
		for _, v := range j.Verdicts {
			if k := (rowKey{v.Program, v.Context}); !slices.Contains(order, k) {
				order = append(order, k)
			}
		}
	}
	if len(order) == 0 {
		for _, p := range b.o.Programs {
			order = append(order, keys(p)...)
		}
	}
	for _, k := range order {
		for i := range b.js {
			b.res.Rows = append(b.res.Rows, b.row(b.program(k.program), k.context, i))
		}
	}
}

// A rowKey is a program in a context.
type rowKey struct{ program, context string }

// keys are the rows of a program that no kernel has spoken of.
func keys(p *object.Program) (out []rowKey) {
	for _, w := range p.Wirings {
		if k := (rowKey{p.Name, w.Table.Type + "." + w.Member}); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	if out == nil {
		out = append(out, rowKey{p.Name, cmp.Or(p.Type, p.Section)})
	}
	return out
}

func (b *builder) row(p *object.Program, context string, i int) object.Row {
	j := &b.js[i]
	row := object.Row{Program: p, Context: context, Kernel: b.res.Kernels[i], Verdict: object.NotJudged, Aborts: object.Accepted, Reason: j.NotJudged}
	for _, v := range j.Verdicts {
		if v.Program != p.Name || v.Context != context {
			continue
		}
		switch row.Reason = v.NotJudged; {
		case v.Refused:
			row.Verdict = object.Refused
		case v.NotJudged == "":
			row.Verdict = object.Accepted
		}
	}
	if len(j.Refusals) > 0 {
		row.Verdict, row.Reason = object.Refused, ""
	}
	if r := j.Run; r != nil && !r.Survived && !r.Attach && (r.Program == p.Name || r.Program == "") {
		row.Aborts = object.Refused
	}
	return row
}
