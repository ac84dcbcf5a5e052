package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// chain stands between the connection and the methods of the server. It keeps
// what jsonrpc2's and protocol's ready-made handlers do not:
//
//   - notifications and lifecycle run on the read goroutine, in wire order;
//     all other requests run concurrently, on the snapshot of their turn;
//   - contexts come from the connection, never from the pooled request context:
//     deriving from that one panics once it has been recycled;
//   - a panic costs the one answer; a failed notification costs nothing, where
//     jsonrpc2 would close the connection;
//   - every error has the code that the specification gives it.
type chain struct {
	server *Server
	inner  jsonrpc2.Handler
	log    *slog.Logger

	mu      sync.Mutex
	running map[jsonrpc2.ID]context.CancelFunc // guarded by mu
}

func newChain(s *Server, methods protocol.Server) *chain {
	return &chain{
		server:  s,
		inner:   protocol.ServerHandler(methods, jsonrpc2.MethodNotFoundHandler),
		log:     s.log,
		running: map[jsonrpc2.ID]context.CancelFunc{},
	}
}

// handle is the [jsonrpc2.Handler] of the connection.
func (c *chain) handle(rctx context.Context, req *jsonrpc2.Request) (any, error) {
	if !req.IsCall() {
		c.notification(jsonrpc2.DetachContext(rctx), req)
		return nil, nil
	}
	method, id := strings.Clone(req.Method()), req.ID()
	ctx, cancel := context.WithCancel(jsonrpc2.DetachContext(rctx))
	defer cancel()
	if err := c.server.admit(method); err != nil {
		return nil, err
	}
	if method == protocol.MethodInitialize || method == protocol.MethodShutdown {
		// Handled in turn, answered aside: the read goroutine never writes, or a
		// client that writes before it reads would wait for us and we for it.
		defer jsonrpc2.Async(rctx)
		return c.call(ctx, method, req)
	}
	ctx = withSnapshot(ctx, c.server.session.snapshot())
	c.register(id, cancel)
	defer c.register(id, nil)
	jsonrpc2.Async(rctx)
	return c.call(ctx, method, req)
}

func (c *chain) call(ctx context.Context, method string, req *jsonrpc2.Request) (result any, err error) {
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("panic", "method", method, "value", p, "stack", string(debug.Stack()))
			result, err = nil, jsonrpc2.Errorf(jsonrpc2.InternalError, "%s: internal error: %v", method, p)
		}
		c.server.trace(method, start, err)
	}()
	if !knownMethods[method] {
		return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "method not found: %s", method)
	}
	result, err = c.inner(ctx, req)
	return result, wireError(ctx, method, err)
}

// notification never fails: what goes wrong is logged.
func (c *chain) notification(ctx context.Context, req *jsonrpc2.Request) {
	method, start := req.Method(), time.Now()
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("panic", "method", strings.Clone(method), "value", p, "stack", string(debug.Stack()))
			c.server.notificationPanicked(req)
		}
	}()
	var err error
	switch {
	case method == protocol.MethodCancelRequest:
		c.cancel(req.Params())
		return
	case method != protocol.MethodExit && c.server.admit(method) != nil:
		return // the specification drops these
	case method == protocol.MethodTextDocumentDidChange:
		err = c.server.didChange(req.Params())
	case knownMethods[method]:
		_, err = c.inner(ctx, req)
	case !strings.HasPrefix(method, "$/"):
		c.log.Debug("unknown notification", "method", strings.Clone(method))
	}
	if err != nil {
		c.log.Warn("notification", "method", strings.Clone(method), "err", err)
	}
	c.server.trace(strings.Clone(method), start, err)
}

// register remembers how to cancel a running request; nil forgets it.
func (c *chain) register(id jsonrpc2.ID, cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel == nil {
		delete(c.running, id)
		return
	}
	c.running[id] = cancel
}

// cancel decodes its parameter by hand: protocol's type holds ids up to 32 bits
// only, and there are clients that count further.
func (c *chain) cancel(params []byte) {
	var p struct {
		ID any `json:"id"`
	}
	dec := json.NewDecoder(bytes.NewReader(params))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		c.log.Warn("notification", "method", protocol.MethodCancelRequest, "err", err)
		return
	}
	var id jsonrpc2.ID
	switch v := p.ID.(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return
		}
		id = jsonrpc2.NewNumberID(n)
	case string:
		id = jsonrpc2.NewStringID(v)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.running[id]; cancel != nil {
		cancel()
	}
}

// wireError gives an error the code that the specification wants. Frames are
// known to be JSON when they get here, so that a parse error of the decoder's
// means parameters of the wrong shape.
func wireError(ctx context.Context, method string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, protocol.ErrRequestCancelled):
		return protocol.ErrRequestCancelled
	case ctx.Err() != nil:
		return protocol.ErrRequestCancelled
	case errors.Is(err, jsonrpc2.ErrParse):
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s: invalid params: %v", method, err)
	}
	if wire := (*jsonrpc2.Error)(nil); errors.As(err, &wire) {
		return err
	}
	return jsonrpc2.Errorf(jsonrpc2.InternalError, "%s: %v", method, err)
}

func invalidParams(format string, args ...any) error {
	return jsonrpc2.Errorf(jsonrpc2.InvalidParams, format, args...)
}

// knownMethods are the methods that a client may call. Anything else must not
// reach protocol's dispatcher, which answers a request without parameters with
// a parse error.
var knownMethods = func() map[string]bool {
	m := map[string]bool{}
	for _, info := range protocol.Methods {
		if info.Direction != "serverToClient" {
			m[info.Method] = true
		}
	}
	return m
}()
