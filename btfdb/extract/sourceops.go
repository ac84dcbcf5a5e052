package extract

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// readCallSite reads SCX_CALL_OP*(..., SCX_KF_A | SCX_KF_B, op, ...). Since
// 7.1 there is no mask, and the sites say nothing.
func (s *source) readCallSite(toks []token, i int) {
	args, _ := arguments(toks, i+1)
	for j, a := range args[:max(0, len(args)-1)] {
		state, ok := maskState(a)
		if !ok || len(args[j+1]) != 1 {
			continue
		}
		if strings.Contains(toks[i].text, "TASK") && state != btfdb.StateUnlocked {
			state |= btfdb.StateTask
		}
		op := args[j+1][0].text
		if op == "cgroup_move" && state == btfdb.StateUnlocked {
			state |= btfdb.StateHeld
		}
		s.states[op] |= state
		return
	}
}

func maskState(toks []token) (state btfdb.State, ok bool) {
	for _, t := range toks {
		name, is := strings.CutPrefix(t.text, "SCX_KF_")
		if !is {
			continue
		}
		bit, err := btfdb.StateByName(name)
		if err != nil {
			return 0, false
		}
		state, ok = state|bit, true
	}
	return state, ok
}

// readAllowTable reads scx_kf_allow_flags[] = { [SCX_OP_IDX(op)] = A | B, ... }.
func (s *source) readAllowTable(toks []token, i int) {
	for i < len(toks) && toks[i].text != "{" && toks[i].text != ";" {
		i++
	}
	if i == len(toks) || toks[i].text == ";" {
		return
	}
	entries, _ := arguments(toks, i)
	for _, e := range entries {
		if len(e) < 6 || e[0].text != "[" || e[2].text != "(" {
			continue
		}
		op := e[3].text
		for _, t := range e {
			if name, ok := strings.CutPrefix(t.text, "SCX_KF_ALLOW_"); ok {
				s.allow[op] = append(s.allow[op], name)
			}
		}
	}
}

// readOpsStruct reads the members of struct sched_ext_ops or
// sched_ext_ops_cid, and lays them out as x86-64 does.
func (s *source) readOpsStruct(toks []token, i int) {
	name := toks[i].text
	if i+3 < len(toks) && toks[i+1].text == "__bpf_ops_"+name && toks[i+3].text == "{" {
		s.readStubs(name, toks, i+3)
	}
	if i+1 >= len(toks) || toks[i+1].text != "{" {
		return
	}
	end := closing(toks, i+1)
	var off uint32
	for at := i + 2; at < end; {
		stop := at
		for stop < end && toks[stop].text != ";" {
			stop++
		}
		m, size, align := s.sourceMember(name, toks[at:stop])
		if m != nil {
			off = (off + align - 1) / align * align
			m.Moff = off
			off += size
			s.facts.Members = append(s.facts.Members, m)
		}
		at = stop + 1
	}
	s.facts.Ops = append(s.facts.Ops, btfdb.OpsType{Name: name, Size: (off + 7) / 8 * 8})
}

// readStubs reads the members that "struct T __bpf_ops_T = { .member = ..." sets.
func (s *source) readStubs(ops string, toks []token, i int) {
	entries, _ := arguments(toks, i)
	for _, e := range entries {
		if len(e) > 2 && e[0].text == "." {
			s.stubs[ops] = append(s.stubs[ops], e[1].text)
		}
	}
}

// typeSizes are the types of data members.
var typeSizes = map[string]uint32{"u64": 8, "u32": 4, "s32": 4, "char": 1, "bool": 1, "void": 8}

// sourceMember reads one declaration: RET (*name)(ARGS), TYPE name, TYPE *name
// or char name[N].
func (s *source) sourceMember(ops string, decl []token) (m *btfdb.Member, size, align uint32) {
	for i := 0; i+3 < len(decl); i++ {
		if decl[i].text == "(" && decl[i+1].text == "*" {
			args, _ := arguments(decl, i+4)
			var types []string
			for _, a := range args {
				types = append(types, paramType(a))
			}
			name := decl[i+2].text
			proto := text(decl[:i]) + " (*" + name + ")(" + strings.Join(types, ", ") + ")"
			return &btfdb.Member{Ops: ops, Name: name, Func: true, Proto: proto}, 8, 8
		}
	}
	if len(decl) < 2 {
		return nil, 0, 1
	}
	last := len(decl) - 1
	n := uint64(1)
	name := decl[last].text
	if name == "]" && last >= 3 {
		name = decl[last-3].text
		var ok bool
		if n, ok = s.constant(decl[last-1].text); !ok || n > 1<<12 {
			return nil, 0, 1
		}
	}
	proto := text(decl)
	if n > 1 {
		proto = text(decl[:last-2]) + "[" + strconv.FormatUint(n, 10) + "]"
	}
	size = typeSizes[decl[0].text]
	if slices.ContainsFunc(decl, func(t token) bool { return t.text == "*" }) {
		size = 8
	}
	if size == 0 {
		return nil, 0, 1
	}
	return &btfdb.Member{Ops: ops, Name: name, Proto: proto}, size * uint32(n), size
}

// paramType drops the name of a parameter, as BTF does for members.
func paramType(a []token) string {
	if n := len(a); n > 1 && a[n-1].text != "*" && !(n == 2 && (a[0].text == "struct" || a[0].text == "enum")) {
		a = a[:n-1]
	}
	return text(a)
}

// constant knows array sizes: numbers, and enumerators read before.
func (s *source) constant(word string) (uint64, bool) {
	if v, ok := s.consts[word]; ok {
		return v, true
	}
	v, err := strconv.ParseUint(word, 0, 32)
	return v, err == nil
}

// finishMembers joins the members with masks, allow table and the switch of
// bpf_scx_check_member().
func (s *source) finishMembers() {
	s.readSleepable()
	for _, m := range s.facts.Members {
		if !m.Func {
			continue
		}
		op := s.cpuForm(m)
		m.State = s.states[op]
		m.Allow = s.allow[op]
		if stubs := s.stubs[m.Ops]; stubs != nil {
			m.NoStub = !slices.Contains(stubs, m.Name)
		}
		if len(s.sleepable) > 0 {
			m.SleepKnown, m.Sleepable = true, s.sleepable[op]
		}
	}
	if len(s.states) == 0 && s.facts.Enforcement == btfdb.EnforceRuntime {
		note(s.facts, "no SCX_CALL_OP site was found: masks are taken from a table")
	}
	for _, name := range slices.Sorted(maps.Keys(s.states)) {
		if !slices.ContainsFunc(s.facts.Members, func(m *btfdb.Member) bool { return m.Name == name }) {
			note(s.facts, "SCX_CALL_OP names %s, which is no member of sched_ext_ops", name)
		}
	}
}

// cpuForm is the member of sched_ext_ops at a member's offset: the tables are
// written for that type and hold for both.
func (s *source) cpuForm(m *btfdb.Member) string {
	for _, o := range s.facts.Members {
		if o.Ops == "sched_ext_ops" && o.Moff == m.Moff {
			return o.Name
		}
	}
	return m.Name
}

// readSleepable takes the cases before "default" of bpf_scx_check_member().
func (s *source) readSleepable() {
	body := s.bodies["bpf_scx_check_member"]
	for i, t := range body {
		if t.text == "default" {
			return
		}
		if t.text == "offsetof" && i+1 < len(body) {
			if args, _ := arguments(body, i+1); len(args) == 2 {
				s.sleepable[text(args[1])] = true
			}
		}
	}
}
