package scxcontract

import (
	"regexp"
	"slices"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// twice: in select_cpu and enqueue the task can be inserted once. Two calls
// count when the second certainly follows the first: both are statements of
// their own, and nothing between them can turn off the way.
func (c *check) twice() {
	last := map[*cindex.Func]*site{}
	for _, s := range c.sites {
		if s.name != "scx_bpf_dsq_insert" && s.name != "scx_bpf_dsq_insert_vtime" ||
			!slices.Contains([]string{"select_cpu", "select_cid", "enqueue"}, s.member()) {
			continue
		}
		first := last[s.fn]
		last[s.fn] = s
		if first == nil || first.root.Name != s.root.Name || first.arg(0) != s.arg(0) || !follows(first, s) {
			continue
		}
		c.report(s, breach{
			message: s.arg(0) + " is inserted a second time on the same path",
			says:    "already direct-dispatched", decider: "mark_direct_dispatch",
			advice: "ops.select_cpu and ops.enqueue may insert the task once; put the second one into an else",
		})
	}
}

var (
	comment    = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	plainStart = regexp.MustCompile(`[;{}]\s*$`)
	turns      = regexp.MustCompile(`[{}?:#"']|&&|\|\||\b(if|else|for|while|do|switch|case|return|goto|break|continue|bpf_for|bpf_repeat|bpf_for_each)\b`)
)

// follows tells that b is reached whenever a is, with the same task.
func follows(a, b *site) bool {
	src := a.fn.At.File.Content
	if a.call.At.Start >= b.call.At.Start || b.call.At.Start > len(src) {
		return false
	}
	before := comment.ReplaceAllString(string(src[a.fn.Body.Start:a.call.At.Start]), " ")
	between := comment.ReplaceAllString(string(src[a.call.At.Start:b.call.At.Start]), " ")
	assigned := regexp.MustCompile(`\b` + regexp.QuoteMeta(a.arg(0)) + `\s*=[^=]`)
	return plainStart.MatchString(before) && !turns.MatchString(between) &&
		!assigned.MatchString(between) && plainStart.MatchString(between)
}
