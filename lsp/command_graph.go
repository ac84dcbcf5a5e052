package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A callGraph is the answer of scx-lsp.callGraph.
type callGraph struct {
	Nodes []graphNode `json:"nodes"`
	Edges []graphEdge `json:"edges"`
}

type graphNode struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Kind  string          `json:"kind"` // op, program, function, kfunc
	URI   uri.URI         `json:"uri,omitempty"`
	Range *protocol.Range `json:"range,omitempty"`
}

// A graphEdge has its range in the file of the node that it leaves.
type graphEdge struct {
	From    string          `json:"from"`
	To      string          `json:"to"`
	Kind    string          `json:"kind"` // call, sync, timer, work
	Range   *protocol.Range `json:"range,omitempty"`
	Verdict string          `json:"verdict,omitempty"`
	Message string          `json:"message,omitempty"`
}

// A grapher draws one unit.
type grapher struct {
	*command
	unit     *cindex.Unit
	conv     *converter
	findings []verifier.Finding
	graph    callGraph
	seen     map[string]bool // node ids
	edges    map[[3]string]bool
}

// showCallGraph gives what the programs of a source call, down to kfuncs, with
// what the diagnostics say of these.
func showCallGraph(ctx context.Context, c *command) (any, error) {
	var args struct {
		URI string `json:"uri"`
	}
	if err := c.arg(&args, `{"uri": a source}`); err != nil {
		return nil, err
	}
	unit, err := c.unit(ctx, args.URI)
	if err != nil {
		return nil, err
	}
	g := &grapher{
		command: c, unit: unit, conv: newConverter(c.session.snapshot(), c.encoding, c.diagnoser.style),
		findings: c.analyzer.Check(ctx, unit),
		graph:    callGraph{Nodes: []graphNode{}, Edges: []graphEdge{}}, seen: map[string]bool{}, edges: map[[3]string]bool{},
	}
	for _, p := range unit.Programs {
		g.program(ctx, p)
	}
	return g.graph, ctx.Err()
}

// program adds a program, the members that it is for, and what it calls.
func (g *grapher) program(ctx context.Context, p *cindex.Program) {
	id := g.function(ctx, p.Func, "program")
	for _, w := range p.Wirings {
		op := w.Table.Name + "." + w.Init.Member
		g.node(graphNode{ID: "op:" + op, Name: op, Kind: "op"}, w.Init.At)
		g.edge(graphEdge{From: "op:" + op, To: id, Kind: "call"}, w.Init.At)
	}
}

// node adds a node, and tells whether it is new.
func (g *grapher) node(n graphNode, at cindex.Loc) bool {
	if g.seen[n.ID] {
		return false
	}
	g.seen[n.ID] = true
	if at.File != nil {
		loc := g.conv.location(at)
		n.URI, n.Range = loc.URI, &loc.Range
	}
	g.graph.Nodes = append(g.graph.Nodes, n)
	return true
}

// edge adds an edge; many calls of the same function are one.
func (g *grapher) edge(e graphEdge, at cindex.Loc) {
	key := [3]string{e.From, e.To, e.Kind}
	if g.edges[key] && !isBadVerdict(e.Verdict) {
		return
	}
	g.edges[key] = true
	if at.File != nil {
		loc := g.conv.location(at)
		e.Range = &loc.Range
	}
	g.graph.Edges = append(g.graph.Edges, e)
}

func isBadVerdict(v string) bool {
	return v == verdictRefused || v == verdictAborted || v == verdictMissing || v == verdictSleepable
}

// function adds a function and all that it calls, and gives its id.
func (g *grapher) function(ctx context.Context, fn *cindex.Func, kind string) string {
	id := "fn:" + fn.Name
	if !g.node(graphNode{ID: id, Name: fn.Name, Kind: kind}, fn.At) || ctx.Err() != nil {
		return id
	}
	uses := g.analyzer.Uses(ctx, g.unit, fn)
	for i := range fn.Calls {
		call := &fn.Calls[i]
		at := cindex.Loc{File: fn.At.File, Span: call.At}
		if callee := g.unit.Func(call.Callee); callee != nil {
			g.edge(graphEdge{From: id, To: g.function(ctx, callee, "function"), Kind: edgeKind(call.Kind)}, at)
			continue
		}
		name := verifier.KernelName(call.Callee)
		if newestKfunc(g.analyzer.Kernels(), name) == nil {
			continue // a helper, a builtin, or nobody knows
		}
		e := graphEdge{From: id, To: "kfunc:" + name, Kind: edgeKind(call.Kind)}
		reached := slices.ContainsFunc(uses, func(u verifier.Use) bool { return u.Name == name && !u.Unsure })
		e.Verdict, e.Message = g.verdict(fn, call, reached)
		g.node(graphNode{ID: e.To, Name: name, Kind: "kfunc"}, cindex.Loc{})
		g.edge(e, at)
	}
	return id
}

func edgeKind(k cindex.CallKind) string {
	switch k {
	case cindex.CallSync:
		return "sync"
	case cindex.CallTimer:
		return "timer"
	case cindex.CallWork:
		return "work"
	}
	return "call"
}

// verdict is what the findings say of a call. One that no kernel gets to, or
// that hangs on what is not known, has none.
func (g *grapher) verdict(fn *cindex.Func, call *cindex.Call, reached bool) (verdict, message string) {
	for i := range g.findings {
		f := &g.findings[i]
		if !isAbout(f, fn, call) {
			continue
		}
		switch f.Outcome {
		case verifier.OutcomeRuntime:
			return verdictAborted, f.Message
		case verifier.OutcomeLoad:
			return verdictRefused, f.Message
		}
	}
	if reached {
		return verdictAllowed, ""
	}
	return verdictUnknown, ""
}

// isAbout tells whether a finding is about a call.
func isAbout(f *verifier.Finding, fn *cindex.Func, call *cindex.Call) bool {
	if f.Kfunc == "" {
		return false
	}
	if f.At.File == fn.At.File && f.At.Span == call.At {
		return true
	}
	if len(f.Chain) == 0 {
		return false
	}
	last := f.Chain[len(f.Chain)-1]
	return last.Function == fn.Name && last.At.File == fn.At.File && last.At.Span == call.At
}
