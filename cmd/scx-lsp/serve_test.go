package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestServerIsTheDefault: what runs without a subcommand, and with the flags
// that editors pass, is the server. It ends with 1 when its input ends before
// a shutdown.
func TestServerIsTheDefault(t *testing.T) {
	const body = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`
	in := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	for _, args := range [][]string{nil, {"--stdio"}, {"--stdio", "--clientProcessId=0"}, {"serve"}, {"serve", "--stdio"}} {
		var out, errs bytes.Buffer
		if code := run(args, strings.NewReader(in), &out, &errs); code != 1 {
			t.Errorf("%q: exit code %d", args, code)
		}
		if !strings.Contains(out.String(), `"serverInfo":{"name":"scx-lsp"`) {
			t.Errorf("%q: answered %q, stderr %q", args, out.String(), errs.String())
		}
	}
}
