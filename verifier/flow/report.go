package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A Text is how a rule words an issue.
type Text struct {
	Message string
	// Refusal is what a kernel prints, Decider the function in
	// kernel/bpf/verifier.c that does.
	Refusal func(*btfdb.Kernel) string
	Decider string
	From    string // says what happened at Issue.From, "" to leave it out
	Until   string // says what happened at Issue.Until, "" to leave it out
	Advice  string
	Fixes   []verifier.Fix
}

type place struct {
	kind Kind
	fn   string
	at   cindex.Span
	name string
	arg  int
}

func (r Result) place() place { return place{r.Kind, r.Func, r.At, r.Name, r.Arg} }

// InProgramsToo begins the note that names the other programs with an issue.
const InProgramsToo = "refused in these programs too: "

// otherPrograms lists all but the first program, each once.
func otherPrograms(names []string) string {
	var out []string
	for _, n := range names[1:] {
		if n != names[0] && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, ", ")
}

// Report makes findings of the issues that a rule wants, one for each place.
func Report(p *verifier.Pass, want func(Issue) bool, word func(Result) Text) {
	all := Results(p)
	programs := map[place][]string{}
	for _, r := range all {
		programs[r.place()] = append(programs[r.place()], r.Root.Program.Func.Name)
	}
	seen := map[place]bool{}
	for _, r := range all {
		key := r.place()
		if !want(r.Issue) || seen[key] {
			continue
		}
		seen[key] = true
		at, ok := Locate(p.Unit, Place{r.Func, r.At})
		if !ok {
			continue
		}
		t := word(r)
		f := verifier.Finding{
			At: at, Message: t.Message, Kfunc: r.Name, KernelFunction: r.Name, Context: r.Root.Name,
			Program: r.Root.Program.Func.Name, Outcome: verifier.OutcomeLoad, Fixes: t.Fixes,
		}
		if r.Rodata != "" {
			f.Severity = verifier.Warning
		}
		if r.Root.Program.Func.Unsure {
			f.Severity = verifier.Info
		}
		f.Notes = t.notes(p.Unit, r)
		if others := otherPrograms(programs[key]); others != "" {
			f.Notes = append(f.Notes, verifier.Note{Message: InProgramsToo + others})
		}
		p.ReportOn(r.Kernels, r.Judged, f)
	}
}

// notes says where the path went, who refuses, and what to do.
func (t Text) notes(u *cindex.Unit, r Result) []verifier.Note {
	var out []verifier.Note
	if at, ok := Locate(u, r.From); ok && t.From != "" {
		out = append(out, verifier.Note{At: at, Message: t.From})
	}
	if at, ok := Locate(u, r.Until); ok && t.Until != "" {
		out = append(out, verifier.Note{At: at, Message: t.Until})
	}
	out = append(out, t.refusals(r.Kernels)...)
	if r.Rodata != "" {
		out = append(out, verifier.Note{Message: fmt.Sprintf(
			"only when user space sets %s: its value in the source closes this path", r.Rodata)})
	}
	if t.Advice != "" {
		out = append(out, verifier.Note{Message: t.Advice})
	}
	return out
}

// refusals says what the kernels print, one line for each message.
func (t Text) refusals(kernels []*btfdb.Kernel) []verifier.Note {
	var order []string
	on := map[string][]string{}
	for _, k := range kernels {
		text := t.Refusal(k)
		if on[text] == nil {
			order = append(order, text)
		}
		on[text] = append(on[text], k.Release)
	}
	var out []verifier.Note
	for _, text := range order {
		out = append(out, verifier.Note{Message: fmt.Sprintf(
			"%s refuses to load the program: %q (%s)", verifier.ReleaseText(on[text]), text, t.Decider)})
	}
	return out
}

// Any wants issues of some kinds.
func Any(kinds ...Kind) func(Issue) bool {
	return func(i Issue) bool { return slices.Contains(kinds, i.Kind) }
}

// Locate finds a place in the files of a unit; false when its function is not
// there.
func Locate(u *cindex.Unit, p Place) (cindex.Loc, bool) {
	fn := u.Func(p.Func)
	if fn == nil {
		return cindex.Loc{}, false
	}
	start := fn.Body.Start
	return cindex.Loc{File: fn.At.File, Span: cindex.Span{Start: start + p.At.Start, End: start + p.At.End}}, true
}

// Since gives one text up to a release and another one from it on: kernels
// reworded what they print.
func Since(release, before, after string) func(*btfdb.Kernel) string {
	return func(k *btfdb.Kernel) string {
		if btfdb.CompareReleases(k.Release, release) < 0 {
			return before
		}
		return after
	}
}

// Always gives one text for all kernels.
func Always(text string) func(*btfdb.Kernel) string {
	return func(*btfdb.Kernel) string { return text }
}
