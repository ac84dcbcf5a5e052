package link

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
)

// An extern is a symbol of the kernel that the object asks for, and what
// libbpf finds (tools/lib/bpf/libbpf.c:bpf_object__resolve_externs).
type extern struct {
	name     string
	weak     bool
	fn       *btf.Func // a kfunc
	kconfig  bool
	off      uint32     // of a kconfig value
	id       btf.TypeID // in the kernel's BTF; 0 when it is not there
	typeless bool       // void: found in kallsyms only
}

// resolveExterns finds all externs. What is missing and not weak is libbpf's
// to refuse, in its words.
func (l *linker) resolveExterns() {
	types := l.externTypes()
	for i, s := range l.f.syms {
		if i == 0 || s.Section != elf.SHN_UNDEF || s.Name == "" || elf.ST_BIND(s.Info) == elf.STB_LOCAL {
			continue
		}
		x := &extern{name: s.Name, weak: elf.ST_BIND(s.Info) == elf.STB_WEAK}
		l.externs[i] = x
		switch t := types[s.Name].(type) {
		case *btf.Func:
			x.fn = t
			l.resolveKfunc(x)
		case *btf.Var:
			l.resolveVar(x, t)
		default:
			l.refuse("extern '%s': no type in the object's BTF", s.Name)
		}
	}
}

func (l *linker) externTypes() map[string]btf.Type {
	out := map[string]btf.Type{}
	for _, section := range []string{".ksyms", ".kconfig"} {
		for _, v := range l.f.vars(section) {
			out[v.Type.TypeName()] = v.Type
		}
	}
	return out
}

func (l *linker) resolveKfunc(x *extern) {
	id, ok := l.k.types.funcs[verifier.KernelName(x.name)]
	if !ok {
		if !x.weak {
			l.refuse("extern (func ksym) '%s': not found in kernel or module BTFs", x.name)
		}
		return
	}
	t, err := l.k.spec.TypeByID(id)
	fn, isFunc := t.(*btf.Func)
	if err != nil || !isFunc {
		return
	}
	if btf.CheckTypeCompatibility(x.fn.Type, fn.Type) != nil {
		if !x.weak {
			local, _ := l.f.spec.TypeID(x.fn.Type)
			proto, _ := l.k.spec.TypeID(fn.Type)
			l.refuse("extern (func ksym) '%s': func_proto [%d] incompatible with vmlinux [%d]", x.name, local, proto)
		}
		return
	}
	x.id = id
}

func (l *linker) resolveVar(x *extern, v *btf.Var) {
	for _, c := range l.f.vars(".kconfig") {
		if c.Type == btf.Type(v) {
			l.resolveConfig(x, v, c.Size)
			return
		}
	}
	if _, void := btf.UnderlyingType(v.Type).(*btf.Void); void {
		x.typeless = true
		return
	}
	id, ok := l.k.types.vars[verifier.KernelName(x.name)]
	if !ok {
		if !x.weak {
			l.refuse("extern (var ksym) '%s': not found in kernel BTF", x.name)
		}
		return
	}
	x.id = id
}

// presetHZ is CONFIG_HZ of Debian, Fedora up to 41 and others.
const presetHZ = 250

// resolveConfig puts a value of the kernel's configuration into the map.
func (l *linker) resolveConfig(x *extern, v *btf.Var, size uint32) {
	if size == 0 || size > 256 {
		l.refuse("extern (kcfg) '%s': %d bytes", x.name, size)
		return
	}
	x.kconfig = true
	x.off = uint32((len(l.kconfig) + int(min(size, 8)) - 1) / int(min(size, 8)) * int(min(size, 8)))
	l.kconfig = append(l.kconfig, make([]byte, int(x.off)+int(size)-len(l.kconfig))...)
	l.configAt[x.name] = x.off
	at := l.kconfig[x.off:]
	value, ok := l.k.config(x.name)
	switch {
	case ok && strings.HasPrefix(value, `"`):
		copy(at, strings.Trim(value, `"`))
	case ok:
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], configNumber(value, v))
		copy(at, b[:min(size, 8)])
	case x.weak:
	case l.k.Config == nil:
		// What a value is changes few verdicts; that there is none would end it.
		n := uint64(0)
		if x.name == "CONFIG_HZ" {
			n = presetHZ
		}
		at[0] = byte(n)
		l.out.Notes = append(l.out.Notes, fmt.Sprintf("the configuration of Linux %s is not known: %s was taken to be %d", l.k.Release, x.name, n))
	default:
		l.refuse("extern (kcfg) '%s': not found", x.name)
	}
}

// config is a value as Kconfig writes it.
func (k *Kernel) config(name string) (string, bool) {
	switch name {
	case "LINUX_KERNEL_VERSION":
		return strconv.FormatUint(uint64(k.Version), 10), true
	case "LINUX_HAS_BPF_COOKIE", "LINUX_HAS_SYSCALL_WRAPPER":
		return "1", true
	}
	v, ok := k.Config[name]
	return v, ok
}

// configNumber reads y, m, n and numbers; enum libbpf_tristate counts from 0.
func configNumber(value string, v *btf.Var) uint64 {
	_, enum := btf.UnderlyingType(v.Type).(*btf.Enum)
	_, char := btf.UnderlyingType(v.Type).(*btf.Int)
	switch value {
	case "y":
		if i, ok := btf.UnderlyingType(v.Type).(*btf.Int); char && ok && i.Encoding == btf.Char {
			return 'y'
		}
		if enum {
			return 2 // TRI_YES
		}
		return 1
	case "m":
		if enum {
			return 1
		}
		return 'm'
	case "n":
		return 0
	}
	if n, err := strconv.ParseInt(value, 0, 64); err == nil {
		return uint64(n)
	}
	n, _ := strconv.ParseUint(value, 0, 64)
	return n
}

// addKconfig plans the map of __kconfig values.
func (l *linker) addKconfig() {
	if len(l.kconfig) == 0 {
		return
	}
	x := bpf.Map{Type: mapArray, KeySize: 4, ValueSize: uint32(len(l.kconfig)), MaxEntries: 1, Flags: flagReadProg | flagMmap, Inner: bpf.None, BTF: bpf.None}
	if id := l.f.ids[".kconfig"]; id != 0 && l.btf != bpf.None {
		x.BTF, x.ValueType = l.btf, uint32(id)
	}
	l.kconfigMap = l.add(bpf.Step{Op: bpf.OpMap, Name: l.short() + ".kconfig", Map: &x})
	l.add(bpf.Step{Op: bpf.OpUpdate, Name: ".kconfig", On: l.kconfigMap, Key: make([]byte, 4), Data: l.kconfig})
	l.add(bpf.Step{Op: bpf.OpFreeze, Name: ".kconfig", On: l.kconfigMap})
}
