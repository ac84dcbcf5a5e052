package syntax

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// scheduler writes a scheduler of about the given number of lines in the style
// of the field: maps, helpers, a few long functions, an ops table.
func scheduler(lines int) []byte {
	var b bytes.Buffer
	b.WriteString("#include <scx/common.bpf.h>\n\nchar _license[] SEC(\"license\") = \"GPL\";\n\nUEI_DEFINE(uei);\n\n" +
		"#define SHARED_DSQ 0\n#define SLICE(x) ((x) * 1000ULL)\n\nconst volatile u32 nr_cpus = 1;\n\n")
	for i := 0; bytes.Count(b.Bytes(), []byte("\n")) < lines-20; i++ {
		b.WriteString(strings.ReplaceAll(unitText, "@", fmt.Sprint(i)))
	}
	b.WriteString("SCX_OPS_DEFINE(bench_ops,\n")
	for i := range 8 {
		fmt.Fprintf(&b, "\t       .op%d\t\t= (void *)bench_enqueue%d,\n", i, i)
	}
	b.WriteString("\t       .name\t\t= \"bench\");\n")
	return b.Bytes()
}

const unitText = `struct ctx@ {
	struct bpf_cpumask __kptr *mask;
	u64 vtime, runs;
	bool greedy;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ctx@);
} ctxs@ SEC(".maps");

/* Each task has one, from init_task on. */
static __always_inline struct ctx@ *lookup@(struct task_struct *p)
{
	struct ctx@ *tctx = bpf_task_storage_get(&ctxs@, p, 0, 0);

	if (!tctx)
		scx_bpf_error("no context of task %d", p->pid);
	return tctx;
}

void BPF_STRUCT_OPS(bench_enqueue@, struct task_struct *p, u64 enq_flags)
{
	struct ctx@ *tctx;
	u64 slice = SLICE(20), vtime = p->scx.dsq_vtime;
	s32 cpu, i;

	tctx = lookup@(p);
	if (!tctx)
		return;

	/*
	 * Tasks that have been asleep for long must not run for as long as the
	 * others have been awake.
	 */
	if (time_before(vtime, vtime_now - slice))
		vtime = vtime_now - slice;

	if (tctx->greedy && p->nr_cpus_allowed == nr_cpus) {
		cpu = scx_bpf_select_cpu_dfl(p, scx_bpf_task_cpu(p), 0, &tctx->greedy);
		if (cpu >= 0) {
			scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, slice, enq_flags);
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
			return;
		}
	}

	bpf_for(i, 0, nr_cpus) {
		const struct cpumask *idle = scx_bpf_get_idle_cpumask();

		if (bpf_cpumask_test_cpu(i, idle) && bpf_cpumask_test_cpu(i, p->cpus_ptr))
			__sync_fetch_and_add(&tctx->runs, 1);
		scx_bpf_put_idle_cpumask(idle);
	}

	switch (tctx->runs % 4) {
	case 0:
		scx_bpf_dsq_insert_vtime(p, SHARED_DSQ, slice, vtime, enq_flags);
		break;
	case 1:
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		break;
	default:
		scx_bpf_dsq_insert(p, SHARED_DSQ + tctx->runs, slice, enq_flags | SCX_ENQ_HEAD);
	}
}

`

// BenchmarkParse parses a scheduler of 2,000 lines that nobody has seen.
func BenchmarkParse(b *testing.B) {
	src := scheduler(2000)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(src)
	}
}

// BenchmarkFunction parses one function of 50 lines: the floor of an edit.
func BenchmarkFunction(b *testing.B) {
	src := function()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(src)
	}
}

func function() []byte {
	return []byte(unitText[strings.Index(unitText, "void BPF_STRUCT_OPS"):])
}

// BenchmarkEdit is one keystroke in a function of 50 lines, to facts.
func BenchmarkEdit(b *testing.B) {
	for _, lines := range []int{2000, 5000} {
		b.Run(fmt.Sprint(lines, "lines"), func(b *testing.B) {
			src := scheduler(lines)
			at := bytes.LastIndex(src, []byte("vtime_now - slice;"))
			cache := NewCache(0)
			cache.Parse(src)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				text := append([]byte(nil), src[:at]...)
				text = fmt.Appendf(text, "%d + ", n) // never seen before
				cache.Parse(append(text, src[at:]...))
			}
		})
	}
}

// BenchmarkCut is what a keystroke pays for the rest of the file.
func BenchmarkCut(b *testing.B) {
	src := string(scheduler(5000))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		cutText(src)
	}
}

// BenchmarkQueries asks what an editor asks at one place.
func BenchmarkQueries(b *testing.B) {
	src := scheduler(2000)
	f := Parse(src)
	off := bytes.LastIndex(src, []byte("SCX_SLICE_DFL"))
	b.Run("CallAt", func(b *testing.B) {
		for b.Loop() {
			f.CallAt(off)
		}
	})
	b.Run("StmtAt", func(b *testing.B) {
		for b.Loop() {
			f.StmtAt(off)
		}
	})
	b.Run("PlaceAt", func(b *testing.B) {
		for b.Loop() {
			f.PlaceAt(off)
		}
	})
	b.Run("Idents", func(b *testing.B) {
		for b.Loop() {
			f.Idents("scx_bpf_dsq_insert")
		}
	})
	b.Run("Decls", func(b *testing.B) {
		for b.Loop() {
			f.Decls()
		}
	})
}

// TestCacheBounded: however much is typed, the cache does not grow, and trees
// are given back.
func TestCacheBounded(t *testing.T) {
	src := scheduler(300)
	at := bytes.Index(src, []byte("vtime_now - slice;"))
	cache := NewCache(256 << 10)
	for n := range 500 {
		text := append([]byte(nil), src[:at]...)
		text = fmt.Appendf(text, "%d + ", n)
		cache.Parse(append(text, src[at:]...))
		if size := cache.gen[0].size + cache.gen[1].size; size > cache.limit {
			t.Fatalf("%d bytes after %d edits", size, n)
		}
	}
}

// TestConcurrent: a cache and its files may be used by many at a time.
func TestConcurrent(t *testing.T) {
	src := scheduler(300)
	want := dump(Parse(src))
	cache := NewCache(256 << 10)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 10 {
				at := len(src) * (i*10 + n) / 80
				cache.Parse(append(append(append([]byte(nil), src[:at]...), "\n}\n"...), src[at:]...))
				if f := cache.Parse(src); dump(f) != want {
					t.Error("facts depend on what else is parsed")
				}
			}
		})
	}
	wg.Wait()
}

// TestSize: what a piece counts as in the cache is about what it takes.
func TestSize(t *testing.T) {
	src := scheduler(5000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cache := NewCache(0)
	f := cache.Parse(src)
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := int(after.HeapAlloc) - int(before.HeapAlloc)
	counted := cache.gen[0].size
	t.Logf("%d bytes of text, %d in memory, %d counted", len(src), took, counted)
	if counted < took/4 || counted > took*4 { // -race alone doubles it
		t.Errorf("%d bytes counted for %d", counted, took)
	}
	runtime.KeepAlive(f)
}
