package syntax

import (
	"strings"
	"sync"
	"unsafe"
)

// A Cache keeps the facts of pieces by their text, so that parsing a file
// again costs what changed. It is safe for concurrent use, and results do not
// depend on what is in it.
type Cache struct {
	limit int

	mu    sync.Mutex
	gen   [2]generation  // the young one, and the one before it
	files [recents]*File // the last ones that were parsed, the last one first
}

// A generation is a set of pieces. When the young one has half of what the
// cache may hold, it becomes the old one; what is asked for again moves back.
type generation struct {
	pieces map[pieceKey]*piece
	size   int
}

// A pieceKey is all that the facts of a piece depend on.
type pieceKey struct {
	text            string
	directive, open bool
}

// DefaultCacheSize is enough for all sources and headers of a large tree of
// schedulers, in bytes.
const DefaultCacheSize = 48 << 20

// NewCache makes a cache that keeps about limit bytes; DefaultCacheSize when
// limit is not positive.
func NewCache(limit int) *Cache {
	if limit <= 0 {
		limit = DefaultCacheSize
	}
	c := &Cache{limit: limit}
	c.gen[0], c.gen[1] = newGeneration(), newGeneration()
	return c
}

func newGeneration() generation { return generation{pieces: map[pieceKey]*piece{}} }

// Parse is [Parse], with pieces that were parsed before taken from the cache.
func (c *Cache) Parse(content []byte) *File {
	f := &File{content: content, text: stringOf(content)}
	old, pre, suf := c.recent(f.text)
	if old == nil {
		f.read(c, recut{cuts: cutText(f.text)}, nil)
	} else {
		f.read(c, cutAgain(f.text, len(old.text), old.cuts, pre, suf), old)
	}
	c.remember(f, old)
	return f
}

// Parse reads a file. It never fails: what cannot be read is missing from the
// facts. Content must not be changed afterwards.
func Parse(content []byte) *File {
	f := &File{content: content, text: stringOf(content)}
	f.read(nil, recut{cuts: cutText(f.text)}, nil)
	return f
}

func stringOf(content []byte) string {
	return unsafe.String(unsafe.SliceData(content), len(content))
}

// read fills in the pieces. Those that are known from an older version need
// not even be looked for.
func (f *File) read(c *Cache, r recut, old *File) {
	f.cuts, f.pieces = r.cuts, make([]placed, len(r.cuts))
	for i, k := range r.cuts {
		if r.from != nil && r.from[i] >= 0 && !old.pieces[r.from[i]].loose {
			f.pieces[i] = placed{old.pieces[r.from[i]].piece, k.start}
			continue
		}
		f.pieces[i] = placed{c.piece(f.text[k.start:k.end], k), k.start}
	}
}

// recents is how many files the cache remembers as a whole: the buffers that
// somebody types into at a time. Larger ones than maxRecent are not.
const (
	recents   = 4
	maxRecent = 2 << 20
)

// recent finds an older version of a text: one that shares most of it.
func (c *Cache) recent(text string) (old *File, pre, suf int) {
	c.mu.Lock()
	files := c.files
	c.mu.Unlock()
	for _, f := range files {
		if f == nil {
			break
		}
		if pre, suf = commonEnds(f.text, text); 2*(pre+suf) > len(text) {
			return f, pre, suf
		}
	}
	return nil, 0, 0
}

// remember puts a file in front, in the place of its older version.
func (c *Cache) remember(f, old *File) {
	if len(f.text) > maxRecent {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := 0
	for i < recents-1 && c.files[i] != old && c.files[i] != nil {
		i++
	}
	copy(c.files[1:i+1], c.files[:i])
	c.files[0] = f
}

// piece gives the facts of a piece, from the cache if they are there. Pieces
// own their text: they must not keep versions of whole files alive.
func (c *Cache) piece(text string, k cut) *piece {
	if c == nil {
		return readPiece(text, k)
	}
	key := pieceKey{text, k.directive, k.open}
	if p := c.get(key); p != nil {
		return p
	}
	p := readPiece(strings.Clone(text), k)
	if !p.loose {
		key.text = p.text
		c.mu.Lock()
		c.keep(key, p)
		c.mu.Unlock()
	}
	return p
}

func (c *Cache) get(key pieceKey) *piece {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.gen[0].pieces[key]; p != nil {
		return p
	}
	p := c.gen[1].pieces[key]
	if p != nil {
		key.text = p.text
		c.keep(key, p)
	}
	return p
}

// keep puts a piece into the young generation; c.mu is held.
func (c *Cache) keep(key pieceKey, p *piece) {
	if p.size > c.limit/2 {
		return
	}
	if c.gen[0].size+p.size > c.limit/2 {
		c.gen[0], c.gen[1] = newGeneration(), c.gen[0]
	}
	if _, there := c.gen[0].pieces[key]; there {
		return
	}
	c.gen[0].pieces[key] = p
	c.gen[0].size += p.size
}
