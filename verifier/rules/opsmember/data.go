package opsmember

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// What bpf_scx_init_member() and scx_validate_ops() refuse when a scheduler is
// attached; the limits did not change from 6.12 to 7.3.
const (
	maxTimeout = 30_000 // milliseconds: SCX_WATCHDOG_MAX_TIMEOUT
	maxBatch   = 1<<31 - 1
	maxName    = 127 // SCX_OPS_NAME_LEN with the NUL
)

// data looks at the data members of a table.
func (c *check) data(t *cindex.OpsTable, k *btfdb.Kernel) {
	base := issue{at: t.At, outcome: verifier.OutcomeAttach, decider: "bpf_scx_init_member", typ: t.Type}
	c.name(base, t, k)
	c.limit(base, t, k, "timeout_ms", maxTimeout, "30 seconds are the most that the watchdog waits")
	c.limit(base, t, k, "dispatch_max_batch", maxBatch, "")
	c.flags(base, t, k)
	c.subs(base, t, k)
}

// init finds the one initialiser of a member; nil when there is none, several,
// or one that hangs on the build.
func initOf(t *cindex.OpsTable, member string) (in *cindex.Init, sure bool) {
	sure = true
	for _, i := range t.Inits {
		if i.Member != member {
			continue
		}
		if in != nil || i.Unsure || len(i.Guards) > 0 {
			sure = false
		}
		in = i
	}
	return in, sure
}

var literal = regexp.MustCompile(`^"((?:[^"\\]|\\.)*)"$`)

// name checks .name as bpf_obj_name_cpy() does.
func (c *check) name(i issue, t *cindex.OpsTable, k *btfdb.Kernel) {
	in, sure := initOf(t, "name")
	if !sure {
		return
	}
	if in == nil {
		i.message = "ops table " + t.Name + " has no .name"
		i.says, i.advice = "Invalid argument", "the name shows in /sys/kernel/sched_ext/root/ops: letters, digits, _ and . are allowed"
		c.add(k, i)
		return
	}
	m := literal.FindStringSubmatch(in.Value)
	if m == nil {
		return
	}
	i.at, i.says = in.At, "Invalid argument"
	switch name := m[1]; {
	case name == "":
		i.message = "the name of a scheduler must not be empty"
	case len(name) > maxName:
		i.message = fmt.Sprintf("the name of a scheduler has at most %d characters, this one has %d", maxName, len(name))
	case badChar(name) >= 0:
		i.message = fmt.Sprintf("the name of a scheduler must not contain %q", name[badChar(name)])
		i.advice = "letters, digits, _ and . are allowed"
		i.fixes = nameFix(in, name)
	default:
		return
	}
	c.add(k, i)
}

func badChar(name string) int {
	return strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// nameFix writes _ for what is not allowed, if the literal stands in the source
// right behind the member.
func nameFix(in *cindex.Init, name string) []verifier.Fix {
	src := in.At.File.Content
	end := min(len(src), in.At.Span.End+64)
	i := strings.Index(string(src[in.At.Span.End:end]), `"`+name+`"`)
	if i < 0 || strings.ContainsAny(string(src[in.At.Span.End:in.At.Span.End+i]), ",;}") {
		return nil
	}
	good := strings.Map(func(r rune) rune {
		if badChar(string(r)) == 0 {
			return '_'
		}
		return r
	}, name)
	at := in.At.Span.End + i + 1
	return []verifier.Fix{{Title: "Change to " + good, Safe: true, Edits: []verifier.Edit{{
		At: cindex.Loc{File: in.At.File, Span: cindex.Span{Start: at, End: at + len(name)}}, NewText: good,
	}}}}
}

func (c *check) limit(i issue, t *cindex.OpsTable, k *btfdb.Kernel, member string, most int64, advice string) {
	in, sure := initOf(t, member)
	if in == nil || !sure || in.Num == nil || in.Num.Op != cindex.OpInt || in.Num.Int <= most {
		return
	}
	i.at, i.says, i.advice = in.At, "Argument list too long", advice
	i.message = fmt.Sprintf(".%s is %d, more than %d", member, in.Num.Int, most)
	c.add(k, i)
}

// subs checks that sub-schedulers are not asked of a cpu-form scheduler, which
// 7.3 refuses.
func (c *check) subs(i issue, t *cindex.OpsTable, k *btfdb.Kernel) {
	if t.Type != "sched_ext_ops" || btfdb.CompareReleases(k.Release, "7.3") < 0 {
		return
	}
	for _, m := range []string{"sub_attach", "sub_detach"} {
		in, sure := initOf(t, m)
		if in == nil || !sure || in.Func == "" || isZero(in) || c.unit.Func(in.Func) == nil {
			continue
		}
		i.at, i.decider, i.context = in.At, "scx_validate_ops", t.Type+"."+m
		i.message = "ops." + m + " needs a cid-form scheduler, struct sched_ext_ops_cid"
		i.says = "sub_attach/sub_detach requires cid-form struct_ops"
		c.add(k, i)
	}
}
