package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// lensData says what a lens is to be resolved to.
type lensData struct {
	URI   uri.URI `json:"uri"`
	Table string  `json:"table,omitempty"` // its verdicts
	Func  string  `json:"func,omitempty"`  // what reaches it
}

// CodeLens implements [protocol.Server]: the places; what is said there costs a
// check, and is asked for when a lens comes into sight.
func (s *methods) CodeLens(ctx context.Context, p *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureCodeLens) || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil, err
	}
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil || !current(snapshotFrom(ctx), unit) {
		return nil, ctx.Err()
	}
	file := fileOf(unit, doc)
	var out []protocol.CodeLens
	for _, table := range unit.Tables {
		if table.At.File != file {
			continue
		}
		at := doc.mapper.SpanRange(table.At.Span)
		out = append(out, lazyLens(at, lensData{URI: doc.uri, Table: table.Name}))
		if lens, ok := s.verifyLens(at, doc.path); ok {
			out = append(out, lens)
		}
	}
	if s.enabled(featureReachedBy) {
		for _, fn := range unit.Own() {
			if fn.At.File == file && !isProgram(unit, fn.Name) {
				out = append(out, lazyLens(doc.mapper.SpanRange(fn.At.Span), lensData{URI: doc.uri, Func: fn.Name}))
			}
		}
	}
	return out, ctx.Err()
}

func lazyLens(at protocol.Range, data lensData) protocol.CodeLens {
	raw, err := json.Marshal(data)
	if err != nil {
		return protocol.CodeLens{Range: at}
	}
	return protocol.CodeLens{Range: at, Data: raw}
}

// verifyLens offers to ask real kernels, where the project names some and the
// object is there.
func (s *Server) verifyLens(at protocol.Range, source string) (protocol.CodeLens, bool) {
	kernels := s.analyzer.Config(source).Verify.Kernels
	object := s.objectOf(source)
	if len(kernels) == 0 || object == "" || !s.trusted.Load() {
		return protocol.CodeLens{}, false
	}
	names := make([]string, len(kernels))
	for i, k := range kernels {
		names[i] = path.Base(k)
	}
	return protocol.CodeLens{Range: at, Command: s.lensCommand("verify on "+strings.Join(names, ", "), commandVerifyOn,
		map[string]any{"uri": pathURI(object), "kernels": kernels})}, true
}

// objectOf gives the object that a source is compiled to, of those that the
// project's build makes: that of the same name; "" when there is none.
func (s *Server) objectOf(source string) string {
	want := strings.TrimSuffix(path.Base(source), ".c") + ".o"
	f := s.analyzer.Config(source)
	for _, glob := range f.Build.Objects {
		dir := path.Join(f.Dir(), path.Dir(glob)) // a glob in the folder matches nothing here
		name := path.Join(dir, want)
		if st, err := os.Stat(filepath.FromSlash(name)); err == nil && st.Mode().IsRegular() && f.Match(glob, name) {
			return name
		}
	}
	return ""
}

// lensCommand makes a command of ours, or the client's own for it, which can
// show what ours answers.
func (s *Server) lensCommand(title, name string, arg any) protocol.Command {
	c := protocol.Command{Title: title, Command: name}
	if own, ok := s.clientCommands.Load().(map[string]string); ok && own[name] != "" {
		c.Command = own[name]
	}
	if raw, err := json.Marshal(arg); err == nil {
		c.Arguments = []protocol.LSPAny{raw}
	}
	return c
}

// CodeLensResolve implements [protocol.Server].
func (s *methods) CodeLensResolve(ctx context.Context, lens *protocol.CodeLens) (*protocol.CodeLens, error) {
	var data lensData
	if json.Unmarshal(lens.Data, &data) != nil {
		return nil, invalidParams("codeLens/resolve: the data is not ours")
	}
	title := "–"
	if doc := snapshotFrom(ctx).doc(data.URI); doc != nil {
		unit, err := s.analyzer.Unit(ctx, doc.path)
		if err == nil {
			title = s.lensTitle(ctx, unit, data)
		}
	}
	name := commandMatrix
	if data.Func != "" {
		name = commandCallGraph
	}
	lens.Command = s.lensCommand(title, name, map[string]any{"uri": data.URI})
	return lens, ctx.Err()
}

func (s *Server) lensTitle(ctx context.Context, unit *cindex.Unit, data lensData) string {
	if data.Table != "" {
		return verdictTitle(s.analyzer.Kernels(), tableFindings(unit, data.Table, s.analyzer.Check(ctx, unit)))
	}
	if fn := unit.Func(data.Func); fn != nil {
		if names := contextNames(s.analyzer.Ways(ctx, unit, fn)); len(names) > 0 {
			return "reached by " + strings.Join(names, ", ")
		}
	}
	return "reached by nothing"
}

// tableFindings gives the findings of the programs of one table; of a unit with
// one table, all.
func tableFindings(unit *cindex.Unit, name string, all []verifier.Finding) []verifier.Finding {
	if len(unit.Tables) < 2 {
		return all
	}
	wired := map[string]bool{}
	for _, table := range unit.Tables {
		for _, init := range table.Inits {
			wired[init.Func] = wired[init.Func] || table.Name == name
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(f verifier.Finding) bool { return f.Program == "" || !wired[f.Program] })
}

// verdictTitle counts what each kernel does not take: "6.12 ✗ 3 · 6.13–7.0 ✓ ·
// 7.3 ✗ 1". Neighbours that say the same are put together.
func verdictTitle(kernels []*btfdb.Kernel, findings []verifier.Finding) string {
	var parts []string
	for i := 0; i < len(kernels); {
		n, j := badOn(findings, kernels[i].Release), i+1
		for j < len(kernels) && badOn(findings, kernels[j].Release) == n {
			j++
		}
		part := kernels[i].Release
		if j > i+1 {
			part += "–" + kernels[j-1].Release
		}
		if n == 0 {
			part += " ✓"
		} else {
			part += fmt.Sprintf(" ✗ %d", n)
		}
		parts, i = append(parts, part), j
	}
	return strings.Join(parts, " · ")
}

// badOn counts the findings that matter on a release.
func badOn(findings []verifier.Finding, release string) int {
	n := 0
	for i := range findings {
		if f := &findings[i]; f.Severity <= verifier.Warning && slices.Contains(f.Releases, release) {
			n++
		}
	}
	return n
}
