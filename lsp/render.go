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

// rule separates the parts of a hover.
const rule = "\n\n---\n\n"

func flagList(flags btfdb.Flags) string {
	var b strings.Builder
	for _, f := range flagWords {
		if flags.Has(f.flag) {
			fmt.Fprintf(&b, "- %s (`%s`)\n", f.words, f.flag)
		}
	}
	return b.String()
}
