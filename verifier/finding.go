package verifier

import "github.com/scx-lsp/scx-lsp/cindex"

// Severity grades a finding.
type Severity uint8

const (
	// Error: every selected release that has the code refuses it.
	Error Severity = iota + 1
	// Warning: some of the selected releases refuse it, or all do when the
	// loader sets a variable that the source leaves off.
	Warning
	// Info: worth knowing, refused nowhere.
	Info
	// Hint: a way to write it that would serve better; editors show it faintly.
	Hint
)

func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Info:
		return "info"
	case Hint:
		return "hint"
	}
	return "unknown"
}

// Outcomes of a finding: who refuses, and when.
const (
	OutcomeLoad    = "load"    // the verifier refuses the program
	OutcomeRuntime = "runtime" // sched_ext throws the scheduler out when the code runs
	OutcomeAttach  = "attach"  // sched_ext refuses the scheduler when it is attached
)

// A Finding is one thing that a kernel would refuse.
type Finding struct {
	Rule     string // "kfunc-context"
	Severity Severity
	At       cindex.Loc
	Message  string // one clause: what is wrong
	Kfunc    string // as the author knows it
	// KernelFunction is what the kernel calls it, when wrappers lead to another
	// name: scx_bpf_dsq_insert___v2 for scx_bpf_dsq_insert.
	KernelFunction string
	Context        string // "sched_ext_ops.enqueue", "syscall"
	Program        string // the entry function
	Releases       []string
	Outcome        string // OutcomeLoad, ...
	Chain          []Step // from the program's entry to the call, outermost first
	Notes          []Note // what else a person needs: who refuses, what to do
	Fixes          []Fix
	Tag            Tag
	// Judge is the kernel that was asked, "Linux 7.1.13"; "" when it is we who
	// say so.
	Judge string
}

// A Tag tells an editor to draw what a finding marks in a way of its own.
type Tag uint8

const (
	// TagNone: as the severity says.
	TagNone Tag = iota
	// TagDeprecated: still works, but something else took its place.
	TagDeprecated
	// TagUnnecessary: has no effect.
	TagUnnecessary
)

// A Step is one call on the way from a program's entry to the finding.
type Step struct {
	Function string     // the function that makes the call
	At       cindex.Loc // the call
	Callee   string     // what is called
	Via      []cindex.Via
	Kind     cindex.CallKind
}

// A Note is a remark that belongs to a finding; At may be zero.
type Note struct {
	At      cindex.Loc
	Message string
}

// A Fix is a set of edits that mends a finding.
type Fix struct {
	Title string
	Safe  bool // offer as the preferred fix
	Edits []Edit
}

// An Edit replaces a span of a file.
type Edit struct {
	At      cindex.Loc
	NewText string
}
