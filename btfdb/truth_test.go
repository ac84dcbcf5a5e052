package btfdb

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// truth is what the verifier of one booted kernel answered: see the head of
// testdata/truth-*.txt.
type truth struct {
	build        string
	kfuncs       []string
	everywhere   map[string]bool
	unjudged     map[string]bool
	unattachable []string
	verdicts     []truthVerdict
	flags        map[string]Flags
	sets         map[string][]string // members
	filters      map[string]string
	members      []record
	allow        []string
}

type truthVerdict struct {
	contexts          []string
	denied, sleepable map[string]bool
}

func setOf(words []string) map[string]bool {
	s := map[string]bool{}
	for _, w := range words {
		s[w] = true
	}
	return s
}

// patched applies a list of +name and -name to a copy of base; the first list
// has no signs.
func patched(base map[string]bool, words []string) map[string]bool {
	if base == nil {
		return setOf(words)
	}
	s := maps.Clone(base)
	for _, w := range words {
		if w[0] == '+' {
			s[w[1:]] = true
		} else {
			delete(s, w[1:])
		}
	}
	return s
}

func readTruth(t *testing.T, path string) *truth {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tr := &truth{flags: map[string]Flags{}, sets: map[string][]string{}, filters: map[string]string{}}
	for rest, line := string(text), 1; rest != ""; {
		var r record
		if r, rest, line, err = nextRecord(rest, line, nil); err != nil {
			t.Fatalf("%s:%d: %v", path, line, err)
		}
		tr.add(r)
	}
	return tr
}

func (tr *truth) add(r record) {
	words := strings.Fields(r.body)
	last := func() *truthVerdict { return &tr.verdicts[len(tr.verdicts)-1] }
	switch r.key {
	case "build":
		tr.build = r.args[0]
	case "kfuncs":
		tr.kfuncs = words
	case "everywhere":
		tr.everywhere = setOf(words)
	case "unjudged":
		tr.unjudged = setOf(words)
	case "unattachable":
		tr.unattachable = words
	case "contexts":
		tr.verdicts = append(tr.verdicts, truthVerdict{contexts: words})
	case "denied":
		last().denied = patched(tr.verdicts[0].denied, words)
	case "sleepable":
		last().sleepable = patched(tr.verdicts[0].sleepable, words)
	case "flags":
		for name := range strings.SplitSeq(r.args[0], "|") {
			bit, _ := FlagByName(name)
			for _, k := range words {
				tr.flags[k] |= bit
			}
		}
	case "set":
		tr.sets[r.args[0]] = words
		if len(r.args) > 1 {
			tr.filters[r.args[0]] = r.args[1]
		}
	case "allow":
		tr.allow = words
	case "member":
		tr.members = append(tr.members, r)
	}
}

// contextNamed reads a context of the truth files: "sched_ext_ops.init:s",
// "iter/task", "syscall".
func contextNamed(t *testing.T, k *Kernel, name string) Context {
	t.Helper()
	name, sleepable := strings.CutSuffix(name, ":s")
	if ops, member, ok := strings.Cut(name, "."); ok {
		ctx, ok := k.MemberContext(ops, member, sleepable)
		if !ok {
			t.Fatalf("no member %s", name)
		}
		return ctx
	}
	ctx, ok := SectionContext(name)
	if !ok {
		t.Fatalf("no program type %s", name)
	}
	ctx.Sleepable = ctx.Sleepable || sleepable
	return ctx
}

// loadOutcome is the part of a verdict that the verifier gives.
func loadOutcome(v Verdict) Outcome {
	if v.Outcome == AbortedRun {
		return Allowed
	}
	return v.Outcome
}

func (tr *truth) want(v truthVerdict, kfunc string) Outcome {
	switch {
	case tr.everywhere[kfunc], v.denied[kfunc]:
		return RefusedLoad
	case v.sleepable[kfunc]:
		return NotSleepable
	}
	return Allowed
}

var truthFiles = []string{
	"testdata/truth-6.16.12.txt", "testdata/truth-6.19.14.txt", "testdata/truth-7.1.13.txt",
	"testdata/truth-7.3.4.txt",
}

// TestTruth compares every cell of four kernels with what their verifiers
// said.
func TestTruth(t *testing.T) {
	for _, path := range truthFiles {
		tr := readTruth(t, path)
		t.Run(tr.build, func(t *testing.T) {
			k, err := Load(tr.build)
			if err != nil {
				t.Fatal(err)
			}
			cells := 0
			for _, v := range tr.verdicts {
				for _, name := range v.contexts {
					cells += tr.compare(t, k, v, name)
				}
			}
			t.Logf("%d cells", cells)
			if cells < 14000 {
				t.Errorf("only %d cells compared", cells)
			}
		})
	}
}

func (tr *truth) compare(t *testing.T, k *Kernel, v truthVerdict, name string) (cells int) {
	ctx := contextNamed(t, k, name)
	for _, kfunc := range tr.kfuncs {
		if tr.unjudged[kfunc] {
			continue // refused before the context was looked at
		}
		got, want := loadOutcome(k.Query(ctx, kfunc)), tr.want(v, kfunc)
		if got != want {
			t.Errorf("%s × %s: %v, the kernel said %v", name, kfunc, got, want)
		}
		cells++
	}
	return cells
}

// TestTruthFacts compares flags, sets, filters, members and who may sleep.
func TestTruthFacts(t *testing.T) {
	for _, path := range truthFiles {
		tr := readTruth(t, path)
		t.Run(tr.build, func(t *testing.T) {
			k, err := Load(tr.build)
			if err != nil {
				t.Fatal(err)
			}
			tr.compareKfuncs(t, k)
			tr.compareSets(t, k)
			tr.compareMembers(t, k)
		})
	}
}

func (tr *truth) compareKfuncs(t *testing.T, k *Kernel) {
	var names []string
	for _, f := range k.Kfuncs() {
		names = append(names, f.Name)
		if f.Flags != tr.flags[f.Name] {
			t.Errorf("%s: flags %v, want %v", f.Name, f.Flags, tr.flags[f.Name])
		}
	}
	if diff := cmp.Diff(tr.kfuncs, names); diff != "" {
		t.Errorf("kfuncs (-kernel +data):\n%s", diff)
	}
}

func (tr *truth) compareSets(t *testing.T, k *Kernel) {
	members, filters := map[string][]string{}, map[string]string{}
	for _, f := range k.Kfuncs() {
		for _, s := range f.Sets {
			if !PartSet(s) || strings.HasPrefix(s, "scx_") {
				members[s] = append(members[s], f.Name)
			}
		}
	}
	for _, s := range k.Facts().Sets {
		if s.Filter != "" {
			filters[s.Name] = s.Filter
		}
	}
	if diff := cmp.Diff(tr.sets, members); diff != "" {
		t.Errorf("sets (-kernel +data):\n%s", diff)
	}
	if diff := cmp.Diff(tr.filters, filters); diff != "" {
		t.Errorf("filters (-kernel +data):\n%s", diff)
	}
}

func (tr *truth) compareMembers(t *testing.T, k *Kernel) {
	for _, r := range tr.members {
		m := k.Member(r.args[0], r.args[2])
		if m == nil {
			t.Errorf("no member %s.%s", r.args[0], r.args[2])
			continue
		}
		got := []string{m.Ops, itoa(int(m.Moff)), m.Name, "data"}
		if m.Func {
			got = append(got[:3], "func", map[bool]string{true: "none", false: "plain"}[m.NoStub],
				map[bool]string{true: "sleep", false: "nosleep"}[m.Sleepable])
		}
		if !slices.Equal(got, r.args) || m.Proto != r.body {
			t.Errorf("member %q %q, want %q %q", got, m.Proto, r.args, r.body)
		}
	}
	for _, name := range tr.unattachable {
		member, sleepable := strings.CutSuffix(name, ":s")
		ops, member, _ := strings.Cut(member, ".")
		m := k.Member(ops, member)
		if sleepable && m.Sleepable || !sleepable && !m.NoStub {
			t.Errorf("%s: attachable, the kernel refused it", name)
		}
	}
}

// callKfuncs are the calls of testdata/runtime.txt.
var callKfuncs = map[string]string{
	"create": "scx_bpf_create_dsq", "dsq_move": "scx_bpf_dsq_move", "insert": "scx_bpf_dsq_insert",
	"kick": "scx_bpf_kick_cpu", "move_to_local": "scx_bpf_dsq_move_to_local", "reenqueue": "scx_bpf_reenqueue_local",
	"select_dfl": "scx_bpf_select_cpu_dfl",
}

// TestRuntime compares the run-time releases with schedulers that ran.
func TestRuntime(t *testing.T) {
	text, err := os.ReadFile("testdata/runtime.txt")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		if w[0] == "#" {
			continue
		}
		for i, build := range []string{"6.16.12", "6.19.14"} {
			k, err := Load(build)
			if err != nil {
				t.Fatal(err)
			}
			if outcome := w[2+i]; outcome != "-" {
				compareRun(t, k, w[0], callKfuncs[w[1]], outcome)
				compared++
			}
		}
	}
	if compared < 250 {
		t.Errorf("only %d runs compared", compared)
	}
}

func compareRun(t *testing.T, k *Kernel, op, kfunc, outcome string) {
	ctx, ok := k.MemberContext("sched_ext_ops", op, true)
	if !ok {
		t.Fatalf("%s: no member %s", k, op)
	}
	v := k.Query(ctx, kfunc)
	switch want, has, aborted := strings.Cut(outcome, "/"); {
	case aborted:
		text := "kfunc with mask " + want + " called from an operation only allowing " + has
		if v.Outcome != AbortedRun || v.Text(kfunc) != text {
			t.Errorf("%s: %s × %s: %v %q, the kernel said %q", k, op, kfunc, v.Outcome, v.Text(kfunc), text)
		}
	case outcome == "hangs":
		if v.Outcome != AbortedRun || !strings.Contains(v.Message, "hangs") {
			t.Errorf("%s: %s × %s: %v, the guest hung", k, op, kfunc, v.Outcome)
		}
	case op == "exit":
		// scx_error() does nothing while the scheduler is being thrown out
		// already: the call fails, and no one hears of it.
	case v.Outcome != Allowed:
		t.Errorf("%s: %s × %s: %v, it ran", k, op, kfunc, v.Outcome)
	}
}
