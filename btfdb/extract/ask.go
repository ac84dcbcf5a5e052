package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Where the arguments of emulated functions are.
const (
	argType   = 0x10000
	argMember = 0x20000
	argProg   = 0x30000
	argKset   = 0x40000
	argSet    = 0x50000
)

// askSleepable runs bpf_scx_check_member(type, member, prog) for every
// callback, with a program that sleeps.
func askSleepable(img *image, members []*btfdb.Member) error {
	c, err := newCPU(img, "bpf_scx_check_member")
	if err != nil {
		return err
	}
	for _, m := range members {
		if !m.Func || !strings.HasPrefix(m.Ops, "sched_ext_ops") {
			continue
		}
		// struct btf_member: name_off, type, offset in bits.
		c.poke(argMember+8, uint64(m.Moff)*8, 4)
		// struct bpf_prog: prog->sleepable is among the bits of the first word.
		c.poke(argProg, ^uint64(0), 8)
		if err := c.run(argType, argMember, argProg); err != nil {
			return fmt.Errorf("bpf_scx_check_member(%s): %w", m.Name, err)
		}
		switch errno := int32(c.regs[0]); errno {
		case 0:
			m.Sleepable = true
		case -22:
			m.Sleepable = false
		default:
			return fmt.Errorf("bpf_scx_check_member(%s): answers %d", m.Name, errno)
		}
		m.SleepKnown = true
	}
	return nil
}

// hookOfEnum names enum btf_kfunc_hook. Its numbers change between releases.
var hookOfEnum = map[string]btfdb.Hooks{
	"COMMON": btfdb.HookCommon, "XDP": btfdb.HookXDP, "TC": btfdb.HookTC, "STRUCT_OPS": btfdb.HookStructOps,
	"TRACING": btfdb.HookTracing, "SYSCALL": btfdb.HookSyscall, "FMODRET": btfdb.HookFmodRet,
	"CGROUP": btfdb.HookCgroup, "CGROUP_SKB": btfdb.HookCgroup, "SCHED_ACT": btfdb.HookSchedAct,
	"SK_SKB": btfdb.HookSkSkb, "SOCKET_FILTER": btfdb.HookSocketFilter, "LWT": btfdb.HookLWT,
	"NETFILTER": btfdb.HookNetfilter, "KPROBE": btfdb.HookKprobe,
}

// askHooks runs register_btf_kfunc_id_set(prog_type, kset) for every program
// type up to the call of __register_btf_kfunc_id_set(hook, kset).
func askHooks(img *image, t *types) ([]btfdb.ProgHook, error) {
	c, err := newCPU(img, "register_btf_kfunc_id_set")
	if err != nil {
		return nil, err
	}
	names := t.enumNames("BTF_KFUNC_HOOK_")
	if len(names) == 0 {
		return nil, errors.New("btf: no enum btf_kfunc_hook")
	}
	c.poke(argKset+8, argSet, 8)   // kset->set
	c.poke(argSet+4, setKfuncs, 4) // set->flags
	var hooks []btfdb.ProgHook
	for prog, kind := range progKinds {
		if err := c.run(uint64(prog), argKset, 0); err != nil {
			return nil, fmt.Errorf("register_btf_kfunc_id_set(%s): %w", kind, err)
		}
		name, ok := names[c.regs[7]]
		if !ok {
			return nil, fmt.Errorf("register_btf_kfunc_id_set(%s): hook %d", kind, c.regs[7])
		}
		h, ok := hookOfEnum[name]
		if !ok && name != "MAX" {
			return nil, fmt.Errorf("btf: unknown hook BTF_KFUNC_HOOK_%s", name)
		}
		hooks = append(hooks, btfdb.ProgHook{Prog: kind, Hook: h})
	}
	return hooks, nil
}
