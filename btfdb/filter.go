package btfdb

import "slices"

// answer is what is known of one group in one context.
type answer uint8

const (
	no answer = iota
	unknown
	yes
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// subject is a program as filters see it.
type subject struct {
	traits progTraits
	ops    string
	member *Member // nil outside struct_ops
}

func (s *subject) structOps() bool { return s.traits.kind == "struct_ops" }

// A filterModel says what a btf_kfunc_filter_t of the kernel answers.
//
// Models are written by hand after the kernel's functions; which sets a filter
// governs is read from the image. A filter without a model makes the kfuncs
// of its sets Unknown.
type filterModel struct {
	// parts are sets that split the governed ones: the filter treats kfuncs
	// inside and outside differently. A suffix matches.
	parts []string
	// accept judges the kfuncs of one governed set; part is the index in
	// parts of each part that they are in, as bits.
	accept func(f *Facts, set string, part uint, s *subject) answer
}

var filterModels = map[string]*filterModel{
	// kernel/sched/ext.c, 7.1 and 7.2; kernel/sched/ext/ext.c, 7.3.
	"scx_kfunc_context_filter": {parts: []string{"scx_kfunc_ids_cpu_only"}, accept: acceptSCX},
	// fs/bpf_fs_kfuncs.c: LSM programs; since 7.3 also binfmt_misc_ops, but
	// for the members of a list of its own.
	"bpf_fs_kfuncs_filter": {parts: []string{"bpf_fs_kfunc_lsm_only_ids"}, accept: acceptFS},
	// fs/verity/measure.c
	"bpf_get_fsverity_digest_filter": {accept: func(_ *Facts, _ string, _ uint, s *subject) answer {
		return answerOf(s.traits.kind == "lsm")
	}},
	// net/core/filter.c
	"tracing_iter_filter": {accept: func(_ *Facts, _ string, _ uint, s *subject) answer {
		return answerOf(s.traits.iter)
	}},
	// kernel/trace/bpf_trace.c: bpf_kprobe_multi_filter up to 6.19,
	// bpf_session_filter since, which also knows fsession.
	"bpf_kprobe_multi_filter": {accept: acceptSession},
	"bpf_session_filter":      {accept: acceptSession},
	// net/sched/bpf_qdisc.c
	"bpf_qdisc_kfunc_filter": {
		parts:  []string{"qdisc_common_kfunc_set", "qdisc_enqueue_kfunc_set", "qdisc_dequeue_kfunc_set"},
		accept: acceptQdisc,
	},
	// net/core/bpf_ksock.c: SYSCALL, and LSM but on socket_sendmsg.
	"bpf_ksock_kfunc_filter": {accept: func(_ *Facts, _ string, _ uint, s *subject) answer {
		return answerOf(s.traits.kind == "syscall" || s.traits.kind == "lsm" && !s.traits.sendmsg)
	}},
}

func acceptSession(_ *Facts, _ string, _ uint, s *subject) answer {
	return answerOf(s.traits.session)
}

func acceptFS(f *Facts, _ string, part uint, s *subject) answer {
	switch {
	case s.traits.kind == "lsm":
		return yes
	case s.structOps() && s.ops == "binfmt_misc_ops":
		known := slices.ContainsFunc(f.Sets, func(x Set) bool { return x.Name == "bpf_fs_kfunc_lsm_only_ids" })
		if !known {
			return unknown
		}
		return answerOf(part == 0)
	}
	return no
}

func acceptQdisc(f *Facts, _ string, part uint, s *subject) answer {
	const common, enqueue, dequeue = 1, 2, 4
	if !s.structOps() || s.ops != "Qdisc_ops" {
		return no
	}
	if !slices.ContainsFunc(f.Sets, func(x Set) bool { return x.Name == "qdisc_common_kfunc_set" }) {
		return unknown
	}
	can := uint(common)
	if s.member != nil && slices.Contains(s.member.Allow, "ENQUEUE") {
		can |= enqueue
	}
	if s.member != nil && slices.Contains(s.member.Allow, "DEQUEUE") {
		can |= dequeue
	}
	return answerOf(part&can != 0)
}

// scxAlways stands for the groups that every scx callback may call.
const scxAlways = "always"

// scxAllow names the bit of enum scx_kf_allow_flags for each set.
var scxAllow = map[string]string{
	"scx_kfunc_ids_any": scxAlways, "scx_kfunc_ids_idle": scxAlways, "scx_kfunc_ids_cid": scxAlways,
	"scx_kfunc_ids_unlocked": "UNLOCKED", "scx_kfunc_ids_init": "INIT", "scx_kfunc_ids_init_cids": "INIT_CIDS",
	"scx_kfunc_ids_cpu_release": "CPU_RELEASE", "scx_kfunc_ids_dispatch": "DISPATCH",
	"scx_kfunc_ids_enqueue_dispatch": "ENQUEUE", "scx_kfunc_ids_select_cpu": "SELECT_CPU",
}

func acceptSCX(_ *Facts, set string, part uint, s *subject) answer {
	bit := scxAllow[set]
	always := bit == scxAlways
	switch {
	case bit == "":
		return unknown // a group of a newer kernel
	case s.traits.kind == "syscall":
		return answerOf(always || bit == "UNLOCKED" || bit == "SELECT_CPU")
	case !s.structOps():
		return answerOf(always)
	case s.ops != "sched_ext_ops" && s.ops != "sched_ext_ops_cid":
		return no
	case s.ops == "sched_ext_ops_cid" && part != 0:
		return no
	case always:
		return yes
	case s.member == nil:
		return unknown
	}
	return answerOf(slices.Contains(s.member.Allow, bit))
}

// PartSet reports whether a filter treats the members of a plain BTF id set
// in its own way, so that the data must hold it.
func PartSet(name string) bool {
	for _, m := range filterModels {
		if slices.Contains(m.parts, name) {
			return true
		}
	}
	return false
}
