package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/report"
)

type verifyOptions struct {
	kernels []*btfdb.Kernel
	format  string
	color   bool
	rodata  stringList
	paths   []string
	real    onOptions
}

const verifyUsage = `usage: scx-lsp verify [flags] FILE.bpf.o...

Says which kernels would load the object, program by program, without loading
it. FILE "-" is read from stdin.
Exit code: 0 clean, 1 findings of severity error, 2 could not run.

Flags:
`

// verifyCommand judges built objects.
func verifyCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseVerify(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitClean
	case err != nil:
		fmt.Fprintln(stderr, "scx-lsp verify:", err)
		return exitTrouble
	}
	if len(o.real.images) > 0 {
		return verifyOn(o, stdin, stdout, stderr)
	}
	var results []*object.Result
	code := exitClean
	for _, p := range o.paths {
		res, err := verifyFile(p, stdin, o)
		if err != nil {
			fmt.Fprintln(stderr, "scx-lsp verify:", err)
			code = exitTrouble
			continue
		}
		results = append(results, res)
	}
	if err := writeVerify(stdout, o, results); err != nil {
		fmt.Fprintln(stderr, "scx-lsp verify:", err)
		return exitTrouble
	}
	return max(code, exitCode(allFindings(results), nil))
}

func parseVerify(args []string, stderr io.Writer) (verifyOptions, error) {
	var o verifyOptions
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, verifyUsage)
		fs.PrintDefaults()
	}
	kernel := fs.String("kernel", "", "`kernels` to judge for: 7.3, 7.3.4, 6.12..7.3, a list, or a file made by db extract (default: the newest known)")
	fs.StringVar(&o.format, "format", "text", "text, json or sarif")
	color := fs.String("color", "auto", "auto, always or never")
	fs.Var(&o.rodata, "rodata", "`NAME=VALUE` that user space sets before it loads the object; may be repeated")
	o.real.register(fs)
	paths, err := parseInterleaved(fs, args)
	if err != nil {
		return o, err
	}
	if err := o.real.check(); err != nil {
		return o, err
	}
	if o.paths = paths; len(paths) == 0 {
		return o, errors.New("no object given; see scx-lsp verify -h")
	}
	if !slices.Contains([]string{"text", "json", "sarif"}, o.format) {
		return o, fmt.Errorf("format %q: want text, json or sarif", o.format)
	}
	for _, r := range o.rodata {
		if name, _, ok := strings.Cut(r, "="); !ok || name == "" {
			return o, fmt.Errorf("rodata %q: want NAME=VALUE", r)
		}
	}
	if o.color, err = wantColor(*color); err != nil {
		return o, err
	}
	o.kernels, err = selectKernels(*kernel)
	return o, err
}

// maxStdin bounds an object that comes through a pipe.
const maxStdin = 256 << 20

func verifyFile(name string, stdin io.Reader, o verifyOptions) (*object.Result, error) {
	if name == "-" {
		b, err := io.ReadAll(io.LimitReader(stdin, maxStdin))
		if err != nil {
			return nil, err
		}
		return verifyReader("<stdin>", bytes.NewReader(b), int64(len(b)), o)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a file", name)
	}
	return verifyReader(name, f, st.Size(), o)
}

func verifyReader(name string, r io.ReaderAt, size int64, o verifyOptions) (*object.Result, error) {
	obj, err := object.Open(name, r, size)
	if err != nil {
		return nil, err
	}
	res, err := obj.Check(context.Background(), o.kernels, object.Options{Rodata: o.rodata.macros()})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return res, nil
}

func allFindings(results []*object.Result) []verifier.Finding {
	var out []verifier.Finding
	for _, r := range results {
		out = append(out, r.Findings...)
	}
	return out
}

func writeVerify(w io.Writer, o verifyOptions, results []*object.Result) error {
	switch o.format {
	case "json":
		return verifyJSON(w, o, results)
	case "sarif":
		return verifySARIF(w, results)
	}
	return verifyText(w, o, results)
}

// verifyText writes a table for each object, and what is behind it.
func verifyText(w io.Writer, o verifyOptions, results []*object.Result) error {
	name := relativeTo(workingDir())
	for _, r := range results {
		if err := writeTable(w, r, name(r.Object.Name)); err != nil {
			return err
		}
		t := report.Text{W: w, Color: o.color, Name: name}
		for _, f := range r.Findings {
			if err := t.Finding(f); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintln(w, summaryLine(o.kernels, report.Count(len(results), allFindings(results))))
	return err
}
