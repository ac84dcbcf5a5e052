package config

import (
	"encoding/json"
	"reflect"
)

// Schema is the JSON schema of a file, for editors of TOML.
func Schema(known Known) ([]byte, error) {
	s := tableSchema(reflect.TypeFor[Settings](), known)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "scx-lsp"
	s["description"] = "What a project says of its sched_ext schedulers, for scx-lsp in editors and in CI: the file " + Name + "."
	out, err := json.MarshalIndent(s, "", "  ")
	return append(out, '\n'), err
}

type schema = map[string]any

func tableSchema(t reflect.Type, known Known) schema {
	properties := schema{}
	for _, f := range reflect.VisibleFields(t) {
		s := typeSchema(f.Type, f.Tag, known)
		s["description"] = f.Tag.Get("doc")
		properties[f.Tag.Get("key")] = s
	}
	return schema{"type": "object", "additionalProperties": false, "properties": properties}
}

func typeSchema(t reflect.Type, tag reflect.StructTag, known Known) schema {
	switch t.Kind() {
	case reflect.Struct:
		return tableSchema(t, known)
	case reflect.Slice:
		return schema{"type": "array", "items": typeSchema(t.Elem(), tag, known)}
	case reflect.Map:
		return mapSchema(t, tag, known)
	case reflect.Bool:
		return schema{"type": "boolean"}
	}
	if t == reflect.TypeFor[Scalar]() {
		return schema{"type": []string{"integer", "boolean"}}
	}
	s := schema{"type": "string"}
	switch tag.Get("check") {
	case "severity":
		s["enum"] = Severities
	case "refused":
		s["enum"] = Refused
	case "define":
		s["pattern"] = define.String()
	}
	return s
}

func mapSchema(t reflect.Type, tag reflect.StructTag, known Known) schema {
	value := typeSchema(t.Elem(), tag, known)
	names := map[string][]string{"rules": known.Rules, "features": known.Features}[tag.Get("names")]
	if names == nil {
		return schema{"type": "object", "additionalProperties": value}
	}
	properties := schema{}
	for _, name := range names {
		properties[name] = value
	}
	return schema{"type": "object", "additionalProperties": false, "properties": properties}
}
