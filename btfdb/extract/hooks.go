package extract

import (
	"slices"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// setFacts joins the sets with where the kernel registers them and with the
// filters that it registers along.
func setFacts(img *image, sets []set, hooks []btfdb.ProgHook) ([]btfdb.Set, []btfdb.Filter, error) {
	regs, err := findRegistrations(img)
	if err != nil {
		return nil, nil, err
	}
	byAddr := map[uint64]*btfdb.Set{}
	out := make([]btfdb.Set, len(sets))
	for i, s := range sets {
		out[i] = btfdb.Set{Name: s.name, Plain: s.plain, Known: true}
		byAddr[s.addr] = &out[i]
	}
	filters := map[uint64]string{}
	for _, r := range regs {
		s := byAddr[r.set]
		if s == nil {
			continue // an empty set, which has no kfuncs to speak of
		}
		h, ok := hookOfProg(r.prog, hooks)
		if !ok {
			s.Known = false
			continue
		}
		s.Hooks |= h
		if r.filter != 0 {
			filters[r.filter] = filterName(img, r.filter)
			s.Filter = filters[r.filter]
		}
	}
	return out, readFilters(img, filters, sets), nil
}

// filterName is the symbol of a filter. Functions with identical code may be
// one (ICF); the first name in order is then as good as any.
func filterName(img *image, addr uint64) string {
	names := img.syms.at(addr)
	slices.Sort(names)
	for _, n := range names {
		if len(n) < 6 || n[:6] != "__pfx_" {
			return n
		}
	}
	return "unnamed_filter"
}

// readFilters finds the sets that each filter's code mentions: those whose
// members it has an opinion of.
func readFilters(img *image, filters map[uint64]string, sets []set) []btfdb.Filter {
	var out []btfdb.Filter
	for addr, name := range filters {
		f := btfdb.Filter{Name: name}
		size := min(img.syms.extent(addr).size, 1<<14)
		code, err := img.mem.read(addr, int(size))
		if err != nil {
			continue
		}
		refs := references(code, addr)
		for _, s := range sets {
			body := region{s.addr, uint64(s.size())}
			if slices.ContainsFunc(refs, body.contains) {
				f.Sets = append(f.Sets, s.name)
			}
		}
		out = append(out, f)
	}
	return out
}

// size is what a set takes up in memory.
func (s set) size() int {
	if s.plain {
		return 4 + 4*len(s.ids)
	}
	return 8 + 8*len(s.ids)
}
