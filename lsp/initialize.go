package lsp

import (
	"context"
	"path"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/config"
)

// Initialize implements [protocol.Server]. It runs on the read goroutine:
// nothing else does yet.
func (s *methods) Initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	s.caps = p.Capabilities
	var offered []protocol.PositionEncodingKind
	if g := p.Capabilities.General; g != nil {
		offered = g.PositionEncodings
	}
	enc, kind := negotiate(offered)
	s.encoding = enc
	s.diagnoser.style = diagnosticStyle{related: s.clientShowsRelated(), tags: s.clientShowsTags(), hrefs: s.rulePageURL}
	if p.ProcessID != nil {
		s.watchParent(int(*p.ProcessID))
	}
	s.tracing.Store(p.Trace == protocol.TraceValueMessages || p.Trace == protocol.TraceValueVerbose)
	s.folders.set(p)
	s.analyzer.SetRoots(s.folders.list())
	s.besideClangd.Store(detectClangd(s.folders.list()))
	s.configure(p.InitializationOptions)
	pull := s.pulls(p.InitializationOptions)
	if pull {
		s.diagnoser.refresh = s.refreshDiagnostics
	}
	s.state.Store(stateRunning)
	version, _ := p.ClientInfo.Version.Get()
	s.log.Info("initialize", "server", s.opts.Version, "client", p.ClientInfo.Name, "clientVersion", version,
		"positions", kind, "kernels", kernelNames(s.analyzer.Kernels()))
	return &protocol.InitializeResult{
		Capabilities: s.offer(capabilities(kind, pull)),
		ServerInfo:   protocol.ServerInfo{Name: source, Version: protocol.NewOptional(s.opts.Version)},
	}, nil
}

// rulePageURL is where the page of a rule can be read, "" when it has none: what
// only a kernel says is of no rule of ours.
func (s *Server) rulePageURL(rule string) string {
	if s.opts.RuleURL == nil || s.analyzer.RulePage(rule) == "" {
		return ""
	}
	return s.opts.RuleURL(rule)
}

func capabilities(kind protocol.PositionEncodingKind, pull bool) protocol.ServerCapabilities {
	c := protocol.ServerCapabilities{
		PositionEncoding: kind,
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: new(true),
			Change:    new(protocol.TextDocumentSyncKindIncremental),
			Save:      &protocol.SaveOptions{},
		},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{Commands: commandNames()},
		Workspace: &protocol.WorkspaceOptions{
			WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
				Supported: new(true), ChangeNotifications: protocol.Boolean(true),
			},
			TextDocumentContent: &protocol.TextDocumentContentOptions{Schemes: []string{pageScheme}},
		},
	}
	if pull {
		c.DiagnosticProvider = &protocol.DiagnosticOptions{
			Identifier: new(source), InterFileDependencies: true, WorkspaceDiagnostics: true,
		}
	}
	return c
}

func (s *Server) clientShowsRelated() bool {
	td := s.caps.TextDocument
	if td == nil || td.PublishDiagnostics == nil {
		return false
	}
	related := td.PublishDiagnostics.RelatedInformation
	return related != nil && *related
}

// clientShowsTags tells whether the client knows all tags that we use.
func (s *Server) clientShowsTags() bool {
	td := s.caps.TextDocument
	if td == nil || td.PublishDiagnostics == nil {
		return false
	}
	set := td.PublishDiagnostics.TagSupport.ValueSet
	return slices.Contains(set, protocol.DiagnosticTagDeprecated) && slices.Contains(set, protocol.DiagnosticTagUnnecessary)
}

// Initialized implements [protocol.Server].
func (s *methods) Initialized(context.Context, *protocol.InitializedParams) error {
	go s.clientLog.drain(s.ctx, s.client)
	// Calls to the client wait for its answer, which the read goroutine brings.
	go s.register()
	go s.askSettings()
	s.configs.wake()
	return nil
}

// register asks the client to tell us of files that change on disk.
func (s *Server) register() {
	ws := s.caps.Workspace
	if ws == nil || ws.DidChangeWatchedFiles == nil {
		return
	}
	if dyn := ws.DidChangeWatchedFiles.DynamicRegistration; dyn == nil || !*dyn {
		return
	}
	options, err := protocol.Marshal(&protocol.DidChangeWatchedFilesRegistrationOptions{
		Watchers: []protocol.FileSystemWatcher{
			{GlobPattern: protocol.Pattern("**/*.{c,h}")}, {GlobPattern: protocol.Pattern("**/*.bpf.o")}, {GlobPattern: protocol.Pattern("**/" + config.Name)},
		},
	})
	if err == nil {
		err = s.client.RegisterCapability(s.ctx, &protocol.RegistrationParams{
			Registrations: []protocol.Registration{{
				ID:              "scx-lsp.watch",
				Method:          protocol.MethodWorkspaceDidChangeWatchedFiles,
				RegisterOptions: protocol.LSPAny(options),
			}},
		})
	}
	if err != nil && s.ctx.Err() == nil {
		s.log.Warn("register", "method", protocol.MethodWorkspaceDidChangeWatchedFiles, "err", err)
	}
}

// DidChangeWatchedFiles implements [protocol.Server].
func (s *methods) DidChangeWatchedFiles(_ context.Context, p *protocol.DidChangeWatchedFilesParams) error {
	paths, settings := make([]string, len(p.Changes)), false
	for i, change := range p.Changes {
		paths[i] = uriPath(change.URI)
		s.analyzer.Invalidate(paths[i])
		settings = settings || path.Base(paths[i]) == config.Name
	}
	s.homes.forget()
	if settings {
		s.configs.wake()
		s.diagnoser.wakeAll()
		s.refreshViews()
		return nil
	}
	if slices.ContainsFunc(paths, isObject) { // which sources it was built from, it tells when it is read
		s.diagnoser.wakeAll()
		return nil
	}
	if s.diagnoser.refresh != nil {
		s.diagnoser.refresh()
		return nil
	}
	go func() { // see Analyzer.Includers
		for _, path := range paths {
			s.diagnoser.wakeIncluders(path)
		}
	}()
	return nil
}

// SetTrace implements [protocol.Server].
func (s *methods) SetTrace(_ context.Context, p *protocol.SetTraceParams) error {
	s.tracing.Store(p.Value == protocol.TraceValueMessages || p.Value == protocol.TraceValueVerbose)
	return nil
}

// Shutdown implements [protocol.Server].
func (s *methods) Shutdown(context.Context) error {
	s.state.Store(stateShutdown)
	return nil
}

// Exit implements [protocol.Server].
func (s *methods) Exit(context.Context) error {
	s.stop(s.exitCode())
	return nil
}
