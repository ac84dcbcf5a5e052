package btfdb

import "strings"

// A Param is one parameter of a kfunc or an ops member.
type Param struct {
	Type string // "struct task_struct *"
	Name string // "p"; "" where BTF has none
}

// Ret is the return type: "bool", "struct task_struct *".
func (f *Kfunc) Ret() string {
	head, _ := splitProto(f.Proto)
	return strings.TrimSpace(strings.TrimSuffix(head, f.Name))
}

// Params are the parameters as BPF code sees them.
func (f *Kfunc) Params() []Param {
	_, args := splitProto(f.Proto)
	return parseParams(args)
}

// Ret is the return type of a callback; the member's own type for data.
func (m *Member) Ret() string {
	head, _ := splitProto(m.Proto)
	if i := strings.Index(head, "(*"); i >= 0 {
		head = head[:i]
	}
	return strings.TrimSpace(strings.TrimSuffix(head, m.Name))
}

// Params are the parameters of a callback. BTF keeps no names for them.
func (m *Member) Params() []Param {
	if !m.Func {
		return nil
	}
	_, args := splitProto(m.Proto)
	return parseParams(args)
}

// splitProto cuts "RET NAME(ARGS)" before the parameter list, which is the
// last parenthesis that opens at depth 0.
func splitProto(proto string) (head, args string) {
	depth, open := 0, -1
	for i := range len(proto) {
		switch proto[i] {
		case '(':
			if depth == 0 {
				open = i
			}
			depth++
		case ')':
			depth--
		}
	}
	if open < 0 || !strings.HasSuffix(proto, ")") {
		return proto, ""
	}
	return proto[:open], proto[open+1 : len(proto)-1]
}

func parseParams(args string) []Param {
	if args == "" || args == "void" {
		return nil
	}
	var params []Param
	for _, a := range splitTop(args) {
		params = append(params, parseParam(strings.TrimSpace(a)))
	}
	return params
}

// splitTop splits at commas outside parentheses.
func splitTop(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

// typeWords may end a parameter that has no name.
var typeWords = map[string]bool{
	"void": true, "bool": true, "char": true, "short": true, "int": true, "long": true, "unsigned": true,
	"signed": true, "float": true, "double": true,
	"u8": true, "u16": true, "u32": true, "u64": true, "s8": true, "s16": true, "s32": true, "s64": true,
	"__u8": true, "__u16": true, "__u32": true, "__u64": true,
	"__s8": true, "__s16": true, "__s32": true, "__s64": true, "size_t": true,
}

// parseParam splits a declarator. "struct x y" and "u64 y" have a name,
// "struct x", "u64" and "struct x *" have none. A function pointer's name is
// inside, "int (*fn)(void *)"; brackets are kept whole as the type.
func parseParam(a string) Param {
	if head, rest, ok := strings.Cut(a, "(*"); ok {
		name, rest, _ := strings.Cut(rest, ")")
		return Param{Type: head + "(*)" + rest, Name: name}
	}
	i := strings.LastIndexAny(a, " *")
	if i < 0 || strings.ContainsAny(a, "()[]") {
		return Param{Type: a}
	}
	typ, name := strings.TrimSpace(a[:i+1]), a[i+1:]
	switch {
	case name == "" || typeWords[name]:
		return Param{Type: a}
	case typ == "struct" || typ == "union" || typ == "enum" || typ == "const":
		return Param{Type: a}
	case strings.HasSuffix(typ, " struct") || strings.HasSuffix(typ, " union") || strings.HasSuffix(typ, " enum"):
		return Param{Type: a}
	}
	return Param{Type: typ, Name: name}
}
