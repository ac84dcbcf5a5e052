package extract

import (
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// maxDepth bounds the nesting of a declarator. The kernel's deepest is 5.
const maxDepth = 32

// declare writes a C declaration of a type around a declarator: "const struct
// cpumask *p", "s32 (*select_cpu)(struct task_struct *, s32, u64)". Type tags
// and volatile are left out: they are no part of what BPF code writes.
func declare(t btf.Type, inner string) string { return declareDeep(t, inner, 0) }

func declareDeep(t btf.Type, inner string, depth int) string {
	if depth > maxDepth {
		return "?"
	}
	depth++
	switch t := t.(type) {
	case nil, *btf.Void:
		return join("void", inner)
	case *btf.Int:
		return join(t.Name, inner)
	case *btf.Typedef:
		return join(t.Name, inner)
	case *btf.Float:
		return join(t.Name, inner)
	case *btf.Struct:
		return join("struct "+anon(t.Name), inner)
	case *btf.Union:
		return join("union "+anon(t.Name), inner)
	case *btf.Enum:
		return join("enum "+anon(t.Name), inner)
	case *btf.Fwd:
		return join(t.Kind.String()+" "+t.Name, inner)
	case *btf.Pointer:
		return declarePointer(t, inner, depth)
	case *btf.Const:
		if _, ok := t.Type.(*btf.Pointer); ok {
			return declareDeep(t.Type, "const "+inner, depth)
		}
		return "const " + declareDeep(t.Type, inner, depth)
	case *btf.Volatile:
		return declareDeep(t.Type, inner, depth)
	case *btf.Restrict:
		return declareDeep(t.Type, inner, depth)
	case *btf.TypeTag:
		return declareDeep(t.Type, inner, depth)
	case *btf.Array:
		return declareDeep(t.Type, inner+"["+strconv.Itoa(int(t.Nelems))+"]", depth)
	case *btf.FuncProto:
		return declareDeep(t.Return, inner+"("+params(t, len(t.Params), depth)+")", depth)
	}
	return join("?", inner)
}

func declarePointer(t *btf.Pointer, inner string, depth int) string {
	target := t.Target
	for {
		tag, ok := target.(*btf.TypeTag)
		if !ok {
			break
		}
		target = tag.Type
	}
	switch target.(type) {
	case *btf.FuncProto, *btf.Array:
		return declareDeep(target, "(*"+inner+")", depth)
	}
	return declareDeep(target, "*"+inner, depth)
}

// params writes the first n parameters of a prototype.
func params(p *btf.FuncProto, n, depth int) string {
	if n == 0 {
		return "void"
	}
	list := make([]string, 0, n)
	for _, q := range p.Params[:n] {
		if q.Type == nil || isVoid(q.Type) && q.Name == "" {
			list = append(list, "...")
			continue
		}
		list = append(list, declareDeep(q.Type, q.Name, depth))
	}
	return strings.Join(list, ", ")
}

func isVoid(t btf.Type) bool {
	_, ok := t.(*btf.Void)
	return ok
}

func anon(name string) string {
	if name == "" {
		return "{...}"
	}
	return name
}

func join(typ, inner string) string {
	if inner == "" {
		return typ
	}
	return typ + " " + inner
}

// funcProto writes a function's prototype without its last drop parameters.
func funcProto(f *btf.Func, drop int) string {
	p, ok := f.Type.(*btf.FuncProto)
	if !ok || drop > len(p.Params) {
		return ""
	}
	return declare(p.Return, f.Name+"("+params(p, len(p.Params)-drop, 0)+")")
}
