package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestIndexStats(t *testing.T) {
	dir := t.TempDir()
	src := "#include \"h.h\"\n#include <gone/x.h>\nint f(void) { return helper() + lost(); }\n"
	for name, text := range map[string]string{
		"a.bpf.c": src, "b.bpf.c": "#include \"h.h\"\n", "h.h": "static int helper(void) { return 0; }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := indexCommand([]string{"--stats", dir}, &out, &errs); code != exitClean {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, want := range []string{
		`sources +2\n`, `files +3\n`, `functions +2\n`, `calls +2\n`, `unresolved names +1\n`, `time +\d+\.\d ms\n`,
		`unresolved: lost \(1\)\n`, `missing: gone/x.h \(1\)\n`,
	} {
		if !regexp.MustCompile(`(?m)^` + want).Match(out.Bytes()) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	if code := indexCommand([]string{t.TempDir()}, &out, &errs); code != exitTrouble {
		t.Errorf("exit %d for a directory without sources", code)
	}
}
