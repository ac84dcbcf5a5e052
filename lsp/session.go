package lsp

import (
	"context"
	"maps"
	"sync"

	"go.lsp.dev/uri"
)

// A session holds the documents that the client has open. Only the read
// goroutine changes it.
type session struct {
	mu   sync.Mutex
	snap *snapshot // guarded by mu
}

// A snapshot is the client's state at one point of the wire. It is immutable.
type snapshot struct {
	docs   map[uri.URI]*document
	byPath map[string]*document // the same, by the core's name
}

func newSession() *session {
	return &session{snap: &snapshot{docs: map[uri.URI]*document{}, byPath: map[string]*document{}}}
}

func (s *session) snapshot() *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snap
}

// put stores a document; nil removes it.
func (s *session) put(u uri.URI, d *document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := &snapshot{docs: maps.Clone(s.snap.docs), byPath: maps.Clone(s.snap.byPath)}
	if old := next.docs[u]; old != nil {
		delete(next.docs, u)
		delete(next.byPath, old.path)
	}
	if d != nil {
		next.docs[u] = d
		next.byPath[d.path] = d
	}
	s.snap = next
}

// request gives the document that a request is about, as it was at the
// request's turn; nil, without an error, when there is nothing to say of it.
func request(ctx context.Context, u uri.URI) (*document, error) {
	if u.IsZero() {
		return nil, invalidParams("textDocument.uri is missing")
	}
	return snapshotFrom(ctx).doc(u), ctx.Err()
}

// doc gives an open document that may be spoken of, nil when there is none.
func (s *snapshot) doc(u uri.URI) *document {
	if d := s.docs[u]; d != nil && !d.stale {
		return d
	}
	return nil
}

// uriOf gives the URI of a path, as the client spells it.
func (s *snapshot) uriOf(path string) uri.URI {
	if d := s.byPath[path]; d != nil {
		return d.uri
	}
	return pathURI(path)
}

type snapshotKey struct{}

func withSnapshot(ctx context.Context, s *snapshot) context.Context {
	return context.WithValue(ctx, snapshotKey{}, s)
}

// snapshotFrom gives the snapshot of a request's turn on the wire.
func snapshotFrom(ctx context.Context) *snapshot {
	if s, ok := ctx.Value(snapshotKey{}).(*snapshot); ok {
		return s
	}
	return &snapshot{}
}
