package verifier

import "testing"

func TestIsLibrary(t *testing.T) {
	for file, want := range map[string]bool{
		"/r/scheds/include/scx/common.bpf.h":         true,
		"/r/scheds/include/scx/compat.bpf.h":         true,
		"/usr/include/bpf/bpf_helpers.h":             true,
		"/usr/include/bpf/usdt.bpf.h":                true,
		"/r/scheds/rust/scx_lavd/src/bpf/lavd.bpf.h": false,
		"/r/scheds/rust/scx_lavd/src/bpf/intf.h":     false,
		"/r/scheds/rust/scx_flow/src/bpf/main.bpf.c": false,
		"/r/tools/sched_ext/scx/scx_simple.bpf.c":    false,
		"/r/scheds/rust/scx_rusty/src/bpf/include.h": false,
	} {
		if got := IsLibrary(file); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}
