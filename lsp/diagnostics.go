package lsp

import (
	"context"
	"log/slog"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A diagnoser computes and publishes diagnostics. Each open document has a
// job; a job runs when something that its unit reads has changed, one run at a
// time, and a change cancels the run that it makes stale.
type diagnoser struct {
	analyzer Analyzer
	session  *session
	log      *slog.Logger
	publish  func(context.Context, *protocol.PublishDiagnosticsParams) error
	ctx      context.Context // of the connection
	style    diagnosticStyle
	// refresh is set for a client that pulls: jobs do not run, and what would
	// wake one for another reason than an edit asks the client to pull anew.
	refresh func()

	// homes gives the sources in which a file without ops tables is judged.
	homes func(path string) []string

	// background limits the runs for documents that the user is not editing,
	// so that an edit of a header does not starve the header itself.
	background chan struct{}

	mu   sync.Mutex
	jobs map[uri.URI]*job // guarded by mu

	// pubMu orders publications and guards results and sent. It is never taken
	// on the read goroutine: a client that does not read must not block it.
	pubMu   sync.Mutex
	results map[uri.URI]map[uri.URI]said // unit → file → what it says there
	sent    map[uri.URI]*protocol.PublishDiagnosticsParams
}

// said is what a unit says of a file, and the content that it says it of. An
// open file has an entry even when there is nothing to say.
type said struct {
	diagnostics []protocol.Diagnostic
	content     []byte
}

// newDiagnoser makes a diagnoser; ctx, style and publish are set before it is
// first used, when the client is known.
func newDiagnoser(a Analyzer, s *session, log *slog.Logger) *diagnoser {
	return &diagnoser{
		analyzer:   a,
		session:    s,
		log:        log,
		background: make(chan struct{}, 1),
		jobs:       map[uri.URI]*job{},
		results:    map[uri.URI]map[uri.URI]said{},
		sent:       map[uri.URI]*protocol.PublishDiagnosticsParams{},
	}
}

// run computes and publishes once. A panic costs this run only.
func (d *diagnoser) run(ctx context.Context, u uri.URI, background bool) {
	var doc *document
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("panic", "job", "diagnostics", "uri", u, "value", p, "stack", string(debug.Stack()))
			d.report(ctx, u, doc, nil, nil)
		}
	}()
	if background {
		select {
		case d.background <- struct{}{}:
			defer func() { <-d.background }()
		case <-ctx.Done():
			return
		}
	}
	snap := d.session.snapshot()
	doc = snap.docs[u]
	if doc == nil {
		d.report(ctx, u, nil, nil, nil)
		return
	}
	start := time.Now()
	unit, byFile, err := d.compute(ctx, snap, doc)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		d.log.Warn("unit", "uri", u, "err", err)
	}
	d.report(ctx, u, doc, unit, byFile)
	d.log.Debug("diagnosed", "uri", u, "version", doc.version, "took", time.Since(start))
}

// compute gives the unit of a source and what the selected kernels say of it,
// by file.
func (d *diagnoser) compute(ctx context.Context, snap *snapshot, doc *document) (*cindex.Unit, map[uri.URI][]protocol.Diagnostic, error) {
	if doc.stale || doc.tooLarge() || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil, nil, nil
	}
	unit, err := d.analyzer.Unit(ctx, doc.path)
	if err != nil {
		return nil, nil, err
	}
	findings := d.analyzer.Check(ctx, unit)
	byFile := newConverter(snap, doc.mapper.enc, d.style).diagnostics(unit, findings)
	if len(unit.Tables) == 0 {
		d.judgeAtHome(ctx, snap, doc, byFile)
	}
	return unit, byFile, ctx.Err()
}

// judgeAtHome adds what is said of a document in the closed sources that
// include it. Open ones say it themselves.
func (d *diagnoser) judgeAtHome(ctx context.Context, snap *snapshot, doc *document, byFile map[uri.URI][]protocol.Diagnostic) {
	for _, home := range d.homes(doc.path) {
		if snap.byPath[home] != nil {
			continue
		}
		unit, err := d.analyzer.Unit(ctx, home)
		if err != nil || fileOf(unit, doc) == nil {
			continue
		}
		said := newConverter(snap, doc.mapper.enc, d.style).diagnostics(unit, d.analyzer.Check(ctx, unit))
		byFile[doc.uri] = mergeDiagnostics(byFile[doc.uri], said[doc.uri])
	}
}

// report replaces what unit u says and publishes every file whose diagnostics
// that touches. It does nothing when the run, which began with doc, has become
// stale: then another run is on its way.
func (d *diagnoser) report(ctx context.Context, u uri.URI, doc *document, unit *cindex.Unit, byFile map[uri.URI][]protocol.Diagnostic) {
	d.pubMu.Lock()
	defer d.pubMu.Unlock()
	snap := d.session.snapshot()
	if ctx.Err() != nil || snap.docs[u] != doc || !current(snap, unit) {
		return
	}
	others := map[uri.URI]bool{}
	for f := range d.results[u] {
		others[f] = true
	}
	d.results[u] = statements(snap, unit, byFile)
	for f := range d.results[u] {
		others[f] = true
	}
	delete(others, u)
	if len(d.results[u]) == 0 {
		delete(d.results, u)
	}
	// The source comes last: whoever waits for it has its headers, too.
	for _, f := range slices.Sorted(maps.Keys(others)) {
		d.send(snap, f)
	}
	d.send(snap, u)
}

// current tells whether a unit was made from what the client has.
func current(snap *snapshot, unit *cindex.Unit) bool {
	if unit == nil {
		return true
	}
	for _, f := range unit.Files {
		if doc := snap.byPath[f.Path]; doc != nil && (doc.stale || !doc.mapper.sameContent(f.Content)) {
			return false
		}
	}
	return true
}

// statements pairs what a unit says with what it says it of.
func statements(snap *snapshot, unit *cindex.Unit, byFile map[uri.URI][]protocol.Diagnostic) map[uri.URI]said {
	out := map[uri.URI]said{}
	if unit == nil {
		return out
	}
	for _, f := range unit.Files {
		u := snap.uriOf(f.Path)
		if ds := byFile[u]; len(ds) > 0 || snap.docs[u] != nil {
			out[u] = said{ds, f.Content}
		}
	}
	return out
}

// send publishes what all units say of a file; pubMu is held. When one of them
// still speaks of another text than the client has, it is about to be made
// anew, and the file waits for it: a version is published once all that we
// know of it is known.
func (d *diagnoser) send(snap *snapshot, f uri.URI) {
	p := &protocol.PublishDiagnosticsParams{URI: f}
	var lists [][]protocol.Diagnostic
	doc, last := snap.docs[f], d.sent[f]
	for _, u := range slices.Sorted(maps.Keys(d.results)) {
		s, ok := d.results[u][f]
		if !ok {
			continue
		}
		if doc != nil && !doc.mapper.sameContent(s.content) {
			return
		}
		lists = append(lists, s.diagnostics)
	}
	p.Diagnostics = mergeDiagnostics(lists...)
	if doc != nil {
		p.Version = protocol.NewOptional(doc.version)
	}
	switch {
	case last == nil && doc == nil && len(p.Diagnostics) == 0, last != nil && reflect.DeepEqual(p, last):
		return // nothing new
	case doc == nil && len(p.Diagnostics) == 0:
		delete(d.sent, f)
	default:
		d.sent[f] = p
	}
	if err := d.publish(d.ctx, p); err != nil && d.ctx.Err() == nil {
		d.log.Warn("publish", "uri", f, "err", err)
	}
}

// mergeDiagnostics gives each thing once, by position. It is never nil.
func mergeDiagnostics(lists ...[]protocol.Diagnostic) []protocol.Diagnostic {
	out := []protocol.Diagnostic{}
	seen := map[diagnosticKey]bool{}
	for _, list := range lists {
		for _, diag := range list {
			if key := keyOf(diag); !seen[key] {
				seen[key] = true
				out = append(out, diag)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b protocol.Diagnostic) int {
		return comparePositions(a.Range.Start, b.Range.Start)
	})
	return out
}
