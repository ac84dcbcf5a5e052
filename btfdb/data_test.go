package btfdb

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEmbedded parses every data file and writes it again: the files are
// sorted, have one spelling of everything, and say where they come from.
func TestEmbedded(t *testing.T) {
	var releases []string
	for _, x := range Releases() {
		k, err := x.Load()
		if err != nil {
			t.Error(err)
			continue
		}
		releases = append(releases, x.Release)
		text, err := os.ReadFile(filepath.Join("data", x.Build+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), k.Facts().Format()); diff != "" {
			t.Errorf("%s (-file +formatted):\n%s", x.Build, diff)
		}
		if k.Build != x.Build || k.Release != x.Release {
			t.Errorf("%s: holds %s of %s", x.Build, k.Build, k.Release)
		}
		checkProvenance(t, k)
		checkColumns(t, x.Build, string(text))
	}
	want := strings.Fields("6.12 6.13 6.14 6.15 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3")
	if !slices.Equal(releases, want) {
		t.Errorf("releases %v, want %v", releases, want)
	}
}

func checkProvenance(t *testing.T, k *Kernel) {
	o := k.Facts().Origin
	if o.Package == "" || o.Generator == "" {
		t.Errorf("%s: no provenance", k)
	}
	if o.Kind == "image" && (len(o.SHA256) != 64 || len(k.BTFSHA1) != 40 || len(k.Partial()) > 0) {
		t.Errorf("%s: hashes %q %q, notes %q", k, o.SHA256, k.BTFSHA1, k.Partial())
	}
	if o.Kind == "source" && len(k.Partial()) == 0 {
		t.Errorf("%s: does not say what is not known", k)
	}
}

func checkColumns(t *testing.T, name, text string) {
	for i, line := range strings.Split(text, "\n") {
		if n := len(line) + 7*strings.Count(line, "\t"); n > maxColumn {
			t.Errorf("%s:%d: %d columns", name, i+1, n)
		}
	}
}

// TestSetsHaveOwners: a kfunc of a known set can be called from somewhere, or
// it is one of those that the kernel itself calls.
func TestSetsHaveOwners(t *testing.T) {
	inner := []string{"bpf_test_modify_return_ids", "scx_kfunc_ids_cpu_only"}
	for _, x := range Releases() {
		k, err := x.Load()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range k.Facts().Sets {
			if !s.Plain && s.Hooks&^HookFmodRet == 0 && !slices.Contains(inner, s.Name) {
				t.Errorf("%s: set %s is registered nowhere", k, s.Name)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	builds := func(list []*Kernel) (out []string) {
		for _, k := range list {
			out = append(out, k.Build)
		}
		return out
	}
	for _, c := range []struct{ spec, want string }{
		{"7.3", "7.3.4+deb13-amd64"},
		{"v7.3", "7.3.4+deb13-amd64"},
		{"7.3.4", "7.3.4+deb13-amd64"},
		{"7.3.4+deb13-amd64", "7.3.4+deb13-amd64"},
		{"newest", "7.3.4+deb13-amd64"},
		{"6.19..7.1", "6.19.14+deb13-amd64 7.0.13+deb13-amd64 7.1.13+deb13-amd64"},
		{"7.3, 6.12", "6.12.107 7.3.4+deb13-amd64"},
		{"7.3,7.3.4", "7.3.4+deb13-amd64"},
		{"data/6.13.2.txt", "6.13.2"},
	} {
		got, err := Select(c.spec)
		if err != nil || !slices.Equal(builds(got), strings.Fields(c.want)) {
			t.Errorf("Select(%q) = %v, %v; want %s", c.spec, builds(got), err, c.want)
		}
	}
}

// TestSelectUnknown: an unknown kernel is never taken for another.
func TestSelectUnknown(t *testing.T) {
	for _, c := range []struct{ spec, near string }{
		{"7.3.5", "7.3.4+deb13-amd64"},
		{"7.4", "7.3.4+deb13-amd64"},
		{"6.11", "6.12.107"},
		{"7.4..7.9", "7.3.4+deb13-amd64"},
		{"7.3.4-my-build", "7.3.4+deb13-amd64"},
	} {
		got, err := Select(c.spec)
		if !errors.Is(err, ErrUnknownRelease) || got != nil || !strings.Contains(err.Error(), c.near) {
			t.Errorf("Select(%q) = %v, %v; want an error that names %s", c.spec, got, err, c.near)
		}
	}
	for _, spec := range []string{"", "x", "7.3..6.12", "7", "7.x", "./no/such/file"} {
		if got, err := Select(spec); err == nil || got != nil {
			t.Errorf("Select(%q) = %v, %v; want an error", spec, got, err)
		}
	}
}

func TestCompareReleases(t *testing.T) {
	order := []string{"6.9", "6.12", "6.12.1", "6.12.107", "6.19.14", "7.0", "7.0.13+deb13-amd64", "7.3.4", "7.10"}
	for i, a := range order {
		for j, b := range order {
			if got := CompareReleases(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("CompareReleases(%s, %s) = %d", a, b, got)
			}
		}
	}
}
