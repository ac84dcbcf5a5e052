package object

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// extState is what libbpf makes of an extern on one kernel.
type extState uint8

const (
	extUnknown  extState = iota // the data cannot tell
	extResolved                 // it is there
	extMissing                  // the kernel has no such function
	extMismatch                 // it has, with another prototype
	extBroken                   // it has, but this build lets nobody call it
)

// An env is what one kernel and one user space make constant in an object.
// Kernels for which it is the same share the walk.
type env struct {
	o       *Object
	externs []extState // by Extern.id
	retNull []bool     // by Extern.id: KF_RET_NULL
	cores   map[*coreValue]coreAnswer
	version uint64 // LINUX_KERNEL_VERSION, 0 when not known
	rodata  map[int]uint64
}

func (o *Object) newEnv(k *btfdb.Kernel, rodata map[int]uint64) *env {
	e := &env{o: o, externs: make([]extState, len(o.Externs)), retNull: make([]bool, len(o.Externs)), cores: map[*coreValue]coreAnswer{}, rodata: rodata, version: versionCode(k)}
	for i, x := range o.Externs {
		e.externs[i] = resolveExtern(x, k)
		if f := k.Kfunc(x.Kernel()); f != nil {
			e.retNull[i] = e.externs[i] == extResolved && f.Flags.Has(btfdb.FlagRetNull)
		}
	}
	for _, v := range o.coreValues {
		if a := v.answer(k); a.state != coreUnknown {
			e.cores[v] = a
		}
	}
	return e
}

// resolveExtern is libbpf's bpf_object__resolve_ksym_func_btf_id.
func resolveExtern(x *Extern, k *btfdb.Kernel) extState {
	if x.Kind != ExternFunc {
		return extUnknown
	}
	name := x.Kernel()
	f := k.Kfunc(name)
	switch {
	case f == nil && (k.Query(btfdb.Context{}, name).Outcome != btfdb.NotThere || mayBeInModule(name)):
		return extUnknown
	case f == nil:
		return extMissing
	case f.Broken:
		return extBroken
	case !compatible(x.proto, f, k):
		return extMismatch
	}
	return extResolved
}

// mayBeInModule tells of a name that no known kernel image has whether a
// module can have it: sched_ext is none.
func mayBeInModule(name string) bool {
	bare := strings.TrimLeft(name, "_")
	return !strings.HasPrefix(bare, "scx_bpf_") && !strings.HasPrefix(bare, "bpf_iter_scx_") && !everKnown()[name]
}

// everKnown holds the kfuncs of all known kernels. Few objects ask.
var everKnown = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, r := range btfdb.Releases() {
		if k, err := r.Load(); err == nil {
			for _, f := range k.Kfuncs() {
				names[f.Name] = true
			}
		}
	}
	return names
})

// versionCode is LINUX_KERNEL_VERSION of a kernel.
func versionCode(k *btfdb.Kernel) uint64 {
	r, err := btfdb.ParseRelease(k.Build)
	if err != nil {
		return 0
	}
	return uint64(r.Major)<<16 | uint64(r.Minor)<<8 | uint64(min(max(r.Patch, 0), 255))
}

// key is equal for kernels that make the same things constant. What a kernel's
// version is matters only to objects that ask for it.
func (e *env) key() string {
	var b strings.Builder
	for i, s := range e.externs {
		if e.retNull[i] {
			b.WriteByte('?')
		}
		b.WriteByte('a' + byte(s))
	}
	if e.o.asksVersion {
		b.WriteString(strconv.FormatUint(e.version, 36))
	}
	for i, v := range e.o.coreValues {
		if a, ok := e.cores[v]; ok {
			fmt.Fprintf(&b, ",%d:%d:%d", i, a.state, a.value)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.rodata)) {
		fmt.Fprintf(&b, ";%d=%d", id, e.rodata[id])
	}
	return b.String()
}

// rodataValues reads NAME=VALUE settings.
func (o *Object) rodataValues(set map[string]string) (map[int]uint64, error) {
	out := map[int]uint64{}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		v := o.rodataVar(name)
		if v == nil {
			return nil, fmt.Errorf("rodata %s: no such variable", name)
		}
		if size := v.end - v.off; size != 1 && size != 2 && size != 4 && size != 8 {
			return nil, fmt.Errorf("rodata %s: %d bytes, not a number", name, size)
		}
		n, err := parseNumber(set[name])
		if err != nil {
			return nil, fmt.Errorf("rodata %s: %q is not a number", name, set[name])
		}
		out[v.id] = n
	}
	return out, nil
}

func parseNumber(s string) (uint64, error) {
	switch s {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	}
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return uint64(n), nil
	}
	return strconv.ParseUint(s, 0, 64)
}

func (o *Object) rodataVar(name string) *rodataVar {
	for _, sec := range sortedKeys(o.rodata) {
		r := o.rodata[sec]
		for i := range r.vars {
			if r.vars[i].name == name {
				return &r.vars[i]
			}
		}
	}
	return nil
}

// gateName is the name of the variable or CONFIG_ that a taint stands for, ""
// for facts without a name.
func (o *Object) gateName(taint uint16) string {
	if i := int(taint) - factTaint - 1; i >= 0 && i < len(o.Externs) {
		return o.Externs[i].Name
	}
	for _, r := range o.rodata {
		for i := range r.vars {
			if r.vars[i].id+1 == int(taint) {
				return r.vars[i].name
			}
		}
	}
	return ""
}

// loadRodata is what a load from read-only data gives. When free is set,
// variables that user space may set can have any value.
func (e *env) loadRodata(sec int, off uint64, size int, signed, free bool) val {
	r := e.o.rodata[sec]
	if r == nil || off > uint64(len(r.data)) || uint64(size) > uint64(len(r.data))-off {
		return below(uint(8 * size))
	}
	var raw [8]byte
	big := e.o.bigEndian()
	at := 0
	if big {
		at = 8 - size
	}
	copy(raw[at:], r.data[off:off+uint64(size)])
	n := e.o.im.order.Uint64(raw[:])
	var taint uint16
	if v := r.varAt(off); v != nil && v.settable {
		set, ok := e.rodata[v.id]
		switch {
		case ok && off == v.off:
			n = set & (1<<(8*size-1)<<1 - 1)
		case !ok && free:
			return tainted(below(uint(8*size)), v.id, signed)
		case !ok:
			taint = uint16(min(v.id+1, factTaint-1))
		}
	}
	if signed {
		n = uint64(int64(n<<(64-8*size)) >> (64 - 8*size))
	}
	c := constant(n)
	c.taint = taint
	return c
}

func tainted(v val, id int, signed bool) val {
	if signed {
		v = anything
	}
	v.taint = uint16(min(id+1, factTaint-1))
	return v
}

func (o *Object) bigEndian() bool { return o.im.order.String() == "BigEndian" }
