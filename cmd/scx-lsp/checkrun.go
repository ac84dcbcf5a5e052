package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// checkFiles turns the paths of the command line into sources, sorted, each
// once.
func checkFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			files = append(files, abs)
			continue
		}
		files = append(files, cindex.Sources(cindex.OSFS{}, abs)...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// A job is a source to check, and those that are linked with it.
type job struct {
	file   string
	linked []string
}

// jobsOf gives what there is to check. A source that others borrow is checked
// in the company of each of them, whether it was asked for or not: what their
// programs do there is theirs.
func jobsOf(index *cindex.Index, files []string) []job {
	var jobs []job
	seen := map[string]bool{}
	add := func(file string, group []string) {
		slices.Sort(group)
		if key := file + "\x00" + strings.Join(group, "\x00"); !seen[key] {
			seen[key] = true
			jobs = append(jobs, job{file, slices.DeleteFunc(slices.Clone(group), func(p string) bool { return p == file })})
		}
	}
	for _, file := range files {
		group := append(index.Linked(file), file)
		for _, member := range group {
			add(member, slices.Clone(group))
		}
	}
	return jobs
}

// checkAll checks files side by side.
func checkAll(files []string, o checkOptions) ([]verifier.Finding, []error) {
	index := cindex.New(cindex.OSFS{}, cindex.Config{IncludeDirs: o.includes, Defines: o.defines.macros()})
	checker := verifier.NewChecker(o.kernels, rules.All).WithPolicy(verifier.Policy{OwnKernels: !o.insist})
	jobs := jobsOf(index, files)
	found := make([][]verifier.Finding, len(jobs))
	failed := make([]error, len(jobs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		wg.Go(func() {
			for i := range next {
				found[i], failed[i] = jobs[i].run(index, checker, slices.Contains(files, jobs[i].file))
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	wg.Wait()
	return verifier.Merge(found...), slices.DeleteFunc(failed, func(e error) bool { return e == nil })
}

// run checks a source. That one cannot be read matters only if it was asked
// for: a linked one may be made by the build.
func (j job) run(index *cindex.Index, checker *verifier.Checker, asked bool) ([]verifier.Finding, error) {
	ctx := context.Background()
	u, err := index.Unit(ctx, j.file)
	if err != nil {
		if !asked {
			err = nil
		}
		return nil, err
	}
	var linked []*cindex.Unit
	for _, path := range j.linked {
		if o, err := index.Unit(ctx, path); err == nil {
			linked = append(linked, o)
		}
	}
	return checker.Check(ctx, u, linked...), nil
}
