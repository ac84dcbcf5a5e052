package lsp

import (
	"context"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A kernelList is the answer of scx-lsp.kernels and scx-lsp.selectKernels.
type kernelList struct {
	Known    []knownKernel `json:"known"`
	Selected string        `json:"selected"`
	Releases []string      `json:"releases"`
}

type knownKernel struct {
	Release string `json:"release"`
	Build   string `json:"build"`
}

// listKernels says which kernels are known and which are checked against.
func listKernels(_ context.Context, c *command) (any, error) {
	list := kernelList{Known: []knownKernel{}, Selected: c.selected(), Releases: []string{}}
	for _, k := range btfdb.Releases() {
		list.Known = append(list.Known, knownKernel{k.Release, k.Build})
	}
	for _, k := range c.analyzer.Kernels() {
		list.Releases = append(list.Releases, k.Release)
	}
	return list, nil
}

// selectKernels changes what is checked against until the server ends or the
// settings change; "" takes the choice back.
func selectKernels(ctx context.Context, c *command) (any, error) {
	var spec string
	if err := c.arg(&spec, "kernels, like \"6.12..7.3\""); err != nil {
		return nil, err
	}
	if err := c.choose(spec); err != nil {
		return nil, invalidParams("%s: %v", c.name, err)
	}
	return listKernels(ctx, c)
}
