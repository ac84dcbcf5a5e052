package lsp

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// DidOpen implements [protocol.Server].
func (s *methods) DidOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) error {
	u := uri.URI(strings.Clone(string(p.TextDocument.URI)))
	d := &document{
		uri:     u,
		path:    uriPath(u),
		version: p.TextDocument.Version,
		mapper:  newMapper([]byte(p.TextDocument.Text), s.encoding),
	}
	s.replace(d)
	s.configs.wake()
	return nil
}

// didChange takes raw parameters: see changeParams.
func (s *Server) didChange(params []byte) error {
	p, u, err := decodeChange(params)
	old := s.session.snapshot().docs[u]
	if err != nil {
		if old != nil {
			s.lose(old, err)
		}
		return err
	}
	if old == nil {
		return fmt.Errorf("change of %s, which is not open", u)
	}
	d, err := old.apply(p)
	if err != nil {
		s.lose(old, err)
		return err
	}
	if d.version <= old.version && p.TextDocument.Version != nil {
		s.log.Debug("version does not grow", "uri", u, "old", old.version, "new", d.version)
	}
	s.replace(d)
	return nil
}

// DidSave implements [protocol.Server]. The text is known already; what lies
// around it may have changed with it (a generated header, say).
func (s *methods) DidSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) error {
	if d := s.session.snapshot().doc(p.TextDocument.URI); d != nil {
		s.diagnoser.wakeOpen(d.uri)
	}
	return nil
}

// DidClose implements [protocol.Server].
func (s *methods) DidClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) error {
	d := s.session.snapshot().docs[p.TextDocument.URI]
	if d == nil {
		return fmt.Errorf("close of %s, which is not open", p.TextDocument.URI)
	}
	s.session.put(d.uri, nil)
	s.analyzer.Forget(d.path)
	s.tokenResults.forget(d.uri)
	s.diagnoser.close(d.uri, d.path)
	return nil
}

// replace makes d the current version of its document.
func (s *Server) replace(d *document) {
	s.session.put(d.uri, d)
	s.show(d)
	s.diagnoser.changed(d.uri, d.path)
}

// show gives a document's text to the core.
func (s *Server) show(d *document) {
	if d.tooLarge() {
		s.analyzer.SetContent(d.path, nil) // rather than what is on disk
		return
	}
	s.analyzer.SetContent(d.path, d.mapper.content)
}

// lose marks a document whose text we no longer know. The user hears of it
// once: most clients never send a whole text again by themselves.
func (s *Server) lose(old *document, err error) {
	d := *old
	d.stale = true
	s.session.put(d.uri, &d)
	s.diagnoser.changed(d.uri, d.path)
	if !old.stale {
		s.showMessage(protocol.MessageTypeWarning, fmt.Sprintf(
			"scx-lsp lost track of %s (%v); close and open it to go on", d.uri, err))
	}
}

// notificationPanicked is called when handling a notification has panicked. A
// change that was not taken over must not leave a text that looks right.
func (s *Server) notificationPanicked(req *jsonrpc2.Request) {
	if req.Method() != protocol.MethodTextDocumentDidChange {
		return
	}
	_, u, _ := decodeChange(req.Params())
	if d := s.session.snapshot().docs[u]; d != nil {
		s.lose(d, fmt.Errorf("internal error"))
	}
}
