package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runCheck(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = checkCommand(args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestCheckWithObject(t *testing.T) {
	for _, tc := range []struct {
		source, object string
		code           int
		want           []string
	}{
		{"direct.bpf.c", "direct.bpf.o", exitFindings, []string{"1 source against 1 object, Linux 7.3: 0 differences"}},
		{"deep_stack.bpf.c", "deep_stack.bpf.o", exitClean, []string{"object only: fifo_enqueue and ", "[object-stack]\n  why: only an object shows it\n", "1 difference\n"}},
		{"direct.bpf.c", "right.bpf.o", exitFindings, []string{"fifo.h:47:2: source only: scx_bpf_dsq_move_to_local is not allowed in ops.enqueue"}},
		{"direct.bpf.c", "nowhere.bpf.o", exitTrouble, nil},
	} {
		code, out, errs := runCheck("--kernel", "7.3", "--with-object", objects+tc.object, objects+tc.source)
		if code != tc.code || (code == exitTrouble) != (errs != "") {
			t.Errorf("%s, %s: exit %d, want %d; stderr %q", tc.source, tc.object, code, tc.code, errs)
		}
		for _, want := range tc.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s, %s: no %q in\n%s", tc.source, tc.object, want, out)
			}
		}
	}
}

// TestCheckWithFoundObject: the object that lies beside a source is found, if
// it holds code of it.
func TestCheckWithFoundObject(t *testing.T) {
	dir := t.TempDir()
	copyTo := func(name, as string) {
		raw, err := os.ReadFile(objects + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, as), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"tiny.h", "fifo.h", "deep_stack.bpf.c"} {
		copyTo(name, name)
	}
	source := filepath.Join(dir, "deep_stack.bpf.c")
	copyTo("static_helper.bpf.o", "other.bpf.o")
	if code, _, errs := runCheck("--kernel", "7.3", "--with-object", "auto", source); code != exitTrouble || !strings.Contains(errs, "no object") {
		t.Errorf("an object of something else: exit %d, %q", code, errs)
	}
	copyTo("deep_stack.bpf.o", "built.bpf.o")
	if _, out, errs := runCheck("--kernel", "7.3", "--with-object", "auto", source); !strings.Contains(out, "object-stack") || errs != "" {
		t.Errorf("%s%s", out, errs)
	}
}
