package cindex

import (
	"context"
	"strings"
	"testing"
)

// TestKeys: a key changes with what a function is, and only then.
func TestKeys(t *testing.T) {
	const path = "/w/a.bpf.c"
	const src = "int first;\n\n#define LOG(x) note(x)\nextern void note(int) __ksym __weak;\n" +
		"static void one(void) { LOG(1); }\n" +
		"static void two(void) { if (note) note(2); }\nvoid three(void) { one(); }\n"
	tests := []struct {
		name     string
		old, new string
		changed  string
	}{
		{"nothing", "", "", ""},
		{"a line before all", "int first", "\nint first", ""},
		{"inside a function", "note(2)", "note(22)", "two"},
		{"a function more", "one(); }\n", "one(); }\n\nstatic void new(void) {}\n", "new"},
		{"the macro that a function uses", "note(x)", "note(x + 1)", "one"},
		{"what a name means", " __weak;", ";", "one two three"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := New(OSFS{}, Config{})
			x.SetContent(path, []byte(src))
			before := unitOf(t, x, path)
			x.SetContent(path, []byte(strings.Replace(src, tt.old, tt.new, 1)))
			after := unitOf(t, x, path)
			if !after.SameHeaders(before) {
				t.Error("headers changed")
			}
			var changed []string
			for _, f := range after.Own() {
				if old := before.Func(f.Name); old == nil || old.Key() != f.Key() {
					changed = append(changed, f.Name)
				}
			}
			if got := strings.Join(changed, " "); got != tt.changed {
				t.Errorf("changed: %q, want %q", got, tt.changed)
			}
		})
	}
}

func unitOf(t *testing.T, x *Index, path string) *Unit {
	t.Helper()
	u, err := x.Unit(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
