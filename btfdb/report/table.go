package report

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// A table is what all of text, Markdown and HTML are made of.
type table struct {
	title string
	notes []string
	head  []string
	rows  [][]string
}

// Formats that a table can be written in.
var formats = map[string]func(*table, io.Writer) error{
	"text": (*table).text, "markdown": (*table).markdown, "html": (*table).html,
}

func (t *table) text(w io.Writer) error {
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintln(&b, t.title)
	for _, n := range t.notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, row := range append([][]string{t.head}, t.rows...) {
		line := ""
		for i, cell := range row {
			line += fmt.Sprintf("%-*s  ", width[i], cell)
		}
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", t.title)
	for _, n := range t.notes {
		fmt.Fprintf(&b, "> %s\n\n", n)
	}
	line := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			fmt.Fprintf(&b, " %s |", strings.ReplaceAll(c, "|", `\|`))
		}
		b.WriteString("\n")
	}
	line(t.head)
	b.WriteString(strings.Repeat("|---", len(t.head)) + "|\n")
	for _, row := range t.rows {
		line(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) html(w io.Writer) error {
	var b strings.Builder
	title := html.EscapeString(t.title)
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>%s</title>\n", title)
	b.WriteString("<style>body{font:14px sans-serif}table{border-collapse:collapse}" +
		"td,th{border:1px solid #bbb;padding:2px 6px;text-align:left;vertical-align:top}" +
		"th{position:sticky;top:0;background:#eee}</style>\n")
	fmt.Fprintf(&b, "<h1>%s</h1>\n", title)
	for _, n := range t.notes {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(n))
	}
	b.WriteString("<table>\n")
	line := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for _, c := range cells {
			fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(c), tag)
		}
		b.WriteString("</tr>\n")
	}
	line("th", t.head)
	for _, row := range t.rows {
		line("td", row)
	}
	b.WriteString("</table>\n</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
