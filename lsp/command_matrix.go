package lsp

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A kfuncMatrix is the answer of scx-lsp.matrix.
type kfuncMatrix struct {
	Kernel   string      `json:"kernel"`
	Releases []string    `json:"releases"`
	Members  []string    `json:"members"`
	Kfuncs   []matrixRow `json:"kfuncs"`
	Used     []kfuncUse  `json:"used"`
}

// A matrixRow has a cell for every member.
type matrixRow struct {
	Name    string       `json:"name"`
	Cells   []matrixCell `json:"cells"`
	Since   string       `json:"since,omitempty"`
	Removed string       `json:"removed,omitempty"`
}

type matrixCell struct {
	Verdict string `json:"verdict"`
	Who     string `json:"who,omitempty"`
}

// A kfuncUse is a place where a source calls a kfunc.
type kfuncUse struct {
	Kfunc  string         `json:"kfunc"`
	Member string         `json:"member"`
	URI    uri.URI        `json:"uri"`
	Range  protocol.Range `json:"range"`
}

// A matrixColumn is a member or what stands beside members, with all contexts
// that it is: a timer is judged by the program that sets it.
type matrixColumn struct {
	name     string
	contexts []btfdb.Context
	maySleep bool
}

// showMatrix says what a kernel lets each member call, and what a source does.
func showMatrix(ctx context.Context, c *command) (any, error) {
	var args struct {
		URI    string `json:"uri"`
		Kernel string `json:"kernel"`
	}
	if err := c.arg(&args, `{"uri": a source, "kernel": a release}`); err != nil {
		return nil, err
	}
	k, err := c.kernel(args.Kernel)
	if err != nil {
		return nil, err
	}
	m := newKfuncMatrix(k, c.analyzer.Kernels())
	if args.URI != "" {
		unit, err := c.unit(ctx, args.URI)
		if err != nil {
			return nil, err
		}
		m.Used = c.uses(ctx, unit, k.Release)
	}
	return m, nil
}

func newKfuncMatrix(k *btfdb.Kernel, selected []*btfdb.Kernel) *kfuncMatrix {
	m := &kfuncMatrix{Kernel: k.Release, Releases: []string{}, Members: []string{}, Kfuncs: []matrixRow{}, Used: []kfuncUse{}}
	columns := matrixColumns(k)
	for _, col := range columns {
		m.Members = append(m.Members, col.name)
	}
	names := map[string]bool{}
	for _, other := range append(slices.Clone(selected), k) {
		for _, f := range other.Kfuncs() {
			names[f.Name] = names[f.Name] || schedExtKfunc(f)
		}
	}
	for _, other := range selected {
		m.Releases = append(m.Releases, other.Release)
	}
	for _, f := range sortedNames(names) {
		row := matrixRow{Name: f}
		if life, ok := btfdb.History(f); ok {
			row.Since, row.Removed = life.Since, life.Until
		}
		for _, col := range columns {
			row.Cells = append(row.Cells, col.cell(k, f))
		}
		m.Kfuncs = append(m.Kfuncs, row)
	}
	return m
}

// sortedNames gives the names that are wanted.
func sortedNames(wanted map[string]bool) []string {
	var out []string
	for name, want := range wanted {
		if want {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// schedExtKfunc tells sched_ext's own kfuncs from the hundreds that all
// programs share.
func schedExtKfunc(f *btfdb.Kfunc) bool {
	return slices.ContainsFunc(f.Sets, func(set string) bool { return strings.HasPrefix(set, "scx_") })
}

// matrixColumns are the members by offset, then what runs beside them.
func matrixColumns(k *btfdb.Kernel) []matrixColumn {
	var out []matrixColumn
	timer, work := matrixColumn{name: "(timer)"}, matrixColumn{name: "(work queue)", maySleep: true}
	if ops := k.Ops(schedExtOps); ops != nil {
		for _, member := range ops.Members {
			ctx, ok := k.MemberContext(schedExtOps, member.Name, false)
			if !ok || member.NoStub {
				continue
			}
			out = append(out, matrixColumn{member.Name, []btfdb.Context{ctx}, member.Sleepable})
			timer.contexts = append(timer.contexts, k.In(ctx, btfdb.Timer))
			work.contexts = append(work.contexts, k.In(ctx, btfdb.Workqueue))
		}
	}
	syscall := btfdb.Context{Prog: "syscall", Sleepable: true}
	return append(out, timer, work, matrixColumn{"(syscall)", []btfdb.Context{syscall}, true})
}

// cell judges a kfunc in a column; contexts that do not agree make it unknown.
func (col *matrixColumn) cell(k *btfdb.Kernel, kfunc string) matrixCell {
	if k.Kfunc(kfunc) == nil {
		return matrixCell{Verdict: verdictMissing}
	}
	cell := matrixCell{Verdict: verdictUnknown}
	for i, ctx := range col.contexts {
		next := verdictCell(k.Query(ctx, kfunc), col.maySleep)
		if i > 0 && next != cell {
			return matrixCell{Verdict: verdictUnknown}
		}
		cell = next
	}
	return cell
}

// The verdicts that clients know.
const (
	verdictAllowed   = "allowed"
	verdictRefused   = "refused"
	verdictAborted   = "aborted"
	verdictMissing   = "missing"
	verdictSleepable = "sleepable"
	verdictUnknown   = "unknown"
)

func verdictCell(v btfdb.Verdict, maySleep bool) matrixCell {
	switch v.Outcome {
	case btfdb.Allowed:
		return matrixCell{Verdict: verdictAllowed}
	case btfdb.AbortedRun:
		return matrixCell{verdictAborted, v.Decider}
	case btfdb.NotThere:
		return matrixCell{Verdict: verdictMissing}
	case btfdb.NotSleepable:
		if maySleep {
			return matrixCell{verdictSleepable, v.Decider}
		}
		return matrixCell{verdictRefused, v.Decider}
	case btfdb.RefusedLoad, btfdb.NotCallable:
		return matrixCell{verdictRefused, v.Decider}
	}
	return matrixCell{Verdict: verdictUnknown}
}

// uses lists where the functions of a source get to kfuncs on a release, by the
// members that they run for.
func (s *Server) uses(ctx context.Context, unit *cindex.Unit, release string) []kfuncUse {
	out := []kfuncUse{}
	conv := newConverter(s.session.snapshot(), s.encoding, s.diagnoser.style)
	for _, fn := range unit.Own() {
		if ctx.Err() != nil {
			break
		}
		var members []string
		for _, use := range s.analyzer.Uses(ctx, unit, fn) {
			if !onRelease(use.Kernels, release) || throughOwn(unit, use.First) {
				continue
			}
			if members == nil {
				members = matrixMembers(s.analyzer.Ways(ctx, unit, fn), release)
			}
			at := conv.location(cindex.Loc{File: fn.At.File, Span: use.First.At})
			for _, member := range members {
				out = append(out, kfuncUse{use.Name, member, at.URI, at.Range})
			}
		}
	}
	return out
}

// throughOwn tells whether a call is of another function of the author's,
// which is looked at by itself.
func throughOwn(unit *cindex.Unit, call *cindex.Call) bool {
	if call == nil {
		return true
	}
	callee := unit.Func(call.Callee)
	return callee != nil && !verifier.IsLibrary(callee.At.File.Path)
}

func onRelease(kernels []*btfdb.Kernel, release string) bool {
	return slices.ContainsFunc(kernels, func(k *btfdb.Kernel) bool { return k.Release == release })
}

// matrixMembers gives the columns that ways on a release belong to.
func matrixMembers(ways []verifier.Way, release string) []string {
	out := []string{}
	for _, w := range ways {
		name := columnOf(&w)
		if w.Kernel.Release == release && name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func columnOf(w *verifier.Way) string {
	switch w.Async {
	case cindex.CallTimer:
		return "(timer)"
	case cindex.CallWork:
		return "(work queue)"
	}
	if member, ok := strings.CutPrefix(w.Root.Name, schedExtOps+"."); ok {
		return member
	}
	if strings.Contains(w.Root.Name, ".") {
		return "" // a type of struct_ops that has no column
	}
	return "(" + w.Root.Name + ")"
}
