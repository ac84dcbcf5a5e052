package lsp

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"go.lsp.dev/protocol"
)

// A progress tells a user how far a request is. The token is the client's, or
// one of ours, which the client must have agreed to; without either, nothing
// is told.
type progress struct {
	server *Server
	cancel context.CancelFunc

	mu    sync.Mutex
	token protocol.ProgressToken // guarded by mu
	begun bool                   // guarded by mu
}

// progressTokens counts the tokens that we make.
var progressTokens atomic.Int64

// newProgress is for a request that brought a token, nil for none.
func (s *Server) newProgress(token protocol.ProgressToken, cancel context.CancelFunc) *progress {
	if token != nil {
		s.cancels.Store(token, cancel)
	}
	return &progress{server: s, token: token, cancel: cancel}
}

// begin shows a title. It waits for the client's answer when the token is ours.
func (p *progress) begin(ctx context.Context, title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun || p.token == nil && !p.create(ctx) {
		return
	}
	p.begun = true
	p.send(&protocol.WorkDoneProgressBegin{
		Kind: "begin", Title: title, Cancellable: new(true),
	})
}

// create agrees with the client on a token; p.mu is held.
func (p *progress) create(ctx context.Context) bool {
	s := p.server
	if w := s.caps.Window; w == nil || w.WorkDoneProgress == nil || !*w.WorkDoneProgress {
		return false
	}
	token := fmt.Sprintf("scx-lsp-%d", progressTokens.Add(1))
	err := s.client.WorkDoneProgressCreate(ctx, &protocol.WorkDoneProgressCreateParams{Token: protocol.String(token)})
	if err != nil {
		return false
	}
	p.token = protocol.String(token)
	s.cancels.Store(p.token, p.cancel)
	return true
}

// report says what is being done.
func (p *progress) report(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun {
		p.send(&protocol.WorkDoneProgressReport{
			Kind: "report", Message: &message, Cancellable: new(true),
		})
	}
}

// end takes the title away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.token != nil {
		p.server.cancels.Delete(p.token)
	}
	if p.begun {
		p.begun = false
		p.send(&protocol.WorkDoneProgressEnd{Kind: "end"})
	}
}

// send is called with p.mu held.
func (p *progress) send(value any) {
	data, err := protocol.Marshal(value)
	if err == nil {
		err = p.server.client.Progress(p.server.ctx, &protocol.ProgressParams{Token: p.token, Value: data})
	}
	if err != nil && p.server.ctx.Err() == nil {
		p.server.log.Warn("$/progress", "err", err)
	}
}

// WorkDoneProgressCancel implements [protocol.Server].
func (s *methods) WorkDoneProgressCancel(_ context.Context, p *protocol.WorkDoneProgressCancelParams) error {
	if p.Token == nil {
		return nil
	}
	if cancel, ok := s.cancels.Load(p.Token); ok {
		cancel.(context.CancelFunc)()
	}
	return nil
}
