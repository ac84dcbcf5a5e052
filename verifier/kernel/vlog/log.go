package vlog

import (
	"regexp"
	"strconv"
	"strings"
)

// A Log is what one verifier log says.
type Log struct {
	Message string   // the words of the refusal, the first line of them
	More    []string // further lines of it
	Insn    int      // the instruction that was refused, -1 when it is none
	At      string   // that instruction, as the kernel prints it
	Calls   []int    // the calls of subprograms that it is in, outermost first
	Path    []Event  // what led there, in order

	Category   string // 7.3: "Register Type Safety: Invalid dereference"
	Reason     string // 7.3
	Suggestion string // 7.3

	Stats Stats
}

// An Event is a step on the way to a refusal.
type Event struct {
	Insn int
	Text string
}

// Stats are the counts at the end of a log (kernel/bpf/verifier.c:
// print_verification_stats).
type Stats struct {
	Insns      int // processed, as the limit of a million counts
	Limit      int
	MaxPerInsn int
	States     int
	Peak       int
	Micros     int
	Stack      int // bytes, of the deepest chain of calls
}

var (
	insnLine  = regexp.MustCompile(`^(\d{1,7}): \(([0-9a-f]{2})\) (.*)`)
	stateLine = regexp.MustCompile(`^(\d{1,7}: (frame\d+:)?( R\d|\s*$)|from \d+ to \d+|\s*R\d+(_w)?=|frame\d+: )`)
	fromLine  = regexp.MustCompile(`^from (\d{1,7}) to (\d{1,7})`)
	processed = regexp.MustCompile(`^processed (\d+) insns \(limit (\d+)\) max_states_per_insn (\d+) total_states (\d+) peak_states (\d+)`)
)

// chatter are lines about the walk, which are no refusal. The texts are those
// of kernel/bpf/verifier.c and btf.c, 6.12 to 7.3.
var chatter = []string{
	"; ", "func '", "Func#", "Validating ", "mark_precise", "last_idx", "parent ", "regs=", "propagating", "caller:", "callee:",
	"returning from callee", "to caller at", "verification time ", "stack depth", "processed ", "subprog ", "live regs", "Live regs", "tail_call",
}

// Parse reads a log.
func Parse(text string) Log {
	l := Log{Insn: -1}
	classic, report, found := strings.Cut(text, "\nVerification failed: ")
	w := walk{calls: map[int][]int{}, helper: map[int]bool{}, last: -1}
	for line := range strings.Lines(classic) {
		w.line(strings.TrimRight(line, "\r\n"))
	}
	if found {
		l.report(report)
	}
	l.stats(text)
	l.Calls, l.Insn = w.stack, w.last
	if n := len(w.steps); n > 0 {
		l.At = w.steps[n-1].text
	}
	if len(w.words) > 0 {
		l.Message = w.words[0]
	}
	if len(w.words) > 1 {
		l.More = w.words[1:]
	}
	if len(l.Path) == 0 {
		l.Path = w.path()
	}
	if l.Message == "" {
		l.Insn, l.At, l.Path, l.Calls = -1, "", nil, nil
	}
	return l
}

// A walk follows the instructions of a log.
type walk struct {
	last  int
	stack []int         // calls that we are in
	calls map[int][]int // the calls at each instruction, for "from A to B"
	words []string      // what was said since the last instruction
	steps []step

	helper map[int]bool // instructions that call no subprogram by themselves
	jumped bool         // the next instruction does not follow the last
}

type step struct {
	insn int
	text string
}

// maxSteps bounds what is kept of a walk: a log of 16 MB has half a million.
const maxSteps = 4096

func (w *walk) line(s string) {
	if m := insnLine.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		w.insn(n, m[2], m[3])
		return
	}
	if m := fromLine.FindStringSubmatch(s); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		w.stack = w.calls[a]
		w.words, w.jumped = nil, true
		if w.helper[a] && b != a+1 {
			w.enter(a)
		}
		return
	}
	if strings.TrimSpace(s) == "" || stateLine.MatchString(s) || isChatter(s) {
		return
	}
	if len(w.words) < 16 {
		w.words = append(w.words, s[:min(len(s), 500)])
	}
}

func isChatter(s string) bool {
	for _, c := range chatter {
		if strings.HasPrefix(s, c) {
			return true
		}
	}
	return false
}

// insn notes that the verifier came to an instruction.
func (w *walk) insn(n int, op, text string) {
	w.words = nil
	// The instruction after a return is that behind the call.
	if k := len(w.stack); k > 0 && n == w.stack[k-1]+1 && len(w.steps) > 0 && w.steps[len(w.steps)-1].text == "exit" {
		w.stack = w.stack[: k-1 : k-1]
	}
	// What follows the call of a helper, and is not behind it, is a callback.
	if w.helper[w.last] && !w.jumped && n != w.last+1 {
		w.enter(w.last)
	}
	w.last, w.jumped = n, false
	text, _, _ = strings.Cut(text, " ;")
	text = strings.TrimSpace(text)
	w.steps = append(w.steps, step{n, text})
	if len(w.steps) > 2*maxSteps {
		w.steps = append(w.steps[:0], w.steps[maxSteps:]...)
	}
	w.calls[n] = w.stack
	switch {
	case op != "85":
	case strings.HasPrefix(text, "call pc"):
		w.enter(n)
	default:
		w.helper[n] = true
	}
}

// enter goes into what an instruction calls.
func (w *walk) enter(n int) {
	if len(w.stack) < 16 {
		w.stack = append(w.stack[:len(w.stack):len(w.stack)], n)
	}
}

// maxPath bounds the way that is shown; what is nearest to the refusal tells
// most.
const maxPath = 12

// path makes the events of a walk: which way each branch went, the last time
// that it was passed. Loops are told by how often.
func (w *walk) path() []Event {
	times := map[Event]int{}
	at := map[Event]int{}
	var out []Event
	for i, s := range w.steps[:max(len(w.steps)-1, 0)] {
		if !strings.HasPrefix(s.text, "if ") {
			continue
		}
		e := Event{s.insn, "took the branch"}
		if w.steps[i+1].insn == s.insn+1 {
			e.Text = "did not take the branch"
		}
		times[e]++
		if k, ok := at[e]; ok {
			out[k].Insn = -1
		}
		at[e] = len(out)
		out = append(out, e)
	}
	var kept []Event
	for _, e := range out {
		if e.Insn < 0 {
			continue
		}
		if n := times[e]; n > 1 {
			e.Text += " (" + strconv.Itoa(n) + " times)"
		}
		kept = append(kept, e)
	}
	return kept[max(0, len(kept)-maxPath):]
}

func (l *Log) stats(text string) {
	for line := range strings.Lines(text[max(0, len(text)-4096):]) {
		if m := processed.FindStringSubmatch(line); m != nil {
			for i, p := range []*int{&l.Stats.Insns, &l.Stats.Limit, &l.Stats.MaxPerInsn, &l.Stats.States, &l.Stats.Peak} {
				*p, _ = strconv.Atoi(m[i+1])
			}
		}
		if s, ok := strings.CutPrefix(line, "verification time "); ok {
			s, _, _ = strings.Cut(s, " ")
			l.Stats.Micros, _ = strconv.Atoi(s)
		}
		if s, ok := strings.CutPrefix(line, "stack depth "); ok {
			l.Stats.Stack = depth(strings.TrimPrefix(strings.TrimSpace(s), "max "))
		}
	}
}

// depth reads "0", or up to 7.2 "32+96": a number for each subprogram.
func depth(s string) int {
	most := 0
	for f := range strings.SplitSeq(s, "+") {
		n, _ := strconv.Atoi(f)
		most = max(most, n)
	}
	return most
}
