//go:build !linux

package bpf

import "context"

// ChildArg is the argument of the process that a worker starts.
const ChildArg = "--scx-lsp-child"

// Perform needs Linux.
func Perform(context.Context, *Plan) *Report { return &Report{Trouble: "bpf(2) needs Linux"} }

// Allowed tells what this process lacks to load programs.
func Allowed() string { return "bpf(2) needs Linux" }
