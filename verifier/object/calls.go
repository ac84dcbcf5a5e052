package object

import "strings"

// call follows one call instruction and notes it.
func (w *walk) call(c *scope, bi, slot int, x insn, s *state) (ret val, returns bool) {
	r := c.fn.code.refs[slot]
	note := func(k call) {
		k.slot, k.rcu, k.rcuMax = slot, s.rcu, s.rcuMax
		c.calls[bi] = append(c.calls[bi], k)
	}
	switch {
	case r.kind == refFunc && x.src == pseudoCall:
		if r.fn.global {
			note(call{kind: callGlobal, fn: r.fn})
			clobber(s)
			return anything, true
		}
		return w.callStatic(c, r.fn, s, note)
	case r.kind == refExtern:
		note(call{kind: callKfunc, ext: r.ext})
		w.callbacks(s, asyncKfunc(r.ext.Kernel()), note)
		clobber(s)
		ret = anything
		if w.env.retNull[r.ext.id] {
			ret = val{kind: kNull, hi: uint64(r.ext.id), lo: uint64(c.fn.code.index)<<32 | uint64(slot)}
		}
		return ret, afterKfunc(r.ext.Kernel(), s)
	case x.src == 0:
		if x.imm == helperSpinLock {
			s.rcuMax = max(s.rcuMax, 1) // as good as an RCU section
		}
		kind := callSync
		if x.imm == helperTimerSetCallback {
			kind = callTimer
		}
		w.callbacks(s, kind, note)
		if !readonlyHelpers[x.imm] {
			clobber(s)
		}
	}
	return anything, true
}

// maxRCU is how deep nested RCU sections are counted; the verifier does not
// take that many.
const maxRCU = 16

// afterKfunc keeps track of RCU sections; some kfuncs do not return.
func afterKfunc(name string, s *state) bool {
	switch name {
	case "bpf_rcu_read_lock":
		s.rcu, s.rcuMax = min(s.rcu+1, maxRCU), min(s.rcuMax+1, maxRCU)
	case "bpf_rcu_read_unlock":
		s.rcu, s.rcuMax = max(s.rcu, 1)-1, max(s.rcuMax, 1)-1
	case "bpf_res_spin_lock", "bpf_res_spin_lock_irqsave", "bpf_preempt_disable", "bpf_local_irq_save":
		s.rcuMax = max(s.rcuMax, 1)
	case "bpf_throw", "__bpf_trap":
		return false
	}
	return true
}

// asyncKfunc tells when a kfunc runs the callback that it takes.
func asyncKfunc(name string) callKind {
	if strings.HasPrefix(name, "bpf_wq_set_callback") || strings.HasPrefix(name, "bpf_task_work_schedule") {
		return callWork
	}
	return callSync
}

// callbacks notes the functions whose addresses are passed in registers.
func (w *walk) callbacks(s *state, kind callKind, note func(call)) {
	for r := 1; r <= 5; r++ {
		if v := s.regs[r]; v.kind == kFunc && v.hi < uint64(len(w.env.o.funcs)) {
			note(call{kind: kind, fn: w.env.o.funcs[v.hi]})
		}
	}
}

// callStatic walks a static function with what is known of its arguments.
func (w *walk) callStatic(c *scope, f *fn, s *state, note func(call)) (val, bool) {
	k := scopeKey{fn: f, rcu: s.rcu}
	for i := range k.args {
		k.args[i] = passed(s.regs[i+1])
	}
	// The callee's context may start with fewer known arguments; its own key
	// says which.
	t := w.scope(k)
	clobber(s)
	if t == nil {
		return anything, true
	}
	note(call{kind: callSub, target: t})
	c.pruned, c.doubt = c.pruned || t.pruned, c.doubt || t.doubt
	s.rcu = t.retRCU
	s.rcuMax = max(s.rcuMax, t.retRCU)
	return t.ret, t.returns
}

// passed is what a callee knows of an argument. The caller's stack is just
// some memory to it.
func passed(v val) val {
	switch v.kind {
	case kFrame, kFrameVar, kCtx:
		return val{kind: kOther, taint: v.taint}
	case kNull:
		return anything // which call it comes from would make variants of the callee
	}
	return v
}
