// Package bpf says and does what a loader asks of bpf(2): a Plan is the list
// of its calls, made once for an object and a kernel, and Run performs it, in
// a guest or on the running kernel. A step that fails costs itself and what
// needs it, so that every program gets its verdict.
//
// The package does not know what an object file is.
package bpf
