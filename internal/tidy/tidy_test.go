// Package tidy holds the rules of the house that a compiler does not know:
// who may import whom, and how long a function may get.
package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/scx-lsp/scx-lsp"

// A layer may import only what is listed. The first entry that matches a
// package's path counts; "x/..." is x and everything below.
var layers = []struct {
	pkg   string
	ours  []string // packages of this module
	extra []string // modules and packages that only this layer may import
	why   string
}{
	{"internal/bug", nil, nil, "everybody uses it"},
	{"internal/tidy", nil, nil, "it only reads files"},
	{"internal/spell", nil, nil, "names are names, whoever they are of"},
	{
		"cindex/syntax",
		[]string{"internal/bug", "cindex"},
		[]string{"github.com/smacker/go-tree-sitter"},
		"no tree-sitter type leaves the package",
	},
	{
		"cindex/...",
		[]string{"internal/bug", "cindex/..."},
		nil,
		"C sources are read without knowing kernels",
	},
	{
		"btfdb/...",
		[]string{"internal/bug", "btfdb/..."},
		nil,
		"kernels are known without reading sources",
	},
	{"verifier/rules/gen", nil, nil, "it reads folders and writes the registry"},
	{
		"verifier/rules/...",
		[]string{"internal/bug", "internal/spell", "cindex", "btfdb", "verifier", "verifier/flow", "verifier/verifiertest"},
		nil,
		"a rule sees a unit and kernels; it never imports another rule",
	},
	{
		"verifier/...",
		[]string{"internal/bug", "cindex", "btfdb", "verifier/..."},
		nil,
		"the rules come in as an argument",
	},
	{
		"config",
		[]string{"internal/bug", "internal/spell"},
		[]string{"github.com/pelletier/go-toml"},
		"the names of rules, features and kernels come in as arguments",
	},
	{
		"project",
		[]string{"internal/bug", "config", "cindex", "btfdb", "verifier"},
		nil,
		"what a configuration means to the layers below, for editors and batch runs",
	},
	{
		"lsp/...",
		[]string{"internal/bug", "internal/spell", "config", "project", "cindex", "cindex/syntax", "btfdb", "verifier/...", "lsp/..."},
		[]string{"go.lsp.dev"},
		"the only layer that speaks the protocol",
	},
	{
		"cmd/...",
		[]string{"internal/bug", "config", "project", "cindex/...", "btfdb/...", "verifier/...", "lsp/..."},
		nil,
		"flags and wiring",
	},
}

// Packages of the standard library that the core must not touch: documents and
// data come in as arguments. cindex and btfdb name their exceptions.
var pure = map[string][]string{
	"verifier/rules/...": {"os", "net", "os/exec", "net/http", "io/ioutil"},
}

// The generated registry of rules is above all of them.
var registry = "verifier/rules"

func matches(pattern, pkg string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pattern == pkg
}

func anyMatches(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if matches(p, pkg) {
			return true
		}
	}
	return false
}

type source struct {
	pkg  string // "cindex"
	file string
	ast  *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{pkg: path.Dir(rel), file: rel, ast: f, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 10 {
		t.Fatalf("only %d Go files found: is this the root of the module?", len(out))
	}
	return out
}

func imports(s source) []string {
	var out []string
	for _, i := range s.ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// TestImports holds the directions between the packages.
func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.file, "_test.go") {
			continue // tests may join what the program keeps apart
		}
		i := -1
		for n, l := range layers {
			if matches(l.pkg, s.pkg) {
				i = n
				break
			}
		}
		if i < 0 {
			t.Errorf("%s: package %s belongs to no layer", s.file, s.pkg)
			continue
		}
		for _, imp := range imports(s) {
			if ours, ok := strings.CutPrefix(imp, module+"/"); ok {
				registers := s.pkg == registry && matches("verifier/rules/...", ours)
				if !registers && !anyMatches(layers[i].ours, ours) && ours != s.pkg {
					t.Errorf("%s imports %s: %s", s.file, ours, layers[i].why)
				}
				continue
			}
			for n, l := range layers {
				for _, x := range l.extra {
					if n != i && (imp == x || strings.HasPrefix(imp, x+"/")) {
						t.Errorf("%s imports %s: only %s may (%s)", s.file, imp, l.pkg, l.why)
					}
				}
			}
			for pat, banned := range pure {
				if matches(pat, s.pkg) && s.pkg != registry && s.pkg != registry+"/gen" && anyMatches(banned, imp) {
					t.Errorf("%s imports %s: %s is pure", s.file, imp, pat)
				}
			}
		}
	}
}

// maxFunc is the longest that a function may get, in lines. Tables and opcode
// switches are excepted by name.
const maxFunc = 70

var longFuncs = map[string]bool{
	"lsp.TestAbuse": true, // a table
}

func TestFunctionLength(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
			name := s.pkg + "." + f.Name.Name
			if lines <= maxFunc {
				continue
			}
			used[name] = true
			if !longFuncs[name] {
				t.Errorf("%s: %s has %d lines, more than %d", s.file, f.Name.Name, lines, maxFunc)
			}
		}
	}
	for name := range longFuncs {
		if !used[name] {
			t.Errorf("%s is excepted but not long", name)
		}
	}
}

// maxFile is where a file is too long to be about one thing.
const maxFile = 500

func TestFileLength(t *testing.T) {
	for _, s := range sources(t) {
		if n := s.fset.Position(s.ast.End()).Line; n > maxFile && !ast.IsGenerated(s.ast) {
			t.Errorf("%s has %d lines, more than %d", s.file, n, maxFile)
		}
	}
}

// TestPackageComments: each package says what it is for.
func TestPackageComments(t *testing.T) {
	has := map[string]bool{}
	for _, s := range sources(t) {
		has[s.pkg] = has[s.pkg] || s.ast.Doc != nil
	}
	var missing []string
	for pkg, ok := range has {
		if !ok {
			missing = append(missing, pkg)
		}
	}
	sort.Strings(missing)
	if len(missing) > 0 {
		t.Errorf("no package comment: %s", strings.Join(missing, ", "))
	}
}
