package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// A tableLine is a program, or an ops table, with one word for each kernel.
type tableLine struct {
	label string
	words []string
}

// writeTable answers "will it load" at a glance.
func writeTable(w io.Writer, r *object.Result, name string) error {
	lines := tableLines(r)
	wide := 0
	for _, l := range lines {
		wide = max(wide, len(l.label))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%-*s", name, wide+2, "")
	for _, k := range r.Kernels {
		fmt.Fprintf(&b, " %-8s", k.Release)
	}
	trimLine(&b)
	for _, l := range lines {
		fmt.Fprintf(&b, "  %-*s", wide, l.label)
		for _, word := range l.words {
			fmt.Fprintf(&b, " %-8s", word)
		}
		trimLine(&b)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

func trimLine(b *bytes.Buffer) {
	b.Truncate(len(bytes.TrimRight(b.Bytes(), " ")))
	b.WriteByte('\n')
}

// tableLines lists the ops tables with their members, then other programs.
func tableLines(r *object.Result) []tableLine {
	var out []tableLine
	for _, t := range r.Object.Tables {
		own := func(row object.Row) bool { return strings.HasPrefix(row.Context, t.Type+".") && wires(t, row) }
		out = append(out, tableLine{t.Name + " (" + t.Type + ")", wordsOf(r, own)})
		for _, m := range t.Members {
			if m.Program == nil {
				continue
			}
			member := func(row object.Row) bool {
				return row.Program == m.Program && row.Context == t.Type+"."+m.Name
			}
			out = append(out, tableLine{fmt.Sprintf("  .%s  %s, %s", m.Name, m.Program.Name, plural(m.Program.Insns, "insn")), wordsOf(r, member)})
		}
	}
	for _, p := range r.Object.Programs {
		if len(p.Wirings) > 0 {
			continue
		}
		mine := func(row object.Row) bool { return row.Program == p }
		out = append(out, tableLine{fmt.Sprintf("%s  %s, %s", p.Section, p.Name, plural(p.Insns, "insn")), wordsOf(r, mine)})
	}
	return out
}

func wires(t *object.Table, row object.Row) bool {
	for _, m := range t.Members {
		if m.Program == row.Program && row.Context == t.Type+"."+m.Name {
			return true
		}
	}
	return false
}

// wordsOf sums rows up, a word for each kernel.
func wordsOf(r *object.Result, want func(object.Row) bool) []string {
	var out []string
	for _, k := range r.Kernels {
		worst := "ok"
		for _, row := range r.Rows {
			if row.Kernel == k && want(row) {
				worst = worse(worst, wordOf(row))
			}
		}
		out = append(out, worst)
	}
	return out
}

// severities are the words of the table, from good to bad.
var severities = []string{"ok", "?", "maybe", "aborts", "refused"}

func worse(a, b string) string {
	if slices.Index(severities, b) > slices.Index(severities, a) {
		return b
	}
	return a
}

func wordOf(row object.Row) string {
	switch {
	case row.Verdict == object.Refused:
		return "refused"
	case row.Aborts == object.Refused:
		return "aborts"
	case row.Verdict == object.Maybe, row.Aborts == object.Maybe:
		return "maybe"
	case row.Verdict == object.NotJudged:
		return "?"
	}
	return "ok"
}
