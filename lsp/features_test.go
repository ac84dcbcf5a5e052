package lsp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// capabilitiesWith gives what a server offers for a workspace and options.
func capabilitiesWith(t *testing.T, dir string, options any) (caps map[string]any, said string) {
	t.Helper()
	c, _ := start(t, newFake())
	c.Extra = map[string]any{"rootUri": "file://" + dir}
	caps = c.Initialize(options)
	for _, m := range c.Notes("window/showMessage") {
		said += string(m.Params)
	}
	return caps, said
}

// on tells whether a capability is offered.
func on(v any) bool { return v != nil && v != false }

// TestFeaturesBesideClangd: what editors take from one server only is off when
// the workspace is clangd's, unless it is asked for.
func TestFeaturesBesideClangd(t *testing.T) {
	alone, clangd := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(clangd, ".clangd"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		dir     string
		options any
		want    string // signatureHelp, semanticTokens, hover, rename
	}{
		{"alone", alone, nil, "on on on on"},
		{"beside clangd", clangd, nil, "off off on on"},
		{"beside clangd, says the client", alone, map[string]any{"clangd": true}, "off off on on"},
		{"not beside clangd, says the client", clangd, map[string]any{"clangd": false}, "on on on on"},
		{"asked for", clangd, map[string]any{"features": map[string]bool{"signatureHelp": true, "hover": false}}, "on off off on"},
		{"off", alone, map[string]any{"features": map[string]bool{"rename": false, "semanticTokens": false}}, "on off on off"},
	}
	for _, tt := range tests {
		caps, said := capabilitiesWith(t, tt.dir, tt.options)
		var got []string
		for _, name := range []string{"signatureHelpProvider", "semanticTokensProvider", "hoverProvider", "renameProvider"} {
			if on(caps[name]) {
				got = append(got, "on")
			} else {
				got = append(got, "off")
			}
		}
		if s := strings.Join(got, " "); s != tt.want || said != "" {
			t.Errorf("%s: %s, want %s %s", tt.name, s, tt.want, said)
		}
	}
}

// TestFeatureOff: what is off answers nothing, also to one who asks anyway.
func TestFeatureOff(t *testing.T) {
	c, _ := startReal(t)
	c.Initialize(map[string]any{"features": map[string]bool{"hover": false, "completion": false}})
	const text = "void f(void) { scx_bpf_now(); }"
	c.Open(docURI, text)
	at := strings.Index(text, "scx_bpf_now") + 4
	if got, _ := c.Hover(docURI, at); got != "" {
		t.Error(got)
	}
	var list any
	params := c.At(docURI, at)
	params["context"] = map[string]any{"triggerKind": 1}
	if err := c.Call("textDocument/completion", params, &list); err != nil || list != nil {
		t.Error(list, err)
	}
}

// TestFeatureUnknown: a name that is no feature is said to be none.
func TestFeatureUnknown(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(map[string]any{"features": map[string]bool{"hoover": true}})
	if !c.Await("window/showMessage", 1) || !strings.Contains(string(c.Notes("window/showMessage")[0].Params), "hoover") {
		t.Errorf("%+v", c.Notes("window/showMessage"))
	}
}
