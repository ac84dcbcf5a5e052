package extract

import (
	"slices"
	"sort"
	"strings"
)

// symbols is a kernel's symbol table. Names live in one block of text: a
// kernel has 200,000.
type symbols struct {
	text   []byte
	list   []symbol // by address after index
	byName map[string]int32
}

type symbol struct {
	addr       uint64
	start, end uint32 // of the name in text
}

func (t *symbols) add(addr uint64, name string) {
	start := len(t.text)
	t.text = append(t.text, name...)
	t.list = append(t.list, symbol{addr, uint32(start), uint32(len(t.text))})
}

// index sorts by address. Names of interest are found by a scan, once each.
func (t *symbols) index() *symbols {
	slices.SortStableFunc(t.list, func(a, b symbol) int {
		switch {
		case a.addr < b.addr:
			return -1
		case a.addr > b.addr:
			return 1
		}
		return 0
	})
	t.byName = make(map[string]int32)
	for i, s := range t.list {
		name := t.text[s.start:s.end]
		if interesting(name) {
			t.byName[string(name)] = int32(i)
		}
	}
	return t
}

// interestingPrefixes are of the names that extraction looks up.
var interestingPrefixes = []string{
	"__BTF_ID__set", "__bpf_ops_", "bpf_", "scx_", "register_btf_", "__register_btf_", "linux_banner", "qdisc_ops_",
	"tracing_iter_filter", "__x86_return_thunk", "CSWTCH",
}

func interesting(name []byte) bool {
	for _, p := range interestingPrefixes {
		if len(name) >= len(p) && string(name[:len(p)]) == p {
			return true
		}
	}
	return false
}

func (t *symbols) name(i int) string { return string(t.text[t.list[i].start:t.list[i].end]) }

// find is the address of a name; 0 if there is none.
func (t *symbols) find(name string) uint64 {
	if t == nil {
		return 0
	}
	if i, ok := t.byName[name]; ok {
		return t.list[i].addr
	}
	return 0
}

// extent is a symbol's region: up to the next symbol at another address, so
// padding is part of it.
func (t *symbols) extent(addr uint64) region {
	i := sort.Search(len(t.list), func(i int) bool { return t.list[i].addr > addr })
	if i == len(t.list) {
		return region{addr, 0}
	}
	return region{addr, t.list[i].addr - addr}
}

// at lists the names at exactly an address.
func (t *symbols) at(addr uint64) []string {
	var names []string
	for i := sort.Search(len(t.list), func(i int) bool { return t.list[i].addr >= addr }); i < len(t.list); i++ {
		if t.list[i].addr != addr {
			break
		}
		names = append(names, t.name(i))
	}
	return names
}

// function is the start and the name of the function that an address is in.
func (t *symbols) function(addr uint64) (start uint64, name string) {
	i := sort.Search(len(t.list), func(i int) bool { return t.list[i].addr > addr })
	if i == 0 {
		return 0, ""
	}
	return t.list[i-1].addr, t.name(i - 1)
}

// withPrefix lists the interesting names with a prefix, and their addresses.
func (t *symbols) withPrefix(prefix string) map[string]uint64 {
	found := map[string]uint64{}
	for name, i := range t.byName {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			found[rest] = t.list[i].addr
		}
	}
	return found
}
