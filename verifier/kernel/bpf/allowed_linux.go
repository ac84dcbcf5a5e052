package bpf

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Capabilities (include/uapi/linux/capability.h).
const (
	capSysAdmin = 21
	capPerfmon  = 38
	capBPF      = 39
)

// Allowed tells what this process lacks to load programs into the running
// kernel; "" when the kernel lets it.
func Allowed() string {
	fd, errno := call(cmdMapCreate, &attrMap{typ: 2, keySize: 4, valueSize: 4, maxEntries: 1})
	switch errno {
	case 0:
		unix.Close(fd)
	case unix.ENOSYS:
		return "the running kernel has no bpf(2) (CONFIG_BPF_SYSCALL), or a sandbox hides it"
	}
	caps := capabilities()
	has := func(n int) bool { return caps>>n&1 == 1 || caps>>capSysAdmin&1 == 1 }
	var lacks []string
	if !has(capBPF) {
		lacks = append(lacks, "CAP_BPF")
	}
	if !has(capPerfmon) {
		lacks = append(lacks, "CAP_PERFMON")
	}
	switch {
	case len(lacks) > 0:
		return "this process lacks " + strings.Join(lacks, " and ") + ": run it as root, or give the program the capabilities (setcap cap_bpf,cap_perfmon=ep)"
	case errno != 0:
		return "the running kernel refuses bpf(2) to this process: " + errno.Error() + " (a container, seccomp or lockdown)"
	}
	return ""
}

// capabilities are the effective ones of this process.
func capabilities() uint64 {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if s, ok := strings.CutPrefix(line, "CapEff:"); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(s), 16, 64)
			return n
		}
	}
	return 0
}
