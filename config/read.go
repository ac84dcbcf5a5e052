package config

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/internal/spell"
)

// Read reads a file. What is wrong is left out and told in Problems.
func Read(name string, text []byte, known Known) *File {
	f := &File{Path: name, Text: text}
	root, problem := parse(text)
	if problem != nil {
		f.Problems, f.Broken = []Problem{*problem}, true
		return f
	}
	d := &decoder{known: known}
	d.table(root, reflect.ValueOf(&f.Settings).Elem())
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return cmp.Compare(a.Start, b.Start) })
	f.Problems = d.problems
	return f
}

// A decoder puts a tree into a struct.
type decoder struct {
	known    Known
	problems []Problem
}

func (d *decoder) wrong(start, end int, format string, args ...any) {
	d.problems = append(d.problems, Problem{start, end, fmt.Sprintf(format, args...)})
}

// want reports a value of the wrong kind.
func (d *decoder) want(n *node, k kind) bool {
	if n.kind != k {
		d.wrong(n.start, n.end, "want %s, have %s", k, n.kind)
	}
	return n.kind == k
}

// table fills a struct.
func (d *decoder) table(n *node, into reflect.Value) {
	if !d.want(n, kindTable) {
		return
	}
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(into.Type()) {
		fields[f.Tag.Get("key")] = f
	}
	for _, key := range n.keys {
		value := n.table[key]
		field, ok := fields[key]
		if !ok {
			d.unknown(value, "key", key, sortedKeys(fields))
			continue
		}
		d.value(value, into.FieldByIndex(field.Index), field.Tag)
	}
}

// unknown reports a key that nothing has, with the one that may be meant.
func (d *decoder) unknown(n *node, what, key string, names []string) {
	text := fmt.Sprintf("unknown %s %q", what, key)
	if near := spell.Nearest(key, slices.Values(names)); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	d.wrong(n.keyStart, n.keyEnd, "%s", text)
}

func (d *decoder) value(n *node, into reflect.Value, tag reflect.StructTag) {
	switch into.Kind() {
	case reflect.Struct:
		d.table(n, into)
	case reflect.Slice:
		d.list(n, into, tag)
	case reflect.Map:
		d.named(n, into, tag)
	case reflect.Bool:
		if d.want(n, kindBool) {
			into.SetBool(n.text == "true")
		}
	default:
		d.text(n, into, tag)
	}
}

func (d *decoder) list(n *node, into reflect.Value, tag reflect.StructTag) {
	if !d.want(n, kindList) {
		return
	}
	for _, item := range n.items {
		before := len(d.problems)
		v := reflect.New(into.Type().Elem()).Elem()
		d.value(item, v, tag)
		if v.Kind() == reflect.Struct || len(d.problems) == before {
			into.Set(reflect.Append(into, v))
		}
	}
}

// named fills a map, whose keys may have to be known.
func (d *decoder) named(n *node, into reflect.Value, tag reflect.StructTag) {
	if !d.want(n, kindTable) {
		return
	}
	into.Set(reflect.MakeMap(into.Type()))
	names, what := d.known.Rules, "rule"
	switch tag.Get("names") {
	case "features":
		names, what = d.known.Features, "feature"
	case "":
		names = nil
	}
	for _, key := range n.keys {
		item := n.table[key]
		if names != nil && !slices.Contains(names, key) {
			d.unknown(item, what, key, names)
			continue
		}
		before := len(d.problems)
		v := reflect.New(into.Type().Elem()).Elem()
		d.value(item, v, tag)
		if len(d.problems) == before {
			into.SetMapIndex(reflect.ValueOf(key), v)
		}
	}
}

// text fills a string, or a scalar of any sort.
func (d *decoder) text(n *node, into reflect.Value, tag reflect.StructTag) {
	if into.Type() == reflect.TypeFor[Scalar]() {
		if n.kind != kindBool && n.kind != kindNumber || strings.ContainsAny(n.text, ".") {
			d.wrong(n.start, n.end, "want a whole number or true or false, have %s", n.kind)
			return
		}
		into.SetString(strings.ReplaceAll(n.text, "_", ""))
		return
	}
	if !d.want(n, kindString) {
		return
	}
	if err := d.check(tag.Get("check"), n.text); err != nil {
		d.wrong(n.start, n.end, "%v", err)
		return
	}
	into.SetString(n.text)
}

var define = regexp.MustCompile(`^[A-Za-z_]\w*(=.*)?$`)

// check says what is wrong with a text.
func (d *decoder) check(what, text string) error {
	switch what {
	case "kernels":
		if d.known.Kernels != nil {
			return d.known.Kernels(text)
		}
	case "glob":
		_, err := compileGlob(text)
		return err
	case "define":
		if !define.MatchString(text) {
			return fmt.Errorf("%q is neither NAME nor NAME=VALUE", text)
		}
	case "severity":
		return oneOf(text, Severities)
	case "refused":
		return oneOf(text, Refused)
	}
	return nil
}

func oneOf(text string, values []string) error {
	if slices.Contains(values, text) {
		return nil
	}
	return fmt.Errorf("%q is none of %s", text, strings.Join(values, ", "))
}

func sortedKeys(fields map[string]reflect.StructField) []string {
	var out []string
	for key := range fields {
		if key != "" {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
