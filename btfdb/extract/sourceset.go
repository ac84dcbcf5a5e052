package extract

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// startSet begins a BTF_KFUNCS_START(name) or BTF_SET_START(name) list.
func (s *source) startSet(toks []token, i int, plain bool) string {
	args, _ := arguments(toks, i+1)
	if len(args) == 0 || len(args[0]) != 1 {
		return ""
	}
	name := args[0][0].text
	if plain && !btfdb.PartSet(name) {
		return ""
	}
	s.sets[name] = &btfdb.Set{Name: name, Plain: plain, Known: true}
	return name
}

// addToSet reads BTF_ID_FLAGS(func, name, KF_A | KF_B) or BTF_ID(func, name).
func (s *source) addToSet(set string, toks []token, i int) {
	args, _ := arguments(toks, i+1)
	if len(args) < 2 || len(args[1]) != 1 || text(args[0]) != "func" {
		return
	}
	name := args[1][0].text
	k := s.kfuncs[name]
	if k == nil {
		k = &btfdb.Kfunc{Name: name}
		s.kfuncs[name] = k
	}
	if !slices.Contains(k.Sets, set) {
		k.Sets = append(k.Sets, set)
	}
	if len(args) > 2 {
		for _, t := range args[2] {
			if bit, ok := btfdb.FlagByName(t.text); ok {
				k.Flags |= bit
			}
		}
	}
}

// readKset reads "struct btf_kfunc_id_set NAME = { .set = &X, .filter = F }".
func (s *source) readKset(toks []token, i int) {
	if i+3 >= len(toks) || toks[i+2].text != "=" || toks[i+3].text != "{" {
		return
	}
	end := closing(toks, i+3)
	var k kset
	for j := i + 4; j+3 < end; j++ {
		if toks[j].text != "." || toks[j+2].text != "=" {
			continue
		}
		at := j + 3
		if toks[at].text == "&" {
			at++
		}
		switch toks[j+1].text {
		case "set":
			k.set = toks[at].text
		case "filter":
			k.filter = toks[at].text
		}
	}
	s.ksets[s.file+":"+toks[i+1].text] = k
}

// readRegistration reads register_btf_kfunc_id_set(BPF_PROG_TYPE_X, &kset).
func (s *source) readRegistration(toks []token, i int) {
	args, _ := arguments(toks, i+1)
	switch toks[i].text {
	case "register_btf_kfunc_id_set":
		if len(args) == 2 {
			prog, ok := strings.CutPrefix(text(args[0]), "BPF_PROG_TYPE_")
			if ok {
				s.regs = append(s.regs, sourceReg{strings.ToLower(prog), s.ksetRef(args[1])})
			}
		}
	case "register_btf_fmodret_id_set":
		if len(args) == 1 {
			s.regs = append(s.regs, sourceReg{"", s.ksetRef(args[0])})
		}
	}
}

// ksetRef is the key of the kset that an argument names. They are static: two
// files have a common_kfunc_set.
func (s *source) ksetRef(arg []token) string {
	return s.file + ":" + strings.TrimPrefix(text(arg), "&")
}

// readFunction keeps the bodies of functions that decide: filters, and the
// switches over program types and members.
func (s *source) readFunction(toks []token, i int) {
	end := closing(toks, i+1)
	if end+1 >= len(toks) || toks[end+1].text != "{" {
		return
	}
	s.bodies[toks[i].text] = toks[end+1 : min(closing(toks, end+1)+1, len(toks))]
}

// callbackParam is a parameter of function type, which is a pointer to one.
var callbackParam = regexp.MustCompile(`^(.*\w) ?\((\w+)\)\((.*)\)$`)

// readProto reads the prototype that follows __bpf_kfunc.
func (s *source) readProto(toks []token, i int) {
	for j := i; j < len(toks) && j < i+16; j++ {
		if toks[j].text != "(" {
			continue
		}
		args, _ := arguments(toks, j)
		var list []string
		for _, a := range args {
			list = append(list, callbackParam.ReplaceAllString(strings.ReplaceAll(text(a), " __arena", ""), "$1 (*$2)($3)"))
		}
		if len(list) == 0 {
			list = []string{"void"}
		}
		s.protos[toks[j-1].text] = text(toks[i:j]) + "(" + strings.Join(list, ", ") + ")"
		return
	}
}

// auxParam is the implicit argument of KF_IMPLICIT_ARGS functions.
const auxParam = "const struct bpf_prog_aux *aux"

func (s *source) finishKfuncs() {
	for _, name := range slices.Sorted(maps.Keys(s.kfuncs)) {
		k := s.kfuncs[name]
		if !slices.ContainsFunc(k.Sets, func(n string) bool { return !s.sets[n].Plain }) {
			continue
		}
		k.Proto = s.protos[name]
		if k.Flags.Has(btfdb.FlagImplicitArgs) {
			k.Proto = strings.Replace(k.Proto, ", "+auxParam+")", ")", 1)
			k.Proto = strings.Replace(k.Proto, "("+auxParam+")", "(void)", 1)
		}
		s.facts.Kfuncs = append(s.facts.Kfuncs, k)
	}
}

// finishSets joins sets, ksets, registrations and filters.
func (s *source) finishSets() {
	s.facts.Progs = s.progHooks()
	hooks := s.facts.Progs
	if hooks == nil {
		hooks = progTable(s.facts.Build)
	}
	for _, r := range s.regs {
		k, ok := s.ksets[r.kset]
		set := s.sets[k.set]
		if !ok || set == nil {
			continue
		}
		prog := fmodRet
		if r.prog != "" {
			prog = uint32(slices.Index(progKinds, r.prog))
		}
		if h, ok := hookOfProg(prog, hooks); ok {
			set.Hooks |= h
		}
		if k.filter != "" {
			set.Filter = k.filter
			s.filters[k.filter] = s.filterSets(k.filter)
		}
	}
	for _, set := range s.sets {
		if set.Plain || s.hasMembers(set.Name) {
			s.facts.Sets = append(s.facts.Sets, *set)
		}
	}
	for name, sets := range s.filters {
		s.facts.Filters = append(s.facts.Filters, btfdb.Filter{Name: name, Sets: sets})
	}
}

func (s *source) hasMembers(set string) bool {
	for _, k := range s.kfuncs {
		if slices.Contains(k.Sets, set) {
			return true
		}
	}
	return false
}

// filterSets are the sets that a filter's body looks a kfunc up in.
func (s *source) filterSets(filter string) []string {
	var sets []string
	for _, t := range s.bodies[filter] {
		if s.sets[t.text] != nil && !slices.Contains(sets, t.text) {
			sets = append(sets, t.text)
		}
	}
	return sets
}

// progHooks reads the switch of bpf_prog_type_to_kfunc_hook().
func (s *source) progHooks() []btfdb.ProgHook {
	var hooks []btfdb.ProgHook
	var waiting []string
	for _, t := range s.bodies["bpf_prog_type_to_kfunc_hook"] {
		if prog, ok := strings.CutPrefix(t.text, "BPF_PROG_TYPE_"); ok {
			waiting = append(waiting, strings.ToLower(prog))
		}
		if hook, ok := strings.CutPrefix(t.text, "BTF_KFUNC_HOOK_"); ok {
			for _, prog := range waiting {
				hooks = append(hooks, btfdb.ProgHook{Prog: prog, Hook: hookOfEnum[hook]})
			}
			waiting = nil
		}
	}
	if hooks == nil {
		return nil
	}
	for _, kind := range progKinds { // the default case
		if !slices.ContainsFunc(hooks, func(p btfdb.ProgHook) bool { return p.Prog == kind }) {
			hooks = append(hooks, btfdb.ProgHook{Prog: kind})
		}
	}
	return hooks
}
