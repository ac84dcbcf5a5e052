// Package lsptest is an editor without a screen: it speaks LSP with a server
// as real ones do, in plain JSON, and keeps its own idea of every document.
//
// It knows nothing of package lsp nor of the library that package lsp speaks
// LSP with, so that a fault in either cannot hide itself.
package lsptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long a test waits for the server.
const Patience = 20 * time.Second

// A Message is a JSON-RPC message, as far as tests look at it.
type Message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *Error          `json:"error,omitempty"`
}

// An Error is the error of a response.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// A Client is the editor's end of a connection.
type Client struct {
	tb       testing.TB
	conn     io.ReadWriteCloser
	Encoding string         // negotiated: "utf-16", ...
	Settings any            // answers workspace/configuration
	Extra    map[string]any // set in the parameters of initialize, member by member

	writeMu sync.Mutex

	mu        sync.Mutex
	cond      *sync.Cond
	nextID    int
	responses map[string]*Message // by id as JSON
	asked     map[string]string   // methods of requests that were sent, by id as JSON
	model     *Model              // what messages are held against; nil in benchmarks
	notes     []*Message          // notifications and requests of the server's
	published map[string][]Published
	docs      map[string]*doc
	readErr   error
	closed    bool // the test may have ended: say nothing more
}

type doc struct {
	version int
	text    string
}

// NewClient starts to read from conn.
func NewClient(tb testing.TB, conn io.ReadWriteCloser) *Client {
	c := &Client{
		tb: tb, conn: conn, Encoding: "utf-16",
		responses: map[string]*Message{}, asked: map[string]string{}, published: map[string][]Published{}, docs: map[string]*doc{},
	}
	c.cond = sync.NewCond(&c.mu)
	if _, bench := tb.(*testing.B); !bench {
		var err error
		if c.model, err = LSP(); err != nil {
			tb.Fatalf("meta-model: %v", err)
		}
	}
	go c.read()
	return c
}

// read takes in what the server says until the connection ends.
func (c *Client) read() {
	in := bufio.NewReader(c.conn)
	for {
		m, err := readMessage(in)
		c.mu.Lock()
		if err != nil {
			c.readErr = err
			c.cond.Broadcast()
			c.mu.Unlock()
			return
		}
		c.take(m)
		c.cond.Broadcast()
		c.mu.Unlock()
		if m.Method != "" && m.ID != nil {
			go c.answer(m) // writing must not keep us from reading
		}
	}
}

func readMessage(in *bufio.Reader) (*Message, error) {
	size := -1
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if size, err = strconv.Atoi(v); err != nil {
				return nil, err
			}
		}
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, err
	}
	var m struct {
		Version string `json:"jsonrpc"`
		Message
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("the server sent %q: %w", body, err)
	}
	if m.Version != "2.0" {
		return nil, fmt.Errorf("the server sent %q", body)
	}
	return &m.Message, nil
}

// take files a message; c.mu is held.
func (c *Client) take(m *Message) {
	if c.model != nil {
		if err := c.model.Message(m, c.asked[string(m.ID)]); err != nil && !c.closed {
			c.tb.Errorf("the server sent what LSP does not allow: %v", err)
		}
	}
	switch {
	case m.Method == "":
		c.responses[string(m.ID)] = m
	case m.Method == "textDocument/publishDiagnostics":
		var p Published
		if err := json.Unmarshal(m.Params, &p); err != nil || p.Diagnostics == nil {
			c.readErr = fmt.Errorf("publishDiagnostics %s: %v", m.Params, err)
			return
		}
		c.published[p.URI] = append(c.published[p.URI], p)
	default:
		c.notes = append(c.notes, m)
	}
}

// answer replies to a request of the server's.
func (c *Client) answer(m *Message) {
	var result any
	if m.Method == "workspace/configuration" {
		result = []any{c.Settings}
	}
	c.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": result})
}

func (c *Client) send(m any) {
	body, err := json.Marshal(m)
	if err != nil {
		c.tb.Errorf("marshal: %v", err)
		return
	}
	c.Raw(body)
}

// Raw sends a frame with any body.
func (c *Client) Raw(body []byte) {
	c.RawBytes([]byte("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + string(body)))
}

// RawBytes sends bytes as they are. Errors show as a missing answer.
func (c *Client) RawBytes(b []byte) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	_, _ = c.conn.Write(b)
}

// Notify sends a notification; nil params are left out.
func (c *Client) Notify(method string, params any) {
	m := map[string]any{"jsonrpc": "2.0", "method": method}
	if params != nil {
		m["params"] = params
	}
	c.send(m)
}

// Send sends a request with an id of the caller's and does not wait.
func (c *Client) Send(id any, method string, params any) {
	if key, err := json.Marshal(id); err == nil {
		c.mu.Lock()
		c.asked[string(key)] = method
		c.mu.Unlock()
	}
	m := map[string]any{"jsonrpc": "2.0", "id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	c.send(m)
}

// Wait waits for the response to a request; nil means that none came.
func (c *Client) Wait(id any) *Message {
	key, err := json.Marshal(id)
	if err != nil {
		c.tb.Fatalf("id: %v", err)
	}
	var m *Message
	c.until(func() bool { m = c.responses[string(key)]; return m != nil })
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.responses, string(key))
	return m
}

// Call sends a request and decodes the result; result may be nil.
func (c *Client) Call(method string, params, result any) error {
	c.mu.Lock()
	c.nextID++
	id := c.nextID
	c.mu.Unlock()
	c.Send(id, method, params)
	m := c.Wait(id)
	switch {
	case m == nil:
		return fmt.Errorf("%s: no answer (%v)", method, c.err())
	case m.Error != nil:
		return m.Error
	case result == nil:
		return nil
	}
	return json.Unmarshal(m.Result, result)
}

// Notes gives the server's notifications and requests of a method so far.
func (c *Client) Notes(method string) []*Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*Message
	for _, m := range c.notes {
		if m.Method == method {
			out = append(out, m)
		}
	}
	return out
}

// Await waits for the server to have sent n messages of a method.
func (c *Client) Await(method string, n int) bool {
	return c.until(func() bool {
		seen := 0
		for _, m := range c.notes {
			if m.Method == method {
				seen++
			}
		}
		return seen >= n
	})
}

// until waits for a condition that new messages bring about; it is called
// with c.mu held.
func (c *Client) until(cond func() bool) bool {
	timeout := time.AfterFunc(Patience, c.cond.Broadcast)
	defer timeout.Stop()
	deadline := time.Now().Add(Patience)
	c.mu.Lock()
	defer c.mu.Unlock()
	for !cond() {
		if c.readErr != nil || !time.Now().Before(deadline) {
			return false
		}
		c.cond.Wait()
	}
	return true
}

func (c *Client) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.readErr
}

// Close hangs up without a word.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	_ = c.conn.Close()
}
