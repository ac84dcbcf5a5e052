package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// scaffold makes the folder of a new rule: code that finds nothing, a page and
// a test that fail until they are filled in.
func scaffold(id string) error {
	if !regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`).MatchString(id) {
		return fmt.Errorf("%q is no rule id: lower-case words joined by hyphens", id)
	}
	pkg := strings.ReplaceAll(id, "-", "")
	if _, err := os.Stat(pkg); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is a folder %s already", pkg)
	}
	if err := os.MkdirAll(filepath.Join(pkg, "testdata", "7.3"), 0o755); err != nil {
		return err
	}
	for name, path := range map[string]string{
		"rule.go.tmpl": "rule.go", "rule_test.go.tmpl": "rule_test.go", "doc.md.tmpl": "doc.md",
		"example.bpf.c.tmpl": "testdata/7.3/example.bpf.c",
	} {
		if err := fill(name, filepath.Join(pkg, filepath.FromSlash(path)), map[string]string{"ID": id, "Package": pkg}); err != nil {
			return err
		}
	}
	return nil
}

func fill(name, path string, data any) error {
	t, err := template.ParseFS(templates, "templates/"+name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
