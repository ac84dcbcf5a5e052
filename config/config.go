// Package config reads .scx-lsp.toml: what a project says of its schedulers
// once, for editors and for batch runs alike.
//
// Nothing in a file makes reading fail: what is wrong is a [Problem] with its
// place, and the rest counts. The package does not know rules, features or
// kernels; their names come in as [Known].
package config

import (
	"path"
	"slices"
	"strings"
)

// Name is the file that is looked for, in the folder of a source and upwards.
const Name = ".scx-lsp.toml"

// A File is what one configuration file says. The zero File says nothing.
type File struct {
	Path string // "" for none
	Text []byte // what Problems are places in
	Settings
	Problems []Problem
	Broken   bool // nothing could be read: it is no TOML
}

// Settings are the keys of a file. The tags make the reader and the schema:
// key is the name, doc says what it is for, check what its values must be.
type Settings struct {
	Kernels    string            `key:"kernels" check:"kernels" doc:"Kernels to check against: 7.3, 6.12..newest, or a list with commas."`
	Include    []string          `key:"include" doc:"Folders to search for headers, relative to this file."`
	Defines    []string          `key:"defines" check:"define" doc:"Macros that the build defines: NAME or NAME=VALUE."`
	Objects    []Object          `key:"object" doc:"Sources that are linked into one object."`
	Rules      map[string]string `key:"rules" check:"severity" names:"rules" doc:"Severity of what a rule finds."`
	Paths      []PathRules       `key:"path" doc:"Rules for some files only; of several that match, the last that names a rule counts."`
	Features   map[string]bool   `key:"features" names:"features" doc:"Parts of the language server to switch on and off."`
	Completion Completion        `key:"completion" doc:"What completion offers."`
	Build      Build             `key:"build" doc:"How objects come about."`
	Rodata     map[string]Scalar `key:"rodata" doc:"Values that user space writes into const volatile variables before it loads the object."`
	Verify     Verify            `key:"verify" doc:"Asking real kernels."`
}

// An Object is one that several sources are linked into.
type Object struct {
	Sources []string `key:"sources" check:"glob" doc:"Globs, relative to this file."`
}

// PathRules grade findings in some files.
type PathRules struct {
	Glob  string            `key:"glob" check:"glob" doc:"Files, relative to this file: lib/**/*.h."`
	Rules map[string]string `key:"rules" check:"severity" names:"rules" doc:"Severity of what a rule finds."`
}

// Completion is what the server offers to complete.
type Completion struct {
	Refused string `key:"refused" check:"refused" doc:"What becomes of kfuncs that may not be called: hide them, or list them last."`
}

// Build tells how objects are made.
type Build struct {
	Objects []string `key:"objects" check:"glob" doc:"Globs of the objects that the build makes, relative to this file."`
	Command []string `key:"command" doc:"A program with its arguments that builds them. It is run for trusted workspaces only."`
}

// Verify is for questions to real kernels.
type Verify struct {
	Kernels []string `key:"kernels" doc:"Kernel images to boot, running, or installed."`
}

// A Scalar is a number or a truth value, as it is written.
type Scalar string

// A Problem is a mistake in a file. Start and End are byte offsets.
type Problem struct {
	Start, End int
	Message    string
}

// Known are the names that files may use. A nil list or function accepts all.
type Known struct {
	Rules    []string
	Features []string
	// Kernels says what is wrong with a kernel spec.
	Kernels func(spec string) error
}

// Severities are the grades that rules can be given.
var Severities = []string{"error", "warning", "info", "hint", "off"}

// Refused are the values of completion.refused.
var Refused = []string{"hide", "last"}

// Dir is the folder of the file, which its paths are relative to.
func (f *File) Dir() string { return path.Dir(f.Path) }

// IncludeDirs gives the include folders as absolute paths.
func (f *File) IncludeDirs() []string {
	out := make([]string, len(f.Include))
	for i, dir := range f.Include {
		out[i] = f.absolute(dir)
	}
	return out
}

func (f *File) absolute(p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(f.Dir(), p)
}

// Macros gives the defines as a preprocessor has them.
func (f *File) Macros() map[string]string {
	out := map[string]string{}
	for _, d := range f.Defines {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			value = "1"
		}
		out[name] = value
	}
	return out
}

// Match tells whether a glob of the file matches a path.
func (f *File) Match(glob, p string) bool {
	m, err := compileGlob(f.absolute(glob))
	return err == nil && m.MatchString(p)
}

// ObjectOf gives the globs of the object that a source is linked into, absolute;
// nil when the file names none.
func (f *File) ObjectOf(source string) []string {
	for _, o := range f.Objects {
		if slices.ContainsFunc(o.Sources, func(glob string) bool { return f.Match(glob, source) }) {
			out := make([]string, len(o.Sources))
			for i, glob := range o.Sources {
				out[i] = f.absolute(glob)
			}
			return out
		}
	}
	return nil
}
