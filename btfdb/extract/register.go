package extract

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A registration is one call of register_btf_kfunc_id_set(prog_type, kset)
// that the kernel makes while it boots.
type registration struct {
	prog   uint32 // enum bpf_prog_type; fmodRet for register_btf_fmodret_id_set
	set    uint64 // address of the set8
	filter uint64 // address of the filter; 0 if there is none
}

const fmodRet = ^uint32(0)

// registrars are the functions that register sets. The first takes a program
// type before the set.
var registrars = []string{"register_btf_kfunc_id_set", "register_btf_fmodret_id_set"}

// findRegistrations decodes the functions that call a registrar and follows
// the constants in the argument registers. Built-in code only: x86-64.
func findRegistrations(img *image) ([]registration, error) {
	if !img.x86 {
		return nil, fmt.Errorf("registrations: only x86-64 code can be read")
	}
	targets := map[uint64]bool{} // true: has a program type
	for i, name := range registrars {
		if addr := img.syms.find(name); addr != 0 {
			targets[addr] = i == 0
		}
	}
	mem, ok := img.mem.(*elfMemory)
	if !ok || len(targets) == 0 {
		return nil, fmt.Errorf("registrations: no code of %s", strings.Join(registrars, " or "))
	}
	var regs []registration
	for _, s := range mem.secs {
		if !strings.HasSuffix(s.Name, "text") {
			continue
		}
		data, err := mem.data(s)
		if err != nil {
			return nil, err
		}
		found, err := scanCalls(img, data, s.Addr, targets)
		if err != nil {
			return nil, err
		}
		regs = append(regs, found...)
	}
	return regs, nil
}

// scanCalls looks for call and jmp instructions (a tail call) to the targets
// in raw bytes, then runs through each function that has one.
func scanCalls(img *image, text []byte, base uint64, targets map[uint64]bool) ([]registration, error) {
	done := map[uint64]bool{}
	var regs []registration
	for i := 0; i+5 <= len(text); i++ {
		if text[i] != 0xe8 && text[i] != 0xe9 {
			continue
		}
		dest := base + uint64(i+5) + uint64(int64(int32(binary.LittleEndian.Uint32(text[i+1:]))))
		if _, ok := targets[dest]; !ok {
			continue
		}
		start, _ := img.syms.function(base + uint64(i))
		if done[start] || start < base {
			continue
		}
		done[start] = true
		size := min(img.syms.extent(start).size, uint64(len(text))-(start-base), 1<<14)
		found, err := followCalls(img, text[start-base:start-base+size], start, targets)
		if err != nil {
			return nil, err
		}
		regs = append(regs, found...)
	}
	return regs, nil
}

// followCalls tracks which registers hold constants through a function, in
// address order. Compilers lay the chains of registrations out in order, with
// branches only to the error path, so that is enough; a register that anything
// else writes is not a constant any more.
func followCalls(img *image, code []byte, addr uint64, targets map[uint64]bool) ([]registration, error) {
	var regs []registration
	known := map[x86asm.Reg]uint64{}
	for off := 0; off < len(code); {
		in, n := decodeX86(code[off:])
		next := addr + uint64(off+n)
		if dest, ok := branchTarget(in, next); ok && (in.Op == x86asm.CALL || in.Op == x86asm.JMP) {
			if hasType, ok := targets[dest]; ok {
				r, err := registrationOf(img, known, hasType)
				if err != nil {
					return nil, fmt.Errorf("call at %#x: %w", addr+uint64(off), err)
				}
				regs = append(regs, r)
			}
		}
		trackConstants(known, in, next)
		off += n
	}
	return regs, nil
}

// registrationOf reads the struct btf_kfunc_id_set that rsi (or rdi) points
// at: owner, set, filter (include/linux/btf.h).
func registrationOf(img *image, known map[x86asm.Reg]uint64, hasType bool) (registration, error) {
	r := registration{prog: fmodRet}
	arg := x86asm.RDI
	if hasType {
		prog, ok := known[x86asm.RDI]
		if !ok {
			return r, fmt.Errorf("program type is not a constant")
		}
		r.prog, arg = uint32(prog), x86asm.RSI
	}
	kset, ok := known[arg]
	if !ok {
		return r, fmt.Errorf("set is not a constant")
	}
	data, err := img.mem.read(kset, 24)
	if err != nil {
		return r, fmt.Errorf("struct btf_kfunc_id_set: %w", err)
	}
	r.set, r.filter = binary.LittleEndian.Uint64(data[8:]), binary.LittleEndian.Uint64(data[16:])
	return r, nil
}

// progKinds names enum bpf_prog_type as the data does. The numbers are user
// ABI (include/uapi/linux/bpf.h).
var progKinds = []string{
	"unspec", "socket_filter", "kprobe", "sched_cls", "sched_act", "tracepoint", "xdp", "perf_event", "cgroup_skb",
	"cgroup_sock", "lwt_in", "lwt_out", "lwt_xmit", "sock_ops", "sk_skb", "cgroup_device", "sk_msg", "raw_tracepoint",
	"cgroup_sock_addr", "lwt_seg6local", "lirc_mode2", "sk_reuseport", "flow_dissector", "cgroup_sysctl",
	"raw_tracepoint_writable", "cgroup_sockopt", "tracing", "struct_ops", "ext", "lsm", "sk_lookup", "syscall",
	"netfilter",
}

// hookOfProg maps a program type to its hook with the kernel's own table.
func hookOfProg(prog uint32, hooks []btfdb.ProgHook) (btfdb.Hooks, bool) {
	switch {
	case prog == fmodRet:
		return btfdb.HookFmodRet, true
	case prog == 0:
		return btfdb.HookCommon, true
	case int(prog) >= len(progKinds):
		return 0, false
	}
	i := slices.IndexFunc(hooks, func(p btfdb.ProgHook) bool { return p.Prog == progKinds[prog] })
	if i < 0 {
		return 0, false
	}
	return hooks[i].Hook, true
}
