package vm

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
)

func TestMain(m *testing.M) {
	RunGuest()
	os.Exit(m.Run())
}

// TestDeath finds the last words of kernels, as real ones printed them.
func TestDeath(t *testing.T) {
	for _, c := range []struct{ console, want string }{
		{"\x1b[2J\r\n[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n", "Kernel panic - not syncing: VFS: Unable to mount root fs"},
		{"[  3.1] BUG: kernel NULL pointer dereference, address: 0000000000000018\n[  3.2] Oops: Oops: 0000 [#1]\n[ 3.3] Kernel panic - not syncing: Fatal exception\n", "BUG: kernel NULL pointer dereference, address: 0000000000000018"},
		{"[   70.1] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]\n", "BUG: soft lockup - CPU#0 stuck for 26s! [init:1]"},
		{"scx-lsp guest: no shared memory device\n", "scx-lsp guest: no shared memory device"},
		{"Booting from ROM...\n", ""},
	} {
		if got := death(printable([]byte(c.console))); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestConsole keeps the end, and no more.
func TestConsole(t *testing.T) {
	c := &console{}
	for range 3 {
		_, _ = c.Write(bytes.Repeat([]byte("x"), maxConsole/2+1))
	}
	_, _ = c.Write([]byte("end\x00\x1b[31m\xff"))
	if s := c.text(); len(s) > maxConsole || !strings.HasSuffix(s, "xend") {
		t.Errorf("%d bytes, %q", len(s), s[len(s)-8:])
	}
}

// TestArchive: the archive has the program and all that it needs to start.
func TestArchive(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := archive(exe)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, program) || !bytes.Contains(b, []byte("TRAILER!!!")) {
		t.Error("the program, or the end, is missing")
	}
	if len(b)%4 != 0 {
		t.Errorf("%d bytes: not aligned", len(b))
	}
}

func TestImageRelease(t *testing.T) {
	dir := t.TempDir()
	head := make([]byte, 0x400)
	copy(head[0x202:], "HdrS")
	head[0x20e] = 0x80 // + 0x200
	copy(head[0x280:], "7.3.4+deb13-amd64 (debian) #1 SMP\x00")
	good := filepath.Join(dir, "vmlinuz")
	write(t, good, head)
	if got, err := ImageRelease(good); got != "7.3.4+deb13-amd64" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for name, b := range map[string][]byte{"empty": nil, "elf": []byte("\x7fELF"), "short": head[:0x208], "none": append(append([]byte{}, head[:0x20e]...), make([]byte, 0x100)...)} {
		path := filepath.Join(dir, name)
		write(t, path, b)
		if got, err := ImageRelease(path); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
}

// fakeQEMU is a program that does in a guest's place what a script says.
func fakeQEMU(t *testing.T, script string) Config {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("guests need x86-64")
	}
	path := filepath.Join(t.TempDir(), "qemu")
	write(t, path, []byte("#!/bin/sh\n"+script+"\n"))
	return Config{Image: "vmlinuz", QEMU: path, NoKVM: true, Boot: 3 * time.Second}
}

// TestBadGuests: whatever becomes of a guest, there is an answer in time that
// says why, and nothing is left behind.
func TestBadGuests(t *testing.T) {
	for _, c := range []struct{ name, script, boot, do string }{
		{name: "cannot start", script: "echo 'qemu: could not load kernel' >&2; exit 1", boot: "could not load kernel"},
		{name: "panics", script: "echo '[ 1.0] Kernel panic - not syncing: no init' >/dev/fd/3; exit 0", boot: "Kernel panic - not syncing: no init"},
		{name: "says nothing", script: "sleep 60", boot: "did not boot within"},
		{name: "dies at work", script: "echo 'H 7.3'; read x; echo '[ 9] BUG: kernel NULL pointer dereference' >/dev/fd/3", do: "BUG: kernel NULL pointer"},
		{name: "hangs at work", script: "echo 'H 7.3'; read x; sleep 60", do: "no answer within the time limit"},
		{name: "lies about the size", script: "echo 'H 7.3'; read x; echo 'A 1 99999999999'; sleep 60", do: "claims a report"},
		{name: "lies about the size below zero", script: "echo 'H 7.3'; read x; echo 'A 1 -5'; sleep 60", do: "claims a report"},
		{name: "sends nothing as a report", script: "echo 'H 7.3'; read x; echo 'A 1 64'; sleep 60", do: "damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			m, err := Boot(t.Context(), fakeQEMU(t, c.script))
			if c.boot != "" {
				wantDeath(t, err, c.boot)
			} else {
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err = m.Do(ctx, &bpf.Plan{Steps: []bpf.Step{{Op: bpf.OpFreeze}}})
				wantDeath(t, err, c.do)
				m.Close()
				if m.alive() {
					t.Error("the guest outlives Close")
				}
			}
			if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func wantDeath(t *testing.T, err error, reason string) {
	t.Helper()
	if d := (*Death)(nil); !errors.As(err, &d) || !strings.Contains(d.Reason, reason) {
		t.Fatalf("%v, want a death: %s", err, reason)
	}
}

func TestNoQEMU(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Boot(t.Context(), Config{Image: "vmlinuz"}); !errors.Is(err, ErrNoQEMU) || !strings.Contains(err.Error(), "qemu-system-x86") {
		t.Error(err)
	}
}

// TestPool: no more guests than the budget has, warm ones first, the longest
// idle one goes for another kind.
func TestPool(t *testing.T) {
	c := fakeQEMU(t, "echo 'H 7.3'; read x")
	other := c
	other.Image = "vmlinuz-other"
	p := &Pool{size: 1, change: make(chan struct{})}
	defer p.Close()
	a, warm, err := p.Get(t.Context(), c)
	if err != nil || warm {
		t.Fatal(warm, err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := p.Get(soon, other); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second guest in a pool of one: %v", err)
	}
	p.Put(c, a)
	if b, warm, err := p.Get(t.Context(), c); b != a || !warm || err != nil {
		t.Errorf("not the warm one: %v, %v", warm, err)
	}
	waits := make(chan *Machine)
	go func() {
		m, _, err := p.Get(t.Context(), other)
		if err != nil {
			t.Error(err)
		}
		waits <- m
	}()
	p.Put(c, a)
	b := <-waits
	if b == nil || a.alive() {
		t.Error("the idle guest did not make room")
	}
	p.Drop(b)
}

// TestPoolIdle: a guest that nobody asks goes by itself.
func TestPoolIdle(t *testing.T) {
	c := fakeQEMU(t, "echo 'H 7.3'; read x")
	p := &Pool{size: 1, change: make(chan struct{}), Idle: 10 * time.Millisecond}
	defer p.Close()
	m, _, err := p.Get(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	p.Put(c, m)
	<-m.dead
	again, warm, err := p.Get(t.Context(), c)
	if err != nil || warm {
		t.Fatalf("warm %v, %v", warm, err)
	}
	p.Drop(again)
}
