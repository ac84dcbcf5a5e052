package lsp_test

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// A duplex is a connection made of two operating system pipes, as an editor
// and its server have them.
type duplex struct {
	io.ReadCloser
	io.WriteCloser
}

func (d duplex) Close() error {
	_ = d.WriteCloser.Close()
	return d.ReadCloser.Close()
}

func pipes(tb testing.TB) (near, far duplex) {
	tb.Helper()
	r1, w1, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	r2, w2, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	return duplex{r1, w2}, duplex{r2, w1}
}

// largeScheduler makes a scheduler of about so many lines: helpers that call
// each other and kfuncs, as the large ones of the scx tree do.
func largeScheduler(lines int) string {
	var b strings.Builder
	b.WriteString(benchHead)
	for i := 0; strings.Count(b.String(), "\n") < lines-30; i++ {
		fmt.Fprintf(&b, `
/* Finds the queue of the layer %[1]d for a task. */
static __always_inline u64 layer_%[1]d(struct task_struct *p, s32 cpu, u64 flags)
{
	u64 dsq = (u64)%[1]d << 8 | (cpu & 0xff);
	s32 other;

	if (flags & 1)
		return dsq;
	other = scx_bpf_task_cpu(p);
	if (other != cpu && scx_bpf_dsq_nr_queued(dsq) > 4) {
		scx_bpf_kick_cpu(other, 0);
		dsq |= 1ULL << 40;
	}
	for (int n = 0; n < 3; n++) {
		if (scx_bpf_dsq_nr_queued(dsq + n) == 0)
			return dsq + n;
	}
	return dsq;
}
`, i)
	}
	b.WriteString(benchTail)
	return b.String()
}

const benchHead = `typedef unsigned long long u64;
typedef int s32;
typedef unsigned int u32;
typedef _Bool bool;
struct task_struct;
u64 queue;
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
#define __always_inline inline __attribute__((always_inline))
extern bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
extern void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym;
extern s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;
extern void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
extern s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
`

const benchTail = `
SEC("struct_ops/large_enqueue")
void large_enqueue(u64 *ctx)
{
	struct task_struct *p = (void *)ctx[0];

	scx_bpf_dsq_insert(p, layer_0(p, 0, 0) + layer_7(p, 1, 0), 20000000, ctx[1]);
	/* edit here */
}

SEC("struct_ops/large_dispatch")
void large_dispatch(u64 *ctx)
{
	scx_bpf_dsq_move_to_local(queue);
}

SEC(".struct_ops.link")
struct sched_ext_ops large_ops = {
	.enqueue = (void *)large_enqueue,
	.dispatch = (void *)large_dispatch,
	.name = "large",
};
char _license[] SEC("license") = "GPL";
`

// reportPercentiles adds the median and the 99th percentile.
func reportPercentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(p float64) float64 {
		return float64(took[int(p*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

func benchClient(b *testing.B, a lsp.Analyzer, uri, text string) *lsptest.Client {
	b.Helper()
	near, far := pipes(b)
	server := lsp.NewServer(lsp.Options{Analyzer: a, Version: "bench"})
	go server.Serve(b.Context(), far)
	c := lsptest.NewClient(b, near)
	b.Cleanup(c.Close)
	c.Initialize(nil, "utf-8")
	c.Open(uri, text)
	c.Diagnostics(uri)
	return c
}

// benchEdits types and takes back a wrong call and waits for the diagnostics
// each time: from the client's write to the client's read.
func benchEdits(b *testing.B, c *lsptest.Client, uri, mark, text string, want int) {
	b.Helper()
	at := strings.Index(c.Text(uri), mark)
	var took []time.Duration
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		edit, n := lsptest.Edit{Start: at, End: at, Text: text}, want
		if i%2 == 1 {
			edit, n = lsptest.Edit{Start: at, End: at + len(text)}, 0
		}
		begin := time.Now()
		c.Change(uri, edit)
		if got := c.Diagnostics(uri); len(got) != n {
			b.Fatalf("%d diagnostics, want %d: %+v", len(got), n, got)
		}
		took = append(took, time.Since(begin))
	}
	reportPercentiles(b, took)
}

// BenchmarkWire is the share of the wire and of our own bookkeeping: the
// analysis is a search for a word.
func BenchmarkWire(b *testing.B) {
	c := benchClient(b, newFake(), docURI, largeScheduler(5000))
	benchEdits(b, c, docURI, "/* edit here */", "BAD ", 1)
}

func benchReal(b *testing.B, lines int) *lsptest.Client {
	b.Helper()
	a, err := lsp.NewAnalyzer("7.3", rules.All)
	if err != nil {
		b.Fatal(err)
	}
	return benchClient(b, a, docURI, largeScheduler(lines))
}

// BenchmarkEdit is the whole way of a keystroke in a scheduler of 5,000 lines.
func BenchmarkEdit(b *testing.B) {
	benchEdits(b, benchReal(b, 5000), docURI, "/* edit here */", "scx_bpf_dsq_move_to_local(queue);", 1)
}

// BenchmarkEditHelper edits a function that the programs reach, at its start,
// so that everything behind it moves.
func BenchmarkEditHelper(b *testing.B) {
	benchEdits(b, benchReal(b, 5000), docURI, "u64 dsq = (u64)7 << 8", "scx_bpf_dsq_move_to_local(queue);", 1)
}

// BenchmarkHover asks about a kfunc in a scheduler of 5,000 lines.
func BenchmarkHover(b *testing.B) {
	c := benchReal(b, 5000)
	at := strings.Index(c.Text(docURI), "scx_bpf_dsq_nr_queued(dsq)")
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		if text, _ := c.Hover(docURI, at); text == "" {
			b.Fatal("no hover")
		}
		took = append(took, time.Since(begin))
	}
	reportPercentiles(b, took)
}

// BenchmarkOpen is the way from didOpen to the diagnostics of a scheduler of
// 5,000 lines that the server has not seen before.
func BenchmarkOpen(b *testing.B) {
	c := benchReal(b, 10)
	text := largeScheduler(5000)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		uri := fmt.Sprintf("file:///ws/%d.bpf.c", i)
		begin := time.Now()
		c.Open(uri, text)
		c.Diagnostics(uri)
		took = append(took, time.Since(begin))
		c.CloseDoc(uri)
	}
	reportPercentiles(b, took)
}

// BenchmarkCompletion asks in a function that the programs reach.
func BenchmarkCompletion(b *testing.B) {
	c := benchReal(b, 5000)
	at := strings.Index(c.Text(docURI), "/* edit here */")
	c.Change(docURI, lsptest.Edit{Start: at, End: at, Text: "scx_bpf_"})
	c.Diagnostics(docURI)
	params := c.At(docURI, at+len("scx_bpf_"))
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		var list struct{ Items []any }
		if err := c.Call("textDocument/completion", params, &list); err != nil || len(list.Items) == 0 {
			b.Fatal("no completions", err)
		}
		took = append(took, time.Since(begin))
	}
	reportPercentiles(b, took)
}
