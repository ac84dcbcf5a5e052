package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/verifier"
)

// commandExplain shows the page of a rule; its argument is the rule's id.
const commandExplain = "scx-lsp.explain"

// CodeAction implements [protocol.Server]: the fixes of the findings that a
// range touches, and the page of their rules.
func (s *methods) CodeAction(ctx context.Context, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !wants(p.Context.Only, protocol.CodeActionKindQuickFix) {
		return nil, err
	}
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil || !current(snapshotFrom(ctx), unit) {
		return nil, ctx.Err()
	}
	span := doc.mapper.RangeSpan(p.Range)
	c := newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)
	var fixes, pages []protocol.CommandOrCodeAction
	seen := map[string]bool{}
	for _, f := range s.analyzer.Check(ctx, unit) {
		if f.At.File != unit.Main || f.At.Span.Start > span.End || f.At.Span.End < span.Start {
			continue
		}
		for i := range f.Fixes {
			fixes = append(fixes, c.fix(&f, &f.Fixes[i]))
		}
		if !seen[f.Rule] && s.analyzer.RulePage(f.Rule) != "" {
			seen[f.Rule] = true
			pages = append(pages, explainAction(f.Rule))
		}
	}
	return append(fixes, pages...), ctx.Err()
}

// wants tells whether a client that asks for certain kinds asks for this one.
func wants(only []protocol.CodeActionKind, kind protocol.CodeActionKind) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o protocol.CodeActionKind) bool {
		return o == protocol.CodeActionKindEmpty || o == kind || strings.HasPrefix(string(kind), string(o)+".")
	})
}

func (c *converter) fix(f *verifier.Finding, fix *verifier.Fix) *protocol.CodeAction {
	changes := map[uri.URI][]protocol.TextEdit{}
	for _, e := range fix.Edits {
		at := c.location(e.At)
		changes[at.URI] = append(changes[at.URI], protocol.TextEdit{Range: at.Range, NewText: e.NewText})
	}
	a := &protocol.CodeAction{
		Title:       fix.Title,
		Kind:        new(protocol.CodeActionKindQuickFix),
		Diagnostics: []protocol.Diagnostic{c.diagnostic(c.location(f.At), f)},
		Edit:        &protocol.WorkspaceEdit{Changes: changes},
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

// commands are what a client can ask us to run.
var commands = map[string]func(context.Context, *Server, []protocol.LSPAny) (protocol.LSPAny, error){
	commandExplain: explain,
}

func commandNames() []string { return slices.Sorted(maps.Keys(commands)) }

// ExecuteCommand implements [protocol.Server].
func (s *methods) ExecuteCommand(ctx context.Context, p *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	run := commands[p.Command]
	if run == nil {
		return nil, invalidParams("no command %q", p.Command)
	}
	return run(ctx, s.Server, p.Arguments)
}

// explain shows the page of a rule to the user and gives it to the client.
func explain(_ context.Context, s *Server, args []protocol.LSPAny) (protocol.LSPAny, error) {
	var rule string
	if len(args) != 1 || json.Unmarshal(args[0], &rule) != nil {
		return nil, invalidParams("%s: want the id of a rule", commandExplain)
	}
	page := s.analyzer.RulePage(rule)
	if page == "" {
		return nil, invalidParams("%s: no rule %q", commandExplain, rule)
	}
	s.showPage(rule, page)
	data, err := json.Marshal(page)
	return data, err
}
