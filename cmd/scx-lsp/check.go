package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/report"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

type checkOptions struct {
	kernels  []*btfdb.Kernel
	format   string
	color    bool
	includes stringList
	defines  stringList
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
	findings, errs := checkAll(files, o)
	for _, e := range errs {
		fmt.Fprintln(stderr, "scx-lsp check:", e)
	}
	if err := writeReport(stdout, o, len(files), findings); err != nil {
		fmt.Fprintln(stderr, "scx-lsp check:", err)
		return exitTrouble
	}
	return exitCode(findings, errs)
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
	kernel := fs.String("kernel", "", "`kernels` to check for: 7.3, 7.3.4, 6.12..7.3, a list, or a file made by db extract (default: the newest known)")
	fs.StringVar(&o.format, "format", "text", "text or json")
	color := fs.String("color", "auto", "auto, always or never")
	fs.Var(&o.includes, "I", "`directory` to search for headers; may be repeated")
	fs.Var(&o.defines, "D", "`macro[=value]` that the build defines; may be repeated")
	paths, err := parseInterleaved(fs, args)
	if err != nil {
		return o, err
	}
	if o.paths = paths; len(paths) == 0 {
		return o, errors.New("no path given; see scx-lsp check -h")
	}
	if o.format != "text" && o.format != "json" {
		return o, fmt.Errorf("format %q: want text or json", o.format)
	}
	if o.color, err = wantColor(*color); err != nil {
		return o, err
	}
	o.kernels, err = selectKernels(*kernel)
	return o, err
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
		return []*btfdb.Kernel{btfdb.Newest()}, nil
	}
	return btfdb.Select(spec)
}

// checkFiles turns the paths of the command line into sources, sorted, each
// once.
func checkFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			files = append(files, abs)
			continue
		}
		files = append(files, cindex.Sources(cindex.OSFS{}, abs)...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// checkAll checks files side by side.
func checkAll(files []string, o checkOptions) ([]verifier.Finding, []error) {
	index := cindex.New(cindex.OSFS{}, cindex.Config{IncludeDirs: o.includes, Defines: o.defines.macros()})
	found := make([][]verifier.Finding, len(files))
	failed := make([]error, len(files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for i := range next {
				found[i], failed[i] = checkFile(index, files[i], o.kernels)
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	return verifier.Merge(found...), slices.DeleteFunc(failed, func(e error) bool { return e == nil })
}

func checkFile(index *cindex.Index, file string, kernels []*btfdb.Kernel) ([]verifier.Finding, error) {
	ctx := context.Background()
	u, err := index.Unit(ctx, file)
	if err != nil {
		return nil, err
	}
	return verifier.Check(ctx, u, kernels, rules.All), nil
}

func writeReport(w io.Writer, o checkOptions, files int, findings []verifier.Finding) error {
	name := relativeTo(workingDir())
	if o.format == "json" {
		var ks []string
		for _, k := range o.kernels {
			ks = append(ks, k.Release)
		}
		return report.JSON(w, ks, files, findings, name)
	}
	t := report.Text{W: w, Color: o.color, Name: name}
	for _, f := range findings {
		if err := t.Finding(f); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, summaryLine(o.kernels, report.Count(files, findings)))
	return err
}

func summaryLine(ks []*btfdb.Kernel, s report.Summary) string {
	kernels := "Linux " + ks[0].Release
	if n := len(ks); n > 1 {
		kernels = fmt.Sprintf("Linux %s to %s", ks[0].Release, ks[n-1].Release)
	}
	return fmt.Sprintf("%s, %s: %s, %s", plural(s.Files, "file"), kernels, plural(s.Errors, "error"), plural(s.Warnings, "warning"))
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
