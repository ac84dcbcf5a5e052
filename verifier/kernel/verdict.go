package kernel

import (
	"github.com/scx-lsp/scx-lsp/verifier/kernel/vlog"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// A Judgement is what one kernel had to say of one object. It holds no
// pointers into the object, so that it can be kept.
type Judgement struct {
	Kernel    string    `json:"kernel"` // "7.3.4+deb13-amd64", or the path when not even that is known
	NotJudged string    `json:"notJudged,omitempty"`
	Console   string    `json:"-"` // of a guest that died
	Verdicts  []Verdict `json:"verdicts"`
	Refusals  []string  `json:"refusals,omitempty"` // libbpf's, of the object
	Notes     []string  `json:"notes,omitempty"`
	Run       *Run      `json:"run,omitempty"`

	Times Times `json:"times"`
}

// Times are seconds of wall time.
type Times struct {
	Read  float64 `json:"read"` // the image's BTF
	Link  float64 `json:"link"`
	Boot  float64 `json:"boot"` // 0: the guest was warm, or none was needed
	Load  float64 `json:"load"`
	Cache bool    `json:"cache,omitempty"` // all of it was known
}

// A Verdict is that on one program in one context.
type Verdict struct {
	Program   string          `json:"program"`
	Context   string          `json:"context"`
	Refused   bool            `json:"refused,omitempty"`
	NotJudged string          `json:"notJudged,omitempty"`
	Errno     int             `json:"errno,omitempty"`
	Message   string          `json:"message,omitempty"`
	More      []string        `json:"more,omitempty"`
	Stack     []object.CodeAt `json:"stack,omitempty"` // calls, then the instruction
	Path      []Event         `json:"path,omitempty"`

	Category   string     `json:"category,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	Suggestion string     `json:"suggestion,omitempty"`
	Stats      vlog.Stats `json:"stats"`
	Log        string     `json:"log,omitempty"`
}

// An Event is a step on the way to a refusal.
type Event struct {
	At   object.CodeAt `json:"at"`
	Text string        `json:"text"`
}

// A Run is what became of the scheduler when it was attached.
type Run struct {
	Survived bool            `json:"survived"`
	Outcome  string          `json:"outcome"`           // one line
	Kind     string          `json:"kind,omitempty"`    // "runtime error"
	Message  string          `json:"message,omitempty"` // sched_ext's words
	Attach   bool            `json:"attach,omitempty"`  // it was not even attached
	Program  string          `json:"program,omitempty"`
	Stack    []object.CodeAt `json:"stack,omitempty"`
	Trace    []string        `json:"trace,omitempty"`
	Seconds  float64         `json:"seconds"`
	Did      []string        `json:"did,omitempty"`
	Log      string          `json:"log,omitempty"`
}
