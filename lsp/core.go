package lsp

import (
	"context"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A core is the [Analyzer] over the layers below.
type core struct {
	base  string // what an empty kernel spec means
	rules []*verifier.Rule

	mu      sync.RWMutex
	index   *cindex.Index   // guarded by mu
	kernels []*btfdb.Kernel // guarded by mu; the slice is never changed
	// checker is for kernels. Guarded by mu.
	checker *verifier.Checker
}

// NewAnalyzer makes the analyzer of a real server; kernels is a kernel spec,
// "" for every release that has sched_ext.
func NewAnalyzer(kernels string, rules []*verifier.Rule) (Analyzer, error) {
	if kernels == "" {
		kernels = btfdb.Default
	}
	c := &core{base: kernels, rules: rules}
	c.SetRoots(nil)
	return c, c.Select("")
}

// SetRoots implements [Analyzer].
func (c *core) SetRoots(roots []string) {
	index := cindex.New(cindex.OSFS{}, cindex.Config{Roots: roots})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.index = index
}

func (c *core) current() *cindex.Index {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.index
}

// SetContent implements [Analyzer].
func (c *core) SetContent(path string, content []byte) { c.current().SetContent(path, content) }

// Forget implements [Analyzer].
func (c *core) Forget(path string) { c.current().Forget(path) }

// Invalidate implements [Analyzer].
func (c *core) Invalidate(path string) { c.current().Invalidate(path) }

// Unit implements [Analyzer].
func (c *core) Unit(ctx context.Context, path string) (*cindex.Unit, error) {
	return c.current().Unit(ctx, path)
}

// Includers implements [Analyzer].
func (c *core) Includers(path string) []string { return c.current().Includers(path) }

// IdentAt implements [Analyzer].
func (c *core) IdentAt(content []byte, off int) (string, cindex.Span) {
	return cindex.IdentAt(content, off)
}

// Check implements [Analyzer].
func (c *core) Check(ctx context.Context, u *cindex.Unit) []verifier.Finding {
	return c.verifier().Check(ctx, u, c.linked(ctx, u)...)
}

// Ways implements [Analyzer].
func (c *core) Ways(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Way {
	return c.verifier().Ways(ctx, u, fn, c.linked(ctx, u)...)
}

// Uses implements [Analyzer].
func (c *core) Uses(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Use {
	return c.verifier().Uses(ctx, u, fn, c.linked(ctx, u)...)
}

func (c *core) verifier() *verifier.Checker {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.checker
}

// Linked implements [Analyzer].
func (c *core) Linked(path string) []string { return c.current().Linked(path) }

// linked gives the units of the other sources of the same object.
func (c *core) linked(ctx context.Context, u *cindex.Unit) []*cindex.Unit {
	var out []*cindex.Unit
	for _, path := range c.Linked(u.Main.Path) {
		if other, err := c.Unit(ctx, path); err == nil {
			out = append(out, other)
		}
	}
	return out
}

// RulePage implements [Analyzer].
func (c *core) RulePage(rule string) string {
	for _, r := range c.rules {
		if r.ID == rule {
			return r.Doc
		}
	}
	return ""
}

// Select implements [Analyzer].
func (c *core) Select(spec string) error {
	if spec == "" {
		spec = c.base
	}
	kernels, err := btfdb.Select(spec)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kernels, c.checker = kernels, verifier.NewChecker(kernels, c.rules)
	return nil
}

// Kernels implements [Analyzer].
func (c *core) Kernels() []*btfdb.Kernel {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kernels
}
