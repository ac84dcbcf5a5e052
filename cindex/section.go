package cindex

import "strings"

// isOpsSection tells whether variables of a section are ops tables.
func isOpsSection(s string) bool {
	s = strings.TrimPrefix(s, "?")
	return s == ".struct_ops" || s == ".struct_ops.link"
}

// progTypes are the names that libbpf knows at the beginning of a program's
// section, without ".s".
var progTypes = map[string]bool{
	"socket": true, "sk_reuseport": true, "kprobe": true, "uprobe": true, "kretprobe": true,
	"uretprobe": true, "kprobe.multi": true, "kretprobe.multi": true, "kprobe.session": true,
	"uprobe.multi": true, "uretprobe.multi": true, "uprobe.session": true, "ksyscall": true,
	"kretsyscall": true, "usdt": true, "tc": true, "tcx": true, "classifier": true, "action": true,
	"netkit": true, "tracepoint": true, "tp": true, "raw_tracepoint": true, "raw_tp": true,
	"raw_tracepoint.w": true, "raw_tp.w": true, "tp_btf": true, "fentry": true, "fmod_ret": true,
	"fexit": true, "fsession": true, "fsession.multi": true, "fentry.multi": true, "fexit.multi": true,
	"freplace": true, "lsm": true, "lsm_cgroup": true, "iter": true, "syscall": true, "xdp": true,
	"xdp.frags": true, "perf_event": true, "lwt_in": true, "lwt_out": true, "lwt_xmit": true,
	"lwt_seg6local": true, "sockops": true, "sk_skb": true, "sk_msg": true, "lirc_mode2": true,
	"flow_dissector": true, "cgroup_skb": true, "cgroup": true, "struct_ops": true, "sk_lookup": true,
	"netfilter": true,
}

// A section is what a SEC() string says of a program.
type section struct {
	typ       string // "" for what is no program
	sleepable bool
	autoload  bool
}

// readSection takes a SEC() string apart.
func readSection(s string) section {
	name, off := strings.CutPrefix(s, "?")
	name, _, _ = strings.Cut(name, "/")
	out := section{autoload: !off}
	if base, ok := strings.CutSuffix(name, ".s"); ok && progTypes[base] {
		out.typ, out.sleepable = base, true
	} else if progTypes[name] {
		out.typ = name
	}
	return out
}
