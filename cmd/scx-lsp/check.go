package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/report"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

type checkOptions struct {
	kernels  []*btfdb.Kernel
	insist   bool // the kernels come from the command line: sources have no say
	format   string
	color    bool
	severity verifier.Severity // the least that is shown
	rules    []string          // that are shown; all when there are none
	includes stringList
	defines  stringList
	objects  stringList // what the findings are held against
	paths    []string
}

// checkCommand is the batch run: the same core as the server, findings on
// stdout, what could not be done on stderr.
func checkCommand(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	o, err := parseCheck(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitClean
	case err != nil:
		fmt.Fprintln(stderr, "scx-lsp check:", err)
		return exitTrouble
	}
	files, err := checkFiles(o.paths)
	if err != nil {
		fmt.Fprintln(stderr, "scx-lsp check:", err)
		return exitTrouble
	}
	findings, errs := checkAll(files, &o)
	for _, e := range errs {
		fmt.Fprintln(stderr, "scx-lsp check:", e)
	}
	findings = o.wanted(findings)
	write := func() error { return writeReport(stdout, o, len(files), findings) }
	if len(o.objects) > 0 {
		write = func() error { return compareObjects(stdout, o, files, findings) }
	}
	if err := write(); err != nil {
		fmt.Fprintln(stderr, "scx-lsp check:", err)
		return exitTrouble
	}
	return exitCode(findings, errs)
}

// wanted drops the findings of rules that were not asked for.
func (o *checkOptions) wanted(list []verifier.Finding) []verifier.Finding {
	return slices.DeleteFunc(list, func(f verifier.Finding) bool {
		return len(o.rules) > 0 && !slices.Contains(o.rules, f.Rule)
	})
}

func exitCode(findings []verifier.Finding, errs []error) int {
	switch {
	case len(errs) > 0:
		return exitTrouble
	case report.Count(0, findings).Errors > 0:
		return exitFindings
	}
	return exitClean
}

const checkUsage = `usage: scx-lsp check [flags] PATH...

PATH is a source, or a directory that is searched for *.bpf.c.
Exit code: 0 clean, 1 findings of severity error, 2 could not run.

Flags:
`

func parseCheck(args []string, stderr io.Writer) (checkOptions, error) {
	var o checkOptions
	fs := flag.NewFlagSet("check", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, checkUsage)
		fs.PrintDefaults()
	}
	kernel := fs.String("kernel", "", "`kernels` to check for: 7.3, 7.3.4, 6.12..7.3, a list, or a file made by db extract (default: what a source says, else "+btfdb.Default+")")
	fs.StringVar(&o.format, "format", "text", strings.Join(checkFormats, ", "))
	severity := fs.String("severity", "", "the least severity that is shown: error, warning, info or hint (default: warning for people, hint for programs)")
	var ids stringList
	fs.Var(&ids, "rule", "show the findings of this `rule` only; may be repeated, or a list")
	color := fs.String("color", "auto", "auto, always or never")
	fs.Var(&o.includes, "I", "`directory` to search for headers; may be repeated")
	fs.Var(&o.defines, "D", "`macro[=value]` that the build defines; may be repeated")
	fs.Var(&o.objects, "with-object", "show where the findings differ from those of the `object` that was built; may be repeated; auto looks where builds put them")
	paths, err := parseInterleaved(fs, args)
	if err != nil {
		return o, err
	}
	if o.paths = paths; len(paths) == 0 {
		return o, errors.New("no path given; see scx-lsp check -h")
	}
	if !slices.Contains(checkFormats, o.format) {
		return o, fmt.Errorf("format %q: want %s", o.format, strings.Join(checkFormats, ", "))
	}
	if o.color, err = wantColor(*color); err != nil {
		return o, err
	}
	if o.severity, err = wantSeverity(*severity, o.format); err != nil {
		return o, err
	}
	if o.rules, err = wantRules(ids); err != nil {
		return o, err
	}
	o.insist = *kernel != ""
	o.kernels, err = selectKernels(*kernel)
	return o, err
}

// wantSeverity reads the least severity that is shown. A person who asks what
// is wrong is not told what is merely worth knowing.
func wantSeverity(name, format string) (verifier.Severity, error) {
	if name == "" {
		if format == "text" || format == "github" {
			return verifier.Warning, nil
		}
		return verifier.Hint, nil
	}
	for _, s := range []verifier.Severity{verifier.Error, verifier.Warning, verifier.Info, verifier.Hint} {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("severity %q: want error, warning, info or hint", name)
}

// wantRules reads the ids of --rule.
func wantRules(list stringList) ([]string, error) {
	var ids []string
	for _, some := range list {
		for id := range strings.SplitSeq(some, ",") {
			if rules.ByID(strings.TrimSpace(id)) == nil {
				return nil, fmt.Errorf("no rule %q; scx-lsp explain lists them", id)
			}
			ids = append(ids, strings.TrimSpace(id))
		}
	}
	return ids, nil
}

func wantColor(when string) (bool, error) {
	switch when {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "", nil
	}
	return false, fmt.Errorf("color %q: want auto, always or never", when)
}

func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

func selectKernels(spec string) ([]*btfdb.Kernel, error) {
	if spec == "" {
		spec = btfdb.Default
	}
	return btfdb.Select(spec)
}
