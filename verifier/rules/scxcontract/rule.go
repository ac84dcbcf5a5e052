// Package scxcontract is the rule scx-contract: what sched_ext throws a
// scheduler out for when it runs, as far as it shows in the source.
package scxcontract

import (
	_ "embed"
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "scx-contract",
	Summary: "a call breaks the contract between scheduler and kernel, and ends the scheduler",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	c := &check{pass: p, sites: sites(p), seen: map[seenKey]bool{}}
	dsqs := userQueues(p)
	for _, s := range c.sites {
		c.vtime(s)
		c.moveFrom(s)
		c.missing(s, dsqs)
		c.mixed(s)
		c.kick(s)
		c.dump(s)
		c.idle(s)
		c.tid(s)
	}
	c.twice()
}

// A check reports what is wrong with the calls of one unit.
type check struct {
	pass  *verifier.Pass
	sites []*site
	seen  map[seenKey]bool
}

type seenKey struct {
	file  *cindex.File
	start int
	says  string
}

// breach is one breach of the contract.
type breach struct {
	message  string
	says     string // what sched_ext gives as the reason
	decider  string
	advice   string
	severity verifier.Severity // 0: by the releases
	since    string            // the first release that minds, "" for all
	fixes    []verifier.Fix
}

// report makes a finding of a breach, once for a place.
func (c *check) report(s *site, b breach) {
	key := seenKey{s.fn.At.File, s.call.At.Start, b.says}
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	judged := c.pass.Where(func(k *btfdb.Kernel) bool { return k.Ops(s.root.TableType()) != nil })
	on := judged
	if b.since != "" {
		on = c.pass.Where(func(k *btfdb.Kernel) bool { return btfdb.CompareReleases(k.Release, b.since) >= 0 })
	}
	var names []string
	for _, k := range on {
		names = append(names, k.Release)
	}
	f := verifier.Finding{
		At: cindex.Loc{File: s.fn.At.File, Span: s.call.At}, Message: b.message, Severity: b.severity,
		Kfunc: s.name, KernelFunction: s.name, Context: s.root.Name, Program: s.root.Program.Func.Name,
		Outcome: verifier.OutcomeRuntime, Chain: s.way.chain(), Fixes: b.fixes,
	}
	f.Notes = append(f.Notes, verifier.Note{Message: fmt.Sprintf(
		"%s loads the program and throws the scheduler out when the call runs: %q (%s)", verifier.ReleaseText(names), b.says, b.decider)})
	if b.advice != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: b.advice})
	}
	c.pass.ReportOn(on, judged, f)
}
