// Package directive is the rule directive: comments for scx-lsp that have no
// effect.
package directive

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "directive",
	Summary: "a comment for scx-lsp has no effect",
	Doc:     doc,
	Run:     run,
	Last:    true,
}

func run(p *verifier.Pass) {
	kernels := false
	for _, d := range p.Directives() {
		if d.At.File != p.Unit.Main {
			continue // a header may need it for the sake of another source
		}
		switch {
		case d.Problem != "":
			report(p, d, verifier.Warning, d.Problem)
		case d.Kernels != "":
			target(p, d, kernels)
			kernels = true
		default:
			ignored(p, d)
		}
	}
}

// target judges what a source says of its kernels.
func target(p *verifier.Pass, d *verifier.Directive, again bool) {
	if again {
		report(p, d, verifier.Warning, "the kernels of this source are given twice; the first counts")
	} else if _, err := btfdb.Select(d.Kernels); err != nil {
		report(p, d, verifier.Warning, err.Error())
	}
}

// ignored judges an ignore, rule by rule.
func ignored(p *verifier.Pass, d *verifier.Directive) {
	for i, id := range d.Rules {
		switch {
		case d.Used[i]:
		case p.HasRule(id, d.At.File.Path):
			report(p, d, verifier.Info, fmt.Sprintf("nothing to ignore: %s finds nothing here", id))
		case !slices.Contains(p.RuleIDs(), id):
			report(p, d, verifier.Warning, fmt.Sprintf("there is no rule %q%s", id, near(p, id)))
		}
	}
}

// near suggests a rule for an id that only differs in how it is spelled.
func near(p *verifier.Pass, id string) string {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	}
	for _, known := range p.RuleIDs() {
		if plain(known) == plain(id) {
			return "; did you mean " + known + "?"
		}
	}
	return ""
}

func report(p *verifier.Pass, d *verifier.Directive, s verifier.Severity, message string) {
	f := verifier.Finding{Severity: s, At: d.At, Message: message}
	if s == verifier.Info {
		f.Tag = verifier.TagUnnecessary
	}
	p.Report(f)
}
