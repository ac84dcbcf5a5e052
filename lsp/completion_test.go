package lsp_test

import (
	"strings"
	"testing"
)

func TestCompletionModesAndSnippets(t *testing.T) {
	const text = `#define SEC(name) __attribute__((section(name), used))
SEC("struct_ops/e") void e(void *ctx)
{
	scx_bpf_dsq_m
}
SEC(".struct_ops.link") struct sched_ext_ops o = { .enqueue = (void *)e };
`
	at := strings.Index(text, "scx_bpf_dsq_m") + len("scx_bpf_dsq_m")
	type item struct {
		Label, SortText string
		Tags            []int
		TextEdit        struct{ NewText string }
		LabelDetails    struct{ Description string }
		Data            any
	}
	for mode, want := range map[string]int{"auto": 0, "all": 5, "off": 0, "nonsense": 0} {
		t.Run(mode, func(t *testing.T) {
			c, _ := startReal(t)
			err := c.Call("initialize", map[string]any{
				"processId": nil, "rootUri": nil, "initializationOptions": map[string]any{"completion": mode},
				"capabilities": map[string]any{"textDocument": map[string]any{"completion": map[string]any{
					"completionItem": map[string]any{"snippetSupport": true},
				}}},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.Notify("initialized", map[string]any{})
			c.Open(docURI, text)
			var list *struct{ Items []item }
			if err := c.Call("textDocument/completion", c.At(docURI, at), &list); err != nil {
				t.Fatal(err)
			}
			if mode == "off" {
				if list != nil {
					t.Errorf("%+v", list)
				}
				return
			}
			if list == nil || len(list.Items) != want {
				t.Fatalf("%d items wanted: %+v", want, list)
			}
			for _, i := range list.Items {
				if !strings.HasPrefix(i.SortText, "9") || len(i.Tags) != 1 || !strings.Contains(i.LabelDetails.Description, "sched_ext_ops.enqueue: refused at load") {
					t.Errorf("%+v", i)
				}
				if i.Label == "scx_bpf_dsq_move_to_local" && i.TextEdit.NewText != "scx_bpf_dsq_move_to_local(${1:dsq_id})$0" {
					t.Errorf("snippet: %q", i.TextEdit.NewText)
				}
				var resolved struct{ Documentation struct{ Value string } }
				if err := c.Call("completionItem/resolve", map[string]any{"label": i.Label, "data": i.Data}, &resolved); err != nil || !strings.Contains(resolved.Documentation.Value, "Allowed in") {
					t.Errorf("%+v %v", resolved, err)
				}
			}
		})
	}
}
