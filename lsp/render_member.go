package lsp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp/words"
)

// placesText says where a kfunc may be called: ops members by their type,
// then program types.
func placesText(places []btfdb.Place) string {
	if len(places) == 0 {
		return "Allowed nowhere that we know of."
	}
	var types, progs []string
	members := map[string][]string{}
	sleepable := places[0].OnlySleepable
	for _, p := range places {
		if p.Prog != "struct_ops" {
			progs = append(progs, "`"+p.Name+"`")
			continue
		}
		if members[p.Ops] == nil {
			types = append(types, p.Ops)
		}
		members[p.Ops] = append(members[p.Ops], "`"+strings.TrimPrefix(p.Name, p.Ops+".")+"`")
	}
	var b strings.Builder
	b.WriteString("Allowed in")
	if sleepable {
		b.WriteString(" sleepable programs of")
	}
	b.WriteString(":\n")
	for _, merged := range mergeTypes(types, members) {
		fmt.Fprintf(&b, "- %s\n", merged)
	}
	if len(progs) > 0 {
		fmt.Fprintf(&b, "- programs: %s\n", strings.Join(progs, ", "))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// mergeTypes gives a line for each struct_ops type, one for those that allow
// the same members.
func mergeTypes(types []string, members map[string][]string) []string {
	var lines []string
	done := map[string]bool{}
	for i, t := range types {
		if done[t] {
			continue
		}
		names := []string{"`" + t + "`"}
		for _, other := range types[i+1:] {
			if slices.Equal(members[t], members[other]) {
				done[other] = true
				names = append(names, "`"+other+"`")
			}
		}
		lines = append(lines, strings.Join(names, " and ")+": "+strings.Join(members[t], ", "))
	}
	return lines
}

func renderMember(facts []memberOn) string {
	groups, all := group(facts, func(m memberOn) *btfdb.Kernel { return m.kernel }, memberText)
	if len(groups) == 1 && groups[0].text == "does not exist" {
		return "" // a typo, or a type that we know nothing of: clangd's matter
	}
	return renderGroups("`"+facts[0].name.ops+"."+facts[0].name.member+"`", groups, all)
}

func memberText(on memberOn) string {
	m := on.member
	if m == nil {
		return "does not exist"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "```c\n%s\n```\n", namedProto(m))
	if said, ok := words.MemberOf(m.Name); ok && strings.HasPrefix(m.Ops, schedExtOps) {
		fmt.Fprintf(&b, "\n%s\n", said.Text)
	}
	if !m.Func {
		return strings.TrimSpace(b.String())
	}
	switch {
	case m.NoStub:
		b.WriteString("\nNo program can be attached here.\n")
	case m.SleepKnown && m.Sleepable:
		b.WriteString("\nMay sleep, in a program of `SEC(\"struct_ops.s\")`.\n")
	case m.SleepKnown:
		b.WriteString("\nMust not sleep.\n")
	}
	if groups := groupNames(on.kernel, m); len(groups) > 0 {
		fmt.Fprintf(&b, "\nGroups of kfuncs: %s.\n", strings.Join(groups, ", "))
	}
	if names := particular(on.kernel, m); len(names) > 0 {
		fmt.Fprintf(&b, "\nAllows, beside what all members do: %s.\n", strings.Join(names, ", "))
	}
	return strings.TrimSpace(b.String())
}

// particular lists the scx kfuncs that a member allows and not all members of
// its type do.
func particular(k *btfdb.Kernel, m *btfdb.Member) []string {
	var names []string
	for _, f := range k.Kfuncs() {
		if !strings.HasPrefix(f.Name, "scx_bpf_") || !allows(k, m, f.Name) {
			continue
		}
		everywhere := !slices.ContainsFunc(k.Ops(m.Ops).Members, func(other *btfdb.Member) bool {
			return other.Func && !other.NoStub && !allows(k, other, f.Name)
		})
		name, _, _ := strings.Cut(f.Name, "___")
		if name = "`" + name + "`"; !everywhere && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// groupNames lists the groups of sched_ext's kfuncs that a member allows.
func groupNames(k *btfdb.Kernel, m *btfdb.Member) []string {
	ctx, ok := k.MemberContext(m.Ops, m.Name, m.Sleepable)
	if !ok || k.Enforcement != btfdb.EnforceVerifier {
		return nil // run-time masks are not groups
	}
	allowed, _ := k.AllowedGroups(ctx)
	groups := k.Groups()
	var names []string
	for _, bit := range allowed {
		if g := groups[bit]; strings.HasPrefix(g.Set, "scx_kfunc_ids_") && !strings.Contains(g.Name, "/") {
			names = append(names, "`"+g.Name+"`")
		}
	}
	return names
}

func allows(k *btfdb.Kernel, m *btfdb.Member, kfunc string) bool {
	ctx, ok := k.MemberContext(m.Ops, m.Name, m.Sleepable)
	return ok && k.Query(ctx, kfunc).OK()
}

// renderValue says what a constant means and what its value is, "" when it is
// none of sched_ext's.
func renderValue(kernels []*btfdb.Kernel, name string) string {
	type valueOn struct {
		kernel *btfdb.Kernel
		text   string
	}
	var on []valueOn
	var have []*btfdb.Kernel
	for _, k := range kernels {
		if v, ok := k.EnumValue(name); ok {
			on = append(on, valueOn{k, valueText(v)})
			have = append(have, k)
		}
	}
	if len(on) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "`%s` · %s\n", name, releases(have, kernels))
	if text := words.Value(name); text != "" {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	groups, _ := group(on, func(v valueOn) *btfdb.Kernel { return v.kernel }, func(v valueOn) string { return v.text })
	for _, g := range groups {
		fmt.Fprintf(&b, "\n`%s`", g.text)
		if len(groups) > 1 {
			b.WriteString(" on " + releases(g.kernels, kernels))
		}
	}
	return strings.TrimSpace(b.String())
}

// valueText writes a value as sources would: small ones and negative ones in
// decimal.
func valueText(v btfdb.EnumValue) string {
	switch {
	case v.Signed && int64(v.Value) < 0:
		return fmt.Sprint(int64(v.Value))
	case v.Value < 10:
		return fmt.Sprint(v.Value)
	}
	return fmt.Sprintf("0x%x", v.Value)
}
