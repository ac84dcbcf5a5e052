package vm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"golang.org/x/sys/unix"
)

// A Config says what to boot, and how.
type Config struct {
	Image  string // path of a bzImage
	QEMU   string // "" looks in PATH
	Memory int    // MiB; 0 is DefaultMemory
	CPUs   int    // 0 is DefaultCPUs
	NoKVM  bool   // do not try
	Boot   time.Duration
}

// Defaults of a Config. Two CPUs: a CPU must be able to come and go.
const (
	DefaultMemory = 1024
	DefaultCPUs   = 2
	DefaultBoot   = 3 * time.Minute
)

// sharedSize is the shared memory: half of it for each direction.
const sharedSize = 2 * bpf.MaxMessage

// A Machine is a booted guest. Its methods are not for concurrent use, but
// for Close.
type Machine struct {
	Release string // uname -r of the guest
	KVM     bool

	shm     []byte
	bell    io.WriteCloser
	lines   chan string
	console *console
	errors  *console // what QEMU says
	dead    chan struct{}
	once    sync.Once
	kill    func()
	seq     int
	uses    int // how often it came back to the pool, whose mutex guards it
}

// A Death is a guest that gave no answer. It is a verdict on the kernel, the
// object or the machine, never a failure of the caller.
type Death struct {
	Reason  string
	Console string // the end of what it printed
}

func (d *Death) Error() string { return d.Reason }

// ErrNoQEMU says what is missing.
var ErrNoQEMU = errors.New("qemu-system-x86_64 is not installed (Debian, Ubuntu: package qemu-system-x86; Fedora: qemu-system-x86-core; Arch: qemu-system-x86)")

// Boot starts a guest and waits until it is ready. KVM is used where it works,
// which is more than being there: nested in some clouds it is offered and
// fails in the first instructions.
func Boot(ctx context.Context, c Config) (*Machine, error) {
	if runtime.GOARCH != "amd64" {
		return nil, fmt.Errorf("guests need an x86-64 machine, this is %s", runtime.GOARCH)
	}
	qemu, err := exec.LookPath(nonempty(c.QEMU, "qemu-system-x86_64"))
	if err != nil {
		return nil, ErrNoQEMU
	}
	c.QEMU = qemu
	if !c.NoKVM && kvmThere() {
		m, err := boot(ctx, c, true)
		if err == nil || ctx.Err() != nil {
			return m, err
		}
		if d := (*Death)(nil); !errors.As(err, &d) || !kvmFailed(d) {
			return nil, err
		}
		forgetKVM()
	}
	return boot(ctx, c, false)
}

func nonempty(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

func boot(ctx context.Context, c Config, kvm bool) (*Machine, error) {
	m := &Machine{KVM: kvm, lines: make(chan string, 16), console: &console{}, errors: &console{}, dead: make(chan struct{})}
	if err := m.start(c, kvm); err != nil {
		return nil, err
	}
	limit := c.Boot
	if limit == 0 {
		limit = DefaultBoot
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	line, err := m.wait(ctx, func(s string) bool { return strings.HasPrefix(s, "H ") })
	if err != nil {
		m.Close()
		if d := (*Death)(nil); errors.As(err, &d) && d.Reason == "" {
			d.Reason = fmt.Sprintf("%s did not boot within %v", c.Image, limit)
		}
		return nil, err
	}
	m.Release = strings.TrimSpace(line[2:])
	return m, nil
}

// start runs QEMU. The thread that starts it stays with it: the parent death
// signal is sent when the thread ends, not the process (prctl(2)).
func (m *Machine) start(c Config, kvm bool) error {
	ram, err := initramfs()
	if err != nil {
		return fmt.Errorf("initramfs: %w", err)
	}
	files, err := m.files(ram)
	if err != nil {
		return err
	}
	cmd := exec.Command(c.QEMU, arguments(c, kvm)...)
	cmd.ExtraFiles = files.inherit
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files.bellRead, files.lineWrite, files.errWrite
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(m.dead)
		}
	}()
	err = <-started
	files.closeChild()
	if err != nil {
		files.closeOurs()
		_ = unix.Munmap(m.shm)
		return fmt.Errorf("%s: %w", c.QEMU, err)
	}
	m.bell = files.bellWrite
	m.kill = func() { _ = cmd.Process.Kill() }
	go m.console.copyFrom(files.consoleRead)
	go m.errors.copyFrom(files.errRead)
	go m.readLines(files.lineRead)
	return nil
}

// arguments of QEMU. Descriptors 3.. are: the console, the initramfs, the
// shared memory.
func arguments(c Config, kvm bool) []string {
	memory, cpus := c.Memory, c.CPUs
	if memory == 0 {
		memory = DefaultMemory
	}
	if cpus == 0 {
		cpus = DefaultCPUs
	}
	// A thread for each CPU makes QEMU 7.2 lose guests that patch their own
	// code, which enabling sched_ext does.
	accel, cpu := "tcg,thread=single", "max"
	if kvm {
		accel, cpu = "kvm", "host"
	}
	// Without the kernel's own watchdog: emulated on a busy machine, a kernel
	// that merely waits looks locked up to it. Hangs end with the time limit.
	return []string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", "pc", "-accel", accel, "-cpu", cpu, "-m", fmt.Sprint(memory), "-smp", fmt.Sprint(cpus),
		"-chardev", "file,id=console,path=/dev/fd/3", "-serial", "chardev:console",
		"-chardev", "stdio,id=bell,signal=off", "-serial", "chardev:bell",
		"-object", fmt.Sprintf("memory-backend-file,id=shared,share=on,mem-path=/dev/fd/5,size=%d", sharedSize),
		"-device", "ivshmem-plain,memdev=shared",
		"-kernel", c.Image, "-initrd", "/dev/fd/4",
		"-append", "console=ttyS0 loglevel=4 panic=-1 oops=panic nowatchdog mitigations=off nokaslr edd=off " +
			"tsc=reliable no_timer_check raid=noautodetect " + guestMark + "=1",
	}
}

// files are the ends of all that connects a guest.
type files struct {
	inherit                                   []*os.File
	bellRead, lineWrite, errWrite             *os.File
	bellWrite, lineRead, errRead, consoleRead *os.File
}

func (m *Machine) files(ram []byte) (f files, err error) {
	defer func() {
		if err != nil {
			f.closeChild()
			f.closeOurs()
		}
	}()
	var consoleWrite *os.File
	for _, p := range []struct{ r, w **os.File }{
		{&f.bellRead, &f.bellWrite}, {&f.lineRead, &f.lineWrite}, {&f.errRead, &f.errWrite}, {&f.consoleRead, &consoleWrite},
	} {
		if *p.r, *p.w, err = os.Pipe(); err != nil {
			return f, err
		}
	}
	f.inherit = append(f.inherit, consoleWrite)
	disk, err := memfd("initramfs", ram, len(ram))
	if err != nil {
		return f, err
	}
	f.inherit = append(f.inherit, disk)
	shared, err := memfd("shared", nil, sharedSize)
	if err != nil {
		return f, err
	}
	f.inherit = append(f.inherit, shared)
	m.shm, err = unix.Mmap(int(shared.Fd()), 0, sharedSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return f, err
}

func memfd(name string, data []byte, size int) (*os.File, error) {
	fd, err := unix.MemfdCreate("scx-lsp-"+name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd: %w", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if err := f.Truncate(int64(size)); err != nil {
		return nil, err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *files) closeChild() {
	for _, x := range append(f.inherit, f.bellRead, f.lineWrite, f.errWrite) {
		x.Close()
	}
}

func (f *files) closeOurs() {
	for _, x := range []*os.File{f.bellWrite, f.lineRead, f.errRead, f.consoleRead} {
		x.Close()
	}
}

// readLines hands the guest's lines on, each of bounded length.
func (m *Machine) readLines(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		select {
		case m.lines <- lines.Text():
		case <-m.dead:
			return
		}
	}
	_, _ = io.Copy(io.Discard, r)
}

// wait waits for a line of the guest.
func (m *Machine) wait(ctx context.Context, want func(string) bool) (string, error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case line := <-m.lines:
			if want(line) {
				return line, nil
			}
		case <-m.dead:
			return "", m.death("the guest ended")
		case <-tick.C:
			if strings.Contains(m.errors.text(), "KVM internal error") {
				return "", m.death("KVM does not work here")
			}
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return "", m.death("")
			}
			return "", ctx.Err()
		}
	}
}

// death says why there is no answer: what the kernel said, what QEMU said, or
// what is known.
func (m *Machine) death(known string) *Death {
	time.Sleep(50 * time.Millisecond) // let the last words arrive
	text := m.console.text()
	reason := death(text)
	if q := strings.TrimSpace(m.errors.text()); reason == "" && q != "" && known != "" {
		line, _, _ := strings.Cut(q, "\n")
		reason = known + ": " + line[:min(len(line), 200)]
	}
	if reason == "" {
		reason = known
	}
	return &Death{Reason: reason, Console: text}
}

// Do performs a plan in the guest.
func (m *Machine) Do(ctx context.Context, p *bpf.Plan) (*bpf.Report, error) {
	message, err := bpf.EncodePlan(p)
	if err != nil {
		return nil, err
	}
	copy(m.shm, message)
	m.seq++
	if _, err := fmt.Fprintf(m.bell, "Q %d %d\n", m.seq, len(message)); err != nil {
		return nil, m.death("the guest is gone")
	}
	n := -1
	_, err = m.wait(ctx, func(s string) bool {
		var seq, size int
		if _, err := fmt.Sscanf(s, "A %d %d", &seq, &size); err != nil || seq != m.seq {
			return false
		}
		n = size
		return true
	})
	if d := (*Death)(nil); errors.As(err, &d) && d.Reason == "" {
		d.Reason = "no answer within the time limit"
	}
	if err != nil {
		return nil, err
	}
	if n < 0 || n > sharedSize/2 {
		return nil, &Death{Reason: fmt.Sprintf("the guest claims a report of %d bytes", n)}
	}
	// A copy: the guest may go on writing.
	r, err := bpf.DecodeReport(bytes.Clone(m.shm[sharedSize/2 : sharedSize/2+n]))
	if err != nil {
		return nil, &Death{Reason: "the guest's report is damaged: " + err.Error()}
	}
	if len(r.Results) != len(p.Steps) && r.Trouble == "" {
		return nil, &Death{Reason: fmt.Sprintf("the guest reports %d steps of %d", len(r.Results), len(p.Steps))}
	}
	return r, nil
}

// Close ends the guest and waits until it is gone.
func (m *Machine) Close() {
	m.once.Do(func() {
		m.kill()
		<-m.dead
		m.bell.Close()
		_ = unix.Munmap(m.shm)
	})
}

// alive tells whether the guest is still there.
func (m *Machine) alive() bool {
	select {
	case <-m.dead:
		return false
	default:
		return true
	}
}
