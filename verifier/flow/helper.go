package flow

import (
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A helper is what a BPF_FUNC_* helper does to what is followed. Helpers have
// the same prototypes in all releases (include/uapi/linux/bpf.h).
type helper struct {
	acquire bool   // what it gives must be released
	null    bool   // what it gives may be NULL
	release int    // the argument that it releases, counted from 1
	sleeps  bool   // may_sleep: only where the program may sleep
	typ     string // of what it gives
}

// helpers are those that matter. bpf_map_lookup_elem is not among them: of some
// maps the verifier knows that a lookup never fails.
var helpers = map[string]helper{
	"bpf_kptr_xchg":            {acquire: true, null: true, release: 2},
	"bpf_sk_lookup_tcp":        {acquire: true, null: true, typ: "struct bpf_sock *"},
	"bpf_sk_lookup_udp":        {acquire: true, null: true, typ: "struct bpf_sock *"},
	"bpf_skc_lookup_tcp":       {acquire: true, null: true, typ: "struct bpf_sock *"},
	"bpf_sk_release":           {release: 1},
	"bpf_ringbuf_reserve":      {acquire: true, null: true},
	"bpf_ringbuf_submit":       {release: 1},
	"bpf_ringbuf_discard":      {release: 1},
	"bpf_task_storage_get":     {null: true},
	"bpf_cgrp_storage_get":     {null: true},
	"bpf_inode_storage_get":    {null: true},
	"bpf_sk_storage_get":       {null: true},
	"bpf_copy_from_user":       {sleeps: true},
	"bpf_copy_from_user_task":  {sleeps: true},
	"bpf_get_stack":            {sleeps: true}, // in programs that may sleep, since 6.12
	"bpf_get_task_stack":       {sleeps: true},
	"bpf_ima_inode_hash":       {sleeps: true},
	"bpf_ima_file_hash":        {sleeps: true},
	"bpf_get_current_task_btf": {typ: "struct task_struct *"},
}

// isHelper tells whether a name that the unit does not define is a helper's:
// no kfunc of any kernel, and not declared as one.
func (m *machine) isHelper(name string) bool {
	if !strings.HasPrefix(name, "bpf_") || btfdb.KnownKfunc(verifier.KernelName(name)) {
		return false
	}
	return !m.declared(name)
}

// declared tells whether the unit declares a kernel symbol of a name.
func (m *machine) declared(name string) bool {
	return slices.ContainsFunc(m.unit.Externs, func(e *cindex.Extern) bool { return e.Name == name })
}
