package lsp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp/words"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// renderKfunc says all that is known of a kfunc: once what holds for all
// kernels, and what differs by kernel.
func renderKfunc(facts []kfuncOn) string {
	var have []kfuncOn
	var all, on []*btfdb.Kernel
	for _, f := range facts {
		all = append(all, f.kernel)
		if f.kfunc != nil {
			have, on = append(have, f), append(on, f.kernel)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "kfunc · %s%s\n", releases(on, all), lifetime(facts[0].name))
	if text := words.Kfunc(facts[0].name); text != "" {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	kernel := func(k kfuncOn) *btfdb.Kernel { return k.kernel }
	for _, part := range []func(kfuncOn) string{protoText, flagsText} {
		groups, _ := group(have, kernel, part)
		for _, g := range groups {
			if len(groups) > 1 && g.text != "" {
				fmt.Fprintf(&b, "\n%s:\n", releases(g.kernels, all))
			}
			b.WriteString(g.text)
		}
	}
	b.WriteString(placesTable(have, all))
	b.WriteString(otherForms(facts) + successor(facts[0].name))
	return strings.TrimSpace(b.String())
}

// lifetime says since when and until when known releases have a kfunc, whatever
// is selected.
func lifetime(name string) string {
	life, ok := btfdb.History(name)
	if !ok {
		return ""
	}
	text := ""
	if all := btfdb.Releases(); len(all) > 0 && life.Since != all[0].Release {
		text = " · since " + life.Since
	}
	if life.Until != "" {
		text += " · gone in " + life.Until
	}
	return text
}

// successor names the kfunc to call instead.
func successor(name string) string {
	s, ok := btfdb.Succeeded(name)
	if !ok {
		return ""
	}
	text := fmt.Sprintf("\nCall `%s` instead, which there is since %s.", s.New, s.Since())
	if s.Note != "" {
		text += " " + s.Note + "."
	}
	return text + "\n"
}

// otherForms names the kfuncs that stand for this one on some kernel.
func otherForms(facts []kfuncOn) string {
	var names []string
	for _, f := range facts {
		for _, k := range f.kernel.Kfuncs() {
			if base, _, ok := strings.Cut(k.Name, "___"); ok && base == facts[0].name && !slices.Contains(names, k.Name) {
				names = append(names, k.Name)
			}
		}
	}
	if names == nil {
		return ""
	}
	return fmt.Sprintf("\nThere is also `%s`; the headers of scx call what the kernel has.\n", strings.Join(names, "`, `"))
}

func protoText(on kfuncOn) string {
	text := fmt.Sprintf("\n```c\n%s\n```\n", on.kfunc.Proto)
	if on.kfunc.Broken {
		text += "\n**No program can call it on this build.**\n"
	}
	return text
}

func flagsText(on kfuncOn) string {
	if list := flagList(on.kfunc.Flags); list != "" {
		return "\n" + list
	}
	return ""
}

// placesTable says where a kfunc may be called: as a list when all kernels say
// the same, else as a table with a column for each answer.
func placesTable(have []kfuncOn, all []*btfdb.Kernel) string {
	groups, _ := group(have, func(k kfuncOn) *btfdb.Kernel { return k.kernel }, func(k kfuncOn) string { return placesText(k.places) })
	if len(groups) == 1 {
		return "\n" + groups[0].text + "\n"
	}
	columns := make([]column, len(groups))
	var names []string
	for i, g := range groups {
		columns[i] = column{g.kernels[0], map[string]bool{}}
		for _, f := range have {
			if f.kernel != g.kernels[0] {
				continue
			}
			for _, p := range f.places {
				columns[i].allows[p.Name] = true
				if !slices.Contains(names, p.Name) {
					names = append(names, p.Name)
				}
			}
		}
	}
	var b strings.Builder
	b.WriteString("\n| allowed in |")
	for _, g := range groups {
		fmt.Fprintf(&b, " %s |", releases(g.kernels, all))
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(groups)) + "\n")
	for _, row := range tableRows(names, columns) {
		b.WriteString(row)
	}
	return b.String()
}

// A column is what some kernels, of which it holds one, say of places.
type column struct {
	kernel *btfdb.Kernel
	allows map[string]bool
}

// has tells whether a place is there at all: ops members come and go.
func (c *column) has(place string) bool {
	ops, member, ok := strings.Cut(place, ".")
	return !ok || c.kernel.Member(ops, member) != nil
}

// tableRows gives a line for each set of answers, with all places that have it.
func tableRows(names []string, columns []column) []string {
	var patterns []string
	cells := map[string][]string{}
	for _, name := range names {
		var b strings.Builder
		for _, c := range columns {
			switch {
			case c.allows[name]:
				b.WriteString(" ✓ |")
			case c.has(name):
				b.WriteString(" – |")
			default:
				b.WriteString(" |") // no such member
			}
		}
		if cells[b.String()] == nil {
			patterns = append(patterns, b.String())
		}
		cells[b.String()] = append(cells[b.String()], "`"+strings.TrimPrefix(name, schedExtOps+".")+"`")
	}
	rows := make([]string, len(patterns))
	for i, p := range patterns {
		rows[i] = fmt.Sprintf("| %s |%s\n", strings.Join(cells[p], ", "), p)
	}
	return rows
}

func renderHere(function, where string) string {
	return rule + "In `" + function + "`: " + where
}

// renderReached lists the contexts that a function runs in, each with the
// shortest chain of calls that leads there.
func renderReached(function string, ways []verifier.Way, all []*btfdb.Kernel) string {
	type context struct {
		name, chain string
		kernels     []*btfdb.Kernel
	}
	var list []context
	for _, w := range ways {
		name, chain := contextNames([]verifier.Way{w})[0], chainText(w, function)
		i := slices.IndexFunc(list, func(c context) bool { return c.name == name && c.chain == chain })
		if i < 0 {
			list = append(list, context{name: name, chain: chain})
			i = len(list) - 1
		}
		if !slices.Contains(list[i].kernels, w.Kernel) {
			list[i].kernels = append(list[i].kernels, w.Kernel)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, rule+"`%s` runs in:\n", function)
	for i, c := range list {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(list)-i)
			break
		}
		fmt.Fprintf(&b, "- `%s`", c.name)
		if c.chain != "" {
			b.WriteString(": " + c.chain)
		}
		if len(c.kernels) < len(all) {
			b.WriteString(" (" + releases(c.kernels, all) + ")")
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// maxListed bounds lists in a hover.
const maxListed = 12

// chainText writes the calls from a program to a function.
func chainText(w verifier.Way, function string) string {
	steps := w.Chain()
	if len(steps) == 0 {
		return ""
	}
	names := make([]string, 0, len(steps)+1)
	for _, s := range steps {
		names = append(names, "`"+s.Function+"`")
	}
	return strings.Join(append(names, "`"+function+"`"), " → ")
}

// renderUses says which kfuncs a wrapper comes to on which kernels; nothing
// when that is just the kfunc of its name.
func renderUses(name string, uses []verifier.Use, all []*btfdb.Kernel) string {
	if len(uses) == 0 || len(uses) == 1 && uses[0].Name == name && len(uses[0].Kernels) == len(all) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, rule+"`%s` here calls:\n", name)
	for i, use := range uses {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(uses)-i)
			break
		}
		fmt.Fprintf(&b, "- `%s`", use.Name)
		if len(use.Kernels) < len(all) {
			b.WriteString(" on " + releases(use.Kernels, all))
		}
		if use.Unsure {
			b.WriteString(", perhaps")
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}
