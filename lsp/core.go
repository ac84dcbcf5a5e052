package lsp

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/project"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// A core is the [Analyzer] over the layers below. Each configuration file has
// an index and a checker of its own: sources under different ones are built in
// different ways.
type core struct {
	base  string // what to check against when neither client nor project say so
	fixed bool   // base goes before what projects say
	rules []*verifier.Rule
	store *config.Store
	// objects are those that the sources were built into.
	objects objects

	mu       sync.RWMutex
	roots    []string            // guarded by mu
	spec     string              // guarded by mu; what the client wants, "" for nothing
	chosen   bool                // guarded by mu; the user chose spec, so that comments do not count
	contents map[string][]byte   // guarded by mu; what SetContent said
	projects map[string]*members // guarded by mu; by the path of the configuration
}

// members are the sources under one configuration, or under none. It is
// immutable.
type members struct {
	file    *config.File
	index   *cindex.Index
	kernels []*btfdb.Kernel
	checker *verifier.Checker
}

// ConfigNames are the names that configurations may use.
func ConfigNames(rules []*verifier.Rule) config.Known {
	names := make([]string, len(allFeatures))
	for i, f := range allFeatures {
		names[i] = string(f)
	}
	return project.Known(slices.Concat(rules, object.Rules), names)
}

// ConfigSchema is the JSON schema of .scx-lsp.toml.
func ConfigSchema(rules []*verifier.Rule) ([]byte, error) { return config.Schema(ConfigNames(rules)) }

// NewAnalyzer makes the analyzer of a real server; kernels is a kernel spec
// that goes before what projects say, "" for none.
func NewAnalyzer(kernels string, rules []*verifier.Rule) (Analyzer, error) {
	c := &core{
		base: cmp.Or(kernels, btfdb.Default), fixed: kernels != "", rules: rules,
		store: project.NewStore(ConfigNames(rules)),
	}
	c.SetRoots(nil)
	return c, c.Select("", false)
}

// SetRoots implements [Analyzer].
func (c *core) SetRoots(roots []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roots = roots
	c.contents, c.projects = map[string][]byte{}, map[string]*members{}
}

// of gives what a source is a member of.
func (c *core) of(source string) *members {
	f := c.store.For(source)
	c.mu.RLock()
	m := c.projects[f.Path]
	c.mu.RUnlock()
	if m != nil {
		return m
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f = c.store.For(source) // with the lock held, it is not older than c.projects
	if m := c.projects[f.Path]; m != nil {
		return m
	}
	m = c.newMembers(f, cindex.New(cindex.OSFS{}, project.Index(f, cindex.Config{Roots: c.roots})))
	for p, content := range c.contents {
		m.index.SetContent(p, content)
	}
	c.projects[f.Path] = m
	return m
}

// newMembers makes the members of a configuration; c.mu is held. What it says
// of kernels is known to be right: the reader leaves out what is not.
func (c *core) newMembers(f *config.File, index *cindex.Index) *members {
	spec := cmp.Or(c.spec, f.Kernels, c.base)
	if c.fixed {
		spec = cmp.Or(c.spec, c.base)
	}
	kernels, err := btfdb.Select(spec)
	if err != nil {
		kernels = []*btfdb.Kernel{btfdb.Newest()} // a file of a kernel that has gone since
	}
	checker := verifier.NewChecker(kernels, c.rules).WithPolicy(project.Policy(f, !c.chosen && !c.fixed))
	return &members{f, index, kernels, checker}
}

// all gives the members of all configurations that were met.
func (c *core) all() []*members {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Collect(maps.Values(c.projects))
}

// SetContent implements [Analyzer].
func (c *core) SetContent(path string, content []byte) {
	c.mu.Lock()
	c.contents[path] = content
	c.mu.Unlock()
	for _, m := range c.all() {
		m.index.SetContent(path, content)
	}
}

// Forget implements [Analyzer].
func (c *core) Forget(path string) {
	c.mu.Lock()
	delete(c.contents, path)
	c.mu.Unlock()
	for _, m := range c.all() {
		m.index.Forget(path)
	}
}

// Invalidate implements [Analyzer].
func (c *core) Invalidate(path string) {
	if isObject(path) {
		c.objects.changed()
	}
	if c.store.Changed(path) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.projects = map[string]*members{} // contents stay: they are the client's
		return
	}
	for _, m := range c.all() {
		m.index.Invalidate(path)
	}
}

// Unit implements [Analyzer].
func (c *core) Unit(ctx context.Context, path string) (*cindex.Unit, error) {
	return c.of(path).index.Unit(ctx, path)
}

// Includers implements [Analyzer].
func (c *core) Includers(path string) []string {
	var out []string
	for _, m := range c.all() {
		out = append(out, m.index.Includers(path)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// IdentAt implements [Analyzer].
func (c *core) IdentAt(content []byte, off int) (string, cindex.Span) {
	return cindex.IdentAt(content, off)
}

// Check implements [Analyzer].
func (c *core) Check(ctx context.Context, u *cindex.Unit) []verifier.Finding {
	m := c.of(u.Main.Path)
	found := m.checker.Check(ctx, u, c.linked(ctx, u)...)
	found = append(found, c.objects.more(ctx, m, u, found, c.isOpen)...)
	return c.objects.said(m, u, found, c.isOpen)
}

// Judged implements [Analyzer].
func (c *core) Judged(j Judgement) { c.objects.judged(j) }

// isOpen tells whether the client has said what a file holds.
func (c *core) isOpen(path string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, ok := c.contents[path]
	return ok
}

// Ways implements [Analyzer].
func (c *core) Ways(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Way {
	return c.of(u.Main.Path).checker.Ways(ctx, u, fn, c.linked(ctx, u)...)
}

// Uses implements [Analyzer].
func (c *core) Uses(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Use {
	return c.of(u.Main.Path).checker.Uses(ctx, u, fn, c.linked(ctx, u)...)
}

// Linked implements [Analyzer].
func (c *core) Linked(path string) []string { return c.of(path).index.Linked(path) }

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
	for _, r := range slices.Concat(c.rules, object.Rules) {
		if r.ID == rule {
			return r.Doc
		}
	}
	return ""
}

// Select implements [Analyzer].
func (c *core) Select(spec string, chosen bool) error {
	if _, err := btfdb.Select(cmp.Or(spec, c.base)); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spec, c.chosen = spec, chosen
	next := map[string]*members{}
	for name, m := range c.projects {
		next[name] = c.newMembers(m.file, m.index)
	}
	c.projects = next
	return nil
}

// Config implements [Analyzer].
func (c *core) Config(source string) *config.File {
	if source == "" {
		source = c.first()
	}
	return c.store.For(source)
}

// ConfigFiles implements [Analyzer].
func (c *core) ConfigFiles() []*config.File { return c.store.Files() }

// first is a source of the first root, which stands for the workspace.
func (c *core) first() string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if len(c.roots) == 0 {
		return "/.bpf.c"
	}
	return path.Join(c.roots[0], ".bpf.c")
}

// Kernels implements [Analyzer].
func (c *core) Kernels() []*btfdb.Kernel { return c.of(c.first()).kernels }
