package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/project"
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

// checkAll checks files, each under the configuration that is nearest to it.
// Afterwards o.kernels are all those that some were checked for.
func checkAll(files []string, o *checkOptions) ([]verifier.Finding, []error) {
	store := project.NewStore(lsp.ConfigNames(rules.All))
	groups := map[string][]string{}
	for _, file := range files {
		f := store.For(filepath.ToSlash(file))
		groups[f.Path] = append(groups[f.Path], file)
	}
	var found [][]verifier.Finding
	var errs []error
	var kernels []*btfdb.Kernel
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		f := store.For(filepath.ToSlash(groups[name][0]))
		for _, p := range f.Problems {
			errs = append(errs, configError(f, p))
		}
		under := *o
		under.kernels = o.kernelsOf(f)
		kernels = append(kernels, under.kernels...)
		list, failed := checkGroup(groups[name], f, under)
		found, errs = append(found, list), append(errs, failed...)
	}
	if len(kernels) > 0 {
		o.kernels = distinct(kernels)
	}
	return verifier.Merge(found...), errs
}

// distinct gives each kernel once, oldest first.
func distinct(kernels []*btfdb.Kernel) []*btfdb.Kernel {
	slices.SortStableFunc(kernels, func(a, b *btfdb.Kernel) int { return btfdb.CompareReleases(a.Build, b.Build) })
	return slices.CompactFunc(kernels, func(a, b *btfdb.Kernel) bool { return a.Build == b.Build })
}

// configError words a problem as compilers do.
func configError(f *config.File, p config.Problem) error {
	before := string(f.Text[:p.Start])
	line := strings.Count(before, "\n")
	column := p.Start - strings.LastIndexByte(before, '\n')
	return fmt.Errorf("%s:%d:%d: %s", relativeTo(workingDir())(f.Path), line+1, column, p.Message)
}

// kernelsOf gives the kernels that sources under a configuration are checked
// for: those of the command line, if it names some.
func (o *checkOptions) kernelsOf(f *config.File) []*btfdb.Kernel {
	if !o.insist && f.Kernels != "" {
		if kernels, err := btfdb.Select(f.Kernels); err == nil {
			return kernels
		}
	}
	return o.kernels
}

// checkGroup checks the files under one configuration side by side.
func checkGroup(files []string, f *config.File, o checkOptions) ([]verifier.Finding, []error) {
	index := cindex.New(cindex.OSFS{}, project.Index(f, cindex.Config{IncludeDirs: o.includes, Defines: o.defines.macros()}))
	checker := verifier.NewChecker(o.kernels, rules.All).WithPolicy(project.Policy(f, !o.insist))
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
