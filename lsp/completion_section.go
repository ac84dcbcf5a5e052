package lsp

import (
	"regexp"
	"strings"

	"go.lsp.dev/protocol"
)

// sectionNames are what SEC() is given in schedulers, and what for. Names that
// end with a slash go on with a name that libbpf looks at or, for struct_ops,
// does not.
var sectionNames = []struct{ name, words string }{
	{"struct_ops/", "ops program"},
	{"struct_ops.s/", "ops program that may sleep"},
	{".struct_ops.link", "ops table, attached by a link"},
	{".struct_ops", "ops table, attached until it is deleted"},
	{"syscall", "program that user space runs; it may sleep"},
	{"tp_btf/", "raw tracepoint with types: tp_btf/sched_switch"},
	{"tp/", "tracepoint: tp/sched/sched_switch"},
	{"raw_tp/", "raw tracepoint"},
	{"fentry/", "start of a kernel function"},
	{"fentry.s/", "start of a kernel function; it may sleep"},
	{"fexit/", "end of a kernel function"},
	{"fexit.s/", "end of a kernel function; it may sleep"},
	{"fmod_ret/", "changes what a kernel function returns"},
	{"iter/task", "iterator over tasks"},
	{"kprobe/", "anywhere in the kernel"},
	{"kretprobe/", "return of a kernel function"},
	{"uprobe/", "anywhere in a user program"},
	{"lsm/", "security hook"},
	{"perf_event", "sampling"},
	{".maps", "definition of a map"},
	{".ksyms", "kernel symbol; __ksym says it"},
	{".kconfig", "option of the kernel's configuration; __kconfig says it"},
	{".rodata", "constant that user space sets before loading"},
	{"license", `license of all programs: "GPL"`},
	{"version", "version of the object"},
}

// sectionHead is a SEC() that is being typed.
var sectionHead = regexp.MustCompile(`\bSEC\(\s*"(\??[A-Za-z0-9_./]*)$`)

// sections offers the names of sections inside of SEC("").
func (c *completer) sections() []protocol.CompletionItem {
	m := sectionHead.FindStringSubmatch(c.line())
	if m == nil {
		return nil
	}
	typed := strings.TrimPrefix(m[1], "?")
	items := []protocol.CompletionItem{}
	for i, sec := range sectionNames {
		if !strings.HasPrefix(sec.name, typed) {
			continue
		}
		item := c.item(sec.name, protocol.CompletionItemKindValue, c.off-len(typed), sec.name, "")
		item.SortText = protocol.NewOptional("0" + string(rune('A'+i)))
		describe(&item, sec.words)
		items = append(items, item)
	}
	return items
}
