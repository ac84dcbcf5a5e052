package btfdb

import (
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, spec string) *Kernel {
	t.Helper()
	k, err := Load(spec)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestVerdictText has the kernels' own messages.
func TestVerdictText(t *testing.T) {
	for _, c := range []struct {
		kernel, op, kfunc string
		sleepable         bool
		outcome           Outcome
		decider, text     string
	}{
		{
			"7.3", "enqueue", "scx_bpf_dsq_move_to_local", false, RefusedLoad, "scx_kfunc_context_filter",
			"calling kernel function scx_bpf_dsq_move_to_local is not allowed",
		},
		{
			"7.3", "enqueue", "bpf_crypto_encrypt", false, RefusedLoad, "check_kfunc_call",
			"calling kernel function bpf_crypto_encrypt is not allowed",
		},
		{
			"7.3", "init", "scx_bpf_create_dsq", false, NotSleepable, "check_kfunc_call",
			"program must be sleepable to call sleepable kfunc scx_bpf_create_dsq",
		},
		{"7.3", "init", "scx_bpf_create_dsq", true, Allowed, "", ""},
		{
			"7.3", "init", "scx_bpf_consume", true, NotThere, "libbpf: bpf_object__resolve_ksym_func_btf_id",
			"extern (func ksym) 'scx_bpf_consume': not found in kernel or module BTFs",
		},
		{
			"7.3", "init", "scx_bpf_create_dsq_impl", true, NotThere, "libbpf: bpf_object__resolve_ksym_func_btf_id",
			"extern (func ksym) 'scx_bpf_create_dsq_impl': not found in kernel or module BTFs",
		},
		{
			"7.1", "enqueue", "scx_bpf_kick_cpu", false, NotCallable, "resolve_btfids",
			"cannot find function scx_bpf_kick_cpu_impl in BTF",
		},
		{
			"6.19", "running", "scx_bpf_dsq_insert", false, AbortedRun, "scx_kf_allowed",
			"kfunc with mask 0x6 called from an operation only allowing 0x10",
		},
		{
			"6.19", "dispatch", "scx_bpf_task_cgroup", false, AbortedRun, "scx_kf_allowed_on_arg_tasks",
			"called on a task not being operated on",
		},
		{
			"6.12", "enqueue", "scx_bpf_select_cpu_dfl", false, AbortedRun, "scx_kf_allowed",
			"kfunc with mask 0x8 called from an operation only allowing 0x4",
		},
		{
			"6.13", "tick", "scx_bpf_task_cgroup", false, AbortedRun, "scx_kf_allowed_on_arg_tasks",
			"called on a task not being operated on",
		},
		{"6.12", "tick", "scx_bpf_task_cgroup", false, Allowed, "", ""},
		{
			"7.0", "cgroup_move", "scx_bpf_dsq_move", false, AbortedRun, "scx_kf_allowed",
			"kfunc with mask 0x2 called from an operation only allowing 0x10",
		},
		{"6.14", "enqueue", "bpf_rcu_read_lock", false, Unknown, "", ""},
	} {
		k := load(t, c.kernel)
		ctx, ok := k.MemberContext("sched_ext_ops", c.op, c.sleepable)
		v := k.Query(ctx, c.kfunc)
		if !ok || v.Outcome != c.outcome || v.Decider != c.decider || v.Text(c.kfunc) != c.text {
			t.Errorf("%s: %s × %s: %v, %q, %q", c.kernel, c.op, c.kfunc, v.Outcome, v.Decider, v.Text(c.kfunc))
		}
	}
}

// TestUnknownContexts: what the data does not hold is Unknown, not refused.
func TestUnknownContexts(t *testing.T) {
	k := load(t, "7.3")
	for _, ctx := range []Context{
		{},
		{Prog: "no_such_type"},
		{Prog: "struct_ops", Ops: "no_such_ops"},
		{Prog: "struct_ops", Ops: "sched_ext_ops", Moff: 3},
		{Prog: "struct_ops", Ops: "sched_ext_ops", Moff: 1 << 30},
	} {
		if v := k.Query(ctx, "scx_bpf_dsq_insert"); v.Outcome != Unknown {
			t.Errorf("%+v: %v", ctx, v.Outcome)
		}
	}
	if _, ok := k.MemberContext("sched_ext_ops", "name", false); ok {
		t.Error("a data member is a context")
	}
}

// TestAbsent: a kfunc that may be a module's is not said to be missing.
func TestAbsent(t *testing.T) {
	k := load(t, "6.16")
	ctx, _ := k.MemberContext("sched_ext_ops", "init", true)
	for kfunc, want := range map[string]Outcome{
		"scx_bpf_no_such_kfunc": NotThere,
		"bpf_list_push_back":    NotThere, // built in since 7.1
		"bpf_xdp_ct_lookup":     Unknown,  // nf_conntrack's
		"bpf_no_such_kfunc":     Unknown,
	} {
		if got := k.Query(ctx, kfunc).Outcome; got != want {
			t.Errorf("%s: %v, want %v", kfunc, got, want)
		}
	}
}

// TestUnknownFilter: a filter that has no model makes its sets Unknown where
// it is asked, and leaves the others alone.
func TestUnknownFilter(t *testing.T) {
	text := strings.ReplaceAll(tinyData, "scx_kfunc_context_filter", "some_new_filter")
	k, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	ctx, _ := k.MemberContext("sched_ext_ops", "tick", false)
	if v := k.Query(ctx, "scx_bpf_now"); v.Outcome != Unknown {
		t.Errorf("outcome %v, want unknown", v.Outcome)
	}
}

// TestAsync: what a callback that runs later is judged by.
func TestAsync(t *testing.T) {
	for _, c := range []struct {
		kernel, op string
		async      Async
		kfunc      string
		want       Outcome
	}{
		{"7.0", "enqueue", Timer, "scx_bpf_dsq_insert", AbortedRun},
		{"7.0", "enqueue", Timer, "scx_bpf_dsq_move", Allowed},
		{"7.3", "enqueue", Timer, "scx_bpf_dsq_insert", Allowed}, // the hole of 7.1 and later
		{"7.3", "init", Timer, "scx_bpf_dsq_insert", RefusedLoad},
		{"7.3", "init", Timer, "scx_bpf_create_dsq", NotSleepable},
		{"6.17", "init", Timer, "scx_bpf_create_dsq", Allowed},
		{"7.0", "enqueue", Workqueue, "scx_bpf_create_dsq", Allowed},
		{"7.3", "enqueue", Workqueue, "scx_bpf_create_dsq", RefusedLoad},
	} {
		k := load(t, c.kernel)
		m := k.Member("sched_ext_ops", c.op)
		ctx, _ := k.MemberContext("sched_ext_ops", c.op, m.Sleepable)
		if v := k.Query(k.In(ctx, c.async), c.kfunc); v.Outcome != c.want {
			t.Errorf("%s: %s, later, × %s: %v, want %v", c.kernel, c.op, c.kfunc, v.Outcome, c.want)
		}
	}
}

func TestAllowedIn(t *testing.T) {
	k := load(t, "7.3")
	names := func(kfunc string) (out []string) {
		for _, p := range k.AllowedIn(kfunc) {
			out = append(out, p.Name)
		}
		return out
	}
	want := []string{"sched_ext_ops.dispatch", "sched_ext_ops_cid.dispatch", "sched_ext_ops_cid.sub_ecaps_updated"}
	if got := names("scx_bpf_dsq_move_to_local"); !slices.Equal(got, want) {
		t.Errorf("scx_bpf_dsq_move_to_local: %v", got)
	}
	for _, p := range k.AllowedIn("scx_bpf_create_dsq") {
		if !p.OnlySleepable {
			t.Errorf("scx_bpf_create_dsq in %s without a sleepable program", p.Name)
		}
	}
	if got := names("no_such_kfunc"); got != nil {
		t.Errorf("no_such_kfunc: %v", got)
	}
}

// TestTypes: guards are answered from BTF, and not guessed beyond it.
func TestTypes(t *testing.T) {
	new, old := load(t, "7.3"), load(t, "6.16")
	for _, c := range []struct {
		what      string
		got, want Tri
	}{
		{"7.3 args", new.HasType("scx_bpf_select_cpu_and_args"), Yes},
		{"6.16 args", old.HasType("scx_bpf_select_cpu_and_args"), No},
		{"6.12 args", load(t, "6.12").HasType("scx_bpf_select_cpu_and_args"), No},
		{"6.13 args", load(t, "6.13").HasType("scx_bpf_select_cpu_and_args"), NotKnown},
		{"flavour", new.HasType("task_struct___old"), Yes},
		{"untracked", new.HasType("some_driver_state"), NotKnown},
		{"field", new.HasField("task_struct", "migration_disabled"), Yes},
		{"no field", new.HasField("task_struct", "no_such_field"), No},
		{"anonymous", new.HasField("sched_ext_entity", "dsq_vtime"), Yes},
		{"ops member", new.HasField("sched_ext_ops", "init_cids"), Yes},
		{"no ops member", old.HasField("sched_ext_ops", "init_cids"), No},
		{"field of untracked", new.HasField("some_driver_state", "x"), NotKnown},
		{"nested", new.HasField("task_struct", "scx.slice"), NotKnown},
		{"value", new.HasEnumValue("scx_enq_flags", "SCX_ENQ_IMMED"), Yes},
		{"no value", old.HasEnumValue("scx_enq_flags", "SCX_ENQ_IMMED"), No},
		{"no enum", new.HasEnumValue("some_enum", "X"), NotKnown},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if v, ok := new.EnumValue("SCX_SLICE_INF"); !ok || v.Value != ^uint64(0) {
		t.Errorf("SCX_SLICE_INF = %#x, %v", v.Value, ok)
	}
}

func TestParams(t *testing.T) {
	k := load(t, "7.3")
	f := k.Kfunc("scx_bpf_select_cpu_dfl")
	want := []Param{{"struct task_struct *", "p"}, {"s32", "prev_cpu"}, {"u64", "wake_flags"}, {"bool *", "is_idle"}}
	if f.Ret() != "s32" || !slices.Equal(f.Params(), want) {
		t.Errorf("%q: returns %q, takes %q", f.Proto, f.Ret(), f.Params())
	}
	m := k.Member("sched_ext_ops", "select_cpu")
	if want := []Param{{"struct task_struct *", ""}, {"s32", ""}, {"u64", ""}}; m.Ret() != "s32" || !slices.Equal(m.Params(), want) {
		t.Errorf("%q: returns %q, takes %q", m.Proto, m.Ret(), m.Params())
	}
	if p := k.Kfunc("scx_bpf_get_online_cpumask"); p.Ret() != "const struct cpumask *" || p.Params() != nil {
		t.Errorf("%q: returns %q, takes %q", p.Proto, p.Ret(), p.Params())
	}
}

// TestEveryProtoParses: nothing in the data is lost in the structured form.
func TestEveryProtoParses(t *testing.T) {
	for _, x := range Releases() {
		k, err := x.Load()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range k.Kfuncs() {
			if f.Ret() == "" {
				t.Errorf("%s: %s: no return type in %q", k, f.Name, f.Proto)
			}
			for _, p := range f.Params() {
				if p.Name == "" && p.Type != "..." || p.Type == "" {
					t.Errorf("%s: %s: parameter %q in %q", k, f.Name, p, f.Proto)
				}
			}
		}
	}
}

func TestHistory(t *testing.T) {
	for _, c := range []struct{ kfunc, since, until string }{
		{"scx_bpf_consume", "6.12", "6.17"},
		{"scx_bpf_dsq_insert", "6.13", ""},
		{"scx_bpf_cpu_rq", "6.12", "7.3"},
		{"scx_bpf_dsq_peek", "6.19", ""},
		{"bpf_rcu_read_lock", "6.12", ""},
	} {
		if l, ok := History(c.kfunc); !ok || l.Since != c.since || l.Until != c.until {
			t.Errorf("%s: %+v, %v", c.kfunc, l, ok)
		}
	}
	if _, ok := History("no_such_kfunc"); ok {
		t.Error("no_such_kfunc has a history")
	}
}

func TestSectionContext(t *testing.T) {
	for _, c := range []struct {
		section, prog string
		sleepable     bool
	}{
		{"fentry/do_exit", "fentry", false},
		{"?fentry.s/do_exit", "fentry", true},
		{"tp_btf/sched_switch", "tp_btf", false},
		{"syscall", "syscall", true},
		{"kprobe.session/x", "kprobe.session", false},
		{"lsm.s/socket_sendmsg", "lsm/socket_sendmsg", true},
		{"cgroup/skb", "cgroup/skb", false},
	} {
		ctx, ok := SectionContext(c.section)
		if !ok || ctx.Prog != c.prog || ctx.Sleepable != c.sleepable {
			t.Errorf("%s: %+v, %v", c.section, ctx, ok)
		}
	}
	for _, section := range []string{"struct_ops/enqueue", ".maps", "", "license", "fentryx"} {
		if ctx, ok := SectionContext(section); ok {
			t.Errorf("%s: %+v", section, ctx)
		}
	}
}

func TestFlags(t *testing.T) {
	f := FlagAcquire | FlagRCU | 1<<30
	if got := f.String(); got != "KF_ACQUIRE | KF_RCU | KF_BIT30" {
		t.Errorf("%q", got)
	}
	for _, name := range f.Names() {
		if bit, ok := FlagByName(name); !ok || !f.Has(bit) {
			t.Errorf("%s: %#x, %v", name, bit, ok)
		}
	}
}
