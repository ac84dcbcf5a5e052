package flow

import (
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// An oracle answers for a kernel, and remembers what it was asked: kernels
// that give the same answers see the same program.
type oracle struct {
	kernel *btfdb.Kernel
	traits *traits
	asked  map[string]string
	order  []string
	facts  map[string]*cindex.Expr
}

// traits are what verifiers do differently with the same flags.
type traits struct {
	// allTrusted: arguments are trusted without KF_TRUSTED_ARGS, since 7.0.
	allTrusted bool
	// protects: KF_RCU_PROTECTED counts for every kfunc, since 6.18; before
	// only for iterators (check_kfunc_call, process_iter_next_call).
	protects bool
	// throws: a function that is verified on its own and may throw is a way out
	// of its callers too. The selftests of 7.3 hold the verifier to it; of
	// older ones it is not known.
	throws bool
	// spinSafe are the kfuncs that may be called under a spin lock; they have
	// a flag of their own since 7.3, and had a list in the verifier before.
	spinSafe func(name string) bool
	// objects are the structs that kfuncs give: they live in the kernel.
	objects map[string]bool
}

func newTraits(k *btfdb.Kernel) *traits {
	t := &traits{allTrusted: true, objects: map[string]bool{}}
	t.protects = btfdb.CompareReleases(k.Release, "6.18") >= 0
	t.throws = btfdb.CompareReleases(k.Release, "7.3") >= 0
	flagged := k
	if n := btfdb.Newest(); !hasFlag(k, btfdb.FlagSpinlockSafe) {
		flagged = n
	}
	for _, f := range k.Kfuncs() {
		if f.Flags.Has(btfdb.FlagTrustedArgs) {
			t.allTrusted = false
		}
		if name := structOf(f.Ret()); name != "" && f.Flags.Has(btfdb.FlagAcquire) {
			t.objects[name] = true
		}
	}
	t.spinSafe = func(name string) bool {
		f := flagged.Kfunc(name)
		return f == nil || f.Flags.Has(btfdb.FlagSpinlockSafe)
	}
	return t
}

func hasFlag(k *btfdb.Kernel, flag btfdb.Flags) bool {
	for _, f := range k.Kfuncs() {
		if f.Flags.Has(flag) {
			return true
		}
	}
	return false
}

// structOf gives foo of "const struct foo *", "" for other types.
func structOf(typ string) string {
	typ = strings.TrimPrefix(typ, "const ")
	name, ok := strings.CutPrefix(typ, "struct ")
	name, ptr := strings.CutSuffix(name, "*")
	name = strings.TrimSpace(name)
	if !ok || !ptr || strings.ContainsAny(name, " *") {
		return ""
	}
	return name
}

func isPointer(typ string) bool { return strings.Contains(typ, "*") }

func newOracle(k *btfdb.Kernel, t *traits) *oracle {
	return &oracle{kernel: k, traits: t, asked: map[string]string{}, facts: map[string]*cindex.Expr{}}
}

func (o *oracle) note(question, answer string) {
	if _, ok := o.asked[question]; !ok {
		o.asked[question] = answer
		o.order = append(o.order, question)
	}
}

// kfunc finds a kfunc by its name in the kernel.
func (o *oracle) kfunc(name string) *btfdb.Kfunc {
	f := o.kernel.Kfunc(name)
	o.note("kfunc "+name, o.describe(name))
	return f
}

func (o *oracle) describe(name string) string {
	f := o.kernel.Kfunc(name)
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%d %s %v %v", f.Flags, f.Proto, f.Broken, o.traits.spinSafe(name))
}

// agrees tells whether another kernel gives the same answers.
func (o *oracle) agrees(other *oracle) bool {
	a, b := other.traits, o.traits
	if a.allTrusted != b.allTrusted || a.protects != b.protects || a.throws != b.throws {
		return false
	}
	for _, q := range o.order {
		name, isKfunc := strings.CutPrefix(q, "kfunc ")
		answer := ""
		if isKfunc {
			answer = other.describe(name)
		} else {
			answer = other.answer(o.facts[q])
		}
		if answer != o.asked[q] {
			return false
		}
	}
	return true
}

// fact gives the value of what the loader fills in.
func (o *oracle) fact(e *cindex.Expr, s *state) value {
	if e == nil {
		v, _ := s.fresh()
		return v
	}
	q := fmt.Sprintf("fact %d %s %s", e.Op, e.Type, e.Name)
	answer := o.answer(e)
	o.note(q, answer)
	o.facts[q] = e
	switch answer {
	case "yes":
		return value{valueConst, 1}
	case "no":
		return value{valueConst, 0}
	}
	var n int64
	if _, err := fmt.Sscan(answer, &n); err == nil {
		return value{valueConst, n}
	}
	return s.same(definition{op: "fact", name: q, kept: true})
}

func (o *oracle) answer(e *cindex.Expr) string {
	t := btfdb.NotKnown
	switch e.Op {
	case cindex.OpKsymExists:
		if f := o.kernel.Kfunc(verifier.KernelName(e.Name)); f != nil {
			t = tri(!f.Broken)
		} else if btfdb.KnownKfunc(verifier.KernelName(e.Name)) {
			t = btfdb.No
		}
	case cindex.OpTypeExists:
		t = o.kernel.HasType(bare(e.Type))
	case cindex.OpFieldExists:
		t = o.kernel.HasField(bare(e.Type), e.Name)
	case cindex.OpEnumExists:
		t = o.kernel.HasEnumValue(bare(e.Type), e.Name)
	case cindex.OpKernelVer:
		r, err := btfdb.ParseRelease(o.kernel.Build)
		if err == nil {
			return fmt.Sprint(int64(r.Major)<<16 | int64(r.Minor)<<8 | int64(min(max(r.Patch, 0), 255)))
		}
	}
	return map[btfdb.Tri]string{btfdb.Yes: "yes", btfdb.No: "no"}[t]
}

func tri(b bool) btfdb.Tri {
	if b {
		return btfdb.Yes
	}
	return btfdb.No
}

// bare is a type's name without its keyword.
func bare(typ string) string {
	return typ[strings.LastIndexByte(typ, ' ')+1:]
}
