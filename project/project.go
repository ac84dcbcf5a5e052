// Package project turns what .scx-lsp.toml says into what the layers below
// take, so that editors and batch runs judge a source alike.
package project

import (
	"path/filepath"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Known gives the names that configuration files may use.
func Known(rules []*verifier.Rule, features []string) config.Known {
	k := config.Known{Features: features, Kernels: func(spec string) error {
		_, err := btfdb.Select(spec)
		return err
	}}
	for _, r := range rules {
		k.Rules = append(k.Rules, r.ID)
	}
	return k
}

// NewStore makes a store over the files of the machine.
func NewStore(known config.Known) *config.Store {
	return config.NewStore(known, func(name string) ([]byte, error) { return cindex.OSFS{}.ReadFile(name) })
}

// Index adds what a file says of the build to a configuration of the index,
// whose own settings go first.
func Index(f *config.File, base cindex.Config) cindex.Config {
	base.IncludeDirs = append(base.IncludeDirs[:len(base.IncludeDirs):len(base.IncludeDirs)], f.IncludeDirs()...)
	defines := f.Macros()
	for name, value := range base.Defines {
		defines[name] = value
	}
	base.Defines = defines
	base.Objects = append(base.Objects[:len(base.Objects):len(base.Objects)], objects(f)...)
	return base
}

// objects expands the globs of the objects.
func objects(f *config.File) [][]string {
	if len(f.Objects) == 0 {
		return nil
	}
	sources := cindex.Sources(cindex.OSFS{}, f.Dir())
	out := make([][]string, 0, len(f.Objects))
	for _, o := range f.Objects {
		var group []string
		for _, source := range sources {
			for _, glob := range o.Sources {
				if name := filepath.ToSlash(source); f.Match(glob, name) {
					group = append(group, name)
					break
				}
			}
		}
		out = append(out, group)
	}
	return out
}

// Policy is what a file wants of findings. A source's own "scx-lsp: kernels"
// comment counts when own says so.
func Policy(f *config.File, own bool) verifier.Policy {
	p := verifier.Policy{Severity: severities(f.Rules), OwnKernels: own}
	for _, paths := range f.Paths {
		p.Paths = append(p.Paths, verifier.PathPolicy{
			Match:    func(path string) bool { return f.Match(paths.Glob, filepath.ToSlash(path)) },
			Severity: severities(paths.Rules),
		})
	}
	return p
}

func severities(rules map[string]string) map[string]verifier.Severity {
	out := map[string]verifier.Severity{}
	for rule, grade := range rules {
		switch grade {
		case "off":
			out[rule] = verifier.Off
		default:
			for _, s := range []verifier.Severity{verifier.Error, verifier.Warning, verifier.Info, verifier.Hint} {
				if s.String() == grade {
					out[rule] = s
				}
			}
		}
	}
	return out
}
