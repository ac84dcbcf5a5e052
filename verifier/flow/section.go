package flow

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A sectionKfunc enters or leaves a section.
type sectionKfunc struct {
	kind         regionKind
	enter, leave bool
}

// sections are the kfuncs that the verifier knows by name (special_kfunc_list
// in kernel/bpf/verifier.c).
var sections = map[string]sectionKfunc{
	"bpf_rcu_read_lock":     {regionRCU, true, false},
	"bpf_rcu_read_unlock":   {regionRCU, false, true},
	"bpf_preempt_disable":   {regionPreempt, true, false},
	"bpf_preempt_enable":    {regionPreempt, false, true},
	"bpf_local_irq_save":    {regionIRQ, true, false},
	"bpf_local_irq_restore": {regionIRQ, false, true},
}

// Names of sections as the kernel's messages have them.
var sectionNames = map[regionKind]string{
	regionRCU: "bpf_rcu_read_lock", regionPreempt: "bpf_preempt_disable", regionIRQ: "bpf_local_irq_save",
	regionLock: "bpf_spin_lock", regionResLock: "bpf_res_spin_lock",
}

// section enters or leaves a section.
func (c *callee) section() {
	if c.s.held(regionLock) > 0 && !c.m.kernel.traits.spinSafe(c.name) {
		c.report(Issue{Kind: Locked, What: sectionNames[regionLock]})
	}
	sec, ok := sections[c.name]
	switch {
	case ok && sec.kind == regionIRQ:
		c.irq(sec)
	case ok && sec.enter:
		if sec.kind == regionRCU {
			c.s.section++
		}
		c.s.regions = append(c.s.regions, region{kind: sec.kind, src: c.source()})
	case ok:
		c.leave(sec.kind)
	case strings.HasPrefix(c.name, "bpf_res_spin_"):
		c.m.failed = true // it may fail, and then holds nothing
	}
}

func (c *callee) leave(kind regionKind) {
	i := c.s.inner(kind)
	if i < 0 {
		c.report(Issue{Kind: Unmatched, What: sectionNames[kind]})
		return
	}
	c.s.regions = append(c.s.regions[:i:i], c.s.regions[i+1:]...)
	c.s.left()
}

// left ends what sections kept valid, when the last one is left: any of them is
// one of RCU too (in_rcu_cs).
func (s *state) left() {
	if len(s.regions) > 0 {
		return
	}
	for i := range s.syms {
		if y := &s.syms[i]; y.rcu > 0 {
			y.rcu, y.unsafe = 0, true
		}
	}
}

// irq runs bpf_local_irq_save and bpf_local_irq_restore: each has its flags,
// and the last one saved is the first to be restored.
func (c *callee) irq(sec sectionKfunc) {
	if len(c.args) != 1 {
		return
	}
	v := c.args[0]
	if v.kind != valueStack {
		if y := c.s.sym(v); y != nil && y.origin == fromGlobal {
			c.report(Issue{Kind: NotOnStack, What: "the flags"})
		} else {
			c.m.failed = true
		}
		return
	}
	if sec.enter {
		for _, r := range c.s.regions {
			if r.kind == regionIRQ && r.slot == v.n {
				c.report(Issue{Kind: Order, What: "the flags hold another state"})
				return
			}
		}
		c.s.regions = append(c.s.regions, region{kind: regionIRQ, slot: v.n, src: c.source()})
		return
	}
	i := c.s.inner(regionIRQ)
	for j, r := range c.s.regions {
		if r.kind == regionIRQ && r.slot == v.n {
			if j != i {
				c.report(Issue{Kind: Order, What: sectionNames[regionIRQ]})
			}
			c.s.regions = append(c.s.regions[:j:j], c.s.regions[j+1:]...)
			c.s.left()
			return
		}
	}
	c.report(Issue{Kind: Unmatched, What: sectionNames[regionIRQ]})
}

// locks runs bpf_spin_lock and bpf_spin_unlock.
func (c *callee) locks() {
	switch c.name {
	case "bpf_spin_lock":
		if c.s.held(regionLock) > 0 {
			c.report(Issue{Kind: DoubleLock, What: c.name})
			return
		}
		c.s.regions = append(c.s.regions, region{kind: regionLock, src: c.source()})
	case "bpf_spin_unlock":
		if i := c.s.inner(regionLock); i >= 0 {
			c.s.regions = append(c.s.regions[:i:i], c.s.regions[i+1:]...)
			c.s.left()
		} else {
			c.report(Issue{Kind: Unmatched, What: sectionNames[regionLock]})
		}
	}
}

// sleeps judges a call of what may sleep in a section that may not. Programs
// that may not sleep at all are another matter.
func (c *callee) sleeps(may bool) {
	if !may || !c.m.entry.Sleepable || len(c.s.regions) == 0 {
		return
	}
	r := c.s.regions[len(c.s.regions)-1]
	c.report(Issue{Kind: Sleeps, What: sectionNames[r.kind], Source: r.src.name, From: r.src.place()})
}

// protected judges a kfunc that needs an RCU section.
func (c *callee) protected() {
	if !c.kf.Flags.Has(btfdb.FlagRCUProtected) || !c.m.entry.Sleepable || len(c.s.regions) > 0 {
		return
	}
	if c.m.kernel.traits.protects || c.kf.Flags.Has(btfdb.FlagIterNew) {
		c.report(Issue{Kind: NotProtected})
	}
}

// checkEnd judges what is open when the program ends.
func (m *machine) checkEnd(s *state, until Place) {
	for _, r := range s.refs {
		m.report(s, Issue{Kind: Leak, Func: r.src.fn.Name, At: r.src.at, Name: r.src.name, Until: until})
	}
	for _, it := range s.iters {
		if it.kind == "file dynptr" {
			m.report(s, Issue{Kind: Leak, Func: it.src.fn.Name, At: it.src.at, Name: it.src.name, Until: until})
			continue
		}
		m.report(s, Issue{Kind: IterOpen, Func: it.src.fn.Name, At: it.src.at, Name: it.src.name, What: it.kind, Until: until})
	}
	for _, r := range s.regions {
		m.report(s, Issue{Kind: Open, Func: r.src.fn.Name, At: r.src.at, Name: r.src.name, What: sectionNames[r.kind], Until: until})
	}
}

// iterator runs the kfuncs of an open-coded iterator: bpf_iter_KIND_new, _next
// and _destroy (check_iter_kfunc in kernel/bpf/btf.c holds them to the names).
func (c *callee) iterator() (value, bool) {
	const flags = btfdb.FlagIterNew | btfdb.FlagIterNext | btfdb.FlagIterDestroy
	if c.kf.Flags&flags == 0 || len(c.args) == 0 {
		return value{}, false
	}
	v := c.args[0]
	result, y := c.s.fresh()
	if v.kind != valueStack {
		if p := c.s.sym(v); p != nil && p.origin == fromGlobal {
			c.report(Issue{Kind: NotOnStack, What: "the iterator"})
		} else {
			c.m.failed = true // nobody knows which one it is
		}
		return result, true
	}
	kind := strings.TrimPrefix(c.name[:strings.LastIndexByte(c.name, '_')], "bpf_iter_")
	at := -1
	for i, it := range c.s.iters {
		if it.slot == v.n {
			at = i
		}
	}
	switch {
	case c.kf.Flags.Has(btfdb.FlagIterNew):
		c.iterNew(at, v.n, kind)
	case at < 0 || c.s.iters[at].kind != kind:
		c.missing(kind)
	case c.kf.Flags.Has(btfdb.FlagIterDestroy):
		c.s.iters = append(c.s.iters[:at:at], c.s.iters[at+1:]...)
	default:
		y.mayNull = c.kf.Flags.Has(btfdb.FlagRetNull)
		y.origin, y.src = fromKfunc, c.source()
		c.next(at, y)
	}
	return result, true
}

func (c *callee) iterNew(at int, slot int64, kind string) {
	if at >= 0 {
		c.report(Issue{Kind: IterNew, What: kind})
		return
	}
	it := iterator{slot: slot, kind: kind, src: c.source()}
	if c.m.entry.Sleepable && c.kf.Flags.Has(btfdb.FlagRCUProtected) {
		it.rcu = c.s.section
	}
	c.s.iters = append(c.s.iters, it)
}

// missing reports an iterator that was not made.
func (c *callee) missing(kind string) {
	k := IterNext
	if c.kf.Flags.Has(btfdb.FlagIterDestroy) {
		k = IterDestroy
	}
	c.report(Issue{Kind: k, What: kind})
}

// next judges the RCU section of an iterator: it must be the one in which the
// iterator was made.
func (c *callee) next(at int, y *symbol) {
	it := c.s.iters[at]
	if it.rcu == 0 {
		return
	}
	if it.rcu != c.s.section || c.s.held(regionRCU) == 0 {
		c.report(Issue{Kind: NotProtected, What: it.kind})
		return
	}
	y.rcu = c.s.section
}
