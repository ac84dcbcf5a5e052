package lsp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// flagWords say what a flag means for the caller.
var flagWords = []struct {
	flag  btfdb.Flags
	words string
}{
	{btfdb.FlagSleepable, "may sleep: sleepable programs only"},
	{btfdb.FlagRetNull, "may return NULL: check before use"},
	{btfdb.FlagAcquire, "returns a reference that the program must release"},
	{btfdb.FlagRelease, "takes over the reference that it is given"},
	{btfdb.FlagTrustedArgs, "takes trusted pointers only"},
	{btfdb.FlagRCU, "takes pointers that are trusted or protected by RCU"},
	{btfdb.FlagRCUProtected, "only inside an RCU read-side section"},
	{btfdb.FlagDestructive, "can bring the machine down: needs CAP_SYS_BOOT"},
	{btfdb.FlagIterNew, "starts an iterator"},
	{btfdb.FlagIterNext, "gives an iterator's next element, NULL at its end"},
	{btfdb.FlagIterDestroy, "ends an iterator"},
	{btfdb.FlagFastcall, "may be inlined, keeping registers"},
	{btfdb.FlagArenaRet, "returns an arena pointer"},
	{btfdb.FlagArenaArg1, "argument 1 is an arena pointer"},
	{btfdb.FlagArenaArg2, "argument 2 is an arena pointer"},
	{btfdb.FlagImplicitArgs, "the kernel passes a last argument that the program does not"},
	{btfdb.FlagSpinlockSafe, "may be called with a bpf_spin_lock held"},
	{btfdb.FlagPerfmon, "needs CAP_PERFMON"},
}

// releases names kernels: "Linux 7.3", "Linux 6.12–7.0", "Linux 6.12, 7.3".
// all is the order in which neighbours make a range.
func releases(some, all []*btfdb.Kernel) string {
	var parts []string
	for i := 0; i < len(some); {
		at := slices.Index(all, some[i])
		j := i
		for j+1 < len(some) && at+j+1-i < len(all) && some[j+1] == all[at+j+1-i] {
			j++
		}
		if j-i >= 2 {
			parts = append(parts, some[i].Release+"–"+some[j].Release)
		} else {
			for _, k := range some[i : j+1] {
				parts = append(parts, k.Release)
			}
		}
		i = j + 1
	}
	return "Linux " + strings.Join(parts, ", ")
}

// A textOn is a piece of text that holds for some kernels.
type textOn struct {
	text    string
	kernels []*btfdb.Kernel
}

// group collects the kernels that say the same, in the order of the kernels.
func group[T any](all []T, kernel func(T) *btfdb.Kernel, text func(T) string) (groups []textOn, kernels []*btfdb.Kernel) {
	for _, one := range all {
		k, t := kernel(one), text(one)
		kernels = append(kernels, k)
		i := slices.IndexFunc(groups, func(g textOn) bool { return g.text == t })
		if i < 0 {
			groups = append(groups, textOn{text: t})
			i = len(groups) - 1
		}
		groups[i].kernels = append(groups[i].kernels, k)
	}
	return groups, kernels
}

// renderGroups writes each text once, with the kernels that it holds for.
func renderGroups(title string, groups []textOn, all []*btfdb.Kernel) string {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString("\n\n---\n\n")
		}
		fmt.Fprintf(&b, "%s · %s\n\n%s", title, releases(g.kernels, all), g.text)
	}
	return b.String()
}

func renderKfunc(facts []kfuncOn) string {
	groups, all := group(facts, func(k kfuncOn) *btfdb.Kernel { return k.kernel }, kfuncText)
	return renderGroups("kfunc", groups, all)
}

func kfuncText(on kfuncOn) string {
	if on.kfunc == nil {
		return "does not exist"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "```c\n%s\n```\n", on.kfunc.Proto)
	if on.kfunc.Broken {
		b.WriteString("\n**No program can call it on this build.**\n")
	}
	if list := flagList(on.kfunc.Flags); list != "" {
		b.WriteString("\n" + list)
	}
	fmt.Fprintf(&b, "\n%s\n", placesText(on.places))
	return strings.TrimSpace(b.String())
}

func renderHere(function, where string) string {
	return "\n\n---\n\nIn `" + function + "`: " + where
}

func flagList(flags btfdb.Flags) string {
	var b strings.Builder
	for _, f := range flagWords {
		if flags.Has(f.flag) {
			fmt.Fprintf(&b, "- %s (`%s`)\n", f.words, f.flag)
		}
	}
	return b.String()
}

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
	fmt.Fprintf(&b, "```c\n%s\n```\n", m.Proto)
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

func allows(k *btfdb.Kernel, m *btfdb.Member, kfunc string) bool {
	ctx, ok := k.MemberContext(m.Ops, m.Name, m.Sleepable)
	return ok && k.Query(ctx, kfunc).OK()
}
