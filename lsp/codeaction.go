package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/verifier"
)

// CodeAction implements [protocol.Server]: for the findings that a range
// touches their fixes, those of the whole document, a comment that keeps the
// finding back, and the page of the rule; for an ops table, what it lacks.
func (s *methods) CodeAction(ctx context.Context, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureCodeActions) {
		return nil, err
	}
	span, only := doc.mapper.RangeSpan(p.Range), p.Context.Only
	var out []protocol.CommandOrCodeAction
	if quick := wants(only, protocol.CodeActionKindQuickFix); quick || wants(only, fixAllKind) {
		unit, file := s.unitOf(ctx, doc)
		if unit == nil || !current(snapshotFrom(ctx), unit) {
			return nil, ctx.Err()
		}
		findings := slices.DeleteFunc(s.analyzer.Check(ctx, unit), func(f verifier.Finding) bool { return f.At.File != file })
		here := slices.DeleteFunc(slices.Clone(findings), func(f verifier.Finding) bool {
			return f.At.Span.Start > span.End || f.At.Span.End < span.Start
		})
		c := newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)
		out = c.fixAllActions(s.preview(), findings, here, only)
		if quick {
			fixes, rest := s.quickFixes(c, here)
			out = slices.Concat(fixes, out, rest)
		}
	}
	for _, a := range s.generateActions(ctx, doc, span) {
		if wants(only, *a.(*protocol.CodeAction).Kind) {
			out = append(out, a)
		}
	}
	return out, ctx.Err()
}

// quickFixes offers what can be done about findings: their fixes, and the rest.
func (s *Server) quickFixes(c *converter, here []verifier.Finding) (fixes, rest []protocol.CommandOrCodeAction) {
	seen := map[string]bool{}
	for _, f := range here {
		for i := range f.Fixes {
			fixes = append(fixes, c.fix(s.preview(), &f, &f.Fixes[i]))
		}
		if seen[f.Rule] {
			continue
		}
		seen[f.Rule] = true
		if a, ok := c.suppressAction(s.preview(), &f); ok {
			rest = append(rest, a)
		}
		if s.analyzer.RulePage(f.Rule) != "" {
			rest = append(rest, explainAction(f.Rule))
		}
	}
	return fixes, rest
}

// wants tells whether a client that asks for certain kinds asks for this one.
func wants(only []protocol.CodeActionKind, kind protocol.CodeActionKind) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o protocol.CodeActionKind) bool {
		return o == protocol.CodeActionKindEmpty || o == kind || strings.HasPrefix(string(kind), string(o)+".")
	})
}

// fix is a fix of a finding. One that is not sure is shown before it is made.
func (c *converter) fix(p preview, f *verifier.Finding, fix *verifier.Fix) *protocol.CodeAction {
	confirm := ""
	if !fix.Safe {
		confirm = fix.Title
	}
	a := &protocol.CodeAction{
		Title:       fix.Title,
		Kind:        new(protocol.CodeActionKindQuickFix),
		Diagnostics: []protocol.Diagnostic{c.diagnostic(c.location(f.At), f)},
		Edit:        c.workspaceEdit(p, fix.Edits, confirm),
	}
	if fix.Safe {
		a.IsPreferred = new(true)
	}
	return a
}

func explainAction(rule string) *protocol.CodeAction {
	argument, _ := json.Marshal(rule)
	return &protocol.CodeAction{
		Title: "Explain " + rule,
		Kind:  new(protocol.CodeActionKindQuickFix),
		Command: protocol.Command{
			Title: "Explain " + rule, Command: commandExplain, Arguments: []protocol.LSPAny{argument},
		},
	}
}
