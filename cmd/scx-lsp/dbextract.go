package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/btfdb/extract"
)

func dbExtract(args []string, stdout, stderr io.Writer) error {
	fs := dbFlags("extract", stderr)
	out := fs.String("o", "", "file to write; standard output if empty")
	running := fs.Bool("running", false, "read the running kernel")
	source := fs.String("source", "", "kernel source tree to read")
	version := fs.String("version", "", "version of a source tree without a Makefile")
	var modules []string
	fs.Func("module", "module to add the kfuncs of, a .ko or a file of /sys/kernel/btf; may be repeated",
		func(path string) error { modules = append(modules, path); return nil })
	rest, err := parseMixed(fs, args)
	if err != nil {
		return err
	}
	facts, err := extractFrom(*running, *source, *version, rest)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if err := addModule(facts, m, rest); err != nil {
			return err
		}
	}
	k, err := btfdb.New(facts)
	if err != nil {
		return err
	}
	describe(stderr, k)
	return writeOut(*out, facts.Format(), stdout)
}

func extractFrom(running bool, source, version string, images []string) (*btfdb.Facts, error) {
	switch n := len(images); {
	case running && source == "" && n == 0:
		return extract.Running()
	case source != "" && !running && n == 0:
		return extract.Source(os.DirFS(source), version)
	case n == 1 && !running && source == "":
		return extract.File(images[0])
	}
	return nil, errors.New("want one of --running, --source DIR and IMAGE")
}

func addModule(facts *btfdb.Facts, path string, images []string) error {
	if len(images) != 1 {
		return errors.New("--module needs the IMAGE of its kernel")
	}
	base, err := extract.FileBTF(images[0])
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".ko")
	return extract.AddModule(facts, name, f, st.Size(), base)
}

// describe says what kernel was read, which known one it is like, and what is
// not known of it: an unknown kernel is never silently taken for another.
func describe(w io.Writer, k *btfdb.Kernel) {
	fmt.Fprintf(w, "Linux %s: %d kfuncs, enforcement by the %s\n", k.Build, len(k.Kfuncs()), k.Enforcement)
	for _, n := range k.Partial() {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	for _, x := range btfdb.Releases() {
		if x.Build == k.Build {
			return
		}
	}
	if near, ok := btfdb.Nearest(k.Build); ok {
		fmt.Fprintf(w, "note: not a known build; the nearest is %s: 'scx-lsp db diff %s FILE' tells what differs\n",
			near.Build, near.Build)
	}
}

func dbDoctor(args []string, stdout, stderr io.Writer) error {
	fs := dbFlags("doctor", stderr)
	rest, err := parseMixed(fs, args)
	if err != nil {
		return err
	}
	path := "/sys/kernel/btf/vmlinux"
	switch len(rest) {
	case 0:
	case 1:
		path = rest[0]
	default:
		return errors.New("want one file")
	}
	checks, err := extract.DoctorFile(path)
	if err != nil {
		return err
	}
	bad := false
	for _, c := range checks {
		fmt.Fprintf(stdout, "%-4s  %-20s %s\n", c.Level, c.What, c.Detail)
		bad = bad || c.Level == extract.Bad
	}
	if bad {
		return errFindings
	}
	return nil
}
