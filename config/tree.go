package config

import (
	"errors"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A node is a value of a TOML document with its place.
type node struct {
	kind       kind
	text       string  // of a scalar
	items      []*node // of a list
	keys       []string
	table      map[string]*node
	start, end int // of the value, or of the header of a table
	keyStart   int // of the last key that leads here
	keyEnd     int
}

type kind uint8

const (
	kindTable kind = iota
	kindList
	kindString
	kindBool
	kindNumber
	kindOther // dates
)

func (k kind) String() string {
	return [...]string{"a table", "a list", "a string", "true or false", "a number", "a date"}[k]
}

func newTable() *node { return &node{kind: kindTable, table: map[string]*node{}} }

// parse reads a document. A mistake of syntax, a key that is given twice among
// them, is a problem and leaves nothing.
func parse(text []byte) (*node, *Problem) {
	var all map[string]any
	if err := toml.Unmarshal(text, &all); err != nil {
		return nil, syntaxProblem(text, err)
	}
	r := &reader{root: newTable()}
	r.parser.Reset(text)
	at := r.root
	for r.parser.NextExpression() {
		switch e := r.parser.Expression(); e.Kind {
		case unstable.Table:
			at = r.descend(r.root, e.Key(), false)
		case unstable.ArrayTable:
			at = r.descend(r.root, e.Key(), true)
		case unstable.KeyValue:
			r.set(at, e)
		}
	}
	if err := r.parser.Error(); err != nil {
		return nil, syntaxProblem(text, err)
	}
	return r.root, nil
}

func syntaxProblem(text []byte, err error) *Problem {
	p := &Problem{Message: err.Error()}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		p.Start = lineStart(text, at)
		p.End = p.Start
		for p.End < len(text) && text[p.End] != '\n' {
			p.End++
		}
	}
	return p
}

// lineStart gives the offset of the place of an error; rows and columns count
// from one, columns in bytes.
func lineStart(text []byte, err *toml.DecodeError) int {
	row, column := err.Position()
	off := 0
	for ; row > 1 && off < len(text); off++ {
		if text[off] == '\n' {
			row--
		}
	}
	return min(off+max(column-1, 0), len(text))
}

// A reader makes nodes of the parser's.
type reader struct {
	parser unstable.Parser
	root   *node
}

// descend goes to the table of a header and makes what is missing on the way;
// element says that the header begins an element of a list.
func (r *reader) descend(at *node, keys unstable.Iterator, element bool) *node {
	for keys.Next() {
		key, last := keys.Node(), keys.IsLast()
		next := at.table[string(key.Data)]
		if next == nil {
			next = newTable()
			if element && last {
				next.kind = kindList
			}
			r.place(next, key)
			at.add(string(key.Data), next)
		}
		if next.kind == kindList {
			if element && last {
				item := newTable()
				r.place(item, key)
				next.items = append(next.items, item)
			}
			if len(next.items) == 0 {
				return newTable() // the decoder has refused this
			}
			next = next.items[len(next.items)-1]
		}
		at = next
	}
	return at
}

func (r *reader) place(n *node, key *unstable.Node) {
	n.keyStart = int(key.Raw.Offset)
	n.keyEnd = n.keyStart + int(key.Raw.Length)
	n.start, n.end = n.keyStart, n.keyEnd
}

func (n *node) add(key string, value *node) {
	if n.table == nil {
		n.table = map[string]*node{} // a value stands where a table should
	}
	n.keys = append(n.keys, key)
	n.table[key] = value
}

// set adds a key with its value; dots in the key make tables.
func (r *reader) set(at *node, e *unstable.Node) {
	value := r.value(e.Value())
	keys := e.Key()
	for keys.Next() {
		key := keys.Node()
		if !keys.IsLast() {
			next := at.table[string(key.Data)]
			if next == nil {
				next = newTable()
				r.place(next, key)
				at.add(string(key.Data), next)
			}
			at = next
			continue
		}
		value.keyStart = int(key.Raw.Offset)
		value.keyEnd = value.keyStart + int(key.Raw.Length)
		if value.end == value.start {
			value.start, value.end = value.keyStart, value.keyEnd
		}
		at.add(string(key.Data), value)
	}
}

func (r *reader) value(v *unstable.Node) *node {
	n := &node{text: string(v.Data), start: int(v.Raw.Offset)}
	n.end = n.start + int(v.Raw.Length)
	switch v.Kind {
	case unstable.String:
		n.kind = kindString
	case unstable.Bool:
		n.kind = kindBool
	case unstable.Integer, unstable.Float:
		n.kind = kindNumber
	case unstable.Array:
		n.kind = kindList
		for it := v.Children(); it.Next(); {
			n.items = append(n.items, r.value(it.Node()))
		}
	case unstable.InlineTable:
		n.table = map[string]*node{}
		for it := v.Children(); it.Next(); {
			r.set(n, it.Node())
		}
	default:
		n.kind = kindOther
	}
	return n
}
