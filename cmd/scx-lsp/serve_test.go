package main

import (
	"fmt"
	"io"
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
		stdin, toServer := io.Pipe()
		fromServer, stdout := io.Pipe()
		exit := make(chan int, 1)
		go func() {
			exit <- run(args, stdin, stdout, io.Discard)
			stdout.Close()
		}()
		go io.WriteString(toServer, in)
		answer := make([]byte, 200)
		n, err := io.ReadAtLeast(fromServer, answer, len(answer))
		if err != nil || !strings.Contains(string(answer[:n]), `"result":{"capabilities"`) {
			t.Errorf("%q: answered %q, %v", args, answer[:n], err)
		}
		go io.Copy(io.Discard, fromServer)
		toServer.Close()
		if code := <-exit; code != 1 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}
