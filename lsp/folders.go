package lsp

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// maxSources bounds how many sources a workspace request looks at.
const maxSources = 2000

// folders are the client's workspace folders.
type folders struct {
	mu    sync.Mutex
	roots []string // guarded by mu
}

// set takes the folders of initialize, in any of the forms that clients use.
func (f *folders) set(p *protocol.InitializeParams) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if list, ok := p.WorkspaceFolders.Get(); ok && len(list) > 0 {
		for _, folder := range list {
			f.roots = append(f.roots, uriPath(uri.URI(folder.URI)))
		}
		return
	}
	//lint:ignore SA1019 there are clients that send nothing else
	if root := p.RootURI; root != nil && !root.IsZero() {
		f.roots = []string{uriPath(*root)}
	}
}

func (f *folders) list() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.roots)
}

// DidChangeWorkspaceFolders implements [protocol.Server].
func (s *methods) DidChangeWorkspaceFolders(_ context.Context, p *protocol.DidChangeWorkspaceFoldersParams) error {
	f := &s.folders
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, gone := range p.Event.Removed {
		f.roots = slices.DeleteFunc(f.roots, func(r string) bool { return r == uriPath(uri.URI(gone.URI)) })
	}
	for _, added := range p.Event.Added {
		f.roots = append(f.roots, uriPath(uri.URI(added.URI)))
	}
	s.readAnew(slices.Clone(f.roots))
	return nil
}

// readAnew makes the core forget all but what is open.
func (s *Server) readAnew(roots []string) {
	s.analyzer.SetRoots(roots)
	s.homes.forget()
	// An edit may come meanwhile: then what was shown may be older than it.
	for snap := (*snapshot)(nil); snap != s.session.snapshot(); {
		snap = s.session.snapshot()
		for _, d := range snap.docs {
			s.show(d)
		}
	}
	s.diagnoser.wakeAll()
	s.refreshViews()
}

// sourcesIn lists the BPF sources of one folder.
func sourcesIn(dir string) []string {
	entries, err := os.ReadDir(filepath.FromSlash(dir))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".bpf.c") {
			found = append(found, path.Join(dir, e.Name()))
		}
	}
	return found
}

// sources lists the BPF sources below the folders, hidden folders and those of
// packages left out.
func (f *folders) sources(ctx context.Context) []string {
	var found []string
	for _, root := range f.list() {
		// Errors cost what they hide.
		_ = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil || len(found) >= maxSources:
				return fs.SkipAll
			case err != nil:
				return nil
			case e.IsDir() && name != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || e.Name() == "target"):
				return fs.SkipDir
			case e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".bpf.c"):
				found = append(found, filepath.ToSlash(name))
			}
			return nil
		})
	}
	slices.Sort(found)
	return slices.Compact(found)
}
