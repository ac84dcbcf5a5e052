package btfdb

import (
	"fmt"
	"slices"
)

// New makes a kernel of facts, which must not change afterwards.
func New(f *Facts) (*Kernel, error) {
	f.Sort()
	k := &Kernel{
		Release: f.Release, Build: f.Build, BTFSHA1: f.BTFSHA1, Enforcement: f.Enforcement,
		facts: f,
	}
	for _, step := range []func() error{k.indexKfuncs, k.indexOps, k.indexTypes, k.buildJudge} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("kernel %s: %w", f.Build, err)
		}
	}
	return k, nil
}

// Parse reads a data file.
func Parse(text string) (*Kernel, error) {
	f, err := ParseFacts(text)
	if err != nil {
		return nil, err
	}
	return New(f)
}

func (k *Kernel) indexKfuncs() error {
	k.kfuncs = make(map[string]*Kfunc, len(k.facts.Kfuncs))
	for _, f := range k.facts.Kfuncs {
		if k.kfuncs[f.Name] != nil {
			return fmt.Errorf("kfunc %s: listed twice", f.Name)
		}
		k.kfuncs[f.Name] = f
	}
	return nil
}

func (k *Kernel) indexOps() error {
	k.ops = make(map[string]*opsIndex, len(k.facts.Ops))
	for _, o := range k.facts.Ops {
		x := &opsIndex{OpsType: o, byName: map[string]*Member{}}
		k.ops[o.Name] = x
		if scxFirst(o.Name) == 0 {
			k.opsList = slices.Insert(k.opsList, 0, x)
		} else {
			k.opsList = append(k.opsList, x)
		}
	}
	for _, m := range k.facts.Members {
		x := k.ops[m.Ops]
		if x == nil {
			return fmt.Errorf("member %s.%s: no such struct_ops type", m.Ops, m.Name)
		}
		x.Members = append(x.Members, m)
		x.byName[m.Name] = m
	}
	return nil
}

func (k *Kernel) indexTypes() error {
	k.enums = make(map[string]*Enum, len(k.facts.Enums))
	k.values = map[string]EnumValue{}
	for i := range k.facts.Enums {
		e := &k.facts.Enums[i]
		if e.Name != "" {
			k.enums[e.Name] = e
		}
		for _, v := range e.Values {
			k.values[v.Name] = v
		}
	}
	k.structs = make(map[string][]string, len(k.facts.Structs))
	for _, s := range k.facts.Structs {
		k.structs[s.Name] = s.Fields
	}
	return nil
}
