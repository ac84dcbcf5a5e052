package scxcontract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// builtin is SCX_DSQ_FLAG_BUILTIN.
const builtin = 1 << 63

var builtinName = regexp.MustCompile(`^\(*\s*(SCX_DSQ_(?:LOCAL|GLOBAL|LOCAL_ON))\b`)

// isBuiltin names the built-in DSQ that an argument is for certain, "" for any
// other.
func (s *site) isBuiltin(i int) string {
	if m := builtinName.FindStringSubmatch(s.arg(i)); m != nil && !strings.ContainsAny(s.arg(i), "?&") {
		return m[1]
	}
	if n, ok := s.number(i); ok && n&builtin != 0 {
		return s.arg(i)
	}
	return ""
}

// vtime: a built-in DSQ is a FIFO.
func (c *check) vtime(s *site) {
	dsq := s.isBuiltin(1)
	if s.name != "scx_bpf_dsq_insert_vtime" || dsq == "" {
		return
	}
	c.report(s, breach{
		message: fmt.Sprintf("%s orders by vtime, and the built-in DSQ %s is a FIFO", s.name, dsq),
		says:    "cannot use vtime ordering for built-in DSQs", decider: "scx_dispatch_enqueue",
		advice: "insert into it with scx_bpf_dsq_insert, or create a DSQ of your own",
		fixes:  s.fifoFix(),
	})
}

// fifoFix makes scx_bpf_dsq_insert(p, dsq, slice, flags) of the call.
func (s *site) fifoFix() []verifier.Fix {
	if len(s.args) != 5 {
		return nil
	}
	word := string(s.fn.At.File.Content[s.call.At.Start:s.call.At.End])
	edit := func(a, b int, text string) verifier.Edit {
		return verifier.Edit{At: cindex.Loc{File: s.fn.At.File, Span: cindex.Span{Start: a, End: b}}, NewText: text}
	}
	return []verifier.Fix{{Title: "Insert without vtime", Edits: []verifier.Edit{
		edit(s.call.At.Start, s.call.At.End, strings.TrimSuffix(word, "_vtime")),
		edit(s.fn.Body.Start+s.args[2].span.End, s.fn.Body.Start+s.args[3].span.End, ""),
	}}}
}

// moveFrom: only DSQs that the scheduler made can be moved from.
func (c *check) moveFrom(s *site) {
	dsq := s.isBuiltin(0)
	if s.name != "scx_bpf_dsq_move_to_local" || dsq == "" {
		return
	}
	c.report(s, breach{
		message: fmt.Sprintf("%s moves from DSQs that the scheduler created, and %s is built in", s.name, dsq),
		says:    "invalid DSQ ID " + idText(s, 0), decider: s.name,
		advice: "the kernel itself takes tasks from its built-in DSQs: the CPU's local one, then the global one",
	})
}

// idText is how the kernel would print the id.
func idText(s *site, i int) string {
	if n, ok := s.number(i); ok {
		return fmt.Sprintf("0x%016x", n)
	}
	if v, ok := btfdb.Newest().EnumValue(s.isBuiltin(i)); ok {
		return fmt.Sprintf("0x%016x", v.Value)
	}
	return s.arg(i)
}

// A queues is what is known of the DSQs that an object creates.
type queues struct {
	known bool // all that are created are in made
	made  map[uint64]bool
}

// userQueues finds the DSQs that the functions of an object create. Nothing is
// known when an id is not constant, or code that is not here may create some.
func userQueues(p *verifier.Pass) queues {
	q := queues{known: len(p.Unit.Tables) > 0, made: map[uint64]bool{}}
	units := append([]*cindex.Unit{p.Unit}, p.Linked...)
	defined := func(name string) bool {
		return slices.ContainsFunc(units, func(u *cindex.Unit) bool { return u.Func(name) != nil })
	}
	for _, u := range units {
		for _, t := range u.Tables {
			for _, in := range t.Inits {
				q.known = q.known && (in.Func == "" || data(in) || defined(in.Func))
			}
		}
		for _, f := range u.Funcs() {
			q.add(outlineOf(p, f), defined)
		}
	}
	return q
}

// data tells a value from the name of a function.
func data(in *cindex.Init) bool { return in.Num != nil || strings.ToUpper(in.Func) == in.Func }

func (q *queues) add(o *outline, defined func(string) bool) {
	for _, id := range o.made {
		q.made[id] = true
	}
	q.known = q.known && !o.unknown
	for _, name := range o.outside {
		q.known = q.known && defined(name)
	}
}

// missing: a DSQ that no code of the unit creates.
func (c *check) missing(s *site, q queues) {
	at := 1
	says, decider := "non-existent DSQ 0x%x", "find_dsq_for_dispatch"
	switch s.name {
	case "scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime":
	case "scx_bpf_dsq_move_to_local":
		at, says, decider = 0, "invalid DSQ ID 0x%016x", s.name
	default:
		return
	}
	id, ok := s.number(at)
	if !q.known || !ok || id&builtin != 0 || q.made[id] {
		return
	}
	c.report(s, breach{
		message: fmt.Sprintf("DSQ %s is never created", s.arg(at)),
		says:    fmt.Sprintf(says, id), decider: decider,
		advice: "create it in ops.init: scx_bpf_create_dsq(" + s.arg(at) + ", -1)",
	})
}

// mixed: a DSQ is either a FIFO or ordered by vtime. It only shows when tasks
// of both kinds wait at once, so it is a warning.
func (c *check) mixed(s *site) {
	id, ok := s.number(1)
	if s.name != "scx_bpf_dsq_insert" || !ok || id&builtin != 0 {
		return
	}
	for _, o := range c.sites {
		if n, ok := o.number(1); ok && n == id && o.name == "scx_bpf_dsq_insert_vtime" {
			c.report(s, breach{
				message:  fmt.Sprintf("DSQ %s is ordered by vtime elsewhere, and this inserts without", s.arg(1)),
				says:     fmt.Sprintf("DSQ ID 0x%016x already had PRIQ-enqueued tasks", id),
				decider:  "scx_dispatch_enqueue",
				advice:   "insert with scx_bpf_dsq_insert_vtime everywhere, or use a DSQ for each order",
				severity: verifier.Warning,
			})
			return
		}
	}
}
