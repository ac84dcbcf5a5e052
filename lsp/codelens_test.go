package lsp_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestCodeLens: a lens says, when it comes into sight, on which releases the
// scheduler fails; helpers have theirs when the user wants them.
func TestCodeLens(t *testing.T) {
	for _, tc := range []struct {
		kernels string
		options map[string]any
		want    []string
	}{
		{"6.18..7.3", nil, []string{"a_ops: 6.18–7.3 ✗ 1 scx-lsp.matrix"}},
		{"6.12,6.18,7.3", nil, []string{"a_ops: 6.12 ✗ 2 · 6.18–7.3 ✗ 1 scx-lsp.matrix"}},
		{"7.3", map[string]any{
			"features": map[string]any{"reachedBy": true}, "clientCommands": map[string]any{"scx-lsp.callGraph": "mine.graph"},
		}, []string{"a_ops: 7.3 ✗ 1 scx-lsp.matrix", "helper: reached by enqueue mine.graph"}},
		{"7.3", map[string]any{"features": map[string]any{"codeLens": false}}, nil},
	} {
		c, _ := startReal(t)
		c.Initialize(tc.options)
		c.Open(docURI, commandScheduler)
		execute(t, c, nil, "scx-lsp.selectKernels", tc.kernels)
		var lenses []json.RawMessage
		params := map[string]any{"textDocument": map[string]any{"uri": docURI}}
		if err := c.Call("textDocument/codeLens", params, &lenses); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, raw := range lenses {
			var lens struct {
				Range   struct{ Start struct{ Line int } }
				Command struct{ Title, Command string }
			}
			if err := c.Call("codeLens/resolve", raw, &lens); err != nil {
				t.Fatal(err)
			}
			line := strings.Split(commandScheduler, "\n")[lens.Range.Start.Line]
			for _, name := range []string{"a_ops", "helper"} {
				if strings.Contains(line, name+" =") || strings.Contains(line, name+"(") {
					got = append(got, name+": "+lens.Command.Title+" "+lens.Command.Command)
				}
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%+v: %q", tc, got)
		}
		c.Substitute(docURI, "helper(queue);", "")
		if tc.want == nil {
			continue
		}
		var lens struct{ Command struct{ Title string } }
		if err := c.Call("codeLens/resolve", lenses[0], &lens); err != nil || !strings.HasSuffix(lens.Command.Title, "✓") {
			t.Errorf("after the call has gone: %+v, %v", lens, err)
		}
	}
}
