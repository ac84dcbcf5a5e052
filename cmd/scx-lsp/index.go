package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// indexCommand reads all BPF sources below directories and tells what was
// found: a check of the reader, and of its speed.
func indexCommand(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("index", flag.ContinueOnError)
	flags.SetOutput(stderr)
	stats := flags.Bool("stats", false, "print files, functions, calls, unresolved names and time")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: scx-lsp index [--stats] DIR...")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return exitTrouble
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return exitTrouble
	}
	var roots, sources []string
	for _, dir := range flags.Args() {
		abs, err := filepath.Abs(dir)
		if err != nil {
			fmt.Fprintf(stderr, "scx-lsp index: %v\n", err)
			return exitTrouble
		}
		roots = append(roots, filepath.ToSlash(abs))
		sources = append(sources, cindex.Sources(cindex.OSFS{}, filepath.ToSlash(abs))...)
	}
	if len(sources) == 0 {
		fmt.Fprintf(stderr, "scx-lsp index: no *.bpf.c below %s\n", strings.Join(flags.Args(), " "))
		return exitTrouble
	}
	start := time.Now()
	s := indexSources(cindex.New(cindex.OSFS{}, cindex.Config{Roots: roots}), sources)
	s.took = time.Since(start)
	if *stats {
		s.print(stdout)
	}
	for _, err := range s.errs {
		fmt.Fprintf(stderr, "scx-lsp index: %v\n", err)
	}
	if len(s.errs) > 0 {
		return exitTrouble
	}
	return exitClean
}

// indexStats counts what units hold. A header counts once, however many
// sources include it, and so do its functions.
type indexStats struct {
	mu         sync.Mutex
	sources    int
	files      map[string]int // bytes
	functions  map[string]int // calls; by place
	programs   int
	tables     int
	missing    map[string]int // sources that miss a header
	unresolved map[string]int // calls
	errs       []error
	took       time.Duration
}

func indexSources(x *cindex.Index, sources []string) *indexStats {
	s := &indexStats{
		files: map[string]int{}, functions: map[string]int{},
		missing: map[string]int{}, unresolved: map[string]int{},
	}
	work := make(chan string)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range work {
				u, err := x.Unit(context.Background(), p)
				s.add(u, err)
			}
		})
	}
	for _, p := range sources {
		work <- p
	}
	close(work)
	wg.Wait()
	return s
}

func (s *indexStats) add(u *cindex.Unit, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	s.sources++
	s.programs += len(u.Programs)
	s.tables += len(u.Tables)
	for _, f := range u.Files {
		s.files[f.Path] = len(f.Content)
	}
	for _, m := range u.Missing {
		s.missing[m.Spec]++
	}
	known := map[string]bool{}
	for _, f := range u.Funcs() {
		place := fmt.Sprintf("%s:%d", f.At.File.Path, f.At.Span.Start)
		if _, ok := s.functions[place]; ok && f.At.File != u.Main {
			continue
		}
		s.functions[place] = len(f.Calls)
		for i := range f.Calls {
			s.call(u, &f.Calls[i], known)
		}
	}
}

// call counts a callee that nothing in the unit declares. vmlinux.h declares
// all kernel functions, and is not read; libbpf's list of helpers is made when
// libbpf is built, and is missing in a source tree.
func (s *indexStats) call(u *cindex.Unit, c *cindex.Call, known map[string]bool) {
	name := c.Callee
	ok, asked := known[name]
	if !asked {
		kernel := u.Vmlinux && (strings.HasPrefix(name, "bpf_") || strings.HasPrefix(name, "scx_bpf_"))
		ok = kernel || u.Func(name) != nil || len(u.Symbols(name)) > 0 || strings.HasPrefix(name, "__sync_") || strings.HasPrefix(name, "__atomic_")
		known[name] = ok
	}
	if !ok {
		s.unresolved[name]++
	}
}

func (s *indexStats) print(w io.Writer) {
	bytes, calls := 0, 0
	for _, n := range s.files {
		bytes += n
	}
	for _, n := range s.functions {
		calls += n
	}
	row := func(name string, n int) { fmt.Fprintf(w, "%-18s %8d\n", name, n) }
	row("sources", s.sources)
	row("files", len(s.files))
	row("bytes", bytes)
	row("functions", len(s.functions))
	row("calls", calls)
	row("programs", s.programs)
	row("ops tables", s.tables)
	row("unresolved names", len(s.unresolved))
	row("missing headers", len(s.missing))
	fmt.Fprintf(w, "%-18s %8.1f ms\n", "time", float64(s.took.Microseconds())/1000)
	list(w, "unresolved", s.unresolved)
	list(w, "missing", s.missing)
}

// list prints the most frequent names.
func list(w io.Writer, title string, count map[string]int) {
	names := make([]string, 0, len(count))
	for n := range count {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		if count[names[i]] != count[names[j]] {
			return count[names[i]] > count[names[j]]
		}
		return names[i] < names[j]
	})
	for _, n := range names[:min(len(names), 20)] {
		fmt.Fprintf(w, "%s: %s (%d)\n", title, n, count[n])
	}
}
