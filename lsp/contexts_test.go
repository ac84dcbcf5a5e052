package lsp

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// TestInstead: what is proposed exists, and there is a context that allows it
// and refuses what it stands for.
func TestInstead(t *testing.T) {
	k, err := btfdb.Load("7.3")
	if err != nil {
		t.Fatal(err)
	}
	for refused, list := range instead {
		if !btfdb.KnownKfunc(refused) {
			t.Errorf("%s: no kernel has it", refused)
		}
		for _, name := range list {
			found := k.Kfunc(refused) == nil
			for _, p := range k.Contexts() {
				found = found || k.Query(p.Context, name).OK() && k.Query(p.Context, refused).Refused()
			}
			if k.Kfunc(name) == nil || !found {
				t.Errorf("%s is of no use instead of %s", name, refused)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	allowed := []string{"scx_bpf_kick_cid", "scx_bpf_dsq_insert", "scx_bpf_dsq_reenq"}
	for refused, want := range map[string]string{
		"scx_bpf_kick_cpu": "scx_bpf_kick_cid", "scx_bpf_consume": "scx_bpf_dsq_insert",
		"scx_bpf_dispatch": "scx_bpf_dsq_insert", "scx_bpf_create_dsq": "", "scx_bpf_reenqueue_local": "scx_bpf_dsq_reenq",
	} {
		if got := nearest(refused, allowed); got != want {
			t.Errorf("%s: %q, want %q", refused, got, want)
		}
	}
}
