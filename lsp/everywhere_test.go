package lsp_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

// everywhere is a small scheduler with all that requests look at.
const everywhere = `typedef unsigned long long u64;
typedef int s32;
typedef _Bool bool;
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
#define BPF_STRUCT_OPS(name, args...) \
	SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define SCX_OPS_DEFINE(__name, ...) SEC(".struct_ops.link") struct sched_ext_ops __name = { __VA_ARGS__ }
struct task_struct { int x; };
enum { MINE = 1 };
u64 q;
extern s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;
#define NR(d) scx_bpf_dsq_nr_queued(d)
/* ü𝄞 */ static s32 helper(struct task_struct *p) { return NR(q) + p->x; }

void BPF_STRUCT_OPS(a_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (helper(p) > 0)
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);
	scx_bpf_kick_cpu(0, SCX_KICK_IDLE);
}

SCX_OPS_DEFINE(a_ops,
	       .enqueue = (void *)a_enqueue,
	       .flags = SCX_OPS_ENQ_LAST,
	       .name = "a");
char _license[] SEC("license") = "GPL";
`

// positional are the requests about one place.
var positional = []string{
	"hover", "completion", "signatureHelp", "definition", "declaration", "implementation", "references",
	"documentHighlight", "prepareCallHierarchy", "prepareRename", "rename",
}

// TestEverywhere asks everything at every place of a scheduler, whole and cut
// off anywhere, with and without a hole: an answer or a reason, never an
// internal error, and never a place outside of the text.
func TestEverywhere(t *testing.T) {
	c, _ := startReal(t)
	c.Initialize(map[string]any{"kernels": "6.12..7.3"}, "utf-16")
	c.Open(docURI, everywhere)
	rng := rand.New(rand.NewPCG(7, 3))
	check := func(text string, offsets []int) {
		c.Change(docURI, lsptest.Edit{Start: 0, End: len(c.Text(docURI)), Text: text})
		for _, off := range offsets {
			for _, method := range positional {
				askEverything(t, c, method, text, off)
			}
		}
		for _, method := range []string{"documentSymbol", "semanticTokens/full", "inlayHint", "codeAction"} {
			params := map[string]any{
				"textDocument": map[string]any{"uri": docURI},
				"range":        lsptest.Range{End: lsptest.PositionAt(text, len(text), c.Encoding)},
				"context":      map[string]any{"diagnostics": []any{}},
			}
			noInternalError(t, c.Call("textDocument/"+method, params, nil), method, text, -1)
		}
	}
	var all []int
	for off := 0; off <= len(everywhere); off += 3 {
		all = append(all, off)
	}
	check(everywhere, all)
	for range 60 {
		cut := rng.IntN(len(everywhere))
		check(everywhere[:cut], []int{cut, max(0, cut-1), rng.IntN(cut + 1)})
		hole := min(len(everywhere), cut+1+rng.IntN(30))
		check(everywhere[:cut]+everywhere[hole:], []int{cut, min(cut+1, cut+len(everywhere)-hole)})
	}
}

func askEverything(t *testing.T, c *lsptest.Client, method, text string, off int) {
	t.Helper()
	params := c.At(docURI, off)
	params["context"] = map[string]any{"includeDeclaration": true, "triggerKind": 1}
	params["newName"] = "fresh_name"
	var result json.RawMessage
	noInternalError(t, c.Call("textDocument/"+method, params, &result), method, text, off)
	for _, r := range ranges(result) {
		if n := strings.Count(text, "\n"); r.Start.Line > n || r.End.Line > n {
			t.Fatalf("%s at %d: %v is outside of the text", method, off, r)
		}
	}
}

// ranges finds whatever looks like one in an answer.
func ranges(result json.RawMessage) []lsptest.Range {
	var root any
	if json.Unmarshal(result, &root) != nil {
		return nil
	}
	var out []lsptest.Range
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if r, ok := v["range"]; ok {
				var decoded lsptest.Range
				data, _ := json.Marshal(r)
				if json.Unmarshal(data, &decoded) == nil {
					out = append(out, decoded)
				}
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(root)
	return out
}

// noInternalError lets refusals pass.
func noInternalError(t *testing.T, err error, method, text string, off int) {
	t.Helper()
	if err != nil && strings.Contains(fmt.Sprint(err), "-32603") {
		t.Fatalf("%s at %d: %v in\n%s", method, off, err, text)
	}
}
