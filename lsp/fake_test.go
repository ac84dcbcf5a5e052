package lsp_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A fake is an analyzer for a toy language: every BAD is an error, SLOW takes
// its time, PANIC panics, #include "name" includes.
type fake struct {
	mu       sync.Mutex
	overlay  map[string][]byte
	disk     map[string][]byte
	includes map[string][]string // main → what it included last
	kernels  []*btfdb.Kernel
	units    int           // units made to the end
	slow     time.Duration // how long SLOW takes
}

func newFake() *fake {
	return &fake{
		overlay: map[string][]byte{}, disk: map[string][]byte{}, includes: map[string][]string{},
		kernels: []*btfdb.Kernel{{Release: "7.3"}}, slow: 3 * time.Second,
	}
}

func (f *fake) SetContent(path string, content []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.overlay[path] = content
}

func (f *fake) Forget(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.overlay, path)
}

func (f *fake) Invalidate(string) {}

func (f *fake) read(path string) *cindex.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, ok := f.overlay[path]
	if !ok {
		if content, ok = f.disk[path]; !ok {
			var err error
			if content, err = os.ReadFile(path); err != nil {
				return nil
			}
		}
	}
	return &cindex.File{Path: path, Content: content, Lines: cindex.NewLines(content)}
}

var fakeInclude = regexp.MustCompile(`(?m)^#include "(.*)"`)

func includes(content []byte) [][][]byte {
	if !bytes.Contains(content, []byte("#include")) {
		return nil
	}
	return fakeInclude.FindAllSubmatch(content, -1)
}

func (f *fake) Unit(ctx context.Context, path string) (*cindex.Unit, error) {
	file := f.read(path)
	if file == nil {
		return nil, fmt.Errorf("%s: no such file", path)
	}
	u := &cindex.Unit{Main: file, Files: []*cindex.File{file}}
	for _, m := range includes(file.Content) {
		if h := f.read(filepath.Join(filepath.Dir(path), string(m[1]))); h != nil {
			u.Files = append(u.Files, h)
		}
	}
	f.mu.Lock()
	f.includes[path] = nil
	for _, h := range u.Files[1:] {
		f.includes[path] = append(f.includes[path], h.Path)
	}
	f.mu.Unlock()
	if strings.Contains(string(file.Content), "SLOW") {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(f.slow):
		}
	}
	f.mu.Lock()
	f.units++
	f.mu.Unlock()
	return u, nil
}

func (f *fake) Includers(path string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for main, headers := range f.includes {
		for _, h := range headers {
			if h == path {
				out = append(out, main)
			}
		}
	}
	return out
}

var fakeMarker = regexp.MustCompile(`/\*@ .*? \*/`)

func (f *fake) Check(_ context.Context, u *cindex.Unit) []verifier.Finding {
	var out []verifier.Finding
	for _, file := range u.Files {
		if strings.Contains(string(file.Content), "PANICCHECK") {
			panic("check")
		}
		if !bytes.Contains(file.Content, []byte("BAD")) {
			continue // the expressions are slow, and benchmarks count
		}
		text := file.Content
		if bytes.Contains(text, []byte("/*@")) {
			text = fakeMarker.ReplaceAllFunc(text, func(m []byte) []byte { return bytes.Repeat([]byte(" "), len(m)) })
		}
		for _, m := range badWords(text) {
			at := cindex.Loc{File: file, Span: cindex.Span{Start: m[0], End: m[1]}}
			out = append(out, verifier.Finding{
				Rule: "toy", Severity: verifier.Error, At: at, Message: "BAD is not allowed", Kfunc: "BAD", Releases: []string{f.Kernels()[0].Release},
				Chain: []verifier.Step{{Function: "main", At: at, Callee: "BAD"}},
				Notes: []verifier.Note{{Message: "said by the fake"}},
				Fixes: []verifier.Fix{
					{Title: "Make it GOOD", Safe: true, Edits: []verifier.Edit{{At: at, NewText: "GOOD"}}},
					{Title: "Quote it", Edits: []verifier.Edit{
						{At: cindex.Loc{File: file, Span: cindex.Span{Start: m[0], End: m[0]}}, NewText: "'"},
						{At: cindex.Loc{File: file, Span: cindex.Span{Start: m[1], End: m[1]}}, NewText: "'"},
					}},
				},
			})
		}
	}
	return out
}

// badWords gives the spans of BAD as a word.
func badWords(text []byte) (spans [][2]int) {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("BAD"))
		if i < 0 {
			return spans
		}
		start, end := at+i, at+i+3
		if (start == 0 || !identByte(text[start-1])) && (end == len(text) || !identByte(text[end])) {
			spans = append(spans, [2]int{start, end})
		}
		at = end
	}
}

func (f *fake) SetRoots([]string) {}

func (f *fake) Judged(lsp.Judgement) {}

func (f *fake) Ways(context.Context, *cindex.Unit, *cindex.Func) []verifier.Way { return nil }

func (f *fake) Uses(context.Context, *cindex.Unit, *cindex.Func) []verifier.Use { return nil }

func (f *fake) Linked(string) []string { return nil }

func (f *fake) Config(string) *config.File { return &config.File{} }

func (f *fake) ConfigFiles() []*config.File { return nil }

func (f *fake) IdentAt(content []byte, off int) (string, cindex.Span) {
	if strings.Contains(string(content), "PANIC") {
		panic("ident")
	}
	if strings.Contains(string(content), "SLOW") {
		time.Sleep(f.slow)
	}
	start := off
	for start > 0 && identByte(content[start-1]) {
		start--
	}
	for off < len(content) && identByte(content[off]) {
		off++
	}
	return string(content[start:off]), cindex.Span{Start: start, End: off}
}

func (f *fake) RulePage(rule string) string {
	if rule == "toy" {
		return "# toy\n"
	}
	return ""
}

func (f *fake) Select(spec string, _ bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if spec == "none" {
		return fmt.Errorf("no such release: %q", spec)
	}
	f.kernels = []*btfdb.Kernel{{Release: spec}}
	return nil
}

func (f *fake) Kernels() []*btfdb.Kernel {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kernels
}

// start runs a server in this process and gives a client for it. The exit
// code arrives on the channel.
func start(tb testing.TB, a lsp.Analyzer) (*lsptest.Client, <-chan int) {
	tb.Helper()
	near, far := net.Pipe()
	code := make(chan int, 1)
	server := lsp.NewServer(lsp.Options{Analyzer: a, Version: "test", ParentPoll: 20 * time.Millisecond})
	go func() {
		c := server.Serve(context.WithoutCancel(tb.Context()), far)
		_ = far.Close()
		code <- c
	}()
	c := lsptest.NewClient(tb, near)
	tb.Cleanup(c.Close)
	return c, code
}

// exitCode waits for the server's end.
func exitCode(tb testing.TB, code <-chan int) int {
	tb.Helper()
	select {
	case c := <-code:
		return c
	case <-time.After(lsptest.Patience):
		tb.Fatal("the server does not end")
		return -1
	}
}

func identByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}
