package cindex

import (
	"fmt"
	"strings"
)

// String prints an expression like C.
func (e *Expr) String() string {
	if e == nil {
		return "?"
	}
	bin := map[Op]string{
		OpAnd: "&&", OpOr: "||", OpEq: "==", OpNe: "!=", OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=", OpBitAnd: "&",
	}
	switch e.Op {
	case OpUnknown:
		return "?"
	case OpInt:
		return fmt.Sprint(e.Int)
	case OpKsymExists:
		return "ksym(" + e.Name + ")"
	case OpTypeExists:
		return "type(" + e.Type + ")"
	case OpFieldExists:
		return "field(" + e.Type + ", " + e.Name + ")"
	case OpEnumExists:
		return "enum(" + e.Type + ", " + e.Name + ")"
	case OpKernelVer:
		return "version"
	case OpRodata:
		if e.X != nil {
			return "rodata(" + e.Name + " = ?)"
		}
		return fmt.Sprintf("rodata(%s = %d)", e.Name, e.Int)
	case OpConfig:
		return "config(" + e.Name + ")"
	case OpParam:
		return fmt.Sprintf("param(%d)", e.Int)
	case OpNot:
		return "!" + e.X.String()
	}
	if s, ok := bin[e.Op]; ok {
		return "(" + e.X.String() + " " + s + " " + e.Y.String() + ")"
	}
	return fmt.Sprintf("op%d", e.Op)
}

func exprList(list []*Expr, sep string) string {
	var out []string
	for _, e := range list {
		out = append(out, e.String())
	}
	return strings.Join(out, sep)
}

var kindNames = map[CallKind]string{CallSync: " sync", CallTimer: " timer", CallWork: " work"}

// dumpFunc prints a function's facts.
func dumpFunc(b *strings.Builder, f *Func) {
	line, col := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	fmt.Fprintf(b, "func %s %s:%d:%d", f.Name, base(f.At.File.Path), line+1, col+1)
	for _, m := range []struct {
		on   bool
		name string
	}{{f.Static, "static"}, {f.Weak, "weak"}, {f.Unsure, "unsure"}} {
		if m.on {
			b.WriteString(" " + m.name)
		}
	}
	if f.Section != "" {
		fmt.Fprintf(b, " SEC(%q)", f.Section)
	}
	b.WriteString(" (")
	for i, p := range f.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Type + ": " + p.Name)
	}
	b.WriteString(")\n")
	for i := range f.Calls {
		dumpCall(b, f, &f.Calls[i])
	}
}

func dumpCall(b *strings.Builder, f *Func, c *Call) {
	line, col := f.At.File.Lines.OffsetLineCol(c.At.Start)
	text := string(f.At.File.Content[c.At.Start:c.At.End])
	fmt.Fprintf(b, "  %d:%d %s%s", line+1, col+1, c.Callee, kindNames[c.Kind])
	if c.Helper != "" {
		b.WriteString(" by " + c.Helper)
	}
	if text != c.Callee {
		fmt.Fprintf(b, " at %q", text)
	}
	for i, v := range c.Via {
		if i == 0 {
			b.WriteString(" via")
		}
		b.WriteString(" " + v.Macro)
	}
	for _, a := range c.Args {
		if a.Op != OpUnknown {
			b.WriteString(" (" + exprList(c.Args, ", ") + ")")
			break
		}
	}
	if len(c.Guards) > 0 {
		b.WriteString(" if " + exprList(c.Guards, " && "))
	}
	if c.Unsure {
		b.WriteString(" unsure")
	}
	b.WriteByte('\n')
}

func base(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// dump prints the facts of a unit; with all, those of headers too.
func dump(u *Unit, all bool) string {
	var b strings.Builder
	for _, f := range u.Funcs() {
		if all || f.At.File == u.Main {
			dumpFunc(&b, f)
		}
	}
	for _, t := range u.Tables {
		fmt.Fprintf(&b, "table %s struct %s", t.Name, t.Type)
		if t.Spelled != t.Type {
			b.WriteString(" spelled " + t.Spelled)
		}
		fmt.Fprintf(&b, " SEC(%q)\n", t.Section)
		for _, in := range t.Inits {
			fmt.Fprintf(&b, "  .%s = %s", in.Member, in.Value)
			if in.Func != "" {
				b.WriteString(" func")
			}
			if in.Unsure {
				b.WriteString(" unsure")
			}
			b.WriteByte('\n')
		}
	}
	for _, p := range u.Programs {
		fmt.Fprintf(&b, "program %s %s type %s", p.Func.Name, p.Section, p.Type)
		if p.Sleepable {
			b.WriteString(" sleepable")
		}
		if !p.Autoload {
			b.WriteString(" off")
		}
		for _, w := range p.Wirings {
			b.WriteString(" " + w.Table.Name + "." + w.Init.Member)
		}
		b.WriteByte('\n')
	}
	for _, e := range u.Externs {
		if all || e.At.File == u.Main {
			fmt.Fprintf(&b, "extern %s weak=%v func=%v\n", e.Name, e.Weak, e.Func)
		}
	}
	for _, m := range u.Missing {
		fmt.Fprintf(&b, "missing %s\n", m.Spec)
	}
	return b.String()
}
