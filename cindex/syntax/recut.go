package syntax

import "sort"

// Cutting again after an edit. The cuts before the edit stay if they were made
// without looking at what changed; those behind it stay from the first place
// on where both versions begin a piece. The result is that of cutText.

// A recut is the cuts of a text, and which of them were taken from an older
// version: from[i] is the index there, or -1.
type recut struct {
	cuts []cut
	from []int
}

// margin is how many bytes behind a token the lexer may look at.
const margin = 3

// cutAgain cuts text, of which an older version was cut into old. The first
// pre and the last suf bytes of both are the same.
func cutAgain(text string, oldLen int, old []cut, pre, suf int) recut {
	c := cutter{lexer: *newLexer(text)}
	r := recut{}
	k := 0
	for k < len(old) && old[k].look <= pre {
		k++
	}
	r.keep(old, 0, k, 0)
	if k > 0 {
		c.pos, c.eager = old[k-1].end, old[k-1].eager
		c.fresh = c.freshAt(c.pos)
	}
	delta := len(text) - oldLen
	for t := c.code(); t.kind != tEOF; t = c.code() {
		at := int(t.start)
		if at > len(text)-suf && c.eager <= at {
			if j := meet(old, at-delta, t.kind == tDirective); j >= 0 {
				r.keep(old, j, len(old), delta)
				return r
			}
		}
		if p, ok := c.piece(t); ok {
			r.cuts, r.from = append(r.cuts, p), append(r.from, -1)
		}
	}
	return r
}

// meet gives the old cut that starts at an offset and was found in the same
// state, -1 if there is none.
func meet(old []cut, at int, directive bool) int {
	j := sort.Search(len(old), func(i int) bool { return old[i].start >= at })
	if j == len(old) || old[j].start != at || old[j].directive != directive || j > 0 && old[j-1].eager > at {
		return -1
	}
	return j
}

func (r *recut) keep(old []cut, from, to, delta int) {
	for i := from; i < to; i++ {
		p := old[i]
		p.start, p.end, p.look = p.start+delta, p.end+delta, p.look+delta
		if p.eager > 0 {
			p.eager += delta
		}
		r.cuts, r.from = append(r.cuts, p), append(r.from, i)
	}
}

// commonEnds gives the lengths of what two texts have in common at the front
// and, not overlapping it, at the back.
func commonEnds(a, b string) (pre, suf int) {
	n := min(len(a), len(b))
	const block = 1024
	for pre+block <= n && a[pre:pre+block] == b[pre:pre+block] {
		pre += block
	}
	for pre < n && a[pre] == b[pre] {
		pre++
	}
	n -= pre
	for suf+block <= n && a[len(a)-suf-block:len(a)-suf] == b[len(b)-suf-block:len(b)-suf] {
		suf += block
	}
	for suf < n && a[len(a)-suf-1] == b[len(b)-suf-1] {
		suf++
	}
	return pre, suf
}
