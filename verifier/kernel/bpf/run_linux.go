package bpf

import (
	"bytes"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const attachStructOps = 44 // BPF_STRUCT_OPS

// stateFile says what became of the scheduler.
const stateFile = "/sys/kernel/sched_ext/state"

// run attaches the schedulers, works the machine, and says what the kernel
// thought of it.
func (m *machine) run(r *Run) *RunReport {
	out := &RunReport{}
	log := openKernelLog()
	defer log.close()
	start := time.Now()
	var links []int
	for _, a := range r.Ops {
		fd, rep := m.attach(a)
		if fd >= 0 {
			links = append(links, fd)
		}
		out.Attached = append(out.Attached, rep)
	}
	w := startWork()
	deadline := start.Add(time.Duration(r.Seconds) * time.Second)
	for time.Now().Before(deadline) && enabled() {
		time.Sleep(20 * time.Millisecond)
	}
	out.Survived = enabled()
	out.Did = w.stop()
	if out.Survived {
		out.Did = append(out.Did, "CPU hotplug")
		hotplug()
		time.Sleep(50 * time.Millisecond)
		out.Hotplug = !enabled()
	}
	out.Seconds = time.Since(start).Seconds()
	for _, fd := range links {
		unix.Close(fd)
	}
	waitDisabled()
	out.Kernel = log.read()
	return out
}

func enabled() bool {
	b, _ := os.ReadFile(stateFile)
	return strings.TrimSpace(string(b)) == "enabled"
}

// waitDisabled lets the kernel say why it let a scheduler go, which it does
// once it is gone.
func waitDisabled() {
	for range 100 {
		if b, err := os.ReadFile(stateFile); err != nil || strings.TrimSpace(string(b)) == "disabled" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
}

// attach writes the ops and, for a map of links, makes the link: fd is the
// link, or -1.
func (m *machine) attach(a Attach) (fd int, r AttachReport) {
	r = AttachReport{Name: a.Name, Stage: "update"}
	on, ok := m.fd(a.On)
	if !ok {
		r.Errno, r.Stage = int(unix.ENOENT), "load"
		return -1, r
	}
	value := bytes.Clone(a.Value)
	for _, p := range a.Progs {
		prog, ok := m.fd(p.Step)
		if !ok || p.Offset < 0 || p.Offset+8 > len(value) {
			r.Errno, r.Stage = int(unix.ENOENT), "load"
			return -1, r
		}
		copy(value[p.Offset:], append(littleEndian32(uint32(prog)), 0, 0, 0, 0))
	}
	if _, errno := call(cmdMapUpdate, &attrElem{fd: int32(on), key: pointer(make([]byte, 4)), value: pointer(value)}); errno != 0 {
		r.Errno = int(errno)
		return -1, r
	}
	if !a.Link {
		r.Stage = ""
		return -1, r
	}
	fd, errno := call(cmdLinkCreate, &attrLink{fd: int32(on), attach: attachStructOps})
	if errno != 0 {
		r.Errno, r.Stage = int(errno), "link"
		return -1, r
	}
	r.Stage = ""
	return fd, r
}

// A kernelLog reads what the kernel logs from now on.
type kernelLog struct{ fd int }

// maxKernelLog bounds what is kept of the kernel's log.
const maxKernelLog = 256 << 10

func openKernelLog() kernelLog {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return kernelLog{-1}
	}
	_, _ = unix.Seek(fd, 0, unix.SEEK_END)
	return kernelLog{fd}
}

func (k kernelLog) close() {
	if k.fd >= 0 {
		unix.Close(k.fd)
	}
}

// read gives the messages, one a line, without their headers
// (Documentation/ABI/testing/dev-kmsg).
func (k kernelLog) read() string {
	var out strings.Builder
	buf := make([]byte, 8192)
	for k.fd >= 0 && out.Len() < maxKernelLog {
		n, err := unix.Read(k.fd, buf)
		if err == unix.EPIPE {
			continue // messages were overwritten: go on with the oldest
		}
		if err != nil || n <= 0 {
			break
		}
		_, text, _ := strings.Cut(string(buf[:n]), ";")
		text, _, _ = strings.Cut(text, "\n")
		out.WriteString(text + "\n")
	}
	return out.String()
}
