package join

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// both are the rules that the two passes share.
var both = map[string]bool{
	"kfunc-context": true, "kfunc-sleepable": true, "kfunc-unavailable": true, "kfunc-null": true, "kfunc-rcu": true, "ops-member": true,
}

// A key is equal for findings of the two passes that say the same.
type key struct {
	rule, kfunc, says, file string
	line                    int
}

// keyOf names what a finding says. A kfunc that is missing is shown where it is
// called or declared, and a member in its table or at its program: what is said
// of them does not hang on the place.
func keyOf(f verifier.Finding) key {
	k := key{rule: f.Rule, kfunc: verifier.KernelName(f.Kfunc)}
	switch f.Rule {
	case "kfunc-unavailable":
		return k
	case "ops-member":
		return key{rule: f.Rule, says: f.Message}
	case "kfunc-null":
		k.kfunc = "" // the source pass names what is used, too, that no kfunc gave
	}
	k.file = f.At.File.Path
	k.line, _ = f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	return k
}

// A Difference is a finding of one pass that the other does not have, or has
// for other releases.
type Difference struct {
	Finding verifier.Finding // at the source when it is there
	Object  bool             // the object pass has it, and the source pass does not
	Why     string
}

// Compare holds the findings of sources against those of their objects, in the
// order of places. What only one of the passes ever judges is left out, but for
// what only objects show.
func Compare(units []*cindex.Unit, found []verifier.Finding, built []*Built) []Difference {
	c := &comparison{built: built}
	for _, u := range units {
		c.files = append(c.files, u.Files...)
	}
	for _, b := range built {
		files := b.match(c.files)
		c.matches = append(c.matches, files)
		for _, f := range b.Result.Findings {
			f, _ = move(f, files)
			c.object = append(c.object, f)
		}
	}
	c.source = slices.DeleteFunc(slices.Clone(found), func(f verifier.Finding) bool {
		return !both[f.Rule] || f.Severity >= verifier.Info
	})
	out := c.missing(c.source, releasesBy(c.object), c.whyNotObject, false)
	out = append(out, c.missing(c.object, releasesBy(c.source), c.whyNotSource, true)...)
	slices.SortStableFunc(out, func(a, b Difference) int { return compareLocs(a.Finding.At, b.Finding.At) })
	return out
}

type comparison struct {
	built          []*Built
	matches        []map[string]match // by built
	files          []*cindex.File
	source, object []verifier.Finding
}

func releasesBy(list []verifier.Finding) map[key]map[string]bool {
	out := map[key]map[string]bool{}
	for _, f := range list {
		k := keyOf(f)
		if out[k] == nil {
			out[k] = map[string]bool{}
		}
		for _, r := range f.Releases {
			out[k][r] = true
		}
	}
	return out
}

// missing lists the findings that the other pass lacks, each place once.
// Releases that differ are told once, by the source pass.
func (c *comparison) missing(list []verifier.Finding, other map[key]map[string]bool, why func(verifier.Finding) string, object bool) []Difference {
	var out []Difference
	seen := map[key]bool{}
	mine := releasesBy(list)
	for _, f := range list {
		k := keyOf(f)
		if seen[k] {
			continue
		}
		seen[k] = true
		if there, ok := other[k]; !ok {
			out = append(out, Difference{f, object, why(f)})
		} else if a, b := only(mine[k], there), only(there, mine[k]); !object && a+b != "" {
			out = append(out, Difference{f, false, "the passes differ on" + a + b})
		}
	}
	return out
}

// only words the releases of a that are not in b.
func only(a, b map[string]bool) string {
	var list []string
	for r := range a {
		if !b[r] {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	return " Linux " + strings.Join(list, ", ")
}

const otherVersion = "the object was built from another version of this file"

// whyNotObject tells why the object does not show what the source does.
func (c *comparison) whyNotObject(f verifier.Finding) string {
	line, _ := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	said := "no code of the object is from this file"
	for i, b := range c.built {
		for name, m := range c.matches[i] {
			switch _, code := b.lines[name][line+1]; {
			case m.file.Path != f.At.File.Path: // it may have been read more than once
			case !m.fresh:
				return otherVersion
			case f.Program != "" && !b.has(f.Program):
				said = fmt.Sprintf("the object has no program %s", f.Program)
			case f.KernelFunction != "" && !b.calls[verifier.KernelName(f.KernelFunction)]:
				return fmt.Sprintf("the object never calls %s: the compiler removed the call", f.Kfunc)
			case !code:
				return "the object has no code of this line: the compiler removed or moved it"
			default:
				return "in the object no path gets there with the constants that it is loaded with"
			}
		}
	}
	return said
}

func (b *Built) has(program string) bool {
	for _, p := range b.Result.Object.Programs {
		if p.Name == program {
			return true
		}
	}
	return false
}

// whyNotSource tells why the source does not show what the object does.
func (c *comparison) whyNotSource(f verifier.Finding) string {
	if !both[f.Rule] {
		return "only an object shows it"
	}
	if !slices.Contains(c.files, f.At.File) {
		return "no source that was checked has this file"
	}
	for _, files := range c.matches {
		for _, m := range files {
			if m.file == f.At.File && !m.fresh {
				return otherVersion
			}
		}
	}
	if f.Rule == "kfunc-unavailable" {
		return "the source pass knows of no path to it, or it is about a prototype or a field, which that pass does not judge"
	}
	line, _ := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	at := f.At.File.Lines.LineSpan(line)
	if f.Kfunc != "" && !strings.Contains(string(f.At.File.Content[at.Start:at.End]), f.Kfunc) {
		return "the line does not name it: a macro or assembler makes the call, perhaps with other -D than the check had"
	}
	return "the source pass knows of no path to it, perhaps because the object was built with other -D"
}

func compareLocs(a, b cindex.Loc) int {
	return cmp.Or(strings.Compare(a.File.Path, b.File.Path), cmp.Compare(a.Span.Start, b.Span.Start))
}
