// Package flow follows values along the paths of BPF programs, as the kernel's
// verifier does: which pointers may be NULL, which references must be
// released, which sections are open, which iterators are alive.
//
// It walks every path of a program with what the path tells (lower.go makes
// the control flow of a body, exec.go walks it, call.go knows what kernel
// functions do), goes into static functions, and stops when it has seen the
// same state before. What it does not understand it does not follow: an issue
// is something that every verifier with these kfuncs refuses. It knows no
// rules, editors or messages, and reads no files.
package flow

import (
	"github.com/scx-lsp/scx-lsp/cindex"
)

// Kind is what is wrong.
type Kind uint8

const (
	// NullArg: a pointer that may be NULL is handed to a kfunc that wants one
	// that is not.
	NullArg Kind = iota + 1
	// NullLoad: a pointer that may be NULL is read or written through.
	NullLoad
	// Leak: a reference is not released on some path.
	Leak
	// BadRelease: what is released was not acquired.
	BadRelease
	// TwiceReleased: what is released or used was released before.
	TwiceReleased
	// NotProtected: a kfunc needs an RCU section that is not there.
	NotProtected
	// Stale: a pointer is used after the end of the RCU section that protected
	// it, or without one.
	Stale
	// Unmatched: a section is left that was not entered.
	Unmatched
	// Open: a section is still open when the program ends.
	Open
	// Order: sections are not left in the order in which they were entered.
	Order
	// IterNew, IterNext, IterDestroy: an iterator is made twice, used before it
	// was made, or destroyed before it was made.
	IterNew
	IterNext
	IterDestroy
	// IterOpen: an iterator is not destroyed on some path.
	IterOpen
	// NotOnStack: an iterator or the flags of an IRQ section are no variable.
	NotOnStack
	// Sleeps: a function that may sleep is called in a section that may not.
	Sleeps
	// Locked: a function is called that must not be under a spin lock.
	Locked
	// DoubleLock: a second spin lock is taken.
	DoubleLock
	// WrongArg: an argument can't be what the kfunc wants.
	WrongArg
	// WrongCount: a kfunc takes another number of arguments.
	WrongCount
)

// An Issue is something that the verifier refuses on some path.
type Issue struct {
	Kind   Kind
	Func   string      // the function that holds it
	At     cindex.Span // in its body
	Name   string      // the kernel function that is called, "" for an access
	Arg    int         // of an argument: its index
	What   string      // what the value is: the variable, the kind of section
	Source string      // what the value came from: a kernel function, a parameter
	From   Place       // where it came from
	Until  Place       // of a leak: where the path ends
	Rodata string      // the `const volatile` that must differ from its default for the path to be taken, "" when none
}

// A Place is a span in the body of a function.
type Place struct {
	Func string
	At   cindex.Span
}

// An Entry is where a kernel's verifier starts.
type Entry struct {
	Func      *cindex.Func
	Sleepable bool
	// Trusted says that pointer parameters are pointers that the kernel hands
	// in and keeps valid.
	Trusted bool
	// Untrusted says that nobody keeps what they point to valid.
	Untrusted bool
	// Nullable are the parameters that may be NULL.
	Nullable []bool
}
