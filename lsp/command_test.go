package lsp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

// A scheduler with a call that 7.3 refuses in enqueue, a wrapper around it, and
// a timer.
const commandScheduler = `typedef unsigned long long u64;
typedef int s32;
typedef _Bool bool;
struct task_struct;
u64 queue;
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
extern bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
extern void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
static void helper(u64 q)
{
	scx_bpf_dsq_move_to_local(q);
}
SEC("struct_ops/a_enqueue")
void a_enqueue(u64 *ctx)
{
	helper(queue);
	scx_bpf_kick_cpu(0, 0);
}
SEC("struct_ops/a_dispatch")
void a_dispatch(u64 *ctx)
{
	scx_bpf_dsq_move_to_local(queue);
}
SEC(".struct_ops.link")
struct sched_ext_ops a_ops = {
	.enqueue = (void *)a_enqueue,
	.dispatch = (void *)a_dispatch,
	.name = "a",
};
char _license[] SEC("license") = "GPL";
`

func execute(t *testing.T, c *lsptest.Client, result any, name string, args ...any) {
	t.Helper()
	if err := c.Call("workspace/executeCommand", map[string]any{"command": name, "arguments": args}, result); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func startCommands(t *testing.T) *lsptest.Client {
	c, _ := startReal(t)
	c.Initialize(nil)
	c.Open(docURI, commandScheduler)
	c.Diagnostics(docURI)
	return c
}

func TestCommandKernels(t *testing.T) {
	c := startCommands(t)
	var list struct {
		Known    []struct{ Release, Build string }
		Selected string
		Releases []string
	}
	execute(t, c, &list, "scx-lsp.kernels")
	if len(list.Known) < 8 || list.Known[0].Release != "6.12" || list.Known[0].Build == "" || list.Selected != "" || !slices.Equal(list.Releases, []string{"7.3"}) {
		t.Errorf("%+v", list)
	}
	execute(t, c, &list, "scx-lsp.selectKernels", "6.17..6.18")
	if list.Selected != "6.17..6.18" || !slices.Equal(list.Releases, []string{"6.17", "6.18"}) {
		t.Errorf("%+v", list)
	}
	c.Published(docURI, func(p lsptest.Published) bool {
		return len(p.Diagnostics) == 1 && strings.Contains(string(p.Diagnostics[0].Data), `"runtime"`)
	})
	c.Send(50, "workspace/executeCommand", map[string]any{"command": "scx-lsp.selectKernels", "arguments": []any{"3.14"}})
	wantError(t, c.Wait(50), codeInvalidParams)
	// What the settings say holds again once the choice is taken back.
	c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"scxLsp": map[string]any{"kernels": "7.1"}}})
	execute(t, c, &list, "scx-lsp.kernels")
	if list.Selected != "6.17..6.18" {
		t.Errorf("settings go before the user's choice: %+v", list)
	}
	execute(t, c, &list, "scx-lsp.selectKernels", "")
	if list.Selected != "7.1" || !slices.Equal(list.Releases, []string{"7.1"}) {
		t.Errorf("%+v", list)
	}
}

type matrix struct {
	Kernel   string
	Releases []string
	Members  []string
	Kfuncs   []struct {
		Name           string
		Cells          []struct{ Verdict, Who string }
		Since, Removed string
	}
	Used []struct {
		Kfunc, Member, URI string
		Range              lsptest.Range
	}
}

// cell gives the verdict on a kfunc in a member.
func (m *matrix) cell(kfunc, member string) string {
	at := slices.Index(m.Members, member)
	for _, row := range m.Kfuncs {
		if row.Name == kfunc && at >= 0 && len(row.Cells) == len(m.Members) {
			return strings.TrimSpace(row.Cells[at].Verdict + " " + row.Cells[at].Who)
		}
	}
	return "?"
}

func TestCommandMatrix(t *testing.T) {
	c := startCommands(t)
	for _, tc := range []struct{ kernel, kfunc, member, want string }{
		{"7.3", "scx_bpf_dsq_move_to_local", "dispatch", "allowed"},
		{"7.3", "scx_bpf_dsq_move_to_local", "enqueue", "refused scx_kfunc_context_filter"},
		{"6.18", "scx_bpf_dsq_move_to_local", "enqueue", "aborted scx_kf_allowed"},
		{"7.3", "scx_bpf_create_dsq", "init", "sleepable"},
		{"7.3", "scx_bpf_create_dsq", "enqueue", "refused"},
		{"7.3", "scx_bpf_create_dsq", "(syscall)", "allowed"},
		{"6.12", "scx_bpf_dsq_move_to_local", "dispatch", "missing"},
	} {
		var m matrix
		execute(t, c, &m, "scx-lsp.matrix", map[string]any{"kernel": tc.kernel})
		if got := m.cell(tc.kfunc, tc.member); !strings.HasPrefix(got, tc.want) || m.Kernel != tc.kernel {
			t.Errorf("%+v: %q on %s", tc, got, m.Kernel)
		}
	}
	var m matrix
	execute(t, c, &m, "scx-lsp.matrix", map[string]any{"uri": docURI})
	var used []string
	for _, u := range m.Used {
		start := lsptest.OffsetAt(commandScheduler, u.Range.Start, c.Encoding)
		if u.URI != docURI || !strings.HasPrefix(commandScheduler[start:], u.Kfunc+"(") {
			t.Errorf("%+v", u)
		}
		used = append(used, u.Kfunc+" "+u.Member)
	}
	want := []string{"scx_bpf_dsq_move_to_local enqueue", "scx_bpf_kick_cpu enqueue", "scx_bpf_dsq_move_to_local dispatch"}
	if !slices.Equal(used, want) {
		t.Errorf("used: %q, want %q", used, want)
	}
}

func TestCommandCallGraph(t *testing.T) {
	c := startCommands(t)
	var g struct {
		Nodes []struct{ ID, Name, Kind, URI string }
		Edges []struct {
			From, To, Kind, Verdict, Message string
			Range                            *lsptest.Range
		}
	}
	execute(t, c, &g, "scx-lsp.callGraph", map[string]any{"uri": docURI})
	var nodes, edges []string
	for _, n := range g.Nodes {
		nodes = append(nodes, n.ID+" "+n.Kind)
	}
	for _, e := range g.Edges {
		edges = append(edges, strings.TrimSpace(e.From+" → "+e.To+" "+e.Verdict))
		if e.Range == nil || (e.Verdict == "refused") != (e.Message != "") {
			t.Errorf("%+v", e)
		}
	}
	slices.Sort(nodes)
	slices.Sort(edges)
	wantNodes := []string{
		"fn:a_dispatch program", "fn:a_enqueue program", "fn:helper function",
		"kfunc:scx_bpf_dsq_move_to_local kfunc", "kfunc:scx_bpf_kick_cpu kfunc",
		"op:a_ops.dispatch op", "op:a_ops.enqueue op",
	}
	wantEdges := []string{
		"fn:a_dispatch → kfunc:scx_bpf_dsq_move_to_local allowed",
		"fn:a_enqueue → fn:helper",
		"fn:a_enqueue → kfunc:scx_bpf_kick_cpu allowed",
		"fn:helper → kfunc:scx_bpf_dsq_move_to_local refused",
		"op:a_ops.dispatch → fn:a_dispatch",
		"op:a_ops.enqueue → fn:a_enqueue",
	}
	if !slices.Equal(nodes, wantNodes) || !slices.Equal(edges, wantEdges) {
		t.Errorf("nodes\n%s\nedges\n%s", strings.Join(nodes, "\n"), strings.Join(edges, "\n"))
	}
}

func TestCommandStatus(t *testing.T) {
	c := startCommands(t)
	var st struct {
		Version                          string
		Kernels                          []string
		Sources, Headers, Errors, Memory int
		Clangd                           bool
		Configuration, Workspace         []string
	}
	execute(t, c, &st, "scx-lsp.status")
	if st.Version != "test" || st.Sources != 1 || st.Headers != 0 || st.Errors != 1 || st.Memory < 1<<20 || st.Configuration == nil || st.Workspace == nil {
		t.Errorf("%+v", st)
	}
	execute(t, c, nil, "scx-lsp.restartIndex")
	c.Substitute(docURI, "helper(queue);", "")
	if ds := c.Diagnostics(docURI); len(ds) != 0 {
		t.Errorf("after the index was made anew: %+v", ds)
	}
}

// TestCommandProgress: a token of the client's is begun and ended, and so is one
// of ours that the client agreed to.
func TestCommandProgress(t *testing.T) {
	c, _ := startReal(t)
	c.Extra = map[string]any{"capabilities": map[string]any{"window": map[string]any{"workDoneProgress": true}}}
	c.Initialize(nil)
	execute(t, c, nil, "scx-lsp.restartIndex")
	if err := c.Call("workspace/executeCommand", map[string]any{"command": "scx-lsp.restartIndex", "workDoneToken": 7}, nil); err != nil {
		t.Fatal(err)
	}
	c.Await("$/progress", 4)
	var got []string
	for _, m := range c.Notes("$/progress") {
		got = append(got, strings.ReplaceAll(string(m.Params), `"`, ""))
	}
	for i, want := range []string{"token:scx-lsp-", "token:scx-lsp-", "token:7", "token:7"} {
		kind := []string{"kind:begin", "kind:end"}[i%2]
		if i >= len(got) || !strings.Contains(got[i], want) || !strings.Contains(got[i], kind) {
			t.Errorf("message %d of %q: want %s, %s", i, got, want, kind)
		}
	}
}
