package lsp

import (
	"context"

	"go.lsp.dev/uri"
)

// A job's fields are guarded by diagnoser.mu.
type job struct {
	path    string
	cancel  context.CancelFunc // of the current run
	running bool
	again   bool // run once more after this run
	closed  bool
}

// changed wakes the job of a document that has a new text, and the jobs of
// the open documents that include it.
func (d *diagnoser) changed(u uri.URI, path string) {
	d.wakeJob(u, path, false)
	d.wakeIncluders(path)
}

// wakeIncluders runs the jobs of the open documents that include a file.
func (d *diagnoser) wakeIncluders(path string) {
	for _, includer := range d.analyzer.Includers(path) {
		if includer != path {
			d.wakeOpen(pathURI(includer))
		}
	}
}

// wakeAll runs all jobs again.
func (d *diagnoser) wakeAll() {
	if d.refresh != nil {
		d.refresh()
		return
	}
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
	if d.refresh != nil {
		return // the client asks
	}
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
