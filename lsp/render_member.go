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

// renderMember says all that is known of a member: once what holds for all
// kernels that have it, and what differs by kernel.
func renderMember(facts []memberOn) string {
	var have []memberOn
	var all, on []*btfdb.Kernel
	for _, f := range facts {
		all = append(all, f.kernel)
		if f.member != nil {
			have, on = append(have, f), append(on, f.kernel)
		}
	}
	if len(have) == 0 {
		return "" // a typo, or a type that we know nothing of: clangd's matter
	}
	name := facts[0].name
	var b strings.Builder
	fmt.Fprintf(&b, "`%s.%s` · %s\n", name.ops, name.member, releases(on, all))
	if said, ok := words.MemberOf(name.member); ok && strings.HasPrefix(name.ops, schedExtOps) {
		fmt.Fprintf(&b, "\n%s\n", said.Text)
	}
	for _, part := range []func(memberOn) string{memberProto, memberSleep, memberGroups, memberAllows} {
		groups, _ := group(have, func(m memberOn) *btfdb.Kernel { return m.kernel }, part)
		for _, g := range groups {
			switch {
			case g.text == "":
			case len(groups) > 1:
				fmt.Fprintf(&b, "\n%s: %s\n", releases(g.kernels, all), g.text)
			default:
				fmt.Fprintf(&b, "\n%s\n", g.text)
			}
		}
	}
	return strings.TrimSpace(b.String())
}

func memberProto(on memberOn) string { return "```c\n" + namedProto(on.member) + "\n```" }

func memberSleep(on memberOn) string {
	switch m := on.member; {
	case !m.Func:
		return ""
	case m.NoStub:
		return "No program can be attached here."
	case m.SleepKnown && m.Sleepable:
		return "May sleep, in a program of `SEC(\"struct_ops.s\")`."
	case m.SleepKnown:
		return "Must not sleep."
	}
	return ""
}

func memberGroups(on memberOn) string {
	if names := groupNames(on.kernel, on.member); len(names) > 0 {
		return "Groups of kfuncs: " + strings.Join(names, ", ") + "."
	}
	return ""
}

func memberAllows(on memberOn) string {
	if !on.member.Func {
		return ""
	}
	if names := particular(on.kernel, on.member); len(names) > 0 {
		return "Allows, beside what all members do: " + strings.Join(names, ", ") + "."
	}
	return ""
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
		// A part of a group, "select_cpu/cpu_only", stands for the group.
		name, _, _ := strings.Cut(groups[bit].Name, "/")
		if name = "`" + name + "`"; strings.HasPrefix(groups[bit].Set, "scx_kfunc_ids_") && !slices.Contains(names, name) {
			names = append(names, name)
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
	for _, k := range kernels {
		if v, ok := k.EnumValue(name); ok {
			on = append(on, valueOn{k, valueText(v)})
		}
	}
	if len(on) == 0 {
		return ""
	}
	have := kernelsWith(kernels, name)
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

// kernelsWith lists the kernels that have a constant. Of those that were read
// from a source it is not known: they have what the ones around them have.
func kernelsWith(kernels []*btfdb.Kernel, name string) []*btfdb.Kernel {
	has := func(k *btfdb.Kernel) bool { _, ok := k.EnumValue(name); return ok }
	known := func(k *btfdb.Kernel) bool { return len(k.Enums()) > 0 }
	var out []*btfdb.Kernel
	for i, k := range kernels {
		with := has(k)
		if !known(k) {
			older, newer := i, i
			for older >= 0 && !known(kernels[older]) {
				older--
			}
			for newer < len(kernels) && !known(kernels[newer]) {
				newer++
			}
			with = (older < 0 || has(kernels[older])) && (newer == len(kernels) || has(kernels[newer]))
		}
		if with {
			out = append(out, k)
		}
	}
	return out
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
