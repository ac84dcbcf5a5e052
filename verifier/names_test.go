package verifier

import "testing"

func TestKernelName(t *testing.T) {
	tests := map[string]string{
		"scx_bpf_now":                      "scx_bpf_now",
		"scx_bpf_dsq_insert___compat":      "scx_bpf_dsq_insert",
		"scx_bpf_dsq_insert___v2___compat": "scx_bpf_dsq_insert___v2",
		"scx_bpf_dsq_insert___v2":          "scx_bpf_dsq_insert",
		"a___b":                            "a",
		"a____b":                           "a____b", // four are no separator
		"___b":                             "___b",
		"a___":                             "a___",
		"":                                 "",
	}
	for in, want := range tests {
		if got := KernelName(in); got != want {
			t.Errorf("KernelName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPlainName(t *testing.T) {
	for name, kfunc := range map[string]string{
		"scx_bpf_dsq_insert":           "scx_bpf_dsq_insert___v2",
		"__COMPAT_scx_bpf_dsq_move":    "scx_bpf_dsq_move",
		"scx_bpf_select_cpu_and":       "__scx_bpf_select_cpu_and",
		"scx_bpf_error":                "scx_bpf_error_bstr",
		"scx_bpf_reenqueue_local___v1": "scx_bpf_reenqueue_local",
	} {
		if !Wraps(name, kfunc) {
			t.Errorf("%s is not seen as a form of %s", name, kfunc)
		}
	}
	if Wraps("scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime") {
		t.Error("scx_bpf_dsq_insert is taken for a form of scx_bpf_dsq_insert_vtime")
	}
}
