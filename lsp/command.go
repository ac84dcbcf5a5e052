package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// The commands that a client can have run. What they take and give is in
// docs/commands.md; clients build views of it.
const (
	// commandExplain gives the page of a rule and shows it.
	commandExplain       = "scx-lsp.explain"
	commandKernels       = "scx-lsp.kernels"
	commandSelectKernels = "scx-lsp.selectKernels"
	commandMatrix        = "scx-lsp.matrix"
	commandCallGraph     = "scx-lsp.callGraph"
	commandVerifyObject  = "scx-lsp.verifyObject"
	commandVerifyOn      = "scx-lsp.verifyOn"
	commandStatus        = "scx-lsp.status"
	commandRestartIndex  = "scx-lsp.restartIndex"
)

// A command is one call of a command.
type command struct {
	*Server
	name string
	args []protocol.LSPAny
	// progress tells the user how it goes; never nil.
	progress *progress
}

// commands are what a client can ask us to run.
var commands = map[string]func(context.Context, *command) (any, error){
	commandExplain:       explain,
	commandKernels:       listKernels,
	commandSelectKernels: selectKernels,
	commandMatrix:        showMatrix,
	commandCallGraph:     showCallGraph,
	commandVerifyObject:  verifyObject,
	commandVerifyOn:      verifyOn,
	commandStatus:        showStatus,
	commandRestartIndex:  restartIndex,
}

func commandNames() []string { return slices.Sorted(maps.Keys(commands)) }

// ExecuteCommand implements [protocol.Server].
func (s *methods) ExecuteCommand(ctx context.Context, p *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	run := commands[p.Command]
	if run == nil {
		return nil, invalidParams("no command %q", p.Command)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &command{Server: s.Server, name: p.Command, args: p.Arguments}
	c.progress = s.newProgress(p.WorkDoneToken, cancel)
	defer c.progress.end()
	result, err := run(ctx, c)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return json.Marshal(result)
}

// arg reads the argument of a command; what says in words what it should be.
// Without one, into stays as it is.
func (c *command) arg(into any, what string) error {
	switch {
	case len(c.args) > 1:
		return invalidParams("%s: want one argument, %s", c.name, what)
	case len(c.args) == 0 || string(c.args[0]) == "null":
		return nil
	}
	if err := json.Unmarshal(c.args[0], into); err != nil {
		return invalidParams("%s: want %s", c.name, what)
	}
	return nil
}

// unit gives the translation unit of a file that a command is about.
func (c *command) unit(ctx context.Context, u string) (*cindex.Unit, error) {
	path, err := c.path(u)
	if err != nil {
		return nil, err
	}
	unit, err := c.analyzer.Unit(ctx, path)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, invalidParams("%s: %v", c.name, err)
	case !current(c.session.snapshot(), unit):
		return nil, errAskAgain
	}
	return unit, nil
}

// path gives the core's name of a file that a client names.
func (c *command) path(u string) (string, error) {
	parsed, err := fileURI(u)
	if err != nil {
		return "", invalidParams("%s: %v", c.name, err)
	}
	return uriPath(parsed), nil
}

// kernel finds one kernel by a spec; "" is the newest that is selected.
func (c *command) kernel(spec string) (*btfdb.Kernel, error) {
	if spec == "" {
		selected := c.analyzer.Kernels()
		return selected[len(selected)-1], nil
	}
	k, err := btfdb.Load(spec)
	if err != nil {
		return nil, invalidParams("%s: %v", c.name, err)
	}
	return k, nil
}

// A rulePage is the answer of scx-lsp.explain.
type rulePage struct {
	Title    string `json:"title"`
	Markdown string `json:"markdown"`
}

// explain shows the page of a rule to the user and gives it to the client.
func explain(_ context.Context, c *command) (any, error) {
	var rule string
	if err := c.arg(&rule, "the id of a rule"); err != nil {
		return nil, err
	}
	page := c.analyzer.RulePage(rule)
	if page == "" {
		return nil, invalidParams("%s: no rule %q", c.name, rule)
	}
	c.showPage(rule, page)
	title, _, _ := strings.Cut(strings.TrimLeft(page, "# \n"), "\n")
	return rulePage{Title: title, Markdown: page}, nil
}
