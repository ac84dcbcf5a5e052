package vm

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// kvmLost is set once KVM has failed.
var kvmLost atomic.Bool

// kvmThere tells whether KVM is worth a try: there, ours to open, and not
// found broken since this machine was booted.
func kvmThere() bool {
	if kvmLost.Load() {
		return false
	}
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	f.Close()
	mark, err := os.ReadFile(kvmMark())
	return err != nil || string(mark) != bootID()
}

// forgetKVM remembers that KVM does not work here until the next boot.
func forgetKVM() {
	kvmLost.Store(true)
	if path := kvmMark(); path != "" && os.MkdirAll(filepath.Dir(path), 0o755) == nil {
		_ = os.WriteFile(path, []byte(bootID()), 0o644)
	}
}

func kvmMark() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "scx-lsp", "kvm-does-not-work")
}

func bootID() string {
	b, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(b))
}

// kvmFailed tells a failure of KVM from one of the guest.
func kvmFailed(d *Death) bool {
	return strings.Contains(d.Reason, "KVM") || strings.Contains(d.Reason, "kvm") || d.Console == ""
}
