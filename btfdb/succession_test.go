package btfdb

import "testing"

// TestSuccessions holds the table against the kernels: what it calls old is
// gone from the newest, what took its place is there, and takes over before.
func TestSuccessions(t *testing.T) {
	for _, s := range successions {
		old, ok := History(s.Old)
		if !ok || old.Until == "" {
			t.Errorf("%s is not gone (%+v)", s.Old, old)
		}
		next, ok := History(s.New)
		if !ok || next.Until != "" {
			t.Errorf("%s is not there (%+v)", s.New, next)
		}
		if CompareReleases(s.Since(), old.Until) >= 0 {
			t.Errorf("%s came with %s, after %s had gone with %s", s.New, s.Since(), s.Old, old.Until)
		}
		if s.Drop != sameParams(t, s, old.Present[0], s.Since()) {
			t.Errorf("%s and %s: Drop is %v, but their parameters say otherwise", s.Old, s.New, s.Drop)
		}
		if got, ok := Succeeded(s.Old); !ok || got != s {
			t.Errorf("Succeeded(%q) = %+v, %v", s.Old, got, ok)
		}
	}
	if s, ok := Succeeded("scx_bpf_dsq_insert"); ok {
		t.Errorf("something took the place of scx_bpf_dsq_insert: %+v", s)
	}
}

func sameParams(t *testing.T, s Succession, oldRelease, newRelease string) bool {
	t.Helper()
	a, err := Load(oldRelease)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Load(newRelease)
	if err != nil {
		t.Fatal(err)
	}
	f, g := a.Kfunc(s.Old), b.Kfunc(s.New)
	if f == nil || g == nil || f.Ret() != g.Ret() || len(f.Params()) != len(g.Params()) {
		return false
	}
	for i, p := range f.Params() {
		if p.Type != g.Params()[i].Type {
			return false
		}
	}
	return true
}

// TestDefects: a defect is one of a release that has the kfunc, and is mended
// in one that we know.
func TestDefects(t *testing.T) {
	for _, d := range defects {
		l, ok := History(d.Kfunc)
		if !ok || CompareReleases(l.Since, d.Fixed) >= 0 {
			t.Errorf("no release has %s with the defect (%+v)", d.Kfunc, l)
		}
		if _, err := Load(d.Fixed); err != nil {
			t.Error(err)
		}
		if _, ok := DefectOf(d.Kfunc, l.Since); !ok {
			t.Errorf("%s is said to be fine in %s", d.Kfunc, l.Since)
		}
		if _, ok := DefectOf(d.Kfunc, d.Fixed); ok {
			t.Errorf("%s is said to be broken in %s", d.Kfunc, d.Fixed)
		}
	}
}
