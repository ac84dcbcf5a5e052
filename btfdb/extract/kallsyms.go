package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// kallsyms is the symbol table that a kernel keeps in its .rodata
// (scripts/kallsyms.c, kernel/kallsyms.c). In address order, as 6.12 to 7.3
// lay it out: num_syms, names, markers (one u32 for every 256 names),
// token_table (256 strings), token_index (256 u16), offsets, relative_base (up
// to 6.19). Nothing points at it in a stripped image: the token table is found
// by the ten strings that are always in it, and all else by walking from
// there.
type kallsyms struct {
	data   []byte
	base   uint64 // address of data[0]
	align  int    // 8, since 7.0 4
	tokens [256][]byte
	index  int // offset of token_index
	table  int // offset of token_table
	budget int // candidates that may still be looked at
}

var errNoKallsyms = errors.New("kallsyms: no token table in .rodata (CONFIG_KALLSYMS)")

// digitTokens are the tokens of the characters 0 to 9.
var digitTokens = []byte("0\x001\x002\x003\x004\x005\x006\x007\x008\x009\x00")

// maxSyms bounds the number of symbols; kernels have 0.2 million.
const maxSyms = 4 << 20

func parseKallsyms(data []byte, base uint64) (*symbols, error) {
	last := errNoKallsyms
	for from := 0; ; {
		i := bytes.Index(data[from:], digitTokens)
		if i < 0 {
			return nil, last
		}
		at := from + i
		for _, align := range []int{8, 4} {
			k := &kallsyms{data: data, base: base, align: align, budget: 1 << 22}
			if !k.findTokens(at) {
				continue
			}
			syms, err := k.parse()
			if err == nil {
				return syms, nil
			}
			last = err
		}
		from = at + 1
	}
}

// up rounds an offset up so that its address is aligned.
func (k *kallsyms) up(off, align int) int {
	rem := int((k.base + uint64(off)) % uint64(align))
	if rem == 0 {
		return off
	}
	return off + align - rem
}

func (k *kallsyms) u32(off int) (uint32, bool) {
	if off < 0 || off+4 > len(k.data) {
		return 0, false
	}
	return binary.LittleEndian.Uint32(k.data[off:]), true
}

// findTokens validates a token table whose string "0" is at an offset, by the
// index that must follow it.
func (k *kallsyms) findTokens(zero int) bool {
	end := zero
	for range 256 - '0' {
		n := bytes.IndexByte(k.data[end:min(end+128, len(k.data))], 0)
		if n < 0 {
			return false
		}
		end += n + 1
	}
	k.index = k.up(end, k.align)
	if k.index+512 > len(k.data) {
		return false
	}
	var idx [256]int
	for i := range idx {
		idx[i] = int(binary.LittleEndian.Uint16(k.data[k.index+2*i:]))
		if i > 0 && idx[i] <= idx[i-1] {
			return false
		}
	}
	k.table = zero - idx['0']
	if idx[0] != 0 || k.table < 0 || k.table+idx[255] >= len(k.data) || idx['9'] != idx['0']+18 {
		return false
	}
	for i, off := range idx {
		token := k.data[k.table+off:]
		n := bytes.IndexByte(token[:min(128, len(token))], 0)
		if n < 0 {
			return false
		}
		k.tokens[i] = token[:n]
	}
	return true
}

func (k *kallsyms) parse() (*symbols, error) {
	markers, err := k.findMarkers()
	if err != nil {
		return nil, err
	}
	names, n, err := k.findNames(markers)
	if err != nil {
		return nil, err
	}
	return k.decode(names, n)
}

// findMarkers walks back from the token table over ascending offsets to the
// first marker, which is 0. It returns the offset of the first.
func (k *kallsyms) findMarkers() ([]int, error) {
	at := k.table - k.table%4 - 4
	if k.align == 8 {
		if v, ok := k.u32(at); ok && v == 0 {
			at -= 4 // padding
		}
	}
	var rev []int
	for last := uint32(1 << 31); ; at -= 4 {
		v, ok := k.u32(at)
		if !ok || v >= last || len(rev) > maxSyms/256 {
			return nil, fmt.Errorf("kallsyms: markers before %#x: not ascending", k.base+uint64(k.table))
		}
		rev = append(rev, int(v))
		if last = v; v == 0 {
			break
		}
	}
	markers := make([]int, len(rev)+1) // the last entry: where the markers start
	for i, v := range rev {
		markers[len(rev)-1-i] = v
	}
	markers[len(rev)] = at
	return markers, nil
}

// findNames looks for num_syms before the names, whose length is known but for
// the last 256.
func (k *kallsyms) findNames(markers []int) (names, n int, err error) {
	count := len(markers) - 1
	start := markers[count]
	first := start - markers[count-1]
	for x := first - int((k.base+uint64(max(first, 0)))%uint64(k.align)); x > first-0x10000; x -= k.align {
		v, ok := k.u32(x - k.align)
		if !ok {
			break
		}
		if int(v+255)/256 == count && v <= maxSyms && k.check(x, int(v), markers) {
			return x, int(v), nil
		}
	}
	return 0, 0, fmt.Errorf("kallsyms: no names before the markers at %#x", k.base+uint64(start))
}

// nameAt is the length of the compressed name at an offset and where it starts.
func (k *kallsyms) nameAt(off int) (start, length int, ok bool) {
	if off >= len(k.data) {
		return 0, 0, false
	}
	length = int(k.data[off])
	start = off + 1
	if length&0x80 != 0 {
		if start >= len(k.data) {
			return 0, 0, false
		}
		length = length&0x7f | int(k.data[start])<<7
		start++
	}
	return start, length, length > 0 && start+length <= len(k.data)
}

// check walks all names and compares every 256th with its marker.
func (k *kallsyms) check(names, n int, markers []int) bool {
	off := names
	for i := range n {
		if i%256 == 0 && off-names != markers[i/256] {
			return false
		}
		if k.budget--; k.budget < 0 {
			return false
		}
		start, length, ok := k.nameAt(off)
		if !ok {
			return false
		}
		off = start + length
	}
	return off <= markers[len(markers)-1]
}

// decode expands the names and works out the addresses.
func (k *kallsyms) decode(names, n int) (*symbols, error) {
	offsets := k.up(k.index+512, k.align)
	if offsets+4*n > len(k.data) {
		return nil, fmt.Errorf("kallsyms: offsets at %#x: %d do not fit", k.base+uint64(offsets), n)
	}
	addr := k.addresses(offsets, n)
	t := &symbols{list: make([]symbol, 0, n), text: make([]byte, 0, 24*n)}
	off := names
	for i := range n {
		start, length, _ := k.nameAt(off)
		off = start + length
		at := len(t.text)
		for _, c := range k.data[start:off] {
			t.text = append(t.text, k.tokens[c]...)
		}
		if len(t.text) > maxSection {
			return nil, fmt.Errorf("kallsyms: name %d: more than %d bytes of names", i, maxSection)
		}
		if at < len(t.text) {
			at++ // the type letter
		}
		t.list = append(t.list, symbol{addr(i), uint32(at), uint32(len(t.text))})
	}
	return t.index(), nil
}

// addresses decides how offsets are encoded: up to 6.19 against
// relative_base, where a negative one may mean relative and a positive one
// absolute (CONFIG_KALLSYMS_ABSOLUTE_PERCPU, gone in 6.15); since 7.0 against
// their own address.
func (k *kallsyms) addresses(offsets, n int) func(i int) uint64 {
	raw := func(i int) uint32 { return binary.LittleEndian.Uint32(k.data[offsets+4*i:]) }
	var base uint64
	if at := k.up(offsets+4*n, 8); at+8 <= len(k.data) {
		base = binary.LittleEndian.Uint64(k.data[at:])
	}
	if base>>47 != 1<<17-1 || base%0x1000 != 0 {
		return func(i int) uint64 { return k.base + uint64(offsets+4*i) + uint64(int64(int32(raw(i)))) }
	}
	negative := 0
	for i := range n {
		if int32(raw(i)) < 0 {
			negative++
		}
	}
	if negative > n-n/10 {
		return func(i int) uint64 {
			if v := int32(raw(i)); v < 0 {
				return base - 1 - uint64(int64(v))
			}
			return uint64(raw(i))
		}
	}
	return func(i int) uint64 { return base + uint64(raw(i)) }
}
