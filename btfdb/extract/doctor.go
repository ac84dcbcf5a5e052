package extract

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A Check is one thing that sched_ext needs of a kernel.
type Check struct {
	Level  Level
	What   string // "BTF", "implicit arguments"
	Detail string
}

// Level says how bad a check came out.
type Level uint8

// The levels.
const (
	OK Level = iota
	Warn
	Bad
)

func (l Level) String() string { return [...]string{"ok", "warn", "BAD"}[l] }

// Doctor looks a kernel over for what breaks schedulers: damaged BTF, missing
// configuration, kfuncs that cannot be called.
func Doctor(r io.ReaderAt, size int64) []Check {
	img, err := open(r, size)
	if err != nil {
		return []Check{{Bad, "file", err.Error()}}
	}
	t, err := readTypes(img.btf)
	if err != nil {
		return []Check{{Bad, "BTF", err.Error()}}
	}
	d := &doctor{img: img, t: t}
	d.say(OK, "BTF", "%d types, %d functions tagged bpf_kfunc", t.count, len(t.kfuncs))
	if d.facts, err = imageFacts(img); err != nil {
		d.say(Bad, "facts", "%v", err)
		return d.checks
	}
	if !d.config() {
		return d.checks
	}
	d.implicit()
	d.enums()
	d.kfuncs()
	d.tags()
	for _, n := range d.facts.Notes {
		d.say(Warn, "note", "%s", n)
	}
	return d.checks
}

type doctor struct {
	img    *image
	t      *types
	facts  *btfdb.Facts
	checks []Check
}

func (d *doctor) say(l Level, what, format string, args ...any) {
	d.checks = append(d.checks, Check{l, what, fmt.Sprintf(format, args...)})
}

// config infers configuration options from what BTF has, and reports whether
// there is a sched_ext to look at.
func (d *doctor) config() (scx bool) {
	ops, _ := d.t.members("sched_ext_ops")
	switch {
	case ops == nil:
		d.say(Bad, "sched_ext", "BTF has no struct sched_ext_ops: CONFIG_SCHED_CLASS_EXT is not set")
		return false
	case d.t.ids[valuePrefix+"sched_ext_ops"] == 0:
		d.say(Bad, "sched_ext", "BTF has no struct %ssched_ext_ops: no scheduler can be attached "+
			"(pahole or CONFIG_BPF_JIT)", valuePrefix)
	default:
		d.say(OK, "sched_ext", "struct sched_ext_ops has %d members; enforcement by the %s", len(ops), d.facts.Enforcement)
	}
	if !slices.ContainsFunc(ops, func(m btf.Member) bool { return m.Name == "cgroup_init" }) {
		d.say(Warn, "cgroups", "no ops.cgroup_init: CONFIG_EXT_GROUP_SCHED is not set")
	}
	return true
}

// implicit finds kfuncs whose implicit argument BTF still shows.
func (d *doctor) implicit() {
	var broken []string
	all := 0
	for _, k := range d.facts.Kfuncs {
		if k.Flags.Has(btfdb.FlagImplicitArgs) {
			all++
		}
		if k.Broken {
			broken = append(broken, k.Name)
		}
	}
	switch {
	case len(broken) > 0:
		d.say(Bad, "implicit arguments", "%d of %d kfuncs have no _impl twin in BTF, no program can call them "+
			"(functions with a .cold part, resolve_btfids before 7.3): %s", len(broken), all, strings.Join(broken, " "))
	case all > 0:
		d.say(OK, "implicit arguments", "all %d kfuncs are split", all)
	}
}

// enums finds values that lost their upper half: pahole before 1.24 writes no
// ENUM64.
func (d *doctor) enums() {
	near, _ := nearest(d.facts)
	if near == nil {
		return
	}
	var cut []string
	wide := 0
	for _, e := range d.facts.Enums {
		for _, v := range e.Values {
			want, ok := near.EnumValue(v.Name)
			if !ok || want.Signed || want.Value <= math.MaxUint32 {
				continue
			}
			wide++
			if v.Value == want.Value&math.MaxUint32 {
				cut = append(cut, v.Name)
			}
		}
	}
	switch {
	case len(cut) > 0:
		d.say(Bad, "64-bit enums", "%d values have lost their upper 32 bits (no BTF_KIND_ENUM64: pahole is older than 1.24): %s",
			len(cut), strings.Join(cut, " "))
	case wide > 0:
		d.say(OK, "64-bit enums", "%d values above 32 bits are whole", wide)
	case d.t.ids["sched_ext_ops"] != 0:
		d.say(Bad, "64-bit enums", "none of the values of enum scx_enq_flags and its like is in BTF")
	}
}

// kfuncs compares with the nearest known kernel of the same release.
func (d *doctor) kfuncs() {
	if len(d.facts.Kfuncs) == 0 {
		d.say(Bad, "kfuncs", "no kfunc found")
		return
	}
	if d.facts.Origin.Borrowed == "" {
		d.say(OK, "kfuncs", "%d, in %d sets", len(d.facts.Kfuncs), len(d.facts.Sets))
	}
	near, same := nearest(d.facts)
	if near == nil || same || near.Release != d.facts.Release {
		return
	}
	var gone []string
	for _, k := range near.Kfuncs() {
		has := func(o *btfdb.Kfunc) bool { return o.Name == k.Name }
		if strings.Contains(k.Name, "scx_") && !slices.ContainsFunc(d.facts.Kfuncs, has) {
			gone = append(gone, k.Name)
		}
	}
	if len(gone) > 0 {
		d.say(Warn, "ksyms", "%s of the same release also has: %s", near.Build, strings.Join(gone, " "))
	}
}

// tags compares the sets with the bpf_kfunc decl tags that bpftool makes
// vmlinux.h from.
func (d *doctor) tags() {
	if d.facts.Origin.Borrowed != "" || len(d.facts.Kfuncs) == 0 {
		return
	}
	tagged := map[string]bool{}
	for _, id := range d.t.kfuncs {
		if f, err := d.t.funcByID(id); err == nil {
			tagged[f.Name] = true
		}
	}
	var missing []string
	for _, k := range d.facts.Kfuncs {
		if !tagged[k.Name] {
			missing = append(missing, k.Name)
		}
	}
	if len(missing) > 0 {
		d.say(Warn, "decl tags", "%d kfuncs have no bpf_kfunc tag, so bpftool leaves them out of vmlinux.h: %s",
			len(missing), strings.Join(missing, " "))
		return
	}
	d.say(OK, "decl tags", "every kfunc has one")
}
