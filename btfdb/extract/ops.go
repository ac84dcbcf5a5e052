package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// valuePrefix starts the name of the struct that the kernel makes for every
// struct_ops type (kernel/bpf/bpf_struct_ops.c:VALUE_PREFIX).
const valuePrefix = "bpf_struct_ops_"

// notOps have the prefix but belong to the machinery.
var notOps = []string{"common_value", "desc", "arg_info", "map", "value", "link", "state", "tramp"}

// opsFacts lists the struct_ops types and their members.
func opsFacts(t *types) (ops []btfdb.OpsType, members []*btfdb.Member) {
	for name := range t.ids {
		typ, ok := strings.CutPrefix(name, valuePrefix)
		list, size := t.members(typ)
		if !ok || list == nil || slices.Contains(notOps, typ) {
			continue
		}
		typ = strings.Clone(typ)
		ops = append(ops, btfdb.OpsType{Name: typ, Size: size})
		for _, m := range list {
			if m.Name != "" {
				members = append(members, memberFact(typ, m))
			}
		}
	}
	return ops, members
}

func memberFact(ops string, m btf.Member) *btfdb.Member {
	x := &btfdb.Member{Ops: ops, Name: m.Name, Moff: m.Offset.Bytes(), Proto: declare(m.Type, m.Name)}
	if p, ok := btf.UnderlyingType(m.Type).(*btf.Pointer); ok {
		_, x.Func = p.Target.(*btf.FuncProto)
	}
	return x
}

// An allowTable is an array of flags by member offset / 8 that a filter looks
// up (scx: kernel/sched/ext.c, 7.1; qdisc: net/sched/bpf_qdisc.c, 6.16).
type allowTable struct {
	symbol string
	prefix string // of the enum's names
	ops    []string
}

var allowTables = []allowTable{
	{"scx_kf_allow_flags", "SCX_KF_ALLOW_", []string{"sched_ext_ops", "sched_ext_ops_cid"}},
	{"qdisc_ops_context_flags", "QDISC_OPS_KF_", []string{"Qdisc_ops"}},
}

// readAllow sets Allow of the members whose tables the image has.
func readAllow(img *image, t *types, members []*btfdb.Member) error {
	for _, table := range allowTables {
		addr := img.syms.find(table.symbol)
		if addr == 0 {
			continue
		}
		r := img.syms.extent(addr)
		if r.size > 4096 {
			return fmt.Errorf("%s at %#x: %d bytes", table.symbol, addr, r.size)
		}
		data, err := img.mem.read(addr, int(r.size&^3))
		if err != nil {
			return errIn(table.symbol, err)
		}
		names := t.enumNames(table.prefix)
		for _, m := range members {
			if !m.Func || !slices.Contains(table.ops, m.Ops) || int(m.Moff/8*4)+4 > len(data) {
				continue
			}
			if m.Allow, err = allowNames(binary.LittleEndian.Uint32(data[m.Moff/8*4:]), names); err != nil {
				return fmt.Errorf("%s: %s.%s: %w", table.symbol, m.Ops, m.Name, err)
			}
		}
	}
	return nil
}

func allowNames(word uint32, names map[uint64]string) ([]string, error) {
	var out []string
	for bit := uint32(1); bit != 0; bit <<= 1 {
		if word&bit == 0 {
			continue
		}
		name := names[uint64(bit)]
		if name == "" {
			return nil, fmt.Errorf("flag %#x has no name", bit)
		}
		out = append(out, name)
	}
	return out, nil
}

// readStubs finds members without a cfi stub, to which no program can be
// attached (kernel/bpf/bpf_struct_ops.c:bpf_struct_ops_supported). The stubs
// are a struct of the type itself, __bpf_ops_TYPE.
func readStubs(img *image, ops []btfdb.OpsType, members []*btfdb.Member) error {
	for _, o := range ops {
		addr := img.syms.find("__bpf_ops_" + o.Name)
		if addr == 0 || o.Size > 1<<16 || !strings.HasPrefix(o.Name, "sched_ext_ops") {
			continue
		}
		data, err := img.mem.read(addr, int(o.Size))
		if err != nil {
			return errIn("__bpf_ops_"+o.Name, err)
		}
		for _, m := range members {
			if m.Ops == o.Name && m.Func {
				if int(m.Moff)+8 > len(data) {
					return errIn("__bpf_ops_"+o.Name, errors.New("member outside of its struct"))
				}
				m.NoStub = binary.LittleEndian.Uint64(data[m.Moff:]) == 0
			}
		}
	}
	return nil
}

func errIn(what string, err error) error { return fmt.Errorf("%s: %w", what, err) }
