package lsp

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex/syntax"
)

// Options are what a server is made of.
type Options struct {
	Analyzer Analyzer
	Version  string // ours, for serverInfo
	// ClientPID is the process to end with, 0 for none; initialize can name one too.
	ClientPID int
	// Log gets what the server logs; it goes to the client as well, from
	// ClientLevel up. Log may be nil.
	Log         slog.Handler
	ClientLevel slog.Level
	// RuleURL gives the page of a rule, "" for none; it may be nil.
	RuleURL func(rule string) string
	// Verify judges compiled objects.
	Verify Verifiers
	// ParentPoll is how often the client's process is looked at; 0 means a
	// sensible default.
	ParentPoll time.Duration
}

// A Server speaks with one client.
type Server struct {
	opts      Options
	analyzer  Analyzer
	session   *session
	diagnoser *diagnoser
	log       *slog.Logger
	clientLog *clientLog

	state   atomic.Int32 // one of the state constants
	tracing atomic.Bool
	exit    chan int // receives the exit code, once

	// Set by initialize, before anything that reads them runs.
	encoding encoding
	caps     protocol.ClientCapabilities

	// Set by Serve.
	client protocol.Client
	ctx    context.Context
	cancel context.CancelFunc

	selectMu sync.Mutex // serialises changes of settings
	wanted   selection  // guarded by selectMu
	cancels  sync.Map   // protocol.ProgressToken → context.CancelFunc
	folders  folders
	configs  configProblems
	trusted  atomic.Bool // programs that the workspace names may be run
	// clientCommands are the client's own commands by ours, a map[string]string.
	clientCommands atomic.Value
	homes          homes
	// tokenResults are what deltas of semantic tokens start from.
	tokenResults tokenResults
	// completionMode is one of the complete constants, a string.
	completionMode atomic.Value
	featureSet     atomic.Value // features
	besideClangd   atomic.Bool
	// outlines remembers what declarations are about by their text, so that an
	// edit parses one.
	outlines *syntax.Cache
}

// outlineCache is how much of declarations outlines may keep, in bytes.
const outlineCache = 16 << 20

// methods is the server as the protocol package wants it; methods that are not
// overridden answer "not implemented".
type methods struct {
	protocol.UnimplementedServer
	*Server
}

const (
	stateNew int32 = iota
	stateRunning
	stateShutdown
)

// NewServer makes a server for one connection.
func NewServer(opts Options) *Server {
	s := &Server{opts: opts, analyzer: opts.Analyzer, session: newSession(), exit: make(chan int, 1)}
	s.outlines = syntax.NewCache(outlineCache)
	s.clientLog = newClientLog(opts.ClientLevel)
	s.log = slog.New(fanout{s.clientLog, opts.Log})
	s.diagnoser = newDiagnoser(s.analyzer, s.session, s.log)
	s.homes.find, s.homes.done = s.findHomes, s.foundHomes
	s.diagnoser.homes = s.homes.of
	s.configs.again = make(chan struct{}, 1)
	return s
}

// Serve speaks with the client until it says exit, hangs up or dies, and gives
// the exit code that the protocol prescribes.
func (s *Server) Serve(ctx context.Context, rwc io.ReadWriteCloser) int {
	s.ctx, s.cancel = context.WithCancel(ctx)
	defer s.cancel()
	// What still runs when the client has hung up answers nobody.
	conn := jsonrpc2.NewConn(newStream(rwc, s.log, s.cancel), jsonrpc2.WithCodec(codec{}))
	s.client = protocol.ClientDispatcher(conn)
	s.homes.serve(s.ctx)
	go s.configs.run(s)
	s.diagnoser.ctx, s.diagnoser.publish = s.ctx, s.client.PublishDiagnostics
	s.watchParent(s.opts.ClientPID)
	conn.Go(s.ctx, newChain(s, &methods{Server: s}).handle)
	select {
	case code := <-s.exit:
		return code
	case <-conn.Done():
	case <-ctx.Done():
	}
	select { // exit and the end of the stream often come together
	case code := <-s.exit:
		return code
	default:
	}
	if err := conn.Err(); err != nil {
		s.log.Error("connection", "err", err)
	}
	return s.exitCode()
}

// exitCode is 0 only after an orderly shutdown.
func (s *Server) exitCode() int {
	if s.state.Load() == stateShutdown {
		return 0
	}
	return 1
}

// stop makes Serve return.
func (s *Server) stop(code int) {
	select {
	case s.exit <- code:
	default:
	}
}

// admit tells whether a method may be called in the current state.
func (s *Server) admit(method string) error {
	switch state := s.state.Load(); {
	case state == stateNew && method != protocol.MethodInitialize:
		return jsonrpc2.Errorf(jsonrpc2.ServerNotInitialized, "%s before initialize", method)
	case state == stateRunning && method == protocol.MethodInitialize:
		return jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "initialize was called before")
	case state == stateShutdown:
		return jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s after shutdown", method)
	}
	return nil
}
