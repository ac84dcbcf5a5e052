package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

type duplex struct {
	io.Reader
	io.WriteCloser
}

// serve runs the subcommand over pipes and gives an editor for it.
func serve(t *testing.T, args ...string) (*lsptest.Client, <-chan int, *bytes.Buffer) {
	t.Helper()
	in, toServer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromServer, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := &bytes.Buffer{}
	code := make(chan int, 1)
	go func() {
		c := serveCommand(args, in, out, stderr)
		out.Close()
		code <- c
	}()
	c := lsptest.NewClient(t, duplex{fromServer, toServer})
	t.Cleanup(c.Close)
	return c, code, stderr
}

func ended(t *testing.T, code <-chan int) int {
	t.Helper()
	select {
	case c := <-code:
		return c
	case <-time.After(lsptest.Patience):
		t.Fatal("the server does not end")
		return -1
	}
}

// TestServe is a session as an editor has it: a scheduler that is right, the
// wrong edit, its diagnostic with the chain of calls, the edit undone.
func TestServe(t *testing.T) {
	path, err := filepath.Abs("../../examples/fifo.bpf.c")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	logFile := filepath.Join(t.TempDir(), "log")
	c, code, stderr := serve(t, "--stdio", "--clientProcessId=1", "--kernel", "7.3", "--log-file", logFile, "--log-level", "debug")
	c.Initialize(nil)
	uri := "file://" + path
	c.Open(uri, string(source))
	if ds := c.Diagnostics(uri); len(ds) != 0 {
		t.Fatalf("a scheduler that is right: %+v", ds)
	}

	const helper = "static void pull(void)\n{\n\t/* ü𝄞 */ scx_bpf_dsq_move_to_local(SHARED_DSQ);\n}\n\n"
	at := strings.Index(string(source), "void BPF_STRUCT_OPS(fifo_enqueue")
	body := strings.Index(string(source)[at:], "{\n") + at + 2
	if at < 0 || body < at {
		t.Fatalf("fifo.bpf.c has no fifo_enqueue")
	}
	c.Change(uri, lsptest.Edit{Start: body, End: body, Text: "\tpull();\n"}, lsptest.Edit{Start: at, End: at, Text: helper})
	ds := c.Diagnostics(uri)
	if len(ds) != 1 {
		t.Fatalf("the wrong edit: %+v", ds)
	}
	d := ds[0]
	if d.Code != "kfunc-context" || d.Severity != 1 || !strings.Contains(d.Message, "scx_bpf_dsq_move_to_local") || !strings.Contains(d.Message, "enqueue") {
		t.Errorf("%+v", d)
	}
	call := strings.Index(c.Text(uri), "scx_bpf_dsq_move_to_local(SHARED_DSQ);\n}\n\nvoid")
	if want := lsptest.PositionAt(c.Text(uri), call, "utf-16"); d.Range.Start != want {
		t.Errorf("the diagnostic is at %v, want %v", d.Range.Start, want)
	}
	if len(d.Related) < 2 || d.Related[0].Message != "fifo_enqueue calls pull" || d.Related[1].Message != "pull calls scx_bpf_dsq_move_to_local" {
		t.Errorf("chain: %+v", d.Related)
	}
	if hover, _ := c.Hover(uri, call+3); !strings.Contains(hover, "bool scx_bpf_dsq_move_to_local(u64 dsq_id") || !strings.Contains(hover, "`dispatch`") {
		t.Errorf("hover: %s", hover)
	}
	if hover, _ := c.Hover(uri, strings.Index(c.Text(uri), ".enqueue")+3); !strings.Contains(hover, "`sched_ext_ops.enqueue`") {
		t.Errorf("hover on a member: %s", hover)
	}

	c.Change(uri, lsptest.Edit{Start: at, End: at + len(helper)}, lsptest.Edit{Start: body, End: body + len("\tpull();\n")})
	if ds := c.Diagnostics(uri); len(ds) != 0 || c.Text(uri) != string(source) {
		t.Errorf("undone: %+v", ds)
	}
	c.Shutdown()
	if got := ended(t, code); got != 0 {
		t.Errorf("exit code %d", got)
	}
	if stderr.Len() > 0 {
		t.Errorf("stderr: %s", stderr)
	}
	if log, err := os.ReadFile(logFile); err != nil || !strings.Contains(string(log), "initialize") {
		t.Errorf("log: %s %v", log, err)
	}
}

func TestServeEndOfInput(t *testing.T) {
	c, code, _ := serve(t)
	c.Initialize(nil)
	c.Close()
	if got := ended(t, code); got != 1 {
		t.Errorf("exit code %d", got)
	}
}

func TestServeFlags(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-h"}, 0, "-kernel"},
		{[]string{"--nonsense"}, 2, "nonsense"},
		{[]string{"file.c"}, 2, "file.c"},
		{[]string{"--kernel", "2.4"}, 2, "2.4"},
		{[]string{"--log-level", "loud"}, 2, "loud"},
		{[]string{"--log-file", "/nowhere/log"}, 2, "/nowhere/log"},
	} {
		var stderr bytes.Buffer
		code := serveCommand(tt.args, strings.NewReader(""), io.Discard, &stderr)
		if code != tt.code || !strings.Contains(stderr.String(), tt.says) {
			t.Errorf("%q: exit code %d, %q", tt.args, code, &stderr)
		}
	}
}
