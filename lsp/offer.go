package lsp

import "go.lsp.dev/protocol"

// offer adds the features that are on to what we say that we can do.
func (s *Server) offer(c protocol.ServerCapabilities) protocol.ServerCapabilities {
	on := func(f feature) protocol.Boolean { return protocol.Boolean(s.enabled(f)) }
	c.HoverProvider = on(featureHover)
	c.DefinitionProvider = on(featureDefinition)
	c.DocumentSymbolProvider = on(featureDocumentSymbols)
	if s.enabled(featureCompletion) {
		c.CompletionProvider = &protocol.CompletionOptions{TriggerCharacters: completionTriggers, ResolveProvider: new(true)}
	}
	if s.enabled(featureCodeActions) {
		c.CodeActionProvider = &protocol.CodeActionOptions{
			CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindQuickFix},
		}
	}
	return c
}
