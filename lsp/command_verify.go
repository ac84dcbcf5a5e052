package lsp

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/jsonrpc2"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/config"
)

// Verifiers judge compiled objects for us: what they need of the machine is
// not this package's business. A nil one makes its command an error. Both give
// what "scx-lsp verify --format json" prints.
type Verifiers struct {
	// Object asks the database.
	Object func(ctx context.Context, path string, kernels []*btfdb.Kernel) (json.RawMessage, error)
	// On asks real kernels: images, "running" or "installed". It says what it
	// does from time to time.
	On func(ctx context.Context, path string, kernels []string, report func(string)) (json.RawMessage, error)
}

// verifyObject judges an object for the selected kernels.
func verifyObject(ctx context.Context, c *command) (any, error) {
	var args struct {
		URI string `json:"uri"`
	}
	if err := c.arg(&args, `{"uri": an object}`); err != nil {
		return nil, err
	}
	path, err := c.path(args.URI)
	if err != nil {
		return nil, err
	}
	if c.opts.Verify.Object == nil {
		return nil, errNoVerifier
	}
	c.progress.begin(ctx, "scx-lsp: verifying")
	if err := c.build(ctx, c.analyzer.Config(path)); err != nil {
		return nil, err
	}
	report, err := c.opts.Verify.Object(ctx, path, c.analyzer.Kernels())
	return verifierAnswer(ctx, report, err)
}

// verifyOn has real kernels judge an object.
func verifyOn(ctx context.Context, c *command) (any, error) {
	var args struct {
		URI     string      `json:"uri"`
		Kernels kernelSpecs `json:"kernels"`
	}
	if err := c.arg(&args, `{"uri": an object, "kernels": images, "running" or "installed"}`); err != nil {
		return nil, err
	}
	path, err := c.path(args.URI)
	if err != nil {
		return nil, err
	}
	if len(args.Kernels) == 0 {
		args.Kernels = c.analyzer.Config(path).Verify.Kernels
	}
	switch {
	case len(args.Kernels) == 0:
		return nil, invalidParams("%s: no kernel is named, neither here nor in %s ([verify] kernels)", c.name, config.Name)
	case c.opts.Verify.On == nil:
		return nil, errNoVerifier
	}
	c.progress.begin(ctx, "scx-lsp: asking real kernels")
	report, err := c.opts.Verify.On(ctx, path, args.Kernels, c.progress.report)
	return verifierAnswer(ctx, report, err)
}

var errNoVerifier = jsonrpc2.Errorf(jsonrpc2.InternalError, "this server cannot verify objects")

func verifierAnswer(ctx context.Context, report json.RawMessage, err error) (any, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &jsonrpc2.Error{Code: codeRequestFailed, Message: fmt.Sprintf("verify: %v", err)}
	}
	return report, nil
}
