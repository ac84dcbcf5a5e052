package bpf

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The work that a scheduler is put through: what makes the kernel call its
// ops. Each worker is a thread, because affinity, priority and cgroups are a
// thread's.

// A worker does its work again and again until it is told to stop.
type worker struct {
	name string
	once func(n int)
}

func workers() []worker {
	return []worker{
		{"fork and exit", func(int) { forkExit() }},
		{"sleep and wake", func(int) { time.Sleep(time.Millisecond) }},
		{"pipe ping-pong", newPingPong()},
		{"burn a CPU", func(int) { burn(5 * time.Millisecond) }},
		{"affinity", changeAffinity},
		{"nice", func(n int) { _ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), n%20); burn(time.Millisecond) }},
		{"policy", changePolicy},
		{"yield", func(int) { _, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0); burn(100 * time.Microsecond) }},
		{"cgroups", changeCgroup},
	}
}

// works is work under way.
type works struct {
	done   atomic.Bool
	wg     sync.WaitGroup
	counts []atomic.Int64
	list   []worker
}

func startWork() *works {
	w := &works{list: workers()}
	w.counts = make([]atomic.Int64, len(w.list))
	for i, x := range w.list {
		w.wg.Add(1)
		go func() {
			defer w.wg.Done()
			// Never unlocked: the thread ends with the goroutine, and its
			// affinity and priority with it.
			runtime.LockOSThread()
			for n := 0; !w.done.Load(); n++ {
				x.once(n)
				w.counts[i].Add(1)
			}
		}()
	}
	return w
}

// stop ends the work and says what was done how often.
func (w *works) stop() []string {
	w.done.Store(true)
	ended := make(chan struct{})
	go func() { w.wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * time.Second): // a thread that never gets a CPU again
	}
	var out []string
	for i, x := range w.list {
		out = append(out, fmt.Sprintf("%s: %d", x.name, w.counts[i].Load()))
	}
	return out
}

func burn(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// forkExit starts a child that ends at once.
func forkExit() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	pid, err := syscall.ForkExec(exe, []string{exe, ChildArg}, &syscall.ProcAttr{})
	if err == nil {
		_, _ = syscall.Wait4(pid, nil, 0, nil)
	}
	time.Sleep(5 * time.Millisecond)
}

// ChildArg is the argument of the process that a worker starts; a program
// that performs plans ends at once when it is given it.
const ChildArg = "--scx-lsp-child"

// newPingPong wakes another thread through a pipe, and is woken by it.
func newPingPong() func(int) {
	var there, back [2]int
	if unix.Pipe2(there[:], unix.O_CLOEXEC) != nil || unix.Pipe2(back[:], unix.O_CLOEXEC) != nil {
		return func(int) { time.Sleep(time.Millisecond) }
	}
	go func() {
		runtime.LockOSThread()
		for b := make([]byte, 1); ; {
			if n, err := unix.Read(there[0], b); n != 1 || err != nil {
				return
			}
			_, _ = unix.Write(back[1], b)
		}
	}()
	return func(int) {
		b := make([]byte, 1)
		_, _ = unix.Write(there[1], b)
		_, _ = unix.Read(back[0], b)
	}
}

func changeAffinity(n int) {
	var set unix.CPUSet
	set.Set(n % max(runtime.NumCPU(), 1))
	_ = unix.SchedSetaffinity(0, &set)
	burn(500 * time.Microsecond)
	for i := range runtime.NumCPU() {
		set.Set(i)
	}
	_ = unix.SchedSetaffinity(0, &set)
	time.Sleep(time.Millisecond)
}

// changePolicy moves the thread between SCHED_BATCH, SCHED_IDLE, SCHED_FIFO
// and SCHED_NORMAL: all but FIFO are sched_ext's, when it is on.
func changePolicy(n int) {
	policies := []struct{ policy, prio uint32 }{{unix.SCHED_BATCH, 0}, {unix.SCHED_IDLE, 0}, {unix.SCHED_NORMAL, 0}, {unix.SCHED_FIFO, 1}, {unix.SCHED_NORMAL, 0}}
	p := policies[n%len(policies)]
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: p.policy, Priority: p.prio}, 0)
	burn(500 * time.Microsecond)
	time.Sleep(time.Millisecond)
}

const cgroupRoot = "/sys/fs/cgroup"

// changeCgroup makes a cgroup, weighs it, goes in and out, and removes it.
func changeCgroup(n int) {
	dir := fmt.Sprintf("%s/work%d", cgroupRoot, n%4)
	if os.Mkdir(dir, 0o755) == nil {
		write(dir+"/cgroup.type", "threaded")
		write(dir+"/cpu.weight", fmt.Sprint(1+n%1000))
		tid := fmt.Sprint(unix.Gettid())
		write(dir+"/cgroup.threads", tid)
		burn(500 * time.Microsecond)
		write(cgroupRoot+"/cgroup.threads", tid)
		_ = os.Remove(dir)
	}
	time.Sleep(5 * time.Millisecond)
}

func write(path, text string) { _ = os.WriteFile(path, []byte(text), 0) }

// hotplug takes the second CPU away and brings it back. A scheduler without
// cpu_online and cpu_offline leaves then, which is not its fault.
func hotplug() {
	const cpu1 = "/sys/devices/system/cpu/cpu1/online"
	if _, err := os.Stat(cpu1); err != nil {
		return
	}
	write(cpu1, "0")
	time.Sleep(100 * time.Millisecond)
	write(cpu1, "1")
	time.Sleep(100 * time.Millisecond)
}
