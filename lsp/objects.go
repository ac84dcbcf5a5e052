package lsp

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/object/join"
)

const (
	// objectsAge is how long we believe to know which objects there are, when
	// the client does not watch files for us.
	objectsAge = 2 * time.Second
	// maxObject bounds the objects that are read for an editor, maxBuilt those
	// that are remembered.
	maxObject = 64 << 20
	maxBuilt  = 32
)

// objects adds to the findings of a source what the object that was built from
// it shows. It says nothing once the source, or a header, was edited.
type objects struct {
	mu    sync.Mutex
	found map[string]foundObjects  // by source
	built map[builtKey]*join.Built // nil for what is no object
	asked []asked                  // what real kernels said, the latest last
}

type foundObjects struct {
	paths []string
	at    time.Time
}

type builtKey struct {
	path, kernels, rodata string
	made                  time.Time
	size                  int64
}

// changed forgets where objects are.
func (o *objects) changed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.found = nil
}

// isObject knows the names of compiled objects.
func isObject(name string) bool { return strings.HasSuffix(name, ".bpf.o") }

// more gives what the newest object of a unit shows beyond the findings of its
// sources. open are the texts that the client has.
func (o *objects) more(ctx context.Context, m *members, u *cindex.Unit, found []verifier.Finding, open func(string) bool) []verifier.Finding {
	if ctx.Err() != nil || len(u.Tables)+len(u.Programs) == 0 || !saved(u, open) {
		return nil
	}
	paths := o.find(u.Main.Path, m.file)
	if len(paths) == 0 {
		return nil
	}
	kernels := m.checker.KernelsOf(u)
	for _, name := range paths {
		b := o.judge(ctx, name, m.file, u, kernels)
		if b == nil || !b.Fresh(u.Main, u.Files) {
			continue
		}
		list := m.checker.Wanted(u, b.Findings(u, found))
		for i := range list {
			list[i].Notes = append(list[i].Notes, verifier.Note{Message: "found in " + path.Base(name) + ", which was built from this source"})
		}
		return list
	}
	return nil
}

// saved tells whether the files of a unit that the client has open are on disk
// as they are there: objects are built from what is on disk.
func saved(u *cindex.Unit, open func(string) bool) bool {
	for _, f := range u.Files {
		if !open(f.Path) {
			continue
		}
		if disk, err := os.ReadFile(f.Path); err != nil || !bytes.Equal(disk, f.Content) {
			return false
		}
	}
	return true
}

// find gives the objects that may be built from a source.
func (o *objects) find(source string, f *config.File) []string {
	o.mu.Lock()
	known, ok := o.found[source]
	o.mu.Unlock()
	if ok && time.Since(known.at) < objectsAge {
		return known.paths
	}
	var globs []string
	for _, glob := range f.Build.Objects {
		if !path.IsAbs(glob) {
			glob = path.Join(f.Dir(), glob)
		}
		globs = append(globs, glob)
	}
	paths := join.Find(source, globs)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.found == nil || len(o.found) > maxBuilt {
		o.found = map[string]foundObjects{}
	}
	o.found[source] = foundObjects{paths, time.Now()}
	return paths
}

// judge verifies an object, once for each time that it is built; nil when there
// is nothing to believe in it: a file of the unit is newer, or it is none.
func (o *objects) judge(ctx context.Context, name string, f *config.File, u *cindex.Unit, kernels []*btfdb.Kernel) *join.Built {
	st, err := os.Stat(name)
	if err != nil || st.Size() > maxObject || newer(u, st.ModTime()) {
		return nil
	}
	key := builtKey{path: name, rodata: fmt.Sprint(f.Rodata), made: st.ModTime(), size: st.Size()}
	for _, k := range kernels {
		key.kernels += k.Build + " "
	}
	o.mu.Lock()
	b, ok := o.built[key]
	o.mu.Unlock()
	if ok {
		return b
	}
	if b = judgeObject(ctx, name, f.Rodata, kernels); ctx.Err() != nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.built == nil || len(o.built) > maxBuilt {
		o.built = map[builtKey]*join.Built{}
	}
	o.built[key] = b
	return b
}

// newer tells whether a file of a unit was written after a time.
func newer(u *cindex.Unit, than time.Time) bool {
	for _, f := range u.Files {
		if st, err := os.Stat(f.Path); err == nil && st.ModTime().After(than) {
			return true
		}
	}
	return false
}

func judgeObject(ctx context.Context, name string, rodata map[string]config.Scalar, kernels []*btfdb.Kernel) *join.Built {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	x, err := object.Open(name, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil // being written, or not for us
	}
	opt := object.Options{Rodata: map[string]string{}}
	for k, v := range rodata {
		if x.HasRodata(k) {
			opt.Rodata[k] = string(v)
		}
	}
	res, err := x.Check(ctx, kernels, opt)
	if err != nil {
		return nil
	}
	return join.New(res)
}
