package verifier_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

const waysSource = `
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
#define __weak __attribute__((weak))
typedef unsigned long long u64;
extern u64 scx_bpf_now(void) __ksym __weak;
extern int bpf_timer_set_callback(void *timer, void *cb);
extern int mystery(void);
const volatile _Bool tuned;

static void leaf(void) {}
static void never(void) {}
static void both(void) { leaf(); }
static void old(void) { leaf(); }
static void alone(void) {}
static int tick_cb(void *map, int *key, void *value) { both(); return 0; }

SEC("struct_ops/x") void run(u64 *ctx)
{
	if (!bpf_ksym_exists(scx_bpf_now))
		old();
	if (0)
		never();
	if (tuned)
		both();
}
SEC("struct_ops.s/y") int start(u64 *ctx)
{
	bpf_timer_set_callback(ctx, tick_cb);
	both();
	return 0;
}
SEC("syscall") int sys(void *ctx) { return 0; }

SEC(".struct_ops.link") struct sched_ext_ops ops = { .running = (void *)run, .init = (void *)start };
`

// TestWays: what reaches a function, on which kernel and along which calls.
func TestWays(t *testing.T) {
	x := cindex.New(cindex.MapFS{"/a.bpf.c": waysSource}, cindex.Config{})
	u, err := x.Unit(context.Background(), "/a.bpf.c")
	if err != nil {
		t.Fatal(err)
	}
	kernels, err := btfdb.Select("6.13,7.3")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{
		// scx_bpf_now() is new in 6.14: only before that, old() is called.
		"old":   {"sched_ext_ops.running 6.13: run"},
		"never": nil,
		"alone": nil,
		"sys":   {"syscall 6.13:", "syscall 7.3:"},
		"run":   {"sched_ext_ops.running 6.13:", "sched_ext_ops.running 7.3:"},
		"leaf": {
			"sched_ext_ops.running 6.13: run old",
			"sched_ext_ops.running 7.3 unsure: run both",
			"sched_ext_ops.init 6.13: start both",
			"sched_ext_ops.init 6.13 timer: start tick_cb both",
			"sched_ext_ops.init 7.3: start both",
			"sched_ext_ops.init 7.3 timer, not sleepable: start tick_cb both",
		},
	}
	for name, want := range tests {
		var got []string
		for _, w := range verifier.Ways(u, kernels, u.Func(name)) {
			got = append(got, describe(w))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
}

func describe(w verifier.Way) string {
	s := w.Root.Name + " " + w.Kernel.Release
	if w.Unsure {
		s += " unsure"
	}
	if w.Async == cindex.CallTimer {
		s += " timer"
		if w.Root.Program.Sleepable && !w.Context.Sleepable {
			s += ", not sleepable"
		}
	}
	s += ":"
	for _, step := range w.Chain() {
		s += fmt.Sprint(" ", step.Function)
	}
	return s
}
