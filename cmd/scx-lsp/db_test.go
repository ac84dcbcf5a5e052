package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func db(args ...string) (out, errOut string, code int) {
	var o, e bytes.Buffer
	code = dbCommand(args, &o, &e)
	return o.String(), e.String(), code
}

func TestDB(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want []string // in what is printed
	}{
		{"list", 0, []string{"6.12.107", "7.3.4+deb13-amd64", "verifier", "runtime"}},
		{"show scx_bpf_create_dsq", 0, []string{"KF_SLEEPABLE", "sched_ext_ops.init  (only in a sleepable program)"}},
		{"show dispatch --kernel 6.19", 0, []string{"kf_mask while it runs: DISPATCH", "scx_bpf_dsq_move_to_local"}},
		{"show --kernel 7.3 scx_bpf_consume", 2, []string{"known from 6.12 to before 6.17"}},
		{"show no_such_thing", 2, []string{"no kfunc and no ops member"}},
		{"diff 7.0 7.1", 0, []string{"from run time to load time", "scx_kf_allow_flags", "sched_ext_ops.sub_attach"}},
		{"diff 7.0", 2, []string{"want two kernels"}},
		{"matrix --kernel 7.3", 0, []string{"sched_ext_ops.dispatch", "enqueue_dispatch"}},
		{"matrix --kernel 7.3 --view flags", 0, []string{"KF_SCX_DISPATCH", "KF_SCX_ANY_CPU_ONLY"}},
		{"matrix --kernel 6.19 --view mask", 0, []string{"ops.cgroup_move", "accepts DISPATCH|UNLOCKED"}},
		{"matrix --kernel 7.1 --view cells --format markdown", 0, []string{"| sched_ext_ops.enqueue |"}},
		{"matrix --kernel 7.1 --view cells --format html", 0, []string{"<td>sched_ext_ops.enqueue</td>"}},
		{"matrix --kernel 7.4", 2, []string{"nearest known one is 7.3.4"}},
		{"matrix --format csv", 2, []string{"want one of json"}},
		{"extract", 2, []string{"want one of --running"}},
		{"doctor /no/such/file", 2, []string{"no such file"}},
		{"", 2, []string{"usage:"}},
		{"nonsense", 2, []string{"usage:"}},
	} {
		out, errOut, code := db(strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("db %s: exit %d, want %d: %s", c.args, code, c.code, errOut)
		}
		for _, w := range c.want {
			if !strings.Contains(out+errOut, w) {
				t.Errorf("db %s: no %q in what it printed", c.args, w)
			}
		}
	}
}

// TestDBMatrixJSON checks the form that other programs read.
func TestDBMatrixJSON(t *testing.T) {
	out, errOut, code := db("matrix", "--kernel", "7.3", "--format", "json")
	if code != 0 {
		t.Fatal(errOut)
	}
	var m struct {
		Release     string `json:"release"`
		Enforcement string `json:"enforcement"`
		Contexts    map[string]struct {
			Sleepable string   `json:"sleepable"`
			Allowed   []string `json:"allowed"`
			Denied    []string `json:"denied"`
		} `json:"contexts"`
	}
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	enqueue, init := m.Contexts["sched_ext_ops.enqueue"], m.Contexts["sched_ext_ops.init"]
	if m.Release != "7.3.4+deb13-amd64" || m.Enforcement != "verifier" || enqueue.Sleepable != "no" || init.Sleepable != "may" {
		t.Errorf("head of the matrix: %s %s %s %s", m.Release, m.Enforcement, enqueue.Sleepable, init.Sleepable)
	}
	// As 7.3.4's verifier, with the nine that it denies everywhere and four
	// that it refuses for another reason first.
	if len(enqueue.Denied) != 52+9+4 {
		t.Errorf("enqueue: %d denied", len(enqueue.Denied))
	}
	for _, name := range []string{"syscall", "tracing", "sched_ext_ops_cid.dispatch", "tcp_congestion_ops.cong_avoid"} {
		if c := m.Contexts[name]; len(c.Allowed) == 0 || len(c.Denied) == 0 {
			t.Errorf("%s: %d allowed, %d denied", name, len(c.Allowed), len(c.Denied))
		}
	}
}

// TestDBExtract writes the facts of a small source tree and uses them.
func TestDBExtract(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.txt")
	tree := filepath.Join("..", "..", "btfdb", "extract", "testdata", "tree")
	if _, errOut, code := db("extract", "--source", tree, "-o", file); code != 0 {
		t.Fatal(errOut)
	} else if !strings.Contains(errOut, "the nearest is 7.3.4+deb13-amd64") {
		t.Errorf("extract did not name the nearest kernel: %s", errOut)
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	out, errOut, code := db("show", "--kernel", file, "scx_bpf_dsq_insert")
	if code != 0 || !strings.Contains(out, "sched_ext_ops.enqueue") {
		t.Errorf("show from %s: %s%s", file, out, errOut)
	}
}
