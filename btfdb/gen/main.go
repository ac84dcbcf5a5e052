// Gen writes the data files of btfdb from kernel images:
//
//	go run ./btfdb/gen -o btfdb/data DIR|IMAGE...
//
// It takes every vmlinux and vmlinuz below a directory. scripts/kernel-images
// fetches the images that the embedded files were made from.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scx-lsp/scx-lsp/btfdb/extract"
)

func main() {
	out := flag.String("o", "btfdb/data", "directory to write to")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
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
	if len(images) == 0 {
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
	name := filepath.Join(out, facts.Build+".txt")
	fmt.Println(name)
	return os.WriteFile(name, []byte(facts.Format()), 0o644)
}
