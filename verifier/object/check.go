package object

import (
	"context"
	"slices"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Options say how an object is going to be loaded.
type Options struct {
	// Rodata sets variables of .rodata as user space would before it loads the
	// object: name to number, true or false.
	Rodata map[string]string
}

// A Verdict is what a kernel does with a program when it is loaded.
type Verdict uint8

const (
	// NotJudged: nothing is known of the program's context, or the program was
	// too large to follow.
	NotJudged Verdict = iota
	// Accepted: nothing was found that the kernel refuses.
	Accepted
	// Maybe: refused when user space sets a variable, or asks for a program
	// that is not loaded by itself.
	Maybe
	// Refused at load.
	Refused
)

func (v Verdict) String() string {
	return [...]string{"not-judged", "accepted", "maybe", "refused"}[min(v, Refused)]
}

// A Row is one program in one context on one kernel.
type Row struct {
	Program *Program
	Context string // "sched_ext_ops.enqueue", "syscall"
	Kernel  *btfdb.Kernel
	Verdict Verdict
	// Aborts tells that the program loads, and that sched_ext throws the
	// scheduler out when it runs: Refused surely, Maybe under a condition.
	Aborts   Verdict
	Reason   string // why it was not judged
	Refusals []Refusal
}

// A Refusal ties a row to a finding. A finding speaks of several kernels, and
// they need not refuse in the same way.
type Refusal struct {
	Finding  int    // index in Result.Findings
	Outcome  string // on the row's kernel: verifier.OutcomeLoad, ...
	Possible bool   // under the condition that the finding names
}

// A Result is all that Check has to say of an object.
type Result struct {
	Object   *Object
	Kernels  []*btfdb.Kernel
	Rows     []Row // by program, context and kernel
	Findings []verifier.Finding
}

// envWalks are the walks of one env, and what programs reach in them.
type envWalks struct {
	mu     sync.Mutex
	now    *walk
	free   *walk    // nil until a program needs it
	either [2]*walk // with unknown facts taken as not so, and as so
	done   map[*Program]*reach
}

// Check judges an object for the given kernels. A cancelled context ends it
// early with the rows so far.
func (o *Object) Check(ctx context.Context, kernels []*btfdb.Kernel, opt Options) (*Result, error) {
	rodata, err := o.rodataValues(opt.Rodata)
	if err != nil {
		return nil, err
	}
	j := &judge{o: o, kernels: kernels, envs: map[string]*envWalks{}, rodata: rodata}
	res := &Result{Object: o, Kernels: kernels}
	for _, k := range kernels {
		j.kernel(k)
	}
	for _, p := range o.Programs {
		for _, r := range p.roots() {
			for i, k := range kernels {
				if ctx.Err() != nil {
					return res, ctx.Err()
				}
				res.Rows = append(res.Rows, j.row(r, k, j.perKernel[i]))
			}
		}
	}
	j.finish(res)
	return res, nil
}

// A judge gathers problems over programs and kernels.
type judge struct {
	o         *Object
	kernels   []*btfdb.Kernel
	rodata    map[int]uint64
	envs      map[string]*envWalks
	perKernel []*kernelJudge
	spent     spent
	problems  []problem
	rowOf     [][]int // problems by row
}

// A kernelJudge is what the whole object has against one kernel.
type kernelJudge struct {
	env     *envWalks
	object  []int              // problems that keep libbpf from loading anything
	progs   map[*Program][]int // problems of a program whatever its context
	license *int               // the one about the license
}

func (j *judge) kernel(k *btfdb.Kernel) {
	e := j.o.newEnv(k, j.rodata)
	key := e.key()
	w := j.envs[key]
	if w == nil {
		w = &envWalks{now: newWalk(e, false, maybe, &j.spent), done: map[*Program]*reach{}}
		j.envs[key] = w
	}
	kj := &kernelJudge{env: w, progs: map[*Program][]int{}}
	j.perKernel = append(j.perKernel, kj)
	j.objectProblems(k, kj, e)
}

// row judges a program in one context on one kernel.
func (j *judge) row(r root, k *btfdb.Kernel, kj *kernelJudge) Row {
	row := Row{Program: r.prog, Context: r.name, Kernel: k, Verdict: Accepted, Aborts: Accepted}
	first := len(j.problems)
	j.memberProblems(r, k)
	ctx, known := r.context(k)
	if known {
		reach := kj.env.reachOf(r.prog)
		j.reachProblems(r, k, kj.env.now.env, ctx, reach)
		if reach.over {
			row.Verdict, row.Reason = NotJudged, "too large to follow"
		}
	} else {
		row.Verdict, row.Reason = NotJudged, notJudged(r, k)
	}
	mine := slices.Concat(kj.object, kj.progs[r.prog])
	for i := first; i < len(j.problems); i++ {
		mine = append(mine, i)
	}
	for _, i := range mine {
		j.problems[i].apply(&row)
	}
	j.rowOf = append(j.rowOf, mine)
	return row
}

func notJudged(r root, k *btfdb.Kernel) string {
	switch {
	case r.prog.Type == "":
		return "section " + r.prog.Section + " names no program type that is known"
	case r.prog.Type == "struct_ops" && r.wiring == nil:
		return "in no ops table"
	}
	return "Linux " + k.Release + " does not have " + r.name
}

// apply lets a problem decide over a row.
func (p *problem) apply(row *Row) {
	verdict := Refused
	if p.possible() {
		verdict = Maybe
	}
	if p.outcome != verifier.OutcomeLoad {
		row.Aborts = max(row.Aborts, verdict)
		return
	}
	if verdict == Refused || row.Verdict != NotJudged {
		row.Verdict = max(row.Verdict, verdict)
	}
	if row.Verdict == Refused {
		row.Reason = ""
	}
}
