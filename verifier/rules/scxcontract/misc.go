package scxcontract

import (
	"regexp"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

var (
	kickIdle  = regexp.MustCompile(`\bSCX_KICK_IDLE\b`)
	kickOther = regexp.MustCompile(`\bSCX_KICK_(PREEMPT|WAIT)\b`)
)

// kick: an idle CPU has nothing to preempt or wait for.
func (c *check) kick(s *site) {
	if s.name != "scx_bpf_kick_cpu" && s.name != "scx_bpf_kick_cid" {
		return
	}
	flags := s.arg(1)
	other := kickOther.FindString(flags)
	if !kickIdle.MatchString(flags) || other == "" || strings.ContainsAny(flags, "?&~") {
		return
	}
	c.report(s, breach{
		message: "SCX_KICK_IDLE and " + other + " exclude each other",
		says:    "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE", decider: "scx_kick_cpu",
		advice: "an idle CPU has nothing that could be preempted or waited for",
	})
}

// dumpers are the callbacks that write a dump.
var dumpers = []string{"dump", "dump_cpu", "dump_cid", "dump_task"}

// dump: there must be a dump to write to.
func (c *check) dump(s *site) {
	if s.name != "scx_bpf_dump" || slices.Contains(dumpers, s.member()) {
		return
	}
	c.report(s, breach{
		message: "scx_bpf_dump writes to a dump, and " + verifier.ContextName(s.root.Name) + " is no callback that makes one",
		says:    "scx_bpf_dump() must only be called from ops.dump() and friends", decider: "scx_bpf_dump_bstr",
		advice: "bpf_printk prints from anywhere",
	})
}

// flagged tells whether a table has a flag; sure is false when that cannot be
// read off its initialiser.
func flagged(t *cindex.OpsTable, flag string) (has, sure bool) {
	sure = true
	for _, in := range t.Inits {
		if in.Member != "flags" {
			continue
		}
		words := strings.FieldsFunc(in.Value, func(r rune) bool { return strings.ContainsRune(" \t\n|()", r) })
		has = has || slices.Contains(words, flag)
		sure = sure && !in.Unsure && !slices.ContainsFunc(words, func(w string) bool { return !strings.HasPrefix(w, "SCX_OPS_") })
	}
	return has, sure
}

// idleKfuncs ask the built-in idle tracking.
var idleKfuncs = []string{
	"scx_bpf_pick_idle_cpu", "scx_bpf_pick_idle_cpu_node", "scx_bpf_test_and_clear_cpu_idle",
	"scx_bpf_get_idle_cpumask", "scx_bpf_get_idle_smtmask", "scx_bpf_select_cpu_dfl", "scx_bpf_select_cpu_and",
}

// idle: ops.update_idle turns the built-in idle tracking off, unless a flag
// keeps it. User space may set the flag, so it is a warning.
func (c *check) idle(s *site) {
	t := s.root.Wiring.Table
	if !slices.Contains(idleKfuncs, s.name) || !names(t, "update_idle") {
		return
	}
	if keeps, sure := flagged(t, "SCX_OPS_KEEP_BUILTIN_IDLE"); keeps || !sure {
		return
	}
	c.report(s, breach{
		message: s.name + " asks the built-in idle tracking, which ops.update_idle turns off",
		says:    "built-in idle tracking is disabled", decider: "check_builtin_idle_enabled",
		advice:   "add SCX_OPS_KEEP_BUILTIN_IDLE to .flags",
		severity: verifier.Warning,
	})
}

func names(t *cindex.OpsTable, member string) bool {
	return slices.ContainsFunc(t.Inits, func(in *cindex.Init) bool {
		return in.Member == member && in.Func != "" && in.Func != "NULL" && !in.Unsure
	})
}

// tid: the kernel keeps the table of thread ids only when asked to.
func (c *check) tid(s *site) {
	if s.name != "scx_bpf_tid_to_task" {
		return
	}
	if has, sure := flagged(s.root.Wiring.Table, "SCX_OPS_TID_TO_TASK"); has || !sure {
		return
	}
	c.report(s, breach{
		message: "scx_bpf_tid_to_task needs SCX_OPS_TID_TO_TASK in .flags",
		says:    "scx_bpf_tid_to_task() called without SCX_OPS_TID_TO_TASK", decider: "scx_bpf_tid_to_task",
		severity: verifier.Warning, since: "7.2",
	})
}
