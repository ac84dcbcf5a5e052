package lsp

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"go.lsp.dev/protocol"
)

// logQueue bounds what waits for a slow client; more is dropped. Logging must
// never block the goroutine that would read the client's next message.
const logQueue = 256

// clientLog is a [slog.Handler] that sends records as window/logMessage.
type clientLog struct {
	level slog.Level
	attrs string
	queue chan *protocol.LogMessageParams
}

func newClientLog(level slog.Level) *clientLog {
	return &clientLog{level: level, queue: make(chan *protocol.LogMessageParams, logQueue)}
}

// Enabled implements [slog.Handler].
func (l *clientLog) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

// Handle implements [slog.Handler].
func (l *clientLog) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	b.WriteString(l.attrs)
	r.Attrs(func(a slog.Attr) bool {
		writeAttr(&b, a)
		return true
	})
	select {
	case l.queue <- &protocol.LogMessageParams{Type: messageType(r.Level), Message: b.String()}:
	default:
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (l *clientLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(l.attrs)
	for _, a := range attrs {
		writeAttr(&b, a)
	}
	return &clientLog{level: l.level, attrs: b.String(), queue: l.queue}
}

// WithGroup implements [slog.Handler]; we use no groups.
func (l *clientLog) WithGroup(string) slog.Handler { return l }

func writeAttr(b *strings.Builder, a slog.Attr) {
	b.WriteByte(' ')
	b.WriteString(a.Key)
	b.WriteByte('=')
	b.WriteString(a.Value.String())
}

func messageType(level slog.Level) protocol.MessageType {
	switch {
	case level >= slog.LevelError:
		return protocol.MessageTypeError
	case level >= slog.LevelWarn:
		return protocol.MessageTypeWarning
	case level >= slog.LevelInfo:
		return protocol.MessageTypeInfo
	}
	return protocol.MessageTypeLog
}

// drain sends what is queued until ctx ends.
func (l *clientLog) drain(ctx context.Context, client protocol.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-l.queue:
			if client.LogMessage(ctx, m) != nil {
				return
			}
		}
	}
}

// fanout hands records to all of its handlers; nil ones are left out.
type fanout []slog.Handler

// Enabled implements [slog.Handler].
func (f fanout) Enabled(ctx context.Context, level slog.Level) bool {
	for _, h := range f {
		if h != nil && h.Enabled(ctx, level) {
			return true
		}
	}
	return false
}

// Handle implements [slog.Handler].
func (f fanout) Handle(ctx context.Context, r slog.Record) error {
	for _, h := range f {
		if h != nil && h.Enabled(ctx, r.Level) {
			if err := h.Handle(ctx, r.Clone()); err != nil {
				return err
			}
		}
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (f fanout) WithAttrs(attrs []slog.Attr) slog.Handler {
	return f.each(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

// WithGroup implements [slog.Handler].
func (f fanout) WithGroup(name string) slog.Handler {
	return f.each(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (f fanout) each(change func(slog.Handler) slog.Handler) fanout {
	out := make(fanout, 0, len(f))
	for _, h := range f {
		if h != nil {
			out = append(out, change(h))
		}
	}
	return out
}

// showMessage tells the user something, without waiting for the client.
func (s *Server) showMessage(kind protocol.MessageType, text string) {
	go func() {
		err := s.client.ShowMessage(s.ctx, &protocol.ShowMessageParams{Type: kind, Message: text})
		if err != nil && s.ctx.Err() == nil {
			s.log.Warn("showMessage", "err", err)
		}
	}()
}

// trace tells a client that wants to know how a message was handled.
func (s *Server) trace(method string, start time.Time, err error) {
	if !s.tracing.Load() {
		return
	}
	text := method + " " + time.Since(start).Round(time.Microsecond).String()
	if err != nil {
		text += ": " + err.Error()
	}
	go func() { _ = s.client.LogTrace(s.ctx, &protocol.LogTraceParams{Message: text}) }()
}
