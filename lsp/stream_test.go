package lsp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"go.lsp.dev/jsonrpc2"
)

type nopCloser struct {
	io.Reader
	io.Writer
}

func (nopCloser) Close() error { return nil }

// FuzzStream reads hostile bytes: every frame gives a message or an error
// answer, and the end is an error, never a hang or a panic.
func FuzzStream(f *testing.F) {
	frame := func(body string) []byte { return fmt.Appendf(nil, "Content-Length: %d\r\n\r\n%s", len(body), body) }
	f.Add(frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`))
	f.Add(append(frame(`{`), frame(`[]`)...))
	f.Add([]byte("Content-Length: 3\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("Content-Length: 100\r\n\r\n{}"))
	f.Add([]byte("x: y\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		ended := 0
		s := newStream(nopCloser{bytes.NewReader(data), &out}, slog.New(slog.DiscardHandler), func() { ended++ })
		for {
			msg, _, err := s.Read(t.Context())
			if (msg == nil) == (err == nil) {
				t.Fatalf("message %v, error %v", msg, err)
			}
			if err != nil {
				break
			}
		}
		if ended != 1 {
			t.Errorf("%d ends", ended)
		}
		// What we answered is well formed.
		answers := newStream(nopCloser{&out, io.Discard}, s.log, func() {})
		for {
			msg, _, err := answers.Read(t.Context())
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := msg.(*jsonrpc2.Response); !ok {
				t.Fatalf("we sent %T", msg)
			}
		}
	})
}

// FuzzChange feeds didChange with anything: an error leaves the document as it
// was, and no result holds positions outside itself.
func FuzzChange(f *testing.F) {
	f.Add(`{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[{"range":{"start":{"line":0,"character":1},"end":{"line":1,"character":0}},"text":"x"}]}`, "ü𝄞\nb")
	f.Add(`{"textDocument":{"uri":"file:///a","version":null},"contentChanges":[{"text":"x"},{"range":null,"text":"y"}]}`, "")
	f.Fuzz(func(t *testing.T, params, text string) {
		p, _, err := decodeChange([]byte(params))
		if err != nil {
			return
		}
		old := &document{version: 1, mapper: newMapper([]byte(text), utf16)}
		next, err := old.apply(p)
		if string(old.mapper.content) != text || (next == nil) == (err == nil) {
			t.Fatalf("document %q, %v, %v", old.mapper.content, next, err)
		}
		if err != nil {
			return
		}
		fresh := newMapper(next.mapper.content, utf16)
		if fmt.Sprint(fresh.starts) != fmt.Sprint(next.mapper.starts) {
			t.Fatalf("lines %v, want %v", next.mapper.starts, fresh.starts)
		}
	})
}
