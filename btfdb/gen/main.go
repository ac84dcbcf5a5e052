// Gen writes the data files of btfdb from kernel images:
//
//	go run ./btfdb/gen -o btfdb/data [-source TREE] [-package NAME] [DIR|IMAGE...]
//
// It takes every vmlinux and vmlinuz below a directory. scripts/kernel-images
// fetches the images that the embedded files were made from. -source reads a
// kernel source tree instead, for releases without an image.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/btfdb/extract"
)

func main() {
	out := flag.String("o", "btfdb/data", "directory to write to")
	source := flag.String("source", "", "kernel source tree to read")
	pkg := flag.String("package", "", "where the tree comes from, for the provenance lines")
	flag.Parse()
	err := run(*out, flag.Args())
	if *source != "" {
		err = generateSource(*out, *source, *pkg)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out string, paths []string) error {
	var images []string
	for _, p := range paths {
		found, err := extract.FindImages(p)
		if err != nil {
			return err
		}
		images = append(images, found...)
	}
	if len(images) == 0 && len(paths) > 0 {
		return fmt.Errorf("no image among %q", paths)
	}
	for _, path := range images {
		if err := generate(out, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func generate(out, path string) error {
	facts, err := extract.File(path)
	if err != nil {
		return err
	}
	return write(out, facts)
}

func generateSource(out, tree, pkg string) error {
	facts, err := extract.Source(os.DirFS(tree), "")
	if err != nil {
		return err
	}
	facts.Origin.Package = pkg
	return write(out, facts)
}

func write(out string, facts *btfdb.Facts) error {
	name := filepath.Join(out, facts.Build+".txt")
	fmt.Println(name)
	return os.WriteFile(name, []byte(facts.Format()), 0o644)
}
