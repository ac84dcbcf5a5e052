package extract

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

//go:embed overrides.txt
var overridesText string

// An override is one line of overrides.txt.
type override struct {
	lo, hi btfdb.Release
	kind   string
	names  []string
	value  string
}

var overrides = sync.OnceValues(func() ([]override, error) { return parseOverrides(overridesText) })

func parseOverrides(text string) ([]override, error) {
	var list []override
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		o, err := parseOverride(words)
		if err != nil {
			return nil, fmt.Errorf("overrides.txt:%d: %w", n, err)
		}
		list = append(list, o)
	}
	return list, nil
}

func parseOverride(words []string) (o override, err error) {
	from, to, ok := strings.Cut(words[0], "..")
	if !ok || len(words) < 3 {
		return o, fmt.Errorf("want FROM..TO KIND NAMES [VALUE]")
	}
	if o.lo, err = btfdb.ParseRelease(from); err != nil {
		return o, err
	}
	if o.hi, err = btfdb.ParseRelease(to); err != nil {
		return o, err
	}
	o.kind, o.names = words[1], strings.Split(words[2], ",")
	if len(words) > 3 {
		o.value = words[3]
	}
	return o, nil
}

// overridesFor lists those of a kind that hold for a build.
func overridesFor(build, kind string) []override {
	all, err := overrides()
	r, parseErr := btfdb.ParseRelease(build)
	if err != nil || parseErr != nil {
		return nil // TestOverrides parses the file
	}
	var list []override
	for _, o := range all {
		if o.kind == kind && r.Within(o.lo, o.hi) {
			list = append(list, o)
		}
	}
	return list
}

// applyOverrides adds what the kernel itself did not tell. What it did tell
// is never changed.
func applyOverrides(f *btfdb.Facts) {
	if f.Progs == nil {
		f.Progs = progTable(f.Build)
	}
	if f.Enforcement == btfdb.EnforceRuntime {
		applyStates(f)
	}
	applySleep(f)
}

// progTable is the table of program types for a build; nil if it has none.
func progTable(build string) []btfdb.ProgHook {
	var hooks []btfdb.ProgHook
	for _, o := range overridesFor(build, "prog") {
		h, err := btfdb.HooksByName(o.value)
		if err != nil {
			continue // TestOverrides parses every value
		}
		for _, name := range o.names {
			hooks = append(hooks, btfdb.ProgHook{Prog: name, Hook: h})
		}
	}
	return hooks
}

func applyStates(f *btfdb.Facts) {
	if len(overridesFor(f.Build, "state")) == 0 && len(f.Members) > 0 {
		note(f, "the masks of the callbacks (SCX_CALL_OP sites) are not known for this release")
	}
	for _, o := range overridesFor(f.Build, "state") {
		state, err := btfdb.StateByName(o.value)
		for _, m := range f.Members {
			if err == nil && m.Ops == "sched_ext_ops" && m.Func && m.State == 0 && slices.Contains(o.names, m.Name) {
				m.State = state
			}
		}
	}
	for _, o := range overridesFor(f.Build, "accept") {
		state, err := btfdb.StateByName(o.value)
		for _, k := range f.Kfuncs {
			if err == nil && k.Accept == 0 && slices.Contains(o.names, k.Name) {
				k.Accept = state
			}
		}
	}
}

// applySleep is for kernels whose bpf_scx_check_member() could not be read.
func applySleep(f *btfdb.Facts) {
	lines := overridesFor(f.Build, "sleep")
	if len(lines) == 0 {
		return
	}
	for _, m := range f.Members {
		if !m.Func || m.SleepKnown || !strings.HasPrefix(m.Ops, "sched_ext_ops") {
			continue
		}
		m.SleepKnown = true
		m.Sleepable = slices.ContainsFunc(lines, func(o override) bool { return slices.Contains(o.names, m.Name) })
	}
}
