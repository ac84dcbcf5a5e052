package object

import (
	"strings"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/btfdb"
)

// libbpf resolves an extern function only to a kfunc of a compatible
// prototype: as many parameters, each of the same kind behind the same number
// of pointers; names and sizes do not count
// (tools/lib/bpf/relo_core.c:__bpf_core_types_are_compat, 7.3). A shape is a
// type as that function sees it: a "*" for each pointer, then the kind.

const (
	shapeVoid    = "void"
	shapeInt     = "int"
	shapeEnum    = "enum"
	shapeStruct  = "struct"
	shapeUnion   = "union"
	shapeFwd     = "fwd"
	shapeUnknown = "?"
)

// compatible tells whether an extern's prototype fits a kfunc's, as far as
// both are known.
func compatible(p *btf.FuncProto, f *btfdb.Kfunc, k *btfdb.Kernel) bool {
	if p == nil || f.Proto == "" {
		return true
	}
	params := f.Params()
	if len(params) != len(p.Params) {
		return false
	}
	for i, q := range params {
		if !fits(p.Params[i].Type, q.Type, k) {
			return false
		}
	}
	return fits(p.Return, f.Ret(), k)
}

func fits(local btf.Type, kernel string, k *btfdb.Kernel) bool {
	ls, name := shapeOf(local)
	ks := shapeOfC(kernel)
	stars := strings.Count(ls, "*")
	lk, kk := strings.TrimLeft(ls, "*"), strings.TrimLeft(ks, "*")
	switch {
	case lk == shapeUnknown || kk == shapeUnknown:
		return true
	case stars != strings.Count(ks, "*"):
		return false
	case lk == shapeFwd:
		// The kernel may have no more than a forward declaration either.
		return k.HasType(name) != btfdb.Yes
	}
	return lk == kk
}

func shapeOf(t btf.Type) (shape, name string) {
	stars := ""
	for range 16 {
		switch x := skipMods(t).(type) {
		case *btf.Pointer:
			stars += "*"
			t = x.Target
		case *btf.Void:
			return stars + shapeVoid, ""
		case *btf.Int:
			return stars + shapeInt, ""
		case *btf.Enum:
			return stars + shapeEnum, x.Name
		case *btf.Struct:
			return stars + shapeStruct, x.Name
		case *btf.Union:
			return stars + shapeUnion, x.Name
		case *btf.Fwd:
			return stars + shapeFwd, x.Name
		default:
			return stars + shapeUnknown, ""
		}
	}
	return shapeUnknown, ""
}

// intWords are the words and typedefs that C integers of the kernel's
// prototypes are made of.
var intWords = map[string]bool{
	"bool": true, "_Bool": true, "char": true, "short": true, "int": true, "long": true, "unsigned": true, "signed": true,
	"u8": true, "u16": true, "u32": true, "u64": true, "s8": true, "s16": true, "s32": true, "s64": true,
	"__u8": true, "__u16": true, "__u32": true, "__u64": true, "__s8": true, "__s16": true, "__s32": true, "__s64": true,
	"size_t": true, "gfp_t": true, "pid_t": true,
}

// shapeOfC reads a type as the kernel's data spells it.
func shapeOfC(c string) string {
	if strings.ContainsAny(c, "()[]") {
		return shapeUnknown
	}
	stars := strings.Repeat("*", strings.Count(c, "*"))
	var words []string
	for _, w := range strings.Fields(strings.ReplaceAll(c, "*", " ")) {
		if w != "const" && w != "volatile" && w != "restrict" && w != "__arena" {
			words = append(words, w)
		}
	}
	switch {
	case len(words) == 0:
		return shapeUnknown
	case words[0] == shapeVoid, words[0] == shapeEnum, words[0] == shapeStruct, words[0] == shapeUnion:
		return stars + words[0]
	case intWords[words[0]]:
		return stars + shapeInt
	}
	return stars + shapeUnknown
}
