package btfdb

import "strings"

// A Context is what a program's kfunc calls are judged by.
type Context struct {
	Prog      string // program type as libbpf's section prefix names it: "struct_ops", "syscall", "fentry", "tp_btf", ...
	Ops       string // struct_ops: the type, "sched_ext_ops"
	Moff      uint32 // struct_ops: byte offset of the member
	Sleepable bool
	Async     Async // the call is in a callback that runs later
}

// Async says that code runs after its program has set it up, which changes
// what a release judges it by.
type Async uint8

const (
	// Sync code runs inside the program.
	Sync Async = iota
	// Timer is a bpf_timer callback.
	Timer
	// Workqueue is a bpf_wq or task_work callback; it may always sleep.
	Workqueue
)

// progTraits are what filters look at in a program type.
type progTraits struct {
	kind    string // the kernel's program type: "tracing"; key of Facts.Progs
	iter    bool   // expected_attach_type is BPF_TRACE_ITER
	session bool   // kprobe, uprobe or fentry session
	sleeps  bool   // runs sleepable without being asked
	may     bool   // has a sleepable variant (SEC("fentry.s"))
	sendmsg bool   // attached to the LSM hook socket_sendmsg
}

// progs are libbpf's section prefixes (tools/lib/bpf/libbpf.c:section_defs,
// 7.3) without what follows the slash.
var progs = map[string]progTraits{
	"tracing":          {kind: "tracing", may: true},
	"fentry":           {kind: "tracing", may: true},
	"fexit":            {kind: "tracing", may: true},
	"fmod_ret":         {kind: "tracing", may: true},
	"tp_btf":           {kind: "tracing"},
	"fsession":         {kind: "tracing", session: true, may: true},
	"iter":             {kind: "tracing", iter: true, may: true},
	"lsm":              {kind: "lsm", may: true},
	"lsm_cgroup":       {kind: "lsm"},
	"tp":               {kind: "tracepoint"},
	"tracepoint":       {kind: "tracepoint"},
	"raw_tp":           {kind: "raw_tracepoint"},
	"raw_tracepoint":   {kind: "raw_tracepoint"},
	"raw_tp.w":         {kind: "raw_tracepoint_writable"},
	"raw_tracepoint.w": {kind: "raw_tracepoint_writable"},
	"perf_event":       {kind: "perf_event"},
	"syscall":          {kind: "syscall", sleeps: true},
	"kprobe":           {kind: "kprobe"},
	"kretprobe":        {kind: "kprobe"},
	"uprobe":           {kind: "kprobe", may: true},
	"uretprobe":        {kind: "kprobe", may: true},
	"ksyscall":         {kind: "kprobe"},
	"kretsyscall":      {kind: "kprobe"},
	"usdt":             {kind: "kprobe", may: true},
	"kprobe.multi":     {kind: "kprobe"},
	"kretprobe.multi":  {kind: "kprobe"},
	"uprobe.multi":     {kind: "kprobe", may: true},
	"uretprobe.multi":  {kind: "kprobe", may: true},
	"kprobe.session":   {kind: "kprobe", session: true},
	"uprobe.session":   {kind: "kprobe", session: true, may: true},
	"xdp":              {kind: "xdp"},
	"tc":               {kind: "sched_cls"},
	"tcx":              {kind: "sched_cls"},
	"netkit":           {kind: "sched_cls"},
	"classifier":       {kind: "sched_cls"},
	"action":           {kind: "sched_act"},
	"socket":           {kind: "socket_filter"},
	"sk_skb":           {kind: "sk_skb"},
	"sk_msg":           {kind: "sk_msg"},
	"sk_lookup":        {kind: "sk_lookup"},
	"sk_reuseport":     {kind: "sk_reuseport"},
	"flow_dissector":   {kind: "flow_dissector"},
	"lwt_in":           {kind: "lwt_in"},
	"lwt_out":          {kind: "lwt_out"},
	"lwt_xmit":         {kind: "lwt_xmit"},
	"lwt_seg6local":    {kind: "lwt_seg6local"},
	"netfilter":        {kind: "netfilter"},
	"sockops":          {kind: "sock_ops"},
	"cgroup_skb":       {kind: "cgroup_skb"},
}

// exactProgs are sections whose type or treatment depends on what follows the
// slash. libbpf knows no other word behind "cgroup/".
var exactProgs = map[string]progTraits{
	"lsm/socket_sendmsg":      {kind: "lsm", sendmsg: true},
	"cgroup/skb":              {kind: "cgroup_skb"},
	"cgroup/dev":              {kind: "cgroup_device"},
	"cgroup/sysctl":           {kind: "cgroup_sysctl"},
	"cgroup/getsockopt":       {kind: "cgroup_sockopt"},
	"cgroup/setsockopt":       {kind: "cgroup_sockopt"},
	"cgroup/sock":             {kind: "cgroup_sock"},
	"cgroup/sock_create":      {kind: "cgroup_sock"},
	"cgroup/sock_release":     {kind: "cgroup_sock"},
	"cgroup/post_bind4":       {kind: "cgroup_sock"},
	"cgroup/post_bind6":       {kind: "cgroup_sock"},
	"cgroup/bind4":            {kind: "cgroup_sock_addr"},
	"cgroup/bind6":            {kind: "cgroup_sock_addr"},
	"cgroup/connect4":         {kind: "cgroup_sock_addr"},
	"cgroup/connect6":         {kind: "cgroup_sock_addr"},
	"cgroup/connect_unix":     {kind: "cgroup_sock_addr"},
	"cgroup/sendmsg4":         {kind: "cgroup_sock_addr"},
	"cgroup/sendmsg6":         {kind: "cgroup_sock_addr"},
	"cgroup/sendmsg_unix":     {kind: "cgroup_sock_addr"},
	"cgroup/recvmsg4":         {kind: "cgroup_sock_addr"},
	"cgroup/recvmsg6":         {kind: "cgroup_sock_addr"},
	"cgroup/recvmsg_unix":     {kind: "cgroup_sock_addr"},
	"cgroup/getpeername4":     {kind: "cgroup_sock_addr"},
	"cgroup/getpeername6":     {kind: "cgroup_sock_addr"},
	"cgroup/getpeername_unix": {kind: "cgroup_sock_addr"},
	"cgroup/getsockname4":     {kind: "cgroup_sock_addr"},
	"cgroup/getsockname6":     {kind: "cgroup_sock_addr"},
	"cgroup/getsockname_unix": {kind: "cgroup_sock_addr"},
}

// progOf finds the traits of a section name or of a prefix of one:
// "?fentry.s/do_exit", "fentry.s", "fentry". It does not allocate.
func progOf(section string) (name string, t progTraits, ok bool) {
	section = strings.TrimPrefix(section, "?")
	if t, ok = exactProgs[section]; ok {
		return section, t, true
	}
	if section == "lsm.s/socket_sendmsg" {
		return "lsm/socket_sendmsg", exactProgs["lsm/socket_sendmsg"], true
	}
	name, _, _ = strings.Cut(section, "/")
	if t, ok = progs[name]; ok {
		return name, t, true
	}
	name = strings.TrimSuffix(name, ".s")
	t, ok = progs[name]
	return name, t, ok
}

// SectionContext is the context of a program in a section that is not
// struct_ops, as libbpf reads the name: "fentry.s/do_exit". A section of no
// known type gives ok == false.
func SectionContext(section string) (ctx Context, ok bool) {
	name, t, ok := progOf(section)
	if !ok {
		return Context{}, false
	}
	prefix, _, _ := strings.Cut(strings.TrimPrefix(section, "?"), "/")
	return Context{Prog: name, Sleepable: t.sleeps || strings.HasSuffix(prefix, ".s")}, true
}

// MemberContext is the context of a program that implements an ops member.
// It is not ok when the kernel has no such type or member, or the member is
// no callback.
func (k *Kernel) MemberContext(ops, member string, sleepable bool) (ctx Context, ok bool) {
	m := k.Member(ops, member)
	if m == nil || !m.Func {
		return Context{}, false
	}
	return Context{Prog: "struct_ops", Ops: ops, Moff: m.Moff, Sleepable: sleepable}, true
}

// In is the context of a callback that a program in ctx sets up, as this
// kernel verifies it.
//
// A bpf_timer callback does not sleep; up to 6.17 one that a sleepable program
// set was verified as if it did. bpf_wq and task_work callbacks do sleep.
func (k *Kernel) In(ctx Context, async Async) Context {
	switch async {
	case Timer:
		ctx.Async = Timer
		ctx.Sleepable = ctx.Sleepable && CompareReleases(k.Release, "6.18") < 0
	case Workqueue:
		ctx.Async, ctx.Sleepable = Workqueue, true
	}
	return ctx
}
