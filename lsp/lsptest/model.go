package lsptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Model is the meta-model that is published with the specification of LSP:
// what each message may look like.
type Model struct {
	Requests      []modelMessage   `json:"requests"`
	Notifications []modelMessage   `json:"notifications"`
	Structures    []modelStructure `json:"structures"`
	Enumerations  []struct {
		Name   string     `json:"name"`
		Type   *modelType `json:"type"`
		Custom bool       `json:"supportsCustomValues"`
		Values []struct {
			Value any `json:"value"`
		} `json:"values"`
	} `json:"enumerations"`
	TypeAliases []struct {
		Name string     `json:"name"`
		Type *modelType `json:"type"`
	} `json:"typeAliases"`

	structures map[string]*modelStructure
	aliases    map[string]*modelType
	enums      map[string]func(any) bool
}

type modelMessage struct {
	Method    string     `json:"method"`
	Direction string     `json:"messageDirection"`
	Params    *modelType `json:"params"`
	Result    *modelType `json:"result"`
}

type modelStructure struct {
	Name       string          `json:"name"`
	Properties []modelProperty `json:"properties"`
	Extends    []*modelType    `json:"extends"`
	Mixins     []*modelType    `json:"mixins"`
}

type modelProperty struct {
	Name     string     `json:"name"`
	Type     *modelType `json:"type"`
	Optional bool       `json:"optional"`
}

type modelType struct {
	Kind    string          `json:"kind"`
	Name    string          `json:"name"`    // base, reference
	Items   []*modelType    `json:"items"`   // and, or, tuple
	Element *modelType      `json:"element"` // array
	Value   json.RawMessage `json:"value"`   // map: a type; literals: a structure or a value
}

// LSP gives the meta-model that comes with the protocol library of the server.
var LSP = sync.OnceValues(func() (*Model, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.lsp.dev/protocol").Output()
	if err != nil {
		return nil, fmt.Errorf("where the protocol library is: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "genlsp", "testdata", "metaModel.json"))
	if err != nil {
		return nil, err
	}
	return NewModel(data)
})

// NewModel reads a meta-model.
func NewModel(data []byte) (*Model, error) {
	m := &Model{structures: map[string]*modelStructure{}, aliases: map[string]*modelType{}, enums: map[string]func(any) bool{}}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, err
	}
	for i := range m.Structures {
		m.structures[m.Structures[i].Name] = &m.Structures[i]
	}
	for _, a := range m.TypeAliases {
		m.aliases[a.Name] = a.Type
	}
	for _, e := range m.Enumerations {
		m.enums[e.Name] = func(v any) bool {
			for _, known := range e.Values {
				if known.Value == v {
					return true
				}
			}
			return e.Custom && m.check(e.Type, v) == nil
		}
	}
	return m, nil
}

// Message checks what a server sent: a request, a notification or, with the
// method that it answers, a response.
func (m *Model) Message(msg *Message, answers string) error {
	if msg.Method == "" {
		if msg.Error != nil || answers == "" {
			return nil
		}
		i := slices.IndexFunc(m.Requests, func(r modelMessage) bool { return r.Method == answers })
		if i < 0 {
			return nil // nothing is known of the result of what is not LSP
		}
		return m.part(answers+" result", m.Requests[i].Result, msg.Result)
	}
	list := m.Notifications
	if msg.ID != nil {
		list = m.Requests
	}
	i := slices.IndexFunc(list, func(r modelMessage) bool { return r.Method == msg.Method })
	switch {
	case i < 0:
		return fmt.Errorf("%s is no message of LSP", msg.Method)
	case list[i].Direction == "clientToServer":
		return fmt.Errorf("%s is not for servers to send", msg.Method)
	case list[i].Params == nil:
		return nil
	}
	return m.part(msg.Method+" params", list[i].Params, msg.Params)
}

func (m *Model) part(what string, t *modelType, data json.RawMessage) error {
	var v any
	if len(data) > 0 {
		dec := json.NewDecoder(bytes.NewReader(data))
		if err := dec.Decode(&v); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	if err := m.check(t, v); err != nil {
		return fmt.Errorf("%s%w", what, err)
	}
	return nil
}

// check says where a value is not of a type; the error begins with the path.
func (m *Model) check(t *modelType, v any) error {
	switch t.Kind {
	case "base":
		return checkBase(t.Name, v)
	case "reference":
		return m.reference(t.Name, v)
	case "or":
		return m.anyOf(t.Items, v)
	case "array":
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf(": no array: %.80v", v)
		}
		for i, item := range list {
			if err := m.check(t.Element, item); err != nil {
				return fmt.Errorf("[%d]%w", i, err)
			}
		}
		return nil
	case "tuple":
		list, ok := v.([]any)
		if !ok || len(list) != len(t.Items) {
			return fmt.Errorf(": no tuple of %d: %.80v", len(t.Items), v)
		}
		for i, item := range list {
			if err := m.check(t.Items[i], item); err != nil {
				return fmt.Errorf("[%d]%w", i, err)
			}
		}
		return nil
	case "map":
		return m.checkMap(t, v)
	case "literal":
		var s modelStructure
		if err := json.Unmarshal(t.Value, &s); err != nil {
			return fmt.Errorf(": %w", err)
		}
		return m.object(&s, v)
	case "stringLiteral", "integerLiteral", "booleanLiteral":
		var want any
		if err := json.Unmarshal(t.Value, &want); err != nil || want != v {
			return fmt.Errorf(": %.80v is not %s", v, t.Value)
		}
		return nil
	}
	return fmt.Errorf(": a type of kind %q", t.Kind)
}

func (m *Model) anyOf(items []*modelType, v any) error {
	var furthest error
	for _, item := range items {
		err := m.check(item, v)
		if err == nil {
			return nil
		}
		if furthest == nil || depth(err) > depth(furthest) || item.Name != "null" && depth(err) == depth(furthest) {
			furthest = err
		}
	}
	return furthest
}

// depth is how far into a value an error is.
func depth(err error) int {
	path, _, _ := strings.Cut(err.Error(), ": ")
	return strings.Count(path, ".") + strings.Count(path, "[")
}

func (m *Model) checkMap(t *modelType, v any) error {
	object, ok := v.(map[string]any)
	var value modelType
	if err := json.Unmarshal(t.Value, &value); err != nil || !ok {
		return fmt.Errorf(": no map: %.80v", v)
	}
	for key, item := range object {
		if err := m.check(&value, item); err != nil {
			return fmt.Errorf("[%q]%w", key, err)
		}
	}
	return nil
}

func (m *Model) reference(name string, v any) error {
	if name == "LSPAny" {
		return nil
	}
	if name == "LSPObject" {
		if _, ok := v.(map[string]any); !ok {
			return fmt.Errorf(": no object: %.80v", v)
		}
		return nil
	}
	if s := m.structures[name]; s != nil {
		return m.object(s, v)
	}
	if a := m.aliases[name]; a != nil {
		return m.check(a, v)
	}
	if enum := m.enums[name]; enum != nil && enum(v) {
		return nil
	}
	return fmt.Errorf(": %.80v is no %s", v, name)
}

// object checks an object: a property that the type does not have is a mistake,
// too, most likely of spelling.
func (m *Model) object(s *modelStructure, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf(": no %s: %.80v", s.Name, v)
	}
	known := map[string]bool{}
	for _, p := range m.properties(s) {
		known[p.Name] = true
		value, there := object[p.Name]
		if !there {
			if !p.Optional {
				return fmt.Errorf(".%s: missing", p.Name)
			}
			continue
		}
		if err := m.check(p.Type, value); err != nil {
			return fmt.Errorf(".%s%w", p.Name, err)
		}
	}
	for name := range object {
		if !known[name] {
			return fmt.Errorf(".%s: no property of %s", name, s.Name)
		}
	}
	return nil
}

func (m *Model) properties(s *modelStructure) []modelProperty {
	out := slices.Clone(s.Properties)
	for _, t := range append(slices.Clone(s.Extends), s.Mixins...) {
		if base := m.structures[t.Name]; base != nil {
			out = append(out, m.properties(base)...)
		}
	}
	return out
}

func checkBase(name string, v any) error {
	ok := false
	switch name {
	case "null":
		ok = v == nil
	case "boolean":
		_, ok = v.(bool)
	case "string", "URI", "DocumentUri", "RegExp":
		_, ok = v.(string)
	case "decimal":
		_, ok = v.(float64)
	case "integer", "uinteger":
		n, number := v.(float64)
		low := float64(math.MinInt32)
		if name == "uinteger" {
			low = 0
		}
		ok = number && n == math.Trunc(n) && n >= low && n <= math.MaxInt32
	}
	if !ok {
		return fmt.Errorf(": %.80v is no %s", v, name)
	}
	return nil
}
