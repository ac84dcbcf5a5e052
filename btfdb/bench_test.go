package btfdb

import (
	"os"
	"testing"
)

// BenchmarkLoad makes the newest kernel ready from its embedded text; the
// budget is 2 ms and 2 MiB.
func BenchmarkLoad(b *testing.B) {
	text, err := os.ReadFile("data/" + Newest().Build + ".txt")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(string(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuery judges one call; the budget is 100 ns and no allocation.
func BenchmarkQuery(b *testing.B) {
	k := Newest()
	member, _ := k.MemberContext("sched_ext_ops", "enqueue", false)
	for _, c := range []struct {
		name  string
		ctx   Context
		kfunc string
	}{
		{"member-allowed", member, "scx_bpf_dsq_insert___v2"},
		{"member-refused", member, "scx_bpf_dsq_move_to_local___v2"},
		{"syscall", Context{Prog: "syscall"}, "scx_bpf_create_dsq"},
		{"section", Context{Prog: "fentry.s/do_exit"}, "bpf_rcu_read_lock"},
		{"missing", member, "scx_bpf_consume"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				k.Query(c.ctx, c.kfunc)
			}
		})
	}
}

// TestQueryDoesNotAllocate holds for refusals too, in both eras.
func TestQueryDoesNotAllocate(t *testing.T) {
	for _, build := range []string{"6.19", "7.3"} {
		k, err := Load(build)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range k.Contexts() {
			ctx := place.Context
			if n := testing.AllocsPerRun(5, func() { k.Query(ctx, "scx_bpf_dsq_move_to_local") }); n > 0 {
				t.Fatalf("%s: %s: %v allocations", build, place.Name, n)
			}
		}
	}
}
