package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"sync"

	"go.lsp.dev/jsonrpc2"
)

const (
	// maxFrame bounds the memory that one frame can claim. Clients send whole
	// documents of 100 MB at most; JSON escaping can double that.
	maxFrame = 512 << 20
	// keepBuffer is the largest read or write buffer that is kept for reuse, so
	// that one huge document does not stay resident for the whole session.
	keepBuffer = 1 << 20
)

var (
	errBadHeader = errors.New("frame header: no usable Content-Length")
	errBatch     = jsonrpc2.NewError(jsonrpc2.InvalidRequest, "LSP has no batches")
)

// stream frames messages as the LSP base protocol does. Unlike jsonrpc2's own
// stream it lives through a frame whose body is no message: it answers that
// frame with an error and reads on. Only a header that gives no usable length
// ends it, since nothing tells where the next frame starts.
type stream struct {
	in   *bufio.Reader
	body []byte // of the message last read; the message borrows it

	writeMu sync.Mutex
	out     []byte // guarded by writeMu
	w       io.Writer

	closer    io.Closer
	closeOnce sync.Once
	log       *slog.Logger
	onEOF     func() // called once reading has ended, before the error is returned
}

func newStream(rwc io.ReadWriteCloser, log *slog.Logger, onEOF func()) *stream {
	return &stream{in: bufio.NewReaderSize(rwc, 64<<10), w: rwc, closer: rwc, log: log, onEOF: onEOF}
}

// Read implements [jsonrpc2.Stream].
func (s *stream) Read(ctx context.Context) (jsonrpc2.Message, int64, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		n, err := s.readFrame()
		if err != nil {
			s.onEOF()
			return nil, 0, err
		}
		msg, err := decodeFrame(s.body)
		if err == nil {
			return msg, n, nil
		}
		s.log.Warn("malformed message", "err", err, "bytes", len(s.body))
		if _, err := s.Write(ctx, jsonrpc2.NewResponse(jsonrpc2.ID{}, nil, err)); err != nil {
			return nil, 0, err
		}
	}
}

// decodeFrame gives the message in a frame's body, or the error to answer.
func decodeFrame(body []byte) (jsonrpc2.Message, error) {
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' && json.Valid(body) {
		return nil, errBatch
	}
	msg, err := jsonrpc2.DecodeMessage(body)
	switch {
	case err == nil:
		return msg, nil
	case json.Valid(body):
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "not a JSON-RPC 2.0 message")
	default:
		return nil, jsonrpc2.NewError(jsonrpc2.ParseError, "message is not JSON")
	}
}

// readFrame reads the next frame's body into s.body.
func (s *stream) readFrame() (int64, error) {
	size, header, err := readHeader(s.in)
	if err != nil {
		return 0, err
	}
	if cap(s.body) < size || (cap(s.body) > keepBuffer && size <= keepBuffer) {
		s.body = make([]byte, size)
	}
	s.body = s.body[:size]
	if _, err := io.ReadFull(s.in, s.body); err != nil {
		return 0, err
	}
	return int64(header + size), nil
}

// readHeader reads a header block. Lines that are not header fields are
// skipped: a stray print of the client's must not cost the session.
func readHeader(r *bufio.Reader) (size, read int, err error) {
	size = -1
	for {
		line, err := r.ReadSlice('\n')
		read += len(line)
		if errors.Is(err, bufio.ErrBufferFull) {
			return 0, read, errBadHeader
		}
		if err != nil {
			return 0, read, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			if size < 0 {
				return 0, read, errBadHeader
			}
			return size, read, nil
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")) {
			continue
		}
		size, err = strconv.Atoi(string(bytes.TrimSpace(value)))
		if err != nil || size < 0 || size > maxFrame {
			return 0, read, errBadHeader
		}
	}
}

// Write implements [jsonrpc2.Stream]. A message is one call of the writer's.
func (s *stream) Write(_ context.Context, msg jsonrpc2.Message) (int64, error) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	const room = 40 // for the header, which is known only after the body
	if cap(s.out) == 0 || cap(s.out) > keepBuffer {
		s.out = make([]byte, 0, 4096)
	}
	s.out = jsonrpc2.AppendMessage(append(s.out[:0], make([]byte, room)...), msg)
	var header [room]byte
	h := append(header[:0], "Content-Length: "...)
	h = strconv.AppendInt(h, int64(len(s.out)-room), 10)
	h = append(h, "\r\n\r\n"...)
	start := room - len(h)
	copy(s.out[start:], h)
	n, err := s.w.Write(s.out[start:])
	return int64(n), err
}

// Close implements [jsonrpc2.Stream].
func (s *stream) Close() error {
	var err error
	s.closeOnce.Do(func() { err = s.closer.Close() })
	return err
}
