// Package words says what kfuncs, ops members and constants of sched_ext are
// for, in a sentence or two of our own. What they may be called with and where
// is not here: that comes from kernels.
package words

import (
	_ "embed" // for words.txt
	"strings"
	"sync"
)

//go:embed words.txt
var data string

// A Member is what is known of an ops member beside its type.
type Member struct {
	Params []string // what schedulers call its parameters
	Text   string
}

// A book is words.txt by kind and name.
type book struct {
	kfuncs, values map[string]string
	members        map[string]Member
}

var words = sync.OnceValue(func() *book { return parse(data) })

// Kfunc says what a kfunc does, "" when nothing is known of it.
func Kfunc(name string) string { return words().kfuncs[name] }

// Value says what a constant means, "" when nothing is known of it.
func Value(name string) string { return words().values[name] }

// MemberOf says what a member of sched_ext_ops or sched_ext_ops_cid is for;
// false when nothing is known of it.
func MemberOf(name string) (Member, bool) {
	m, ok := words().members[name]
	return m, ok
}

// parse reads words.txt. That nothing in it is left over is for the tests.
func parse(text string) *book {
	b := &book{kfuncs: map[string]string{}, values: map[string]string{}, members: map[string]Member{}}
	var head []string
	var body []string
	add := func() {
		if len(head) > 1 {
			b.add(head, strings.Join(body, " "))
		}
		head, body = nil, nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if said, ok := strings.CutPrefix(line, "\t"); ok {
			body = append(body, said)
			continue
		}
		add()
		head = strings.Fields(line)
	}
	add()
	return b
}

func (b *book) add(head []string, text string) {
	switch head[0] {
	case "kfunc":
		b.kfuncs[head[1]] = text
	case "value":
		b.values[head[1]] = text
	case "member":
		b.members[head[1]] = Member{Params: head[2:], Text: text}
	}
}
