package extract

import (
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// kfuncFacts lists the members of all set8s with their flags, prototypes and
// sets. Plain sets only add to the sets of functions that are kfuncs.
func kfuncFacts(sets []set, t *types) ([]*btfdb.Kfunc, error) {
	byName := map[string]*btfdb.Kfunc{}
	funcs := map[string]*btf.Func{}
	var list []*btfdb.Kfunc
	for _, s := range sets {
		if s.plain {
			continue
		}
		for i, id := range s.ids {
			f, err := t.funcByID(id)
			if err != nil {
				return nil, errIn("set "+s.name, err)
			}
			k := byName[f.Name]
			if k == nil {
				k = &btfdb.Kfunc{Name: f.Name}
				byName[f.Name], funcs[f.Name] = k, f
				list = append(list, k)
			}
			k.Flags |= btfdb.Flags(s.flags[i])
			k.Sets = append(k.Sets, s.name)
		}
	}
	for _, k := range list {
		k.Broken = t.broken(k, funcs[k.Name])
		drop := 0
		if k.Broken {
			drop = 1
		}
		k.Proto = funcProto(funcs[k.Name], drop)
	}
	return list, addPlain(sets, t, byName)
}

// broken reports a kfunc with an implicit argument that BTF still shows as an
// explicit one. resolve_btfids up to 7.2 renames such functions to X_impl and
// makes a shortened X, but misses those without a bpf_kfunc decl tag; the
// verifier then finds no X_impl (kernel/bpf/verifier.c:
// fetch_kfunc_meta, 7.0).
func (t *types) broken(k *btfdb.Kfunc, f *btf.Func) bool {
	if !k.Flags.Has(btfdb.FlagImplicitArgs) || t.ids[k.Name+"_impl"] != 0 {
		return false
	}
	p, ok := f.Type.(*btf.FuncProto)
	if !ok || len(p.Params) == 0 {
		return false
	}
	return strings.Contains(declare(p.Params[len(p.Params)-1].Type, ""), "struct bpf_prog_aux *")
}

func addPlain(sets []set, t *types, byName map[string]*btfdb.Kfunc) error {
	for _, s := range sets {
		if !s.plain {
			continue
		}
		for _, id := range s.ids {
			f, err := t.funcByID(id)
			if err != nil {
				return errIn("set "+s.name, err)
			}
			if k := byName[f.Name]; k != nil {
				k.Sets = append(k.Sets, s.name)
			}
		}
	}
	return nil
}
