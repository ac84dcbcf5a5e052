package lsp

import (
	"context"
	"runtime"

	"go.lsp.dev/protocol"
)

// A serverStatus is the answer of scx-lsp.status.
type serverStatus struct {
	Version       string   `json:"version"`
	Kernels       []string `json:"kernels"`
	Workspace     []string `json:"workspace"`
	Sources       int      `json:"sources"` // of the workspace folders, and open ones
	Headers       int      `json:"headers"` // that open sources include
	Configuration []string `json:"configuration"`
	Clangd        bool     `json:"clangd"`
	Errors        int      `json:"errors"`
	Warnings      int      `json:"warnings"`
	Memory        uint64   `json:"memory"` // bytes that the server has from the system
}

// showStatus says how the server is.
func showStatus(ctx context.Context, c *command) (any, error) {
	st := serverStatus{
		Version: c.opts.Version, Kernels: []string{}, Workspace: append([]string{}, c.folders.list()...),
		Configuration: []string{}, Clangd: c.besideClangd.Load(), Memory: memory(),
	}
	for _, k := range c.analyzer.Kernels() {
		st.Kernels = append(st.Kernels, k.Release)
	}
	for _, f := range c.analyzer.ConfigFiles() {
		st.Configuration = append(st.Configuration, f.Path)
	}
	st.Sources, st.Headers = c.countFiles(ctx)
	st.Errors, st.Warnings = c.diagnoser.count()
	return st, ctx.Err()
}

func (s *Server) countFiles(ctx context.Context) (sources, headers int) {
	main, included := map[string]bool{}, map[string]bool{}
	for _, path := range s.folders.sources(ctx) {
		main[path] = true
	}
	for path, doc := range s.session.snapshot().byPath {
		if doc.stale || doc.tooLarge() || !mayHoldBPF(path, doc.mapper.content) {
			continue
		}
		unit, err := s.analyzer.Unit(ctx, path)
		if err != nil {
			continue
		}
		main[path] = true
		for _, f := range unit.Files[1:] {
			included[f.Path] = true
		}
	}
	return len(main), len(included)
}

func memory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

// count gives how many errors and warnings are published.
func (d *diagnoser) count() (errors, warnings int) {
	d.pubMu.Lock()
	defer d.pubMu.Unlock()
	for _, p := range d.sent {
		for i := range p.Diagnostics {
			switch p.Diagnostics[i].Severity {
			case protocol.DiagnosticSeverityError:
				errors++
			case protocol.DiagnosticSeverityWarning:
				warnings++
			}
		}
	}
	return errors, warnings
}

// restartIndex forgets all that was read and reads it anew.
func restartIndex(ctx context.Context, c *command) (any, error) {
	c.progress.begin(ctx, "scx-lsp: reading sources anew")
	c.readAnew(c.folders.list())
	return struct{}{}, nil
}
