package btfdb

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// maxGroups bounds how many kinds of kfuncs a kernel can have. Linux 7.3 has
// about fifty.
const maxGroups = 128

// mask is a set of groups. A kfunc has the groups that it is in, a context
// those that it may call: one AND answers a query.
type mask [2]uint64

func (m mask) and(o mask) bool { return m[0]&o[0] != 0 || m[1]&o[1] != 0 }

func (m *mask) set(bit int) { m[bit/64] |= 1 << (bit % 64) }

// lowest is the lowest group of both masks; -1 if they share none.
func (m mask) lowest(o mask) int {
	for i := range m {
		if w := m[i] & o[i]; w != 0 {
			return i*64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// A group is a set8, or the part of it that a filter treats in its own way.
type group struct {
	set  *Set
	part uint
}

// A governor is a filter that has an opinion of a set, on some hooks.
type governor struct {
	hooks Hooks
	model *filterModel // nil: nobody knows what it answers
}

// judged is what a context may call.
type judged struct {
	subject subject
	allowed mask
	unknown mask
	hooked  mask // registered for the context's hooks, whatever filters say
	state   State
}

// judge holds all that Query needs, worked out once.
type judge struct {
	groups    []group
	governors [][]governor // by group
	refusals  []Verdict    // by group: what a refusal says when the group is hooked
	progs     map[string]*judged
	hooks     map[string]Hooks    // by filter: where it is asked
	govern    map[string][]string // by set: the filters that look for its members
}

func (k *Kernel) buildJudge() error {
	j := &k.judge
	j.hooks, j.govern = map[string]Hooks{}, map[string][]string{}
	for _, f := range k.facts.Filters {
		for _, s := range f.Sets {
			j.govern[s] = append(j.govern[s], f.Name)
		}
	}
	sets := map[string]*Set{}
	for i := range k.facts.Sets {
		s := &k.facts.Sets[i]
		sets[s.Name] = s
		j.addFilter(s)
	}
	if err := k.groupKfuncs(sets); err != nil {
		return err
	}
	j.progs = make(map[string]*judged, len(progs)+len(exactProgs))
	alike := map[progTraits]*judged{}
	for _, table := range []map[string]progTraits{progs, exactProgs} {
		for name, t := range table {
			if alike[t] == nil {
				alike[t] = k.judgeSubject(subject{traits: t})
			}
			j.progs[name] = alike[t]
		}
	}
	for _, x := range k.ops {
		k.judgeOps(x)
	}
	return nil
}

// addFilter notes a set's filter for the hooks of the set, and as a governor
// of the set in case that its code could not be read.
func (j *judge) addFilter(s *Set) {
	if s.Filter == "" {
		return
	}
	j.hooks[s.Filter] |= s.Hooks
	if !slices.Contains(j.govern[s.Name], s.Filter) {
		j.govern[s.Name] = append(j.govern[s.Name], s.Filter)
	}
}

// groupKfuncs gives every kfunc the bits of its groups.
func (k *Kernel) groupKfuncs(sets map[string]*Set) error {
	index := map[group]int{}
	for _, f := range k.facts.Kfuncs {
		for _, name := range f.Sets {
			s := sets[name]
			if s == nil {
				return fmt.Errorf("kfunc %s: set %q is not described", f.Name, name)
			}
			if s.Plain {
				continue
			}
			g := group{s, k.judge.partOf(name, f.Sets)}
			bit, ok := index[g]
			if !ok {
				if bit = len(index); bit == maxGroups {
					return fmt.Errorf("kfunc %s: more than %d groups", f.Name, maxGroups)
				}
				index[g] = bit
				k.judge.groups = append(k.judge.groups, g)
				k.judge.addGovernors(s)
			}
			f.groups.set(bit)
		}
	}
	return nil
}

// partOf is which parts of the filters that govern a set its kfunc is in.
func (j *judge) partOf(set string, in []string) (part uint) {
	for _, name := range j.govern[set] {
		model := filterModels[name]
		if model == nil {
			continue
		}
		for i, p := range model.parts {
			if slices.Contains(in, p) {
				part |= 1 << i
			}
		}
	}
	return part
}

// addGovernors notes the filters of the group that was added last.
func (j *judge) addGovernors(s *Set) {
	var list []governor
	v := refused
	for _, name := range j.govern[s.Name] {
		list = append(list, governor{j.hooks[name], filterModels[name]})
		v.Decider = name
	}
	j.governors, j.refusals = append(j.governors, list), append(j.refusals, v)
}

// judgeOps judges all callbacks of a struct_ops type.
func (k *Kernel) judgeOps(x *opsIndex) {
	x.judged = make([]*judged, maxMoff(x.Members)/8+1)
	for _, m := range x.Members {
		if !m.Func {
			continue
		}
		s := subject{traits: progTraits{kind: "struct_ops"}, ops: x.Name, member: m}
		x.judged[m.Moff/8] = k.judgeSubject(s)
	}
}

// maxMoff is the highest offset of a callback.
func maxMoff(members []*Member) (top uint32) {
	for _, m := range members {
		if m.Func {
			top = max(top, m.Moff)
		}
	}
	return top
}

func (k *Kernel) judgeSubject(s subject) *judged {
	j := &judged{subject: s, state: k.stateOf(&s)}
	hook, known := k.hookOf(s.traits.kind)
	for bit, g := range k.judge.groups {
		a := k.answerFor(bit, hook, &s)
		if !known && a == no {
			a = unknown
		}
		switch a {
		case yes:
			j.allowed.set(bit)
		case unknown:
			j.unknown.set(bit)
		}
		if g.set.Hooks&(hook|HookCommon) != 0 {
			j.hooked.set(bit)
		}
	}
	return j
}

// hookOf is the hook of a program type; 0 for one that gets no kfuncs but the
// common ones. It is not known when the data says nothing of program types.
func (k *Kernel) hookOf(kind string) (h Hooks, known bool) {
	for _, p := range k.facts.Progs {
		if p.Prog == kind {
			return p.Hook, true
		}
	}
	return 0, len(k.facts.Progs) > 0
}

// answerFor is btf_kfunc_is_allowed() for a group: the common hook or the
// program type's own must have the set, and all filters of that hook accept.
func (k *Kernel) answerFor(bit int, hook Hooks, s *subject) answer {
	g := &k.judge.groups[bit]
	if !g.set.Known {
		return unknown
	}
	best := no
	for _, h := range [2]Hooks{HookCommon, hook} {
		if h != 0 && g.set.Hooks&h != 0 {
			best = max(best, k.filtersAccept(h, bit, s))
		}
	}
	return best
}

func (k *Kernel) filtersAccept(h Hooks, bit int, s *subject) answer {
	worst := yes
	g := &k.judge.groups[bit]
	for _, f := range k.judge.governors[bit] {
		switch {
		case f.hooks&h == 0:
		case f.model == nil:
			worst = min(worst, unknown)
		default:
			worst = min(worst, f.model.accept(k.facts, g.set.Name, g.part, s))
		}
	}
	return worst
}

// stateOf is the kf_mask state of a context on a release that checks at run
// time. Programs that are called outside of scx callbacks see 0. TRACING and
// its kin run inside of whatever current does, so nothing is known.
func (k *Kernel) stateOf(s *subject) State {
	switch {
	case k.Enforcement != EnforceRuntime:
		return 0
	case s.member != nil && strings.HasPrefix(s.ops, "sched_ext_ops"):
		return s.member.State
	case s.structOps(), s.traits.kind == "syscall":
		return StateUnlocked
	}
	return 0
}
