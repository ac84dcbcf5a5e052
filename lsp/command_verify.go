package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.lsp.dev/jsonrpc2"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// Verifiers judge compiled objects for us: what they need of the machine is
// not this package's business. A nil one makes its command an error. Both give
// what "scx-lsp verify --format json" prints.
type Verifiers struct {
	// Object asks the database. Rodata are values that user space sets before it
	// loads an object; the object need not have all of them.
	Object func(ctx context.Context, path string, kernels []*btfdb.Kernel, rodata map[string]string) (json.RawMessage, error)
	// On asks real kernels. Beside the report it gives what they said, for
	// diagnostics; nil where that is not known.
	On func(context.Context, Question) (json.RawMessage, *object.Result, error)
}

// A Question is for real kernels.
type Question struct {
	Path    string
	Kernels []string // images, "running" or "installed"
	Rodata  map[string]string
	Report  func(string) // is told from time to time what is being done
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
	f := c.analyzer.Config(path)
	if err := c.build(ctx, f); err != nil {
		return nil, err
	}
	report, err := c.opts.Verify.Object(ctx, path, c.analyzer.Kernels(), rodataOf(f))
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
	if args.Kernels, err = c.kernelsToAsk(path, args.Kernels); err != nil {
		return nil, err
	}
	if c.opts.Verify.On == nil {
		return nil, errNoVerifier
	}
	c.progress.begin(ctx, "scx-lsp: asking real kernels")
	stamp := StampOf(path)
	report, result, err := c.opts.Verify.On(ctx, Question{path, args.Kernels, rodataOf(c.analyzer.Config(path)), c.progress.report})
	if err == nil && ctx.Err() == nil && result != nil && stamp == StampOf(path) {
		c.analyzer.Judged(Judgement{path, strings.Join(args.Kernels, ","), stamp, result})
		c.diagnoser.wakeAll()
	}
	return verifierAnswer(ctx, report, err)
}

// kernelsToAsk gives the kernels that a user named, else those of the
// configuration. What a workspace names is booted, or even handed programs while
// it runs, only when the client calls the workspace trusted.
func (c *command) kernelsToAsk(object string, named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	configured := c.analyzer.Config(object).Verify.Kernels
	switch {
	case len(configured) == 0:
		return nil, invalidParams("%s: no kernel is named, neither here nor in %s ([verify] kernels)", c.name, config.Name)
	case !c.trusted.Load():
		return nil, jsonrpc2.Errorf(codeRequestFailed, "%s: the workspace is not trusted: name the kernels that %s names (%s) yourself", c.name, config.Name, strings.Join(configured, ", "))
	}
	return configured, nil
}

// rodataOf gives the [rodata] of a configuration.
func rodataOf(f *config.File) map[string]string {
	out := map[string]string{}
	for name, value := range f.Rodata {
		out[name] = string(value)
	}
	return out
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
