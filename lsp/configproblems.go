package lsp

import (
	"context"
	"maps"
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
)

// codeConfiguration marks diagnostics of configuration files.
const codeConfiguration = "configuration"

// configProblems tells what is wrong with configuration files, where it stands.
// One goroutine does, whenever a file may have come into sight or changed: it
// reads the disk, and the client may be slow to take what it says.
type configProblems struct {
	again chan struct{}
}

// wake has the files looked at again.
func (c *configProblems) wake() {
	select {
	case c.again <- struct{}{}:
	default: // it is about to look
	}
}

// run publishes until the connection ends.
func (c *configProblems) run(s *Server) {
	told := map[uri.URI]bool{}
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-c.again:
			c.publish(s.ctx, s, told)
		}
	}
}

// publish tells the problems, and takes back those of told that are gone.
func (c *configProblems) publish(ctx context.Context, s *Server, told map[uri.URI]bool) {
	s.analyzer.Config("")
	for path := range s.session.snapshot().byPath {
		s.analyzer.Config(path)
	}
	now := map[uri.URI][]protocol.Diagnostic{}
	for _, f := range s.analyzer.ConfigFiles() {
		if len(f.Problems) > 0 {
			now[pathURI(f.Path)] = configDiagnostics(f, s.encoding)
		}
	}
	for u := range told {
		if now[u] == nil {
			now[u] = []protocol.Diagnostic{}
		}
	}
	for _, u := range slices.Sorted(maps.Keys(now)) {
		told[u] = len(now[u]) > 0
		if !told[u] {
			delete(told, u)
		}
		err := s.client.PublishDiagnostics(ctx, &protocol.PublishDiagnosticsParams{URI: u, Diagnostics: now[u]})
		if err != nil && ctx.Err() == nil {
			s.log.Warn("publish", "uri", u, "err", err)
		}
	}
}

func configDiagnostics(f *config.File, enc encoding) []protocol.Diagnostic {
	m := newMapper(f.Text, enc)
	out := make([]protocol.Diagnostic, len(f.Problems))
	for i, p := range f.Problems {
		out[i] = protocol.Diagnostic{
			Range:    m.SpanRange(cindex.Span{Start: p.Start, End: p.End}),
			Severity: protocol.DiagnosticSeverityWarning,
			Code:     protocol.String(codeConfiguration),
			Source:   protocol.NewOptional(source),
			Message:  protocol.String(p.Message),
		}
	}
	return out
}
