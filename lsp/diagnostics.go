package lsp

import (
	"context"
	"log/slog"
	"maps"
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

	// background limits the runs for documents that the user is not editing,
	// so that an edit of a header does not starve the header itself.
	background chan struct{}

	mu   sync.Mutex
	jobs map[uri.URI]*job // guarded by mu

	// pubMu orders publications and guards results and sent. It is never taken
	// on the read goroutine: a client that does not read must not block it.
	pubMu   sync.Mutex
	results map[uri.URI]map[uri.URI][]protocol.Diagnostic // unit → file → what it says there
	sent    map[uri.URI]bool                              // files that hold diagnostics of ours
}

// A job's fields are guarded by diagnoser.mu.
type job struct {
	path    string
	cancel  context.CancelFunc // of the current run
	running bool
	again   bool // run once more after this run
	closed  bool
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
		results:    map[uri.URI]map[uri.URI][]protocol.Diagnostic{},
		sent:       map[uri.URI]bool{},
	}
}

// changed wakes the job of a document that has a new text, and the jobs of
// the open documents that include it.
func (d *diagnoser) changed(u uri.URI, path string) {
	d.wakeJob(u, path, false)
	d.wakeIncluders(path)
}

func (d *diagnoser) wakeIncluders(path string) {
	for _, includer := range d.analyzer.Includers(path) {
		if includer != path {
			d.wakeOpen(pathURI(includer))
		}
	}
}

// wakeAll runs all jobs again.
func (d *diagnoser) wakeAll() {
	for u := range d.session.snapshot().docs {
		d.wakeOpen(u)
	}
}

// close ends the job of a document that was closed, which takes back what it
// has published.
func (d *diagnoser) close(u uri.URI, path string) {
	d.mu.Lock()
	if j := d.jobs[u]; j != nil {
		j.closed = true
	}
	d.mu.Unlock()
	d.changed(u, path)
}

// wakeOpen runs the job of a document again if it is open.
func (d *diagnoser) wakeOpen(u uri.URI) {
	if doc := d.session.snapshot().docs[u]; doc != nil {
		d.wakeJob(u, doc.path, true)
	}
}

func (d *diagnoser) wakeJob(u uri.URI, path string, background bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	j := d.jobs[u]
	if j == nil {
		j = &job{path: path}
		d.jobs[u] = j
	}
	if j.running {
		j.again = true
		j.cancel()
		return
	}
	j.start(d.ctx, func(ctx context.Context) { d.loop(ctx, u, j, background) })
}

// start begins a run; d.mu is held.
func (j *job) start(parent context.Context, run func(context.Context)) {
	ctx, cancel := context.WithCancel(parent)
	j.running, j.again, j.cancel = true, false, cancel
	go run(ctx)
}

// loop runs a job until nothing has changed during a run.
func (d *diagnoser) loop(ctx context.Context, u uri.URI, j *job, background bool) {
	for {
		d.run(ctx, u, background)
		d.mu.Lock()
		j.cancel()
		if !j.again || d.ctx.Err() != nil {
			j.running = false
			if j.closed && d.session.snapshot().docs[u] == nil {
				delete(d.jobs, u)
			}
			d.mu.Unlock()
			return
		}
		ctx, j.cancel = context.WithCancel(d.ctx)
		j.again = false
		d.mu.Unlock()
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
	if doc == nil || doc.stale || !mayHoldBPF(doc.path, doc.mapper.content) {
		d.report(ctx, u, doc, nil, nil)
		return
	}
	start := time.Now()
	unit, err := d.analyzer.Unit(ctx, doc.path)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Warn("unit", "uri", u, "err", err)
			d.report(ctx, u, doc, nil, nil)
		}
		return
	}
	findings := d.analyzer.Check(ctx, unit)
	if ctx.Err() != nil {
		return
	}
	d.report(ctx, u, doc, unit, newConverter(snap, doc.mapper.enc, d.style).diagnostics(unit, findings))
	d.log.Debug("diagnosed", "uri", u, "version", doc.version, "findings", len(findings), "took", time.Since(start))
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
	for f := range byFile {
		others[f] = true
	}
	delete(others, u)
	d.results[u] = byFile
	if len(byFile) == 0 {
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
		if doc := snap.docs[pathURI(f.Path)]; doc != nil && (doc.stale || !doc.mapper.sameContent(f.Content)) {
			return false
		}
	}
	return true
}

// send publishes what all units say of a file; pubMu is held.
func (d *diagnoser) send(snap *snapshot, f uri.URI) {
	p := &protocol.PublishDiagnosticsParams{URI: f, Diagnostics: d.merged(f)}
	doc := snap.docs[f]
	if doc != nil {
		p.Version = protocol.NewOptional(doc.version)
	} else if len(p.Diagnostics) == 0 && !d.sent[f] {
		return
	}
	d.sent[f] = len(p.Diagnostics) > 0
	if !d.sent[f] {
		delete(d.sent, f)
	}
	if err := d.publish(d.ctx, p); err != nil && d.ctx.Err() == nil {
		d.log.Warn("publish", "uri", f, "err", err)
	}
}

// merged gives what all units say of a file, each thing once; pubMu is held.
func (d *diagnoser) merged(f uri.URI) []protocol.Diagnostic {
	units := make([]uri.URI, 0, len(d.results))
	for u, byFile := range d.results {
		if len(byFile[f]) > 0 {
			units = append(units, u)
		}
	}
	slices.Sort(units)
	out := []protocol.Diagnostic{}
	seen := map[diagnosticKey]bool{}
	for _, u := range units {
		for _, diag := range d.results[u][f] {
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
