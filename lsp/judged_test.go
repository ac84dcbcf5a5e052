package lsp_test

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
	"github.com/scx-lsp/scx-lsp/verifier/kernel"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// A judgeDir is a project with a built object, inlined.bpf.o, and a server whose
// real kernels are played by a test.
type judgeDir struct {
	*lsptest.Client
	dir   string
	built time.Time
}

func startJudge(t *testing.T, toml string, settings map[string]any, v lsp.Verifiers) *judgeDir {
	t.Helper()
	d := &judgeDir{dir: t.TempDir(), built: time.Now().Add(-time.Hour)}
	for _, name := range []string{"tiny.h", "fifo.h", "inlined.bpf.c", "inlined.bpf.o"} {
		raw, err := os.ReadFile("../verifier/object/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		at := d.built
		if name != "inlined.bpf.o" {
			at = at.Add(-time.Minute)
		}
		d.write(t, name, string(raw), at)
	}
	if toml != "" {
		d.write(t, ".scx-lsp.toml", toml, d.built)
	}
	a, err := lsp.NewAnalyzer("7.1", rules.All)
	if err != nil {
		t.Fatal(err)
	}
	d.Client = startWith(t, lsp.Options{Analyzer: a, Verify: v})
	d.Initialize(settings)
	return d
}

func (d *judgeDir) path(name string) string { return filepath.Join(d.dir, name) }

func (d *judgeDir) uri(name string) string { return "file://" + filepath.ToSlash(d.path(name)) }

func (d *judgeDir) write(t *testing.T, name, text string, at time.Time) {
	t.Helper()
	err := os.WriteFile(d.path(name), []byte(text), 0o600)
	if err == nil {
		err = os.Chtimes(d.path(name), at, at)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (d *judgeDir) ask(kernels ...string) error {
	arg := map[string]any{"uri": d.uri("inlined.bpf.o")}
	if len(kernels) > 0 {
		arg["kernels"] = kernels
	}
	return d.Call("workspace/executeCommand", map[string]any{"command": "scx-lsp.verifyOn", "arguments": []any{arg}}, nil)
}

// refusals are what two kernels might say of inlined.bpf.o: both what the source
// pass says, too, and one what it does not.
func refusals(_ context.Context, q lsp.Question) (json.RawMessage, *object.Result, error) {
	raw, err := os.ReadFile(q.Path)
	if err != nil {
		return nil, nil, err
	}
	x, err := object.Open(q.Path, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, nil, err
	}
	file, err := elf.NewFile(bytes.NewReader(raw))
	if err != nil {
		return nil, nil, err
	}
	code := func(section string, slot int) object.CodeAt {
		return object.CodeAt{Section: slices.IndexFunc(file.Sections, func(s *elf.Section) bool { return s.Name == section }), Slot: slot}
	}
	js := make([]kernel.Judgement, len(q.Kernels))
	for i, name := range q.Kernels {
		js[i] = kernel.Judgement{Kernel: name, Verdicts: []kernel.Verdict{{
			Program: "fifo_enqueue", Context: "sched_ext_ops.enqueue", Refused: true,
			Message: "calling kernel function scx_bpf_dsq_move_to_local is not allowed", Stack: []object.CodeAt{code("struct_ops/enqueue", 2)},
		}}}
		if i == 0 {
			js[i].Verdicts = append(js[i].Verdicts, kernel.Verdict{
				Program: "fifo_tick", Context: "sched_ext_ops.tick", Refused: true, Message: "the moon is full",
				Stack: []object.CodeAt{code("struct_ops/tick", 0)}, Path: []kernel.Event{{At: code("struct_ops/tick", 0), Text: "night falls"}},
			})
		}
	}
	return json.RawMessage(`{}`), kernel.Results(x, js), nil
}

// tell writes diagnostics as a person would want them.
func tell(list []lsptest.Diagnostic) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, fmt.Sprintf("%d %s: %v: %s", d.Range.Start.Line+1, d.Source, d.Code, d.Message))
		for _, r := range d.Related {
			lines = append(lines, "  "+r.Message)
		}
	}
	return strings.Join(lines, "\n")
}

// TestJudged: what real kernels said of an object stands at the lines that it
// was built from, once, until one of both changes.
func TestJudged(t *testing.T) {
	d := startJudge(t, "", nil, lsp.Verifiers{On: refusals})
	main, header := d.uri("inlined.bpf.c"), d.uri("fifo.h")
	text, err := os.ReadFile(d.path("inlined.bpf.c"))
	if err != nil {
		t.Fatal(err)
	}
	d.Open(main, string(text))
	d.Diagnostics(main)
	if err := d.ask("7.1.13+deb13-amd64", "7.3.4+deb13-amd64"); err != nil {
		t.Fatal(err)
	}
	shows := func(p lsptest.Published) bool {
		return len(p.Diagnostics) == 1 && p.Diagnostics[0].Source == "scx-lsp: Linux 7.1.13"
	}
	clean := func(p lsptest.Published) bool { return len(p.Diagnostics) == 0 }
	confirmed := func(p lsptest.Published) bool {
		return len(p.Diagnostics) == 1 && strings.Contains(tell(p.Diagnostics), "Linux 7.3 refuses to load the program")
	}
	got := tell(d.Published(header, shows)) + "\n" + tell(d.Published(main, confirmed))
	for _, want := range []string{
		"64 scx-lsp: Linux 7.1.13: kernel-verifier: the moon is full", "on the way: night falls",
		"4 scx-lsp: kfunc-context: scx_bpf_dsq_move_to_local is not allowed in ops.enqueue",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}

	d.ForgetHistory()
	d.Change(main, lsptest.Edit{Text: "// edited\n"})
	d.Published(header, clean)
	d.Substitute(main, "// edited\n", "")
	d.Published(header, shows)

	raw, err := os.ReadFile(d.path("inlined.bpf.o"))
	if err != nil {
		t.Fatal(err)
	}
	d.ForgetHistory()
	d.write(t, "inlined.bpf.o", string(raw), d.built.Add(time.Second)) // built anew
	d.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": d.uri("inlined.bpf.o"), "type": 2}}})
	d.Published(header, clean)
}

// TestJudgedOnce: the same question asked again has one answer, and an object
// that is built while kernels look at it none.
func TestJudgedOnce(t *testing.T) {
	var d *judgeDir
	rebuild := false
	d = startJudge(t, "", nil, lsp.Verifiers{On: func(ctx context.Context, q lsp.Question) (json.RawMessage, *object.Result, error) {
		report, res, err := refusals(ctx, q)
		if rebuild {
			at := d.built.Add(time.Minute)
			err = os.Chtimes(q.Path, at, at)
		}
		return report, res, err
	}})
	text, err := os.ReadFile(d.path("inlined.bpf.c"))
	if err != nil {
		t.Fatal(err)
	}
	main, header := d.uri("inlined.bpf.c"), d.uri("fifo.h")
	d.Open(main, string(text))
	for range 2 {
		if err := d.ask("7.1.13+deb13-amd64"); err != nil {
			t.Fatal(err)
		}
	}
	again := func(want int) {
		t.Helper()
		d.Replace(main, string(text)+"\n") // not what is on disk
		d.Diagnostics(main)
		d.Replace(main, string(text))
		d.Diagnostics(main)
		if h := d.History(header); len(h) == 0 || len(h[len(h)-1].Diagnostics) != want {
			t.Errorf("want %d: %+v", want, h)
		}
	}
	again(1)
	rebuild = true
	if err := d.ask("7.1.13+deb13-amd64"); err != nil {
		t.Fatal(err)
	}
	again(0)
}

// TestVerifyOnTrust: the kernels that a workspace names are asked when the
// client trusts it; those that the user names, always.
func TestVerifyOnTrust(t *testing.T) {
	var asked []string
	on := func(_ context.Context, q lsp.Question) (json.RawMessage, *object.Result, error) {
		asked = q.Kernels
		return json.RawMessage(`{}`), nil, nil
	}
	for _, tc := range []struct {
		configured string
		trusted    any
		named      []string
		want       []string // nil: an error
	}{
		{`["running"]`, nil, nil, nil},
		{`["running"]`, false, nil, nil},
		{`["images/evil"]`, false, nil, nil},
		{`["running"]`, true, nil, []string{"running"}},
		{`["running"]`, false, []string{"vmlinuz"}, []string{"vmlinuz"}},
		{`["running"]`, true, []string{"vmlinuz"}, []string{"vmlinuz"}},
		{`[]`, true, nil, nil},
	} {
		settings := map[string]any{}
		if tc.trusted != nil {
			settings["trusted"] = tc.trusted
		}
		asked = nil
		d := startJudge(t, "[verify]\nkernels = "+tc.configured+"\n", settings, lsp.Verifiers{On: on})
		if err := d.ask(tc.named...); !slices.Equal(asked, tc.want) || (err == nil) != (tc.want != nil) {
			t.Errorf("%+v: asked %q, %v", tc, asked, err)
		}
	}
}

// TestVerifyRodata: both ways of verifying load an object with the values that
// the configuration gives its variables.
func TestVerifyRodata(t *testing.T) {
	d := startJudge(t, "[rodata]\nsmt_enabled = true\nnr_cpus = 0x10\n", nil, lsp.Verifiers{
		Object: func(_ context.Context, _ string, _ []*btfdb.Kernel, rodata map[string]string) (json.RawMessage, error) {
			return json.Marshal(rodata)
		},
		On: func(_ context.Context, q lsp.Question) (json.RawMessage, *object.Result, error) {
			raw, err := json.Marshal(q.Rodata)
			return raw, nil, err
		},
	})
	for _, name := range []string{"scx-lsp.verifyObject", "scx-lsp.verifyOn"} {
		var got map[string]string
		execute(t, d.Client, &got, name, map[string]any{"uri": d.uri("inlined.bpf.o"), "kernels": "vmlinuz"})
		if len(got) != 2 || got["smt_enabled"] != "true" || got["nr_cpus"] != "0x10" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestCancelVerify: a question to kernels ends with the request, and
// leaves no diagnostics.
func TestCancelVerify(t *testing.T) {
	begun, ended := make(chan bool), make(chan error, 1)
	on := func(ctx context.Context, q lsp.Question) (json.RawMessage, *object.Result, error) {
		begun <- true
		<-ctx.Done()
		ended <- ctx.Err()
		return refusals(context.Background(), q) // too late
	}
	d := startJudge(t, "", nil, lsp.Verifiers{On: on})
	for id, stop := range map[int]func(){
		900: func() { d.Notify("$/cancelRequest", map[string]any{"id": 900}) },
		901: func() { d.Notify("window/workDoneProgress/cancel", map[string]any{"token": "mine"}) },
		902: func() { d.Notify("window/workDoneProgress/cancel", map[string]any{"token": 7}) },
	} {
		token := map[int]any{900: nil, 901: "mine", 902: 7}[id]
		params := map[string]any{
			"command": "scx-lsp.verifyOn", "arguments": []any{map[string]any{"uri": d.uri("inlined.bpf.o"), "kernels": "7.1.13"}},
		}
		if token != nil {
			params["workDoneToken"] = token
		}
		d.Send(id, "workspace/executeCommand", params)
		<-begun
		stop()
		wantError(t, d.Wait(id), codeCancelled)
		if err := <-ended; err == nil {
			t.Error("the kernels were not told")
		}
	}
	text, err := os.ReadFile(d.path("inlined.bpf.c"))
	if err != nil {
		t.Fatal(err)
	}
	d.Open(d.uri("inlined.bpf.c"), string(text))
	d.Diagnostics(d.uri("inlined.bpf.c"))
	if h := d.History(d.uri("fifo.h")); len(h) != 0 {
		t.Errorf("%+v", h)
	}
}
