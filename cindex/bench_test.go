package cindex

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/c"
)

// commonHeader stands for the headers of sched_ext.
const commonHeader = `#ifndef COMMON_H
#define COMMON_H
#include "vmlinux.h"
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
u64 scx_bpf_now(void) __ksym __weak;
void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym;
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
#define scx_bpf_now() (bpf_ksym_exists(scx_bpf_now) ? scx_bpf_now() : bpf_ktime_get_ns())
#define SCX_SLICE_DFL __SCX_SLICE_DFL
const volatile u64 __SCX_SLICE_DFL __weak;
#endif
`

// benchFS is a source of n lines with 25 headers.
func benchFS(n int) MapFS {
	m := MapFS{"/w/main.bpf.c": synthetic(n, 24), "/w/include/scx/common.bpf.h": commonHeader}
	for i := range 24 {
		m[fmt.Sprintf("/w/gen_%d.h", i)] = synthHeader(i, 200)
	}
	return m
}

// mustUnit fails the test when the unit cannot be had.
func mustUnit(t testing.TB, x *Index, p string) *Unit {
	t.Helper()
	u, err := x.Unit(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// BenchmarkCold reads one file of 5,000 lines and its headers from scratch.
func BenchmarkCold(b *testing.B) {
	m := benchFS(5000)
	size := 0
	for _, s := range m {
		size += len(s)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		mustUnit(b, New(m, Config{}), "/w/main.bpf.c")
	}
}

// BenchmarkColdMain is BenchmarkCold with the headers known already.
func BenchmarkColdMain(b *testing.B) {
	m := benchFS(5000)
	x := New(m, Config{})
	mustUnit(b, x, "/w/main.bpf.c")
	b.SetBytes(int64(len(m["/w/main.bpf.c"])))
	b.ReportAllocs()
	for b.Loop() {
		x.mu.Lock()
		delete(x.sources, "/w/main.bpf.c")
		delete(x.units, "/w/main.bpf.c")
		x.mu.Unlock()
		mustUnit(b, x, "/w/main.bpf.c")
	}
}

// BenchmarkLex cuts a file into pieces and reads no facts.
func BenchmarkLex(b *testing.B) {
	src := []byte(synthetic(5000, 24))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		newSource("/x", src)
	}
}

// BenchmarkEdit types one character somewhere and asks for the unit. It
// reports the median and the 99th percentile.
func BenchmarkEdit(b *testing.B) {
	m := benchFS(5000)
	benchEdit(b, m, "/w/main.bpf.c", []byte(m["/w/main.bpf.c"]))
}

// BenchmarkEditReal is BenchmarkEdit on a source of the machine's, named by
// SCX_LSP_BENCH.
func BenchmarkEditReal(b *testing.B) {
	p := os.Getenv("SCX_LSP_BENCH")
	if p == "" {
		b.Skip("SCX_LSP_BENCH names no source")
	}
	content, err := os.ReadFile(p)
	if err != nil {
		b.Fatal(err)
	}
	benchEdit(b, OSFS{}, p, content)
}

// benchEdit makes each edit three times. The "calm" figures count the fastest
// of the three: what is left when others want the machine too.
func benchEdit(b *testing.B, fsys FS, p string, content []byte) {
	x := New(fsys, Config{})
	mustUnit(b, x, p)
	rng := rand.New(rand.NewSource(1))
	var took, calm []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		at := rng.Intn(len(content))
		best := time.Hour
		for range 3 {
			next := make([]byte, 0, len(content)+1)
			next = append(append(append(next, content[:at]...), 'x'), content[at:]...)
			start := time.Now()
			x.SetContent(p, next)
			mustUnit(b, x, p)
			took = append(took, time.Since(start))
			best = min(best, took[len(took)-1])
			x.SetContent(p, content)
			mustUnit(b, x, p)
		}
		calm = append(calm, best)
	}
	report := func(list []time.Duration, name string) {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2].Microseconds()), "µs-"+name+"median")
		b.ReportMetric(float64(list[len(list)*99/100].Microseconds()), "µs-"+name+"p99")
	}
	report(took, "")
	report(calm, "calm-")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFloor is the physical floor of an edit: tree-sitter parsing the
// edited function and nothing else.
func BenchmarkFloor(b *testing.B) {
	src := newSource("/x", []byte(synthetic(5000, 24)))
	var pieces [][]byte
	for _, p := range src.pieces {
		if len(p.src) > 400 {
			pieces = append(pieces, []byte(p.src))
		}
	}
	i := 0
	for b.Loop() {
		parser := sitter.NewParser()
		parser.SetLanguage(c.GetLanguage())
		tree, err := parser.ParseCtx(context.Background(), nil, pieces[i%len(pieces)])
		if err != nil {
			b.Fatal(err)
		}
		tree.Close()
		parser.Close()
		i++
	}
}

// workspaceFS is 100 sources and 250 headers.
func workspaceFS() (m MapFS, mains []string) {
	m = MapFS{"/w/include/scx/common.bpf.h": commonHeader}
	for i := range 250 {
		m[fmt.Sprintf("/w/h/gen_%d.h", i)] = synthHeader(i, 120)
	}
	for i := range 100 {
		p := fmt.Sprintf("/w/s%d/main.bpf.c", i)
		text := ""
		for k := range 22 {
			text += fmt.Sprintf("#include \"../h/gen_%d.h\"\n", (i*7+k*11)%250)
		}
		m[p] = text + synthetic(500, 0)
		mains = append(mains, p)
	}
	return m, mains
}

// BenchmarkWorkspace indexes 100 sources and 250 headers on two cores.
func BenchmarkWorkspace(b *testing.B) {
	m, mains := workspaceFS()
	for b.Loop() {
		x := New(m, Config{})
		indexAll(b, x, mains)
	}
}

func indexAll(t testing.TB, x *Index, mains []string) {
	next := make(chan string)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for p := range next {
				mustUnit(t, x, p)
			}
		})
	}
	for _, p := range mains {
		next <- p
	}
	close(next)
	wg.Wait()
}

// TestWorkspaceMemory holds what an indexed workspace of 100 sources and 250
// headers keeps in memory.
func TestWorkspaceMemory(t *testing.T) {
	m, mains := workspaceFS()
	before := heapInUse()
	x := New(m, Config{})
	indexAll(t, x, mains)
	got := heapInUse() - before
	runtime.KeepAlive(x)
	t.Logf("%d KiB", got>>10)
	if got > 120<<20 {
		t.Errorf("%d MiB for a workspace of 100 sources and 250 headers", got>>20)
	}
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapInuse)
}
