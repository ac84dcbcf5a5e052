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
	edited  bool // since the job last came to rest
	closed  bool
}

// changed wakes the job of a document that has a new text; the job then wakes
// those of the open documents that include it. It does not ask for these
// itself: the answer may have to wait for a run.
func (d *diagnoser) changed(u uri.URI, path string) { d.wakeJob(u, path, true) }

// wakeIncluders runs the jobs of the open documents that include a file.
func (d *diagnoser) wakeIncluders(path string) {
	for _, includer := range d.analyzer.Includers(path) {
		if doc := d.session.snapshot().byPath[includer]; doc != nil && doc.path != path {
			d.wakeJob(doc.uri, doc.path, false)
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
		d.wakeJob(u, doc.path, false)
	}
}

// wakePath runs the job of a document again, if it is open.
func (d *diagnoser) wakePath(path string) {
	if doc := d.session.snapshot().byPath[path]; doc != nil {
		d.wakeJob(doc.uri, path, false)
		if d.refresh != nil {
			d.refresh()
		}
	}
}

// wakeJob runs a job; edited says that it is for the document's own text.
func (d *diagnoser) wakeJob(u uri.URI, path string, edited bool) {
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
	j.edited = j.edited || edited
	if j.running {
		j.again = true
		j.cancel()
		return
	}
	ctx, cancel := context.WithCancel(d.ctx)
	j.running, j.again, j.cancel = true, false, cancel
	go d.loop(ctx, u, j)
}

// loop runs a job until nothing has changed during a run.
func (d *diagnoser) loop(ctx context.Context, u uri.URI, j *job) {
	for {
		d.mu.Lock()
		edited := j.edited
		d.mu.Unlock()
		d.run(ctx, u, !edited)
		d.mu.Lock()
		j.cancel()
		if j.again && d.ctx.Err() == nil {
			ctx, j.cancel = context.WithCancel(d.ctx)
			j.again = false // together: a cancelled run always has a successor
			d.mu.Unlock()
			continue
		}
		j.running, j.edited = false, false
		if j.closed && d.session.snapshot().docs[u] == nil {
			delete(d.jobs, u)
		}
		d.mu.Unlock()
		if edited {
			d.wakeIncluders(j.path)
		}
		return
	}
}
