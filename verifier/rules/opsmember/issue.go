package opsmember

import (
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// An issue is one thing that is wrong at one place, on one or more kernels.
type issue struct {
	at      cindex.Loc
	message string
	says    string // what the kernel or libbpf prints
	decider string // the function that refuses
	outcome string // verifier.Outcome...
	advice  string
	typ     string // the struct_ops type, "" when it has no say
	context string // "sched_ext_ops.enqueue", "" for a whole table
	program string
	weak    verifier.Severity // the worst that it can be, 0 for an error
	fixes   []verifier.Fix

	kernels []*btfdb.Kernel
}

type issueKey struct {
	file    *cindex.File
	start   int
	message string
}

// add notes an issue on a kernel. Equal ones of several kernels are one.
func (c *check) add(k *btfdb.Kernel, i issue) {
	if c.index == nil {
		c.index = map[issueKey]*issue{}
	}
	key := issueKey{i.at.File, i.at.Span.Start, i.message}
	old := c.index[key]
	if old == nil {
		old = &i
		c.index[key] = old
		c.issues = append(c.issues, old)
	}
	old.kernels = append(old.kernels, k)
}

func (c *check) report() {
	for _, i := range c.issues {
		f := verifier.Finding{
			At: i.at, Message: i.message, Context: i.context, Program: i.program, Outcome: i.outcome,
			Notes: i.notes(), Fixes: i.fixes,
		}
		judged := c.judged(i)
		if i.weak != 0 && len(i.kernels) >= len(judged) || i.weak == verifier.Info {
			f.Severity = i.weak
		}
		c.pass.ReportOn(i.kernels, judged, f)
	}
}

// judged are the kernels that could have the issue: those with the type.
func (c *check) judged(i *issue) []*btfdb.Kernel {
	if i.typ == "" {
		return c.pass.Kernels
	}
	return c.pass.Where(func(k *btfdb.Kernel) bool { return k.Ops(i.typ) != nil })
}

// does names who refuses, and when.
var does = map[string]string{
	verifier.OutcomeLoad:   "refuses to load it",
	verifier.OutcomeAttach: "loads it and refuses to attach it",
}

func (i *issue) notes() []verifier.Note {
	var releases []string
	for _, k := range i.kernels {
		releases = append(releases, k.Release)
	}
	text := verifier.ReleaseText(releases) + " " + does[i.outcome]
	if i.says != "" {
		text += fmt.Sprintf(": %q", i.says)
	}
	out := []verifier.Note{{Message: text + " (" + i.decider + ")"}}
	if i.advice != "" {
		out = append(out, verifier.Note{Message: i.advice})
	}
	return out
}

func isScx(typ string) bool { return typ == "sched_ext_ops" || typ == "sched_ext_ops_cid" }
