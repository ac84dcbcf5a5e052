package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Show prints what a kernel says of a kfunc or of an ops member: "dispatch",
// "sched_ext_ops_cid.dispatch", "scx_bpf_dsq_insert".
func Show(w io.Writer, k *btfdb.Kernel, name string) error {
	var b strings.Builder
	found := false
	if f := k.Kfunc(name); f != nil {
		showKfunc(&b, k, f)
		found = true
	}
	for _, m := range membersNamed(k, name) {
		showMember(&b, k, m)
		found = true
	}
	if !found {
		return notFound(k, name)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func notFound(k *btfdb.Kernel, name string) error {
	if l, ok := btfdb.History(name); ok {
		until := "the newest known release"
		if l.Until != "" {
			until = "before " + l.Until
		}
		return fmt.Errorf("%s: not in Linux %s; known from %s to %s", name, k.Build, l.Since, until)
	}
	return fmt.Errorf("%s: no kfunc and no ops member of Linux %s", name, k.Build)
}

// membersNamed finds TYPE.MEMBER, or MEMBER in the sched_ext types.
func membersNamed(k *btfdb.Kernel, name string) (list []*btfdb.Member) {
	name = strings.TrimPrefix(name, "ops.")
	if ops, member, ok := strings.Cut(name, "."); ok {
		if m := k.Member(ops, member); m != nil {
			list = append(list, m)
		}
		return list
	}
	for _, o := range k.OpsTypes() {
		if m := k.Member(o.Name, name); m != nil && strings.HasPrefix(o.Name, "sched_ext_ops") {
			list = append(list, m)
		}
	}
	return list
}

func showKfunc(b *strings.Builder, k *btfdb.Kernel, f *btfdb.Kfunc) {
	fmt.Fprintf(b, "%s  (Linux %s)\n", f.Proto, k.Build)
	if f.Flags != 0 {
		fmt.Fprintf(b, "flags: %s\n", f.Flags)
	}
	var groups []string
	for _, s := range f.Sets {
		groups = append(groups, btfdb.GroupName(s))
	}
	fmt.Fprintf(b, "groups: %s\n", strings.Join(groups, ", "))
	if l, ok := btfdb.History(f.Name); ok {
		fmt.Fprintf(b, "known releases: %s\n", strings.Join(l.Present, " "))
	}
	if f.Broken {
		b.WriteString("not callable on this build: BTF has no " + f.Name + "_impl (KF_IMPLICIT_ARGS)\n")
	}
	if f.Accept != 0 {
		fmt.Fprintf(b, "accepts kf_mask: %s\n", f.Accept)
	}
	b.WriteString("may be called from:\n")
	for _, p := range k.AllowedIn(f.Name) {
		note := ""
		if p.OnlySleepable {
			note = "  (only in a sleepable program)"
		}
		fmt.Fprintf(b, "  %s%s\n", p.Name, note)
	}
}

func showMember(b *strings.Builder, k *btfdb.Kernel, m *btfdb.Member) {
	fmt.Fprintf(b, "%s.%s at offset %d  (Linux %s)\n  %s\n", m.Ops, m.Name, m.Moff, k.Build, m.Proto)
	if !m.Func {
		return
	}
	switch {
	case m.NoStub:
		b.WriteString("  takes no program: the kernel has no cfi stub for it\n")
	case m.SleepKnown && m.Sleepable:
		b.WriteString("  may be a sleepable program (struct_ops.s)\n")
	case m.SleepKnown:
		b.WriteString("  must not be a sleepable program\n")
	}
	if m.State != 0 {
		fmt.Fprintf(b, "  kf_mask while it runs: %s\n", m.State)
	}
	ctx := btfdb.Context{Prog: "struct_ops", Ops: m.Ops, Moff: m.Moff, Sleepable: m.Sleepable}
	var yes, no []string
	for _, f := range k.Kfuncs() {
		switch {
		case !strings.Contains(f.Name, "scx_"):
		case k.Query(ctx, f.Name).OK():
			yes = append(yes, f.Name)
		case k.Query(ctx, f.Name).Refused():
			no = append(no, f.Name)
		}
	}
	fmt.Fprintf(b, "  scx kfuncs allowed (%d):\n%s", len(yes), indent(yes))
	fmt.Fprintf(b, "  scx kfuncs refused (%d):\n%s", len(no), indent(no))
}

func indent(names []string) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "    %s\n", n)
	}
	return b.String()
}
