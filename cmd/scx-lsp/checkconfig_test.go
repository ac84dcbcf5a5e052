package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckConfiguration: the batch run goes by the project's file, flags go
// before it, and its mistakes are told with their place.
func TestCheckConfiguration(t *testing.T) {
	const source = `typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
extern _Bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
u64 queue;
SEC("struct_ops/a_enqueue")
void a_enqueue(u64 *ctx)
{
#ifdef WRONG
	scx_bpf_dsq_move_to_local(queue);
#endif
}
SEC(".struct_ops.link")
struct sched_ext_ops a_ops = { .enqueue = (void *)a_enqueue, .name = "a" };
char _license[] SEC("license") = "GPL";
`
	for _, tc := range []struct {
		name, config string
		args         []string
		code         int
		out, err     string
	}{
		{"without", "", nil, 0, "0 errors", ""},
		{"defines", "defines = [\"WRONG\"]", nil, 1, "1 error,", ""},
		{"flag", "defines = [\"WRONG\"]", []string{"-D", "WRONG=1"}, 1, "1 error,", ""},
		{"off", "defines = [\"WRONG\"]\n[rules]\nkfunc-context = \"off\"", nil, 0, "0 errors", ""},
		{"path", "defines = [\"WRONG\"]\n[[path]]\nglob = \"*.bpf.c\"\nrules = {kfunc-context = \"warning\"}", nil, 0, "0 errors, 2 warnings", ""},
		{"kernels", "defines = [\"WRONG\"]\nkernels = \"6.18\"", nil, 1, "Linux 6.18: 1 error", ""},
		{"kernel flag", "defines = [\"WRONG\"]\nkernels = \"6.18\"", []string{"--kernel", "7.3"}, 1, "Linux 7.3 refuses", ""},
		{"mistake", "\nkernel = \"7.3\"", nil, 2, "0 errors", ".scx-lsp.toml:2:1: unknown key \"kernel\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"a.bpf.c": source, ".scx-lsp.toml": tc.config} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr bytes.Buffer
			code := run(append([]string{"check", dir}, tc.args...), nil, &stdout, &stderr)
			if code != tc.code || !strings.Contains(stdout.String(), tc.out) || !strings.Contains(stderr.String(), tc.err) {
				t.Errorf("exit code %d, want %d\n%s%s", code, tc.code, &stdout, &stderr)
			}
		})
	}
}
