package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyOnFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--run", "5"}, "need --on"},
		{[]string{"--log"}, "need --on"},
		{[]string{"--on", "x", "--run", "-1"}, "want 0 to 600 seconds"},
		{[]string{"--on", "x", "--time-limit", "0s"}, "time-limit"},
		{[]string{"--on", "x", "--rodata", "a=b"}, "is not a number"},
	} {
		if code, out, errs := runVerify(t, append(c.args, objects+"right.bpf.o")...); code != exitTrouble || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d\n%s%s", c.args, code, out, errs)
		}
	}
}

// TestVerifyOnNoKernel: a file that is no kernel gives no verdict, which is
// trouble, and is told in all formats.
func TestVerifyOnNoKernel(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	image := filepath.Join(t.TempDir(), "vmlinuz")
	if err := os.WriteFile(image, []byte("no kernel"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runVerify(t, "--on", image, objects+"right.bpf.o")
	if code != exitTrouble || !strings.Contains(out, "not a bzImage") || !strings.Contains(out, "?") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	_, out, _ = runVerify(t, "--on", image, "--format", "json", objects+"right.bpf.o")
	var d onDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Asked) != 1 || !strings.Contains(d.Asked[0].Judgements[0].NotJudged, "not a bzImage") || len(d.Objects[0].Programs) != 6 {
		t.Errorf("%+v", d.Asked)
	}
	for _, p := range d.Objects[0].Programs {
		if p.Verdict != "not-judged" {
			t.Errorf("%s: %s", p.Name, p.Verdict)
		}
	}
}

func TestProbeFlags(t *testing.T) {
	var out, errs strings.Builder
	if code := probeCommand([]string{"--on", filepath.Join(t.TempDir(), "none")}, nil, &out, &errs); code != exitTrouble || !strings.Contains(errs.String(), "no such file") {
		t.Errorf("exit %d, %s%s", code, out.String(), errs.String())
	}
}
