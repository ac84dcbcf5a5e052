package kernel

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/link"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/vlog"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// maxKeptLog bounds the log that is kept with a verdict.
const maxKeptLog = 1 << 20

// judge reads a report.
func judge(l *link.Linked, r *bpf.Report) Judgement {
	j := Judgement{Kernel: r.Kernel, Refusals: l.Refusals, Notes: l.Notes}
	if r.Trouble != "" {
		j.NotJudged = "the guest could not perform the plan: " + r.Trouble
	}
	if len(r.Results) != len(l.Plan.Steps) {
		return j
	}
	for _, p := range l.Programs {
		j.Verdicts = append(j.Verdicts, verdict(l, &p, r))
	}
	if r.Run != nil {
		j.Run = ranAs(l, r)
	}
	return j
}

// verdict is that on one program.
func verdict(l *link.Linked, p *link.Program, r *bpf.Report) Verdict {
	v := Verdict{Program: p.Prog.Name, Context: p.Context, NotJudged: p.NotJudged}
	if p.Step == bpf.None {
		v.Refused, v.Message = p.Refused != "", p.Refused
		return v
	}
	res := &r.Results[p.Step]
	v.Errno = res.Errno
	switch {
	case res.Needs > 0:
		v.NotJudged = needed(l, r, res.Needs-1)
		return v
	case res.Missing != "":
		v.Refused, v.Message = true, fmt.Sprintf("extern (var ksym) '%s': not found in kernel kallsyms", res.Missing)
		return v
	case res.Errno == bpf.Canceled:
		v.NotJudged = "the time was up"
		return v
	}
	v.explain(l, p, string(res.Log))
	v.Refused = res.Errno != 0
	switch {
	case v.Refused && v.Message == "":
		v.Message = "BPF_PROG_LOAD: " + bpf.Errno(res.Errno)
	case res.Truncated:
		v.Log += "\n(the log is longer than what was asked for)\n"
	}
	return v
}

// needed says which earlier step kept a program from being judged.
func needed(l *link.Linked, r *bpf.Report, step int) string {
	if step >= len(l.Plan.Steps) {
		return "an earlier step"
	}
	s, res := l.Plan.Steps[step], r.Results[step]
	what := map[bpf.Op]string{bpf.OpBTF: "its BTF", bpf.OpMap: "map " + s.Name, bpf.OpProg: "program " + s.Name}[s.Op]
	why := bpf.Errno(res.Errno)
	if m := strings.TrimSpace(lastLine(string(res.Log))); m != "" {
		why += ": " + m
	}
	return fmt.Sprintf("%s was refused: %s", what, why)
}

func lastLine(s string) string {
	s = strings.TrimRight(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// explain reads the log of a program.
func (v *Verdict) explain(l *link.Linked, p *link.Program, log string) {
	x := vlog.Parse(log)
	v.Stats = x.Stats
	if v.Errno == 0 {
		return
	}
	v.Message, v.More = libbpfWords(l, x.Message), x.More
	if link.IsPoison(x.At) {
		v.Message, v.More = "failed to resolve CO-RE relocation", nil
	}
	v.Category, v.Reason, v.Suggestion = x.Category, x.Reason, x.Suggestion
	for _, n := range append(x.Calls, x.Insn) {
		if at, ok := codeAt(p, n); ok {
			v.Stack = append(v.Stack, at)
		}
	}
	for _, e := range x.Path {
		if at, ok := codeAt(p, e.Insn); ok {
			v.Path = append(v.Path, Event{at, e.Text})
		}
	}
	if len(log) > maxKeptLog {
		log = "(cut)\n" + log[len(log)-maxKeptLog:]
	}
	v.Log = log
}

// codeAt is where an instruction of a loaded program comes from.
func codeAt(p *link.Program, n int) (object.CodeAt, bool) {
	if n < 0 || n >= len(p.Code) {
		return object.CodeAt{}, false
	}
	return object.CodeAt{Section: p.Code[n].Section, Slot: p.Code[n].Slot}, true
}

// libbpfWords puts the name of a missing kfunc in the place of the number
// that libbpf left there (tools/lib/bpf/libbpf.c:fixup_log_missing_kfunc_call).
func libbpfWords(l *link.Linked, message string) string {
	const mark = "invalid func unknown#"
	_, number, found := strings.Cut(message, mark)
	n, err := strconv.Atoi(number)
	if n -= link.PoisonKfunc; !found || err != nil || n < 0 || n >= len(l.Missing) {
		return message
	}
	return fmt.Sprintf("kfunc '%s' is referenced but wasn't resolved", l.Missing[n])
}
