package lsp

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/object/join"
)

// maxAsked bounds what is remembered of real kernels: an answer a question.
const maxAsked = 16

// A Judgement is what real kernels said of an object.
type Judgement struct {
	Path    string // of the object
	Kernels string // the question: who was asked
	Stamp   Stamp  // of the object that they saw
	Result  *object.Result
}

// A Stamp tells one version of a file from the next.
type Stamp struct {
	made time.Time
	size int64
}

// StampOf gives the stamp of a file as it is now, zero when there is none.
func StampOf(name string) Stamp {
	st, err := os.Stat(name)
	if err != nil {
		return Stamp{}
	}
	return Stamp{st.ModTime(), st.Size()}
}

// asked is a judgement that sources can be held against.
type asked struct {
	Judgement
	built *join.Built
}

// judged remembers an answer, in the place of an earlier one to the same
// question.
func (o *objects) judged(j Judgement) {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(o.asked), func(a asked) bool { return a.Path == j.Path && a.Kernels == j.Kernels })
	if list = append(list, asked{j, join.New(j.Result)}); len(list) > maxAsked {
		list = list[1:]
	}
	o.asked = list
}

// said adds to what is found in a unit what real kernels said of its object. A
// finding that a kernel bears out stays the only one of its kind and says so.
func (o *objects) said(m *members, u *cindex.Unit, found []verifier.Finding, open func(string) bool) []verifier.Finding {
	o.mu.Lock()
	list := o.asked
	o.mu.Unlock()
	if len(list) == 0 || !saved(u, open) {
		return found
	}
	for _, a := range list {
		if StampOf(a.Path) != a.Stamp || newer(u, a.Stamp.made) {
			continue
		}
		var more []verifier.Finding
		for _, f := range m.checker.Wanted(u, a.built.Findings(u, nil)) {
			if i := slices.IndexFunc(found, func(known verifier.Finding) bool { return sameProblem(known, f) }); i >= 0 {
				found = slices.Clone(found) // it is the checker's
				found[i].Notes = addNotes(found[i].Notes, f.Notes)
				continue
			}
			f.Judge = a.judges(f)
			more = append(more, f)
		}
		found = slices.Concat(found, more)
	}
	return found
}

// sameProblem tells whether two findings are about the same thing, of which a
// missing kfunc and a wrong member have no place of their own.
func sameProblem(a, b verifier.Finding) bool {
	if a.Rule != b.Rule || verifier.KernelName(a.Kfunc) != verifier.KernelName(b.Kfunc) {
		return false
	}
	switch a.Rule {
	case "kfunc-unavailable":
		return true
	case "ops-member":
		return a.Message == b.Message
	}
	return a.At.File == b.At.File && lineAt(a.At) == lineAt(b.At)
}

func lineAt(at cindex.Loc) int {
	if at.File == nil {
		return -1
	}
	line, _ := at.File.Lines.OffsetLineCol(at.Span.Start)
	return line
}

// addNotes adds what is not said yet.
func addNotes(notes, more []verifier.Note) []verifier.Note {
	notes = slices.Clone(notes)
	for _, n := range more {
		if !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}
	return notes
}

// judges names the kernels that a finding is from: "Linux 7.1.13, 7.3.4".
func (a *asked) judges(f verifier.Finding) string {
	var names []string
	for _, k := range a.Result.Kernels {
		if name, _, _ := strings.Cut(k.Build, "+"); slices.Contains(f.Releases, k.Release) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return "Linux " + strings.Join(names, ", ")
}
