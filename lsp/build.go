package lsp

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	"go.lsp.dev/jsonrpc2"

	"github.com/scx-lsp/scx-lsp/config"
)

// maxBuildOutput bounds what a user is told of a build that failed: its end.
const maxBuildOutput = 2000

// build runs the command with which a project makes its objects, in the folder
// of its configuration. In a workspace that the client does not call trusted
// nothing that it names is run, and the objects are taken as they are.
func (c *command) build(ctx context.Context, f *config.File) error {
	if len(f.Build.Command) == 0 || !c.trusted.Load() {
		return nil
	}
	c.progress.report("building")
	cmd := exec.CommandContext(ctx, f.Build.Command[0], f.Build.Command[1:]...)
	cmd.Dir = f.Dir()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // make tells its children
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		text := strings.ToValidUTF8(out.String(), "?")
		text = strings.ToValidUTF8(text[max(0, len(text)-maxBuildOutput):], "")
		return jsonrpc2.Errorf(codeRequestFailed, "%s: %v\n%s", strings.Join(f.Build.Command, " "), err, text)
	}
	return nil
}
