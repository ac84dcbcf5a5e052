package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object/join"
)

// findObjects stands for the objects that lie where builds put them.
const findObjects = "auto"

// compareObjects writes where the findings of sources and those of the objects
// that were built from them disagree, and why.
func compareObjects(w io.Writer, o checkOptions, files []string, found []verifier.Finding) error {
	index := cindex.New(cindex.OSFS{}, cindex.Config{IncludeDirs: o.includes, Defines: o.defines.macros()})
	var units []*cindex.Unit
	for _, file := range files {
		if u, err := index.Unit(context.Background(), file); err == nil {
			units = append(units, u)
		}
	}
	built, err := builtFrom(o, units)
	if err != nil {
		return err
	}
	name := relativeTo(workingDir())
	list := join.Compare(units, found, built)
	for _, d := range list {
		f := d.Finding
		line, col := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
		pass := "source only"
		if d.Object {
			pass = "object only"
		}
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %s: %s [%s]\n  why: %s\n", name(f.At.File.Path), line+1, col+1, pass, f.Message, f.Rule, d.Why); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "%s against %s, %s: %s\n", plural(len(units), "source"), plural(len(built), "object"),
		verifier.ReleaseText(releasesOf(o.kernels)), plural(len(list), "difference"))
	return err
}

// builtFrom judges the objects that were named, or those that are found for the
// sources and hold code of them.
func builtFrom(o checkOptions, units []*cindex.Unit) ([]*join.Built, error) {
	var out []*join.Built
	seen := map[string]bool{}
	add := func(name string, wanted func(*join.Built) bool) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		res, err := verifyFile(name, nil, verifyOptions{kernels: o.kernels})
		if err != nil {
			return err
		}
		if b := join.New(res); wanted(b) {
			out = append(out, b)
		}
		return nil
	}
	for _, name := range o.objects {
		if name != findObjects {
			if err := add(name, func(*join.Built) bool { return true }); err != nil {
				return nil, err
			}
			continue
		}
		for _, u := range units {
			for _, name := range join.Find(u.Main.Path, nil) {
				// Something else's broken object is not the user's concern.
				_ = add(name, func(b *join.Built) bool { return b.Fresh(u.Main, u.Files) })
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("--with-object: no object newer than the sources holds code of them")
	}
	return out, nil
}
