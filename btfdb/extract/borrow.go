package extract

import (
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// nearest is the known kernel that a kernel of which only BTF is known looks
// most like: the same one if its BTF is the same, else that of the same era
// with the most like struct sched_ext_ops and the nearest version.
func nearest(f *btfdb.Facts) (best *btfdb.Kernel, same bool) {
	score := -1 << 30
	for _, x := range btfdb.Releases() {
		k, err := x.Load()
		if err != nil || k.BTFSHA1 == "" {
			continue
		}
		if k.BTFSHA1 == f.BTFSHA1 {
			return k, true
		}
		if n := likeness(f, k); n >= score {
			best, score = k, n
		}
	}
	return best, false
}

// likeness counts what agrees and takes off what does not.
func likeness(f *btfdb.Facts, k *btfdb.Kernel) (n int) {
	if f.Enforcement != k.Enforcement {
		n -= 10000
	}
	if f.Release == k.Release {
		n += 100
	}
	for _, m := range f.Members {
		if o := k.Member(m.Ops, m.Name); o == nil || o.Moff != m.Moff {
			n -= 10
		}
	}
	for _, e := range f.Enums {
		if k.Enum(e.Name) == nil && e.Name != "" {
			n--
		}
	}
	for _, s := range f.Structs {
		if k.HasType(s.Name) != btfdb.Yes {
			n--
		}
	}
	return n
}

// borrow fills in sets, hooks and masks from the nearest known kernel, for a
// kernel that gave BTF only. Every kfunc is checked against the BTF: one that
// is not there is not taken over.
func borrow(f *btfdb.Facts, t *types) {
	k, same := nearest(f)
	if k == nil {
		return
	}
	from := k.Facts()
	f.Origin.Borrowed = k.Build
	if same {
		note(f, "BTF is that of %s: sets and masks are taken from it", k.Build)
	} else {
		note(f, "kfunc sets, hooks and masks are taken from %s, the nearest known kernel: this one may differ", k.Build)
	}
	if f.Build == "unknown" {
		f.Release = k.Release
		if same {
			f.Build = k.Build
		}
	}
	funcs := t.functions()
	f.Sets, f.Filters, f.Progs = slices.Clone(from.Sets), slices.Clone(from.Filters), slices.Clone(from.Progs)
	f.Kfuncs = nil
	missing := 0
	for _, x := range from.Kfuncs {
		fn := funcs[x.Name]
		if fn == nil {
			missing++
			continue
		}
		y := *x
		y.Sets = slices.Clone(x.Sets)
		y.Broken = t.broken(&y, fn)
		y.Proto = funcProto(fn, map[bool]int{true: 1}[y.Broken])
		f.Kfuncs = append(f.Kfuncs, &y)
	}
	if missing > 0 {
		note(f, "%d kfuncs of %s are not in this BTF", missing, k.Build)
	}
	addTagged(f, t)
	borrowMembers(f, k)
}

// borrowHooks fills in where the sets are registered, for a kernel whose sets
// could be read but not the code that registers them: the running one, which
// has freed that code, one without symbols, or another architecture's.
func borrowHooks(f *btfdb.Facts, img *image) {
	k, _ := nearest(f)
	if k == nil {
		return
	}
	from := k.Facts()
	f.Origin.Borrowed = k.Build
	note(f, "hooks and filters of the kfunc sets are taken from %s, the nearest known kernel", k.Build)
	for i := range f.Sets {
		same := func(o btfdb.Set) bool { return o.Name == f.Sets[i].Name }
		if at := slices.IndexFunc(from.Sets, same); at >= 0 && !f.Sets[i].Known {
			f.Sets[i] = from.Sets[at]
		}
	}
	if f.Filters == nil {
		f.Filters = slices.Clone(from.Filters)
	}
	if f.Progs == nil {
		f.Progs = slices.Clone(from.Progs)
	}
	if img.syms == nil { // neither tables nor code to read
		borrowMembers(f, k)
	}
	if f.Build == "unknown" {
		f.Release = k.Release
	}
}

// taggedSet holds kfuncs that only their decl tag tells of.
const taggedSet = "tagged_bpf_kfunc"

// addTagged adds the kfuncs that the BTF has and the nearest kernel has not.
// Who may call them is not known.
func addTagged(f *btfdb.Facts, t *types) {
	have := map[string]bool{}
	for _, k := range f.Kfuncs {
		have[k.Name] = true
	}
	added := 0
	for _, id := range t.kfuncs {
		fn, err := t.funcByID(id)
		if err != nil || have[fn.Name] || strings.HasSuffix(fn.Name, "_impl") {
			continue
		}
		have[fn.Name] = true
		f.Kfuncs = append(f.Kfuncs, &btfdb.Kfunc{Name: fn.Name, Proto: funcProto(fn, 0), Sets: []string{taggedSet}})
		added++
	}
	if added > 0 {
		f.Sets = append(f.Sets, btfdb.Set{Name: taggedSet})
		note(f, "%d kfuncs are new: their flags, and who may call them, are not known", added)
	}
}

func borrowMembers(f *btfdb.Facts, k *btfdb.Kernel) {
	for _, m := range f.Members {
		if o := k.Member(m.Ops, m.Name); o != nil {
			m.Allow, m.State, m.NoStub = slices.Clone(o.Allow), o.State, o.NoStub
			m.Sleepable, m.SleepKnown = o.Sleepable, o.SleepKnown
		}
	}
}
