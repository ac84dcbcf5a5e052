package lsptest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// A scenario is one txtar archive: a workspace, and what an editor sees of it.
//
// Its files are written to a folder of their own, except these:
//
//	session         the steps, one a line; see below
//	options.json    initializationOptions
//	initialize.json what else the client says in initialize; $DIR stands for
//	                the folder
//	@NAME           a golden: what a step or marker gave; -update rewrites it
//
// Sources hold markers, comments that start with "@". A marker is about its
// own line, or, when it stands alone on its line, about the nearest line above
// that holds more than markers:
//
//	/*@ diag "text" error "re" */   the diagnostic at text on that line; re
//	                                matches "rule: message"
//	/*@ hover "text" @NAME */       the hover at text is the golden
//	/*@ complete "text" @NAME */    so are the completions at the end of text,
//	/*@ definition "text" @NAME */  the places that definition at text gives,
//	/*@ actions "text" @NAME */     the code actions for text
//
// and so are all other probes; see probes and navigation for what they show.
//
// "none" instead of a golden means that there is nothing.
//
// In a file whose markers are checked every diagnostic must have its marker.
// Text in quotes is as in Go; "text"#2 means its second occurrence in the line.
//
// Without a session, all *.bpf.c files are opened and the markers of all files
// are checked. The steps of a session are:
//
//	open FILE                       close FILE
//	change FILE "old" "new"         replace the only old
//	markers FILE                    check the file's markers
//	diagnostics FILE N              the file has N diagnostics
//	await FILE N                    the file comes to have N diagnostics
//	diagnostics FILE @NAME          all diagnostics in full, with the chains
//	hover FILE "text" @NAME         as the marker, at the first such text; so
//	                                complete, definition and actions
//	apply FILE "text" "title"       apply the action of that title for text
//	fixall FILE                     apply source.fixAll.scx-lsp
//	text FILE @NAME                 the text is the golden
type scenario struct {
	t       *testing.T
	c       *Client
	dir     string
	archive *txtar.Archive
	golden  map[string]string // name → content, as it is to be
	update  bool
}

// RunScenarios runs every archive that matches a pattern. The goldens are
// rewritten if update is set. start gives a client with a fresh server.
func RunScenarios(t *testing.T, pattern string, update bool, start func(*testing.T) *Client) {
	t.Helper()
	archives, err := filepath.Glob(pattern)
	if err != nil || len(archives) == 0 {
		t.Fatalf("%s: no archives (%v)", pattern, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s := &scenario{t: t, c: start(t), dir: t.TempDir(), archive: a, golden: map[string]string{}, update: update}
			s.run()
			if update && !t.Failed() {
				s.rewrite(name)
			}
		})
	}
}

func (s *scenario) run() {
	var options any
	var steps []string
	var files []string
	for _, f := range s.archive.Files {
		switch {
		case f.Name == "session":
			steps = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		case f.Name == "options.json":
			if err := json.Unmarshal(f.Data, &options); err != nil {
				s.t.Fatalf("options.json: %v", err)
			}
		case f.Name == "initialize.json":
			if err := json.Unmarshal([]byte(strings.ReplaceAll(string(f.Data), "$DIR", s.dir)), &s.c.Extra); err != nil {
				s.t.Fatalf("initialize.json: %v", err)
			}
		case strings.HasPrefix(f.Name, "@"):
			s.golden[f.Name] = string(f.Data)
		default:
			files = append(files, f.Name)
			s.write(f.Name, f.Data)
		}
	}
	s.c.Initialize(options, "utf-8")
	if steps == nil {
		for _, f := range files {
			if strings.HasSuffix(f, ".bpf.c") {
				steps = append(steps, "open "+f)
			}
		}
		for _, f := range files {
			steps = append(steps, "markers "+f)
		}
	}
	for _, step := range steps {
		if words := s.words(step); len(words) > 0 {
			s.step(step, words)
		}
	}
	s.c.Shutdown()
}

func (s *scenario) write(name string, data []byte) {
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scenario) uri(name string) string { return "file://" + filepath.Join(s.dir, name) }

// text gives what the editor shows of a file: its buffer, else the disk.
func (s *scenario) text(name string) string {
	if t := s.c.Text(s.uri(name)); t != "" {
		return t
	}
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// step runs one line of a session.
func (s *scenario) step(line string, words []string) {
	s.t.Helper()
	if len(words) < 2 {
		s.t.Fatalf("step %q: what file?", line)
	}
	file, args := words[1], words[2:]
	switch verb := words[0]; {
	case verb == "open" && len(args) == 0:
		s.c.Open(s.uri(file), s.text(file))
	case verb == "close" && len(args) == 0:
		s.c.CloseDoc(s.uri(file))
	case verb == "change" && len(args) == 2:
		s.c.Substitute(s.uri(file), args[0], args[1])
	case verb == "markers" && len(args) == 0:
		s.markers(file)
	case verb == "diagnostics" && len(args) == 1 && strings.HasPrefix(args[0], "@"):
		s.compare(line, args[0], s.describe(s.diagnostics(file)))
	case verb == "await" && len(args) == 1:
		s.c.Published(s.uri(file), func(p Published) bool { return fmt.Sprint(len(p.Diagnostics)) == args[0] })
	case verb == "diagnostics" && len(args) == 1:
		s.count(line, file, args[0])
	case verb == "apply" && len(args) == 2:
		s.apply(line, file, args[0], args[1])
	case verb == "fixall" && len(args) == 0:
		s.fixAll(line, file)
	case verb == "text" && len(args) == 1:
		s.compare(line, args[0], s.text(file))
	case len(args) == 2 && probes[verb] != nil:
		at := strings.Index(s.text(file), args[0])
		if at < 0 {
			s.t.Fatalf("%s: no such text", line)
		}
		s.probe(line, verb, place{file, at, at + len(args[0])}, args[1])
	default:
		s.t.Fatalf("unknown step %q", line)
	}
}

// count checks the number of a file's diagnostics. That of a file that is not
// open is awaited, since no version tells when it is final.
func (s *scenario) count(line, file, number string) {
	s.t.Helper()
	n, err := strconv.Atoi(number)
	if err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
	if uri := s.uri(file); s.c.Text(uri) == "" && (n > 0 || len(s.c.History(uri)) > 0) {
		s.c.Published(uri, func(p Published) bool { return len(p.Diagnostics) == n })
		return
	}
	if ds := s.diagnostics(file); len(ds) != n {
		s.t.Errorf("%s: %d diagnostics:\n%s", line, len(ds), s.describe(ds))
	}
}

// diagnostics gives the current diagnostics of a file. For a file that is not
// open they are what was published last, once the open ones have settled.
func (s *scenario) diagnostics(file string) []Diagnostic {
	s.t.Helper()
	uri := s.uri(file)
	s.c.settle()
	if s.c.Text(uri) != "" {
		return s.c.Diagnostics(uri)
	}
	if h := s.c.History(uri); len(h) > 0 {
		return h[len(h)-1].Diagnostics
	}
	return nil
}

// settle waits for the diagnostics of every open document.
func (c *Client) settle() {
	c.tb.Helper()
	c.mu.Lock()
	var open []string
	for uri := range c.docs {
		open = append(open, uri)
	}
	c.mu.Unlock()
	for _, uri := range open {
		c.Diagnostics(uri)
	}
}

var severities = map[int]string{1: "error", 2: "warning", 3: "info", 4: "hint"}

// describe writes diagnostics as a compiler would.
func (s *scenario) describe(ds []Diagnostic) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s %s: %s: %s", span(d.Range), severities[d.Severity], d.Code, d.Message)
		for _, tag := range d.Tags {
			b.WriteString(map[int]string{1: " [unnecessary]", 2: " [deprecated]"}[tag])
		}
		b.WriteByte('\n')
		for _, r := range d.Related {
			file := strings.TrimPrefix(r.Location.URI, "file://"+s.dir+"/")
			fmt.Fprintf(&b, "\t%s:%s: %s\n", file, span(r.Location.Range), r.Message)
		}
	}
	return b.String()
}

func span(r Range) string {
	if r.Start.Line == r.End.Line {
		return fmt.Sprintf("%d:%d-%d", r.Start.Line+1, r.Start.Character+1, r.End.Character+1)
	}
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line+1, r.Start.Character+1, r.End.Line+1, r.End.Character+1)
}

// compare holds a golden against what was got.
func (s *scenario) compare(what, name, got string) {
	s.t.Helper()
	want, ok := s.golden[name]
	switch {
	case s.update:
		s.golden[name] = got
	case !ok:
		s.t.Errorf("%s: the archive has no %s; run with -update", what, name)
	case got != want:
		s.t.Errorf("%s: got\n%swant\n%s", what, got, want)
	}
}

// rewrite stores the goldens in the archive.
func (s *scenario) rewrite(name string) {
	a := *s.archive
	a.Files = slices.DeleteFunc(slices.Clone(a.Files), func(f txtar.File) bool { return strings.HasPrefix(f.Name, "@") })
	var names []string
	for n := range s.golden {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		a.Files = append(a.Files, txtar.File{Name: n, Data: []byte(s.golden[n])})
	}
	if err := os.WriteFile(name, txtar.Format(&a), 0o644); err != nil {
		s.t.Error(err)
	}
}

var word = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(?:#[0-9]+)?|\S+`)

// words splits a line; words in quotes are unquoted, but for those with an
// occurrence (see [scenario.find]).
func (s *scenario) words(line string) []string {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	words := word.FindAllString(line, -1)
	for i, w := range words {
		if !strings.HasPrefix(w, `"`) || !strings.HasSuffix(w, `"`) {
			continue
		}
		u, err := strconv.Unquote(w)
		if err != nil {
			s.t.Fatalf("%s: %q: %v", line, w, err)
		}
		words[i] = u
	}
	return words
}
