package bpf

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// logHead is the log level that keeps the beginning when the log is full
// (BPF_LOG_FIXED, 6.4); the first lines say which rule it was.
const logHead = logWalk | 8

// probe loads, for each kfunc, the program "call it; exit" and notes what the
// kernel says of the call. The verifier asks whether a call is allowed before
// it looks at arguments (kernel/bpf/verifier.c:check_kfunc_call).
func probe(s *Step) Result {
	attr := &attrProg{
		typ: s.Prog.Type, attach: s.Prog.Attach, attachID: s.Prog.AttachID, flags: s.Prog.Flags,
		license: pointer(append([]byte(s.Prog.License), 0)), name: objectName("probe"),
	}
	answers := make([]byte, len(s.IDs))
	log := make([]byte, 1024)
	for i, id := range s.IDs {
		insns := callOf(id)
		attr.insns, attr.count = pointer(insns), uint32(len(insns)/8)
		clear(log)
		attr.log, attr.logSize, attr.logLevel = pointer(log), uint32(len(log)), logHead
		fd, errno := call(cmdProgLoad, attr)
		if errno == 0 {
			unix.Close(fd)
		}
		if answers[i] = answer(errno, log); answers[i] == ProbeContext {
			// It is the same for all.
			return Result{Log: bytes.Repeat([]byte{ProbeContext}, len(answers))}
		}
	}
	return Result{Log: answers}
}

// callOf is a program that calls a kfunc with zeros.
func callOf(id uint32) []byte {
	var b []byte
	for r := byte(1); r <= 5; r++ {
		b = append(b, 0xb7, r, 0, 0, 0, 0, 0, 0) // r = 0
	}
	b = append(b, 0x85, 0x20, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, id)
	b = append(b, 0xb7, 0, 0, 0, 0, 0, 0, 0)
	return append(b, 0x95, 0, 0, 0, 0, 0, 0, 0)
}

// probeWords tie the kernel's words to answers.
var probeWords = []struct {
	text   string
	answer byte
}{
	{"is not allowed\n", ProbeNotAllowed},
	{"program must be sleepable to call sleepable kfunc", ProbeSleepable},
	{"attach to unsupported member", ProbeContext},
	{"valid func_proto", ProbeBroken},
	{"cannot find address for kernel function", ProbeBroken},
	{"is not a kernel function", ProbeBroken},
	{"cannot find function", ProbeBroken},
	{"(85) call ", ProbeCalled}, // it came to the call and objects to something behind it
}

func answer(errno unix.Errno, log []byte) byte {
	if errno == 0 {
		return ProbeCalled
	}
	for _, w := range probeWords {
		if bytes.Contains(log, []byte(w.text)) {
			return w.answer
		}
	}
	return ProbeOther
}
