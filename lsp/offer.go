package lsp

import "go.lsp.dev/protocol"

// offer adds the features that are on to what we say that we can do.
func (s *Server) offer(c protocol.ServerCapabilities) protocol.ServerCapabilities {
	on := func(f feature) protocol.Boolean { return protocol.Boolean(s.enabled(f)) }
	c.HoverProvider = on(featureHover)
	c.DefinitionProvider, c.DeclarationProvider = on(featureDefinition), on(featureDefinition)
	c.ImplementationProvider = on(featureDefinition)
	c.ReferencesProvider = on(featureReferences)
	c.DocumentHighlightProvider = on(featureDocumentHighlight)
	c.DocumentSymbolProvider, c.WorkspaceSymbolProvider = on(featureDocumentSymbols), on(featureWorkspaceSymbols)
	c.CallHierarchyProvider = on(featureCallHierarchy)
	c.InlayHintProvider = on(featureInlayHints)
	if s.enabled(featureCompletion) {
		c.CompletionProvider = &protocol.CompletionOptions{
			TriggerCharacters: completionTriggers, ResolveProvider: new(true),
		}
	}
	if s.enabled(featureCodeLens) {
		c.CodeLensProvider = &protocol.CodeLensOptions{ResolveProvider: new(true)}
	}
	if s.enabled(featureSignatureHelp) {
		c.SignatureHelpProvider = &protocol.SignatureHelpOptions{
			TriggerCharacters: []string{"(", ","}, RetriggerCharacters: []string{")"},
		}
	}
	if s.enabled(featureRename) {
		c.RenameProvider = &protocol.RenameOptions{PrepareProvider: new(true)}
	}
	if s.enabled(featureSemanticTokens) {
		c.SemanticTokensProvider = &protocol.SemanticTokensOptions{
			Legend: tokenLegend,
			Full:   &protocol.SemanticTokensFullDelta{Delta: new(true)},
			Range:  protocol.Boolean(true),
		}
	}
	if s.enabled(featureCodeActions) {
		c.CodeActionProvider = &protocol.CodeActionOptions{CodeActionKinds: codeActionKinds}
	}
	return c
}
