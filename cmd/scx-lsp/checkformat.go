package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/report"
)

// checkFormats are those of check: for people, for programs, for code scanning
// and for the log of a GitHub job, which shows them at their lines.
var checkFormats = []string{"text", "json", "sarif", "github"}

// writeReport writes the findings that are severe enough; what is counted is
// all of them.
func writeReport(w io.Writer, o checkOptions, files int, findings []verifier.Finding) error {
	shown := slices.DeleteFunc(slices.Clone(findings), func(f verifier.Finding) bool { return f.Severity > o.severity })
	name := relativeTo(workingDir())
	switch o.format {
	case "json":
		return report.JSON(w, releasesOf(o.kernels), files, shown, name)
	case "sarif":
		return writeSARIF(w, shown)
	case "github":
		for _, f := range shown {
			if err := report.GitHub(w, f, name); err != nil {
				return err
			}
		}
	default:
		t := report.Text{W: w, Color: o.color, Name: name}
		for _, f := range shown {
			if err := t.Finding(f); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintln(w, summaryLine(o.kernels, report.Count(files, findings))+notShown(len(findings)-len(shown)))
	return err
}

func releasesOf(ks []*btfdb.Kernel) []string {
	var out []string
	for _, k := range ks {
		out = append(out, k.Release)
	}
	return out
}

// summaryLine says what was checked and what came out.
func summaryLine(ks []*btfdb.Kernel, s report.Summary) string {
	return fmt.Sprintf("%s, %s: %s, %s", plural(s.Files, "file"), verifier.ReleaseText(releasesOf(ks)),
		plural(s.Errors, "error"), plural(s.Warnings, "warning"))
}

// notShown ends the summary when there is more to see.
func notShown(findings int) string {
	if findings == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s not shown: --severity hint)", plural(findings, "finding"))
}

func plural(n int, what string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func workingDir() string {
	wd, err := os.Getwd()
	if err != nil {
		return ""
	}
	return wd
}

// relativeTo shortens paths below dir.
func relativeTo(dir string) func(string) string {
	return func(p string) string {
		if rel, err := filepath.Rel(dir, p); dir != "" && err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
		return p
	}
}
