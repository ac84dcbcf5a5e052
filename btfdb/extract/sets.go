package extract

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A set is a struct btf_id_set8 (ids with flags) or btf_id_set (plain ids) in
// the kernel's .BTF_ids section, whose ids resolve_btfids has filled in.
type set struct {
	name  string
	addr  uint64
	plain bool
	ids   []uint32
	flags []uint32
}

// maxSet bounds a set; the largest of 7.3 has 120 members.
const maxSet = 1 << 14

// setKfuncs is BTF_SET8_KFUNCS (include/linux/btf_ids.h): the set8 registers
// kfuncs.
const setKfuncs = 1

// Symbols of the two kinds of set.
const (
	set8Prefix = "__BTF_ID__set8__"
	setPrefix  = "__BTF_ID__set__"
)

// readSets reads all sets that symbols name, by address.
func readSets(img *image) ([]set, error) {
	var sets []set
	for _, kind := range []struct {
		prefix string
		plain  bool
	}{{set8Prefix, false}, {setPrefix, true}} {
		for name, addr := range img.syms.withPrefix(kind.prefix) {
			s, err := readSet(img.mem, set{name: name, addr: addr, plain: kind.plain})
			if err != nil {
				return nil, err
			}
			if s != nil {
				sets = append(sets, *s)
			}
		}
	}
	slices.SortFunc(sets, func(a, b set) int { return strings.Compare(a.name, b.name) })
	return sets, nil
}

// readSet reads one set; nil for a set8 that holds no kfuncs.
func readSet(mem memory, s set) (*set, error) {
	head, each := 8, 8
	if s.plain {
		head, each = 4, 4
	}
	data, err := mem.read(s.addr, head)
	if err != nil {
		return nil, fmt.Errorf("set %s: %w", s.name, err)
	}
	n := binary.LittleEndian.Uint32(data)
	if !s.plain && binary.LittleEndian.Uint32(data[4:])&setKfuncs == 0 {
		return nil, nil
	}
	if n > maxSet {
		return nil, fmt.Errorf("set %s at %#x: %d members, more than %d", s.name, s.addr, n, maxSet)
	}
	if data, err = mem.read(s.addr+uint64(head), int(n)*each); err != nil {
		return nil, fmt.Errorf("set %s: %w", s.name, err)
	}
	for ; len(data) > 0; data = data[each:] {
		s.ids = append(s.ids, binary.LittleEndian.Uint32(data))
		if !s.plain {
			s.flags = append(s.flags, binary.LittleEndian.Uint32(data[4:]))
		}
	}
	return &s, nil
}

// scanSets finds the kfunc sets of a .BTF_ids section when there are no
// symbols: a count, the flag word 1, and that many ascending ids of functions.
// The sets have no names then but what their members tell.
func scanSets(img *image, t *types) ([]set, error) {
	data, err := img.mem.read(img.btfIDs.addr, int(img.btfIDs.size))
	if err != nil {
		return nil, fmt.Errorf(".BTF_ids: %w", err)
	}
	u := func(i int) uint32 { return binary.LittleEndian.Uint32(data[i:]) }
	var sets []set
	for at := 0; at+16 <= len(data); at += 4 {
		n := int(u(at))
		if n == 0 || n > maxSet || u(at+4) != setKfuncs || at+8+8*n > len(data) {
			continue
		}
		s := set{addr: img.btfIDs.addr + uint64(at)}
		for i := range n {
			s.ids, s.flags = append(s.ids, u(at+8+8*i)), append(s.flags, u(at+12+8*i))
		}
		if plausible(s, t) {
			s.name = fmt.Sprintf("set8_at_%x", at)
			sets = append(sets, s)
			at += 8 + 8*n - 4
		}
	}
	return nameSets(sets, t), nil
}

func plausible(s set, t *types) bool {
	for i, id := range s.ids {
		if i > 0 && id <= s.ids[i-1] {
			return false
		}
		if _, err := t.funcByID(id); err != nil {
			return false
		}
	}
	return true
}

// nameSets names sets after those of the nearest known kernel that share the
// most members with them.
func nameSets(sets []set, t *types) []set {
	near := btfdb.Newest()
	if near == nil {
		return sets
	}
	for i := range sets {
		votes, best := map[string]int{}, ""
		for _, id := range sets[i].ids {
			f, _ := t.funcByID(id)
			if k := near.Kfunc(f.Name); k != nil {
				for _, name := range k.Sets {
					votes[name]++
				}
			}
		}
		for name, n := range votes {
			if n > votes[best] || n == votes[best] && name < best {
				best = name
			}
		}
		taken := slices.ContainsFunc(sets, func(s set) bool { return s.name == best })
		if best != "" && !taken && 2*votes[best] > len(sets[i].ids) {
			sets[i].name = best
		}
	}
	return sets
}
