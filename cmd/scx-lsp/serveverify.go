package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

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

func verifyOnForEditor(ctx context.Context, path string, kernels []string, report func(string)) (json.RawMessage, error) {
	real := onOptions{on: strings.Join(kernels, ","), limit: kernel.DefaultLimit}
	if err := real.check(); err != nil {
		return nil, err
	}
	x, err := openWhole(path, nil)
	if err != nil {
		return nil, err
	}
	c := newChecker(real)
	defer c.Pool.Close()
	report(fmt.Sprintf("%s on %s", path, strings.Join(real.images, ", ")))
	var all []onObject
	for _, js := range c.Judge(ctx, []kernel.Object{x}, real.images, kernel.Options{Limit: real.limit}) {
		all = append(all, onObject{js, kernel.Results(x.Object, js)})
	}
	var b bytes.Buffer
	err = writeOn(&b, verifyOptions{format: "json", real: real}, all)
	return b.Bytes(), err
}
