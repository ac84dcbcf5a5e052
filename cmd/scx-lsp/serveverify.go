package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/verifier/kernel"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// serverVerifiers let editors ask what the verify command tells.
func serverVerifiers() lsp.Verifiers {
	return lsp.Verifiers{Object: verifyForEditor, On: verifyOnForEditor}
}

func verifyForEditor(ctx context.Context, path string, kernels []*btfdb.Kernel) (json.RawMessage, error) {
	o := verifyOptions{kernels: kernels, format: "json"}
	x, err := openWhole(path, nil)
	if err != nil {
		return nil, err
	}
	res, err := x.Check(ctx, kernels, object.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var b bytes.Buffer
	err = writeVerify(&b, o, []*object.Result{res})
	return b.Bytes(), err
}

// editorChecker keeps guests warm between two questions of an editor, for as
// long as somebody may be at work on a scheduler.
var editorChecker = sync.OnceValue(func() *kernel.Checker {
	c := newChecker(onOptions{})
	c.Pool.Idle = 5 * time.Minute
	return c
})

func verifyOnForEditor(ctx context.Context, path string, kernels []string, report func(string)) (json.RawMessage, error) {
	real := onOptions{on: strings.Join(kernels, ","), limit: kernel.DefaultLimit}
	if err := real.check(); err != nil {
		return nil, err
	}
	x, err := openWhole(path, nil)
	if err != nil {
		return nil, err
	}
	report(fmt.Sprintf("%s on %s", path, strings.Join(real.images, ", ")))
	opt := kernel.Options{Limit: real.limit, Progress: func(image, what string) { report(what + ": " + image) }}
	var all []onObject
	for _, js := range editorChecker().Judge(ctx, []kernel.Object{x}, real.images, opt) {
		all = append(all, onObject{js, kernel.Results(x.Object, js)})
	}
	var b bytes.Buffer
	err = writeOn(&b, verifyOptions{format: "json", real: real}, all)
	return b.Bytes(), err
}
