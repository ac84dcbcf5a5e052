package kernel

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/link"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// What sched_ext logs when it lets a scheduler go
// (kernel/sched/ext.c:scx_disable_workfn, 6.12; kernel/sched/ext/ since 7.2).
var (
	disabledLine = regexp.MustCompile(`^sched_ext: BPF (?:sub-)?scheduler "([^"]*)" disabled \((.*)\)$`)
	traceLine    = regexp.MustCompile(`^\s+([\w.]+)\+0x([0-9a-f]+)/0x([0-9a-f]+)`)
	jitName      = regexp.MustCompile(`^bpf_prog_[0-9a-f]{16}_(\w+)$`)
)

// maxTrace bounds a backtrace.
const maxTrace = 64

// ranAs reads what became of the scheduler.
func ranAs(l *link.Linked, r *bpf.Report) *Run {
	rep := r.Run
	out := &Run{Survived: rep.Survived, Seconds: rep.Seconds, Did: rep.Did, Log: rep.Kernel}
	for _, a := range rep.Attached {
		switch {
		case a.Stage == "load":
			out.Attach, out.Outcome = true, "not attached: a program of it did not load"
		case a.Errno != 0:
			out.Attach, out.Outcome = true, "not attached: "+bpf.Errno(a.Errno)
		}
	}
	if len(rep.Attached) == 0 {
		out.Attach, out.Outcome = true, "no sched_ext ops to attach"
	}
	out.read(rep.Kernel)
	switch {
	case rep.Survived:
		out.Outcome = "survived"
		if rep.Hotplug {
			out.Outcome = "survived, and left when a CPU came or went"
		}
		out.Kind, out.Message, out.Trace = "", "", nil
	case out.Kind != "":
		out.Outcome = "thrown out (" + out.Kind + "): " + out.Message
	case out.Outcome == "":
		out.Outcome = "ended, and the kernel did not say why"
	}
	if !rep.Survived {
		out.place(l, r)
	}
	return out
}

// read finds the reason and the backtrace in the kernel's log.
func (x *Run) read(log string) {
	lines := strings.Split(log, "\n")
	for i, line := range lines {
		m := disabledLine.FindStringSubmatch(line)
		if m == nil || x.Kind != "" {
			continue
		}
		x.Kind = m[2]
		for _, l := range lines[i+1:] {
			if s, ok := strings.CutPrefix(l, "sched_ext: "+m[1]+": "); ok && x.Message == "" {
				x.Message = s
			} else if traceLine.MatchString(l) && len(x.Trace) < maxTrace {
				x.Trace = append(x.Trace, strings.TrimSpace(l))
			} else if strings.HasPrefix(l, "sched_ext: BPF") {
				break
			}
		}
	}
}

// place finds the instruction of ours that is nearest to the end of the
// backtrace: the return address behind a call.
func (x *Run) place(l *link.Linked, r *bpf.Report) {
	var inner []object.CodeAt
	for _, t := range x.Trace {
		m := traceLine.FindStringSubmatch("  " + t)
		name := jitName.FindStringSubmatch(m[1])
		if name == nil {
			if len(inner) > 0 {
				break // the kernel called us
			}
			continue
		}
		off, _ := strconv.ParseUint(m[2], 16, 32)
		size, _ := strconv.ParseUint(m[3], 16, 32)
		p, insn, ok := findJit(l, r, name[1], uint32(off), uint32(size))
		if !ok {
			continue
		}
		if at, ok := codeAt(p, insn); ok {
			inner = append([]object.CodeAt{at}, inner...)
			x.Program = p.Prog.Name
		}
	}
	x.Stack = inner
}

// findJit finds the program whose function has a name and size, and its last
// line that begins before an offset.
func findJit(l *link.Linked, r *bpf.Report, name string, off, size uint32) (*link.Program, int, bool) {
	for i := range l.Programs {
		p := &l.Programs[i]
		if p.Step == bpf.None || r.Results[p.Step].Jit == nil {
			continue
		}
		jit := r.Results[p.Step].Jit
		for f, fn := range p.Funcs {
			// The kernel cuts names, and rounds sizes up to the next symbol.
			if !strings.HasPrefix(fn, name) || f >= len(jit.Lens) || jit.Lens[f] > size || size-jit.Lens[f] > 64 {
				continue
			}
			best, found := 0, false
			for _, line := range jit.Lines {
				if line.Func == f && line.Off < off {
					best, found = int(line.Insn), true
				}
			}
			if found {
				return p, best, true
			}
		}
	}
	return nil, 0, false
}
