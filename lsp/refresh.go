package lsp

import "context"

// refreshViews has the client ask anew for what depends on more than the text
// of a document: the kernels, say, or what is on disk.
func (s *Server) refreshViews() {
	ws := s.caps.Workspace
	if ws == nil {
		return
	}
	ask := func(method string, supported *bool, call func(context.Context) error) {
		if supported == nil || !*supported {
			return
		}
		go func() { // waits for the client's answer
			if err := call(s.ctx); err != nil && s.ctx.Err() == nil {
				s.log.Warn(method, "err", err)
			}
		}()
	}
	if c := ws.CodeLens; c != nil && s.enabled(featureCodeLens) {
		ask("workspace/codeLens/refresh", c.RefreshSupport, s.client.CodeLensRefresh)
	}
	if c := ws.InlayHint; c != nil && s.enabled(featureInlayHints) {
		ask("workspace/inlayHint/refresh", c.RefreshSupport, s.client.InlayHintRefresh)
	}
	if c := ws.SemanticTokens; c != nil && s.enabled(featureSemanticTokens) {
		ask("workspace/semanticTokens/refresh", c.RefreshSupport, s.client.SemanticTokensRefresh)
	}
}
