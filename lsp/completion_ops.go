package lsp

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
	"github.com/scx-lsp/scx-lsp/lsp/words"
)

// schedExtOps is the type of a table that does not tell its own.
const schedExtOps = "sched_ext_ops"

// tableType gives the struct_ops type of a table as kernels name it.
func tableType(d *syntax.Decl) string {
	name, _, _ := strings.Cut(d.Type, "___")
	return cmp.Or(name, schedExtOps)
}

// table offers what may come inside an ops table: members that it does not set
// yet, and values for those that it does.
func (c *completer) table(d *syntax.Decl) []protocol.CompletionItem {
	for i := range d.Inits {
		in := &d.Inits[i]
		if c.off > in.MemberSpan.End && in.Member != "" && in.Span.Start < c.off && (c.off <= in.Span.End || in.ValueSpan == cindex.Span{}) && !c.atDot() {
			return c.value(d, in)
		}
	}
	if !c.atDot() && !c.asked {
		return nil
	}
	return c.members(d)
}

// atDot tells whether the word at the cursor has a dot before it.
func (c *completer) atDot() bool {
	return c.start > 0 && c.doc.mapper.content[c.start-1] == '.'
}

// members offers the members of a table's type.
func (c *completer) members(d *syntax.Decl) []protocol.CompletionItem {
	typ, items := tableType(d), []protocol.CompletionItem{}
	from, dot := c.start, "."
	if c.atDot() {
		from, dot = c.start-1, ""
	}
	prefix := functionPrefix(d)
	for _, m := range membersOf(c.kernels, typ) {
		if !strings.HasPrefix(m.Name, c.prefix) || slices.ContainsFunc(d.Inits, func(in syntax.Init) bool {
			return in.Member == m.Name && in.MemberSpan.End != c.off
		}) {
			continue
		}
		text, snippet := memberValue(m, prefix)
		item := c.item(m.Name, protocol.CompletionItemKindField, from, "."+m.Name+" = "+text, "."+m.Name+" = "+snippet)
		if strings.Contains(c.restOfLine(), "=") {
			item = c.item(m.Name, protocol.CompletionItemKindField, c.start, dot+m.Name, "")
		} else {
			item.FilterText = protocol.NewOptional(string(c.doc.mapper.content[from:c.start]) + m.Name)
		}
		item.Detail = protocol.NewOptional(namedProto(m))
		item.Data = completionData{Member: typ + "." + m.Name}.encode()
		describe(&item, cmp.Or(c.since(func(k *btfdb.Kernel) bool { return k.Member(typ, m.Name) != nil }), typ))
		items = append(items, item)
	}
	return items
}

// restOfLine gives the text behind the cursor.
func (c *completer) restOfLine() string {
	rest, _, _ := strings.Cut(string(c.doc.mapper.content[c.off:min(len(c.doc.mapper.content), c.off+200)]), "\n")
	return rest
}

// membersOf lists the members of a type that programs or values can be given
// for, of all kernels, the newest kernel's order first.
func membersOf(kernels []*btfdb.Kernel, typ string) []*btfdb.Member {
	var out []*btfdb.Member
	seen := map[string]bool{}
	for _, k := range slices.Backward(kernels) {
		ops := k.Ops(typ)
		if ops == nil {
			continue
		}
		for _, m := range ops.Members {
			// priv is the kernel's own, __end marks the end.
			if !seen[m.Name] && !m.NoStub && m.Name != "priv" && m.Name[0] != '_' {
				seen[m.Name] = true
				out = append(out, m)
			}
		}
	}
	return out
}

// memberValue proposes what to set a member to.
func memberValue(m *btfdb.Member, prefix string) (plain, snippet string) {
	switch {
	case m.Func:
		return "(void *)" + prefix + m.Name + ",", "(void *)${1:" + prefix + m.Name + "},$0"
	case strings.HasPrefix(m.Proto, "char "):
		return `"` + strings.TrimSuffix(prefix, "_") + `",`, `"${1:` + strings.TrimSuffix(prefix, "_") + `}",$0`
	}
	return "0,", "${1:0},$0"
}

// functionPrefix guesses how a scheduler's functions begin: as the ones that
// its table names, else as the table.
func functionPrefix(d *syntax.Decl) string {
	count, best := map[string]int{}, ""
	for _, in := range d.Inits {
		if p, ok := strings.CutSuffix(in.Func, in.Member); ok && in.Member != "" && p != "" {
			count[p]++
			if count[p] > count[best] {
				best = p
			}
		}
	}
	if best == "" {
		best = strings.TrimSuffix(strings.TrimSuffix(d.Name, "ops"), "_") + "_"
	}
	return strings.TrimPrefix(best, "_")
}

// value offers what a member of a table may be set to.
func (c *completer) value(d *syntax.Decl, in *syntax.Init) []protocol.CompletionItem {
	typ := tableType(d)
	var member *btfdb.Member
	for _, k := range c.kernels {
		if m := k.Member(typ, in.Member); m != nil {
			member = m
		}
	}
	switch {
	case member == nil:
		return nil
	case in.Member == "flags":
		return c.values("scx_ops_flags")
	case !member.Func:
		return nil
	}
	items := []protocol.CompletionItem{}
	for _, f := range c.file.Decls() {
		if f.Kind != syntax.KindFunc || !strings.HasPrefix(f.Wrapper, "BPF_STRUCT_OPS") && !strings.HasPrefix(f.Section, "struct_ops") {
			continue
		}
		item := c.item(f.Name, protocol.CompletionItemKindFunction, c.start, f.Name, "")
		if strings.HasSuffix(f.Name, "_"+in.Member) {
			describe(&item, "named after the member")
		} else {
			item.SortText = protocol.NewOptional("5" + f.Name)
		}
		items = append(items, item)
	}
	return items
}

// namedProto is a member's prototype with the names that words has.
func namedProto(m *btfdb.Member) string {
	if !m.Func {
		return m.Proto
	}
	return m.Ret() + " " + m.Name + "(" + cmp.Or(memberParams(m), "void") + ")"
}

// memberParams gives a member's parameters with names.
func memberParams(m *btfdb.Member) string {
	said, _ := words.MemberOf(m.Name)
	var out []string
	for i, p := range m.Params() {
		name := p.Name
		if name == "" && i < len(said.Params) {
			name = said.Params[i]
		}
		out = append(out, strings.TrimSpace(joinDeclarator(p.Type, cmp.Or(name, fmt.Sprintf("arg%d", i+1)))))
	}
	return strings.Join(out, ", ")
}

// joinDeclarator writes a type and a name: "struct task_struct *p", "u64 f".
func joinDeclarator(typ, name string) string {
	if strings.HasSuffix(typ, "*") {
		return typ + name
	}
	return typ + " " + name
}

// programHead is the beginning of an ops program that is being typed.
var programHead = regexp.MustCompile(`^((?:(?:s32|u32|u64|int|bool|void)[ \t]+)?)(BPF_STRUCT_OPS(?:_SLEEPABLE)?)\(?([A-Za-z0-9_]*)$`)

// programs offers whole ops programs behind `BPF_STRUCT_OPS(`.
func (c *completer) programs() []protocol.CompletionItem {
	line := c.line()
	m := programHead.FindStringSubmatch(line)
	if m == nil || !strings.Contains(line, "(") && !c.asked {
		return nil
	}
	ret, wrapper, name := m[1], m[2], m[3]
	c.file = c.s.outlines.Parse(c.doc.mapper.content)
	typ, prefix, have := c.scheduler()
	items := []protocol.CompletionItem{}
	for _, member := range membersOf(c.kernels, typ) {
		if !member.Func || have[member.Name] || strings.HasSuffix(wrapper, "_SLEEPABLE") && !member.Sleepable {
			continue
		}
		if name != "" && !strings.HasPrefix(prefix+member.Name, name) && !strings.HasPrefix(member.Name, name) {
			continue
		}
		items = append(items, c.program(member, typ, line, cmp.Or(strings.TrimSpace(ret), member.Ret()), wrapper, prefix+member.Name))
	}
	return items
}

// program is one ops program as a whole.
func (c *completer) program(m *btfdb.Member, typ, line, ret, wrapper, name string) protocol.CompletionItem {
	if ret == "void" || m.Ret() == "void" {
		ret = m.Ret()
	}
	head := ret + " " + wrapper + "(" + name
	if params := memberParams(m); params != "" {
		head += ", " + params
	}
	tail := "\n}"
	if m.Ret() != "void" {
		tail = "\n\treturn " + defaultResult(m) + ";\n}"
	}
	item := c.item(name, protocol.CompletionItemKindFunction, c.off-len(line), head+")\n{"+tail, head+")\n{\n\t$0"+tail)
	if c.behind(")") { // that the editor has closed by itself
		edit := item.TextEdit.(*protocol.TextEdit)
		edit.Range.End = c.doc.mapper.OffsetPosition(c.off + 1)
	}
	item.FilterText = protocol.NewOptional(line[:len(line)-len(c.prefix)] + name)
	item.Detail = protocol.NewOptional(namedProto(m))
	item.Data = completionData{Member: typ + "." + m.Name}.encode()
	describe(&item, cmp.Or(c.since(func(k *btfdb.Kernel) bool { return k.Member(typ, m.Name) != nil }), "ops."+m.Name))
	return item
}

// defaultResult is what a member returns that does nothing.
func defaultResult(m *btfdb.Member) string {
	switch m.Name {
	case "select_cpu":
		return "prev_cpu"
	case "select_cid":
		return "prev_cid"
	}
	if m.Ret() == "bool" {
		return "false"
	}
	return "0"
}

// scheduler tells what the document's ops table is of, how its functions
// begin, and which members have theirs.
func (c *completer) scheduler() (typ, prefix string, have map[string]bool) {
	typ, have = schedExtOps, map[string]bool{}
	var funcs []string
	for _, d := range c.file.Decls() {
		switch {
		case d.Kind == syntax.KindTable:
			typ, prefix = tableType(&d), functionPrefix(&d)
			for _, in := range d.Inits {
				have[in.Member] = in.Func != "" && slices.Contains(funcs, in.Func)
			}
		case d.Kind == syntax.KindFunc && strings.HasPrefix(d.Wrapper, "BPF_STRUCT_OPS") && (c.off < d.Span.Start || c.off > d.Span.End):
			funcs = append(funcs, d.Name)
		}
	}
	if prefix == "" && len(funcs) > 0 {
		if i := strings.IndexByte(funcs[0], '_'); i > 0 {
			prefix = funcs[0][:i+1]
		}
	}
	return typ, prefix, have
}
