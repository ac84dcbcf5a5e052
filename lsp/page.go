package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// pageScheme is that of documents that we make up: scx-lsp:///rules/ID.md.
const pageScheme = "scx-lsp"

// showPage opens the page of a rule in a client that can show documents of
// ours; others get it as a message.
func (s *Server) showPage(rule, page string) {
	if !s.clientShowsPages() {
		s.showMessage(protocol.MessageTypeInfo, page)
		return
	}
	go func() {
		_, err := s.client.ShowDocument(s.ctx, &protocol.ShowDocumentParams{
			URI: uri.URI(pageScheme + ":/rules/" + rule + ".md"), TakeFocus: new(true),
		})
		if err != nil && s.ctx.Err() == nil {
			s.log.Warn("window/showDocument", "err", err)
		}
	}()
}

func (s *Server) clientShowsPages() bool {
	window, workspace := s.caps.Window, s.caps.Workspace
	return window != nil && window.ShowDocument.Support && workspace != nil && workspace.TextDocumentContent != nil
}

// TextDocumentContent implements [protocol.Server].
func (s *methods) TextDocumentContent(_ context.Context, p *protocol.TextDocumentContentParams) (*protocol.TextDocumentContentResult, error) {
	name, ok := strings.CutPrefix(strings.TrimLeft(p.URI.Path(), "/"), "rules/")
	rule, isPage := strings.CutSuffix(name, ".md")
	page := s.analyzer.RulePage(rule)
	if !ok || !isPage || page == "" {
		return nil, invalidParams("no document %s", p.URI)
	}
	return &protocol.TextDocumentContentResult{Text: page}, nil
}
