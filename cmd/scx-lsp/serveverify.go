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

func verifyForEditor(ctx context.Context, path string, kernels []*btfdb.Kernel, rodata map[string]string) (json.RawMessage, error) {
	o := verifyOptions{kernels: kernels, format: "json"}
	x, err := openWhole(path, nil)
	if err != nil {
		return nil, err
	}
	res, err := x.Check(ctx, kernels, object.Options{Rodata: rodataIn(x.Object, rodata)})
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

func verifyOnForEditor(ctx context.Context, q lsp.Question) (json.RawMessage, *object.Result, error) {
	real := onOptions{on: strings.Join(q.Kernels, ","), limit: kernel.DefaultLimit}
	if err := real.check(); err != nil {
		return nil, nil, err
	}
	x, err := openWhole(q.Path, nil)
	if err != nil {
		return nil, nil, err
	}
	rodata, err := numbers(rodataIn(x.Object, q.Rodata))
	if err != nil {
		return nil, nil, err
	}
	q.Report(fmt.Sprintf("%s on %s", q.Path, strings.Join(real.images, ", ")))
	opt := kernel.Options{Rodata: rodata, Limit: real.limit, Progress: func(image, what string) { q.Report(what + ": " + image) }}
	js := editorChecker().Judge(ctx, []kernel.Object{x}, real.images, opt)[0]
	res := kernel.Results(x.Object, js)
	var b bytes.Buffer
	err = writeOn(&b, verifyOptions{format: "json", real: real}, []onObject{{js, res}})
	return b.Bytes(), res, err
}

// rodataIn leaves the values for variables that an object has: a configuration
// is for all objects of a project.
func rodataIn(x *object.Object, values map[string]string) map[string]string {
	out := map[string]string{}
	for name, v := range values {
		if x.HasRodata(name) {
			out[name] = v
		}
	}
	return out
}
