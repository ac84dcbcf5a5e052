package vm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"golang.org/x/sys/unix"
)

// guestMark is the variable by which init knows that it is in a guest of
// ours: the kernel hands what it does not know of its command line on.
const guestMark = "scx_lsp_guest"

// RunGuest is to be called first in main. In a guest it performs plans and
// never returns; as a child of a worker it ends at once.
func RunGuest() {
	if len(os.Args) == 2 && os.Args[1] == bpf.ChildArg {
		os.Exit(0)
	}
	if os.Getpid() != 1 || os.Getenv(guestMark) == "" {
		return
	}
	if err := serveGuest(); err != nil {
		fmt.Fprintln(os.Stderr, "scx-lsp guest:", err)
	}
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	select {}
}

func serveGuest() error {
	for _, m := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"cgroup2", "/sys/fs/cgroup"}} {
		_ = os.MkdirAll(m[1], 0o755)
		if err := unix.Mount(m[0], m[1], m[0], 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			fmt.Fprintf(os.Stderr, "scx-lsp guest: mount %s: %v\n", m[0], err)
		}
	}
	_ = os.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", []byte("+cpu"), 0)
	shm, err := mapShared()
	if err != nil {
		return err
	}
	bell, err := openBell()
	if err != nil {
		return err
	}
	defer bell.Close()
	var u unix.Utsname
	_ = unix.Uname(&u)
	fmt.Fprintf(bell, "H %s\n", unix.ByteSliceToString(u.Release[:]))
	for lines := bufio.NewScanner(bell); lines.Scan(); {
		var seq, n int
		if _, err := fmt.Sscanf(lines.Text(), "Q %d %d", &seq, &n); err != nil {
			continue
		}
		fmt.Fprintf(bell, "A %d %d\n", seq, answer(shm, n))
	}
	return nil
}

// answer performs the plan in the first half of the shared memory, and puts
// the report in the second.
func answer(shm []byte, n int) int {
	half := len(shm) / 2
	if n < 0 || n > half {
		return 0
	}
	r := perform(append([]byte(nil), shm[:n]...))
	b, err := bpf.EncodeReport(r)
	if err != nil || len(b) > half {
		b, _ = bpf.EncodeReport(&bpf.Report{Kernel: r.Kernel, Trouble: fmt.Sprintf("the report does not fit: %d bytes, %v", len(b), err)})
	}
	return copy(shm[half:], b)
}

func perform(message []byte) (r *bpf.Report) {
	defer func() {
		if v := recover(); v != nil {
			r = &bpf.Report{Trouble: fmt.Sprint(v)}
		}
	}()
	p, err := bpf.DecodePlan(message)
	if err != nil {
		return &bpf.Report{Trouble: err.Error()}
	}
	return bpf.Perform(context.Background(), p)
}

// openBell opens the second serial port as a raw line.
func openBell() (*os.File, error) {
	fd, err := unix.Open("/dev/ttyS1", unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/ttyS1: %w", err)
	}
	t := unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200}
	t.Cc[unix.VMIN] = 1
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &t); err != nil {
		return nil, fmt.Errorf("/dev/ttyS1: %w", err)
	}
	return os.NewFile(uintptr(fd), "/dev/ttyS1"), nil
}

// mapShared finds the device of shared memory, by its vendor and device ids
// (docs/specs/ivshmem-spec.rst in QEMU), and maps it.
func mapShared() ([]byte, error) {
	devices, _ := filepath.Glob("/sys/bus/pci/devices/*")
	for _, d := range devices {
		if readWord(d+"/vendor") != "0x1af4" || readWord(d+"/device") != "0x1110" {
			continue
		}
		_ = os.WriteFile(d+"/enable", []byte("1"), 0)
		f, err := os.OpenFile(d+"/resource2", os.O_RDWR|unix.O_SYNC, 0)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	return nil, errors.New("no shared memory device")
}

func readWord(path string) string {
	b, _ := os.ReadFile(path)
	return strings.TrimSpace(string(b))
}
