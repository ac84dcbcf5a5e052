package syntax

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// TestOracleSyntax measures how much of real BPF C the masked grammar does not
// know: SCX_LSP_SOURCES names a directory with a tree of linux-7.3.
func TestOracleSyntax(t *testing.T) {
	dir := os.Getenv("SCX_LSP_SOURCES")
	if dir == "" {
		t.Skip("SCX_LSP_SOURCES is not set: run scripts/kernel-sources DIR and set it to DIR")
	}
	tools := filepath.Join(dir, "linux-7.3", "tools")
	for _, c := range []struct {
		dir   string
		files int     // at least
		bad   float64 // at most, share of files
		lines float64 // at most, share of lines
		lost  int     // functions, at most
	}{
		{"sched_ext", 25, 0, 0, 0},
		{"testing/selftests/sched_ext", 30, 0, 0, 0},
		{"testing/selftests/bpf/progs", 1000, 0.01, 0.002, 6},
	} {
		s := survey{t: t}
		s.walk(filepath.Join(tools, c.dir))
		t.Logf("%-30s %4d files, %3d bad (%.1f %%); %6d lines, %4d bad (%.3f %%); %d functions, %d lost; %d calls, %d lost",
			c.dir, s.files, s.badFiles, 100*s.fileShare(), s.lines, s.badLines, 100*s.lineShare(),
			s.funcs, s.lostFuncs, s.calls, s.lostCalls)
		if s.files < c.files {
			t.Errorf("%s: %d files, want %d or more", c.dir, s.files, c.files)
		}
		if s.lostFuncs > c.lost || s.lostCalls > 0 {
			t.Errorf("%s: more than %d functions or 0 calls are lost", c.dir, c.lost)
		}
		if s.fileShare() > c.bad || s.lineShare() > c.lines {
			t.Errorf("%s: more errors than %.3f of the files, %.4f of the lines", c.dir, c.bad, c.lines)
		}
	}
}

type survey struct {
	t                                  *testing.T
	files, badFiles, lines, badLines   int
	funcs, lostFuncs, calls, lostCalls int
}

func (s *survey) fileShare() float64 { return float64(s.badFiles) / float64(max(s.files, 1)) }
func (s *survey) lineShare() float64 { return float64(s.badLines) / float64(max(s.lines, 1)) }

func (s *survey) walk(root string) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".bpf.c") && !strings.HasSuffix(path, ".h") &&
			!(strings.HasSuffix(path, ".c") && filepath.Base(filepath.Dir(path)) == "progs") {
			return err
		}
		if filepath.Base(path) == "vmlinux.h" {
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil {
			s.add(path, content)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *survey) add(path string, content []byte) {
	f := Parse(content)
	lines := cindex.NewLines(content)
	bad := map[int]bool{}
	for _, e := range f.errors() {
		from, _ := lines.OffsetLineCol(e.Start)
		to, _ := lines.OffsetLineCol(max(e.End-1, e.Start))
		for l := from; l <= to; l++ {
			bad[l] = true
		}
	}
	s.files++
	s.lines += bytes.Count(content, []byte("\n"))
	s.badLines += len(bad)
	if len(bad) > 0 {
		s.badFiles++
		if testing.Verbose() && os.Getenv("SCX_LSP_SHOW") != "" {
			for l := range bad {
				sp := lines.LineSpan(l)
				s.t.Logf("%s:%d: %s", filepath.Base(path), l+1, bytes.TrimSpace(content[sp.Start:sp.End]))
			}
		}
	}
	s.recall(path, f, lines)
}

var callText = regexp.MustCompile(`\b(?:scx_)?bpf_\w+\(`)

// recall compares with what the layout of kernel code shows without any
// parser: a brace alone in column 0 is the body of a function, and `bpf_x(` in
// such a body is a call.
func (s *survey) recall(path string, f *File, lines *cindex.Lines) {
	for i := range lines.Count() {
		sp := lines.LineSpan(i)
		if line := strings.TrimRight(f.text[sp.Start:sp.End], "\r\n"); line != "{" {
			continue
		}
		if p, _ := f.PlaceAt(sp.Start + 1); p != PlaceCode {
			continue
		}
		s.funcs++
		d, ok := f.FuncAt(sp.Start)
		if !ok || d.Body.Start != sp.Start {
			s.lostFuncs++
			s.t.Logf("%s:%d: no function", path, i)
			continue
		}
		s.recallCalls(path, f, lines, d.Body)
	}
}

func (s *survey) recallCalls(path string, f *File, lines *cindex.Lines, body cindex.Span) {
	for _, m := range callText.FindAllStringIndex(f.text[body.Start:body.End], -1) {
		off := body.Start + m[0]
		if p, _ := f.PlaceAt(off + 1); p != PlaceCode {
			continue
		}
		s.calls++
		if id, ok := f.IdentAt(off); !ok || id.Role != RoleCall {
			s.lostCalls++
			line, _ := lines.OffsetLineCol(off)
			s.t.Logf("%s:%d: %s is %v, no call", path, line+1, id.Name, id.Role)
		}
	}
}
