package extract

import (
	"bufio"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Files of the running kernel.
const (
	sysBTF       = "/sys/kernel/btf/vmlinux"
	procKallsyms = "/proc/kallsyms"
	procKcore    = "/proc/kcore"
	procVersion  = "/proc/version"
)

// Running reads the facts of the kernel that runs. /sys/kernel/btf/vmlinux is
// enough if its BTF is that of a known kernel. Sets and tables of another
// kernel need root, for /proc/kallsyms (which shows others zeros) and
// /proc/kcore; without, they are borrowed from the nearest known kernel, and
// the notes say so.
func Running() (*btfdb.Facts, error) {
	raw, err := os.ReadFile(sysBTF)
	if err != nil {
		return nil, fmt.Errorf("running kernel: %w (CONFIG_DEBUG_INFO_BTF)", err)
	}
	img := &image{btf: raw, x86: runtime.GOARCH == "amd64"}
	closeCore, err := addLive(img)
	defer closeCore()
	if err != nil {
		img.syms, img.note = nil, err.Error()
	}
	if text, err := os.ReadFile(procVersion); err == nil {
		img.banner = strings.TrimSpace(string(text))
	}
	f, err := imageFacts(img)
	if err != nil {
		return nil, err
	}
	f.Origin.Kind = "running"
	return f, nil
}

// addLive opens symbols and memory of the running kernel.
func addLive(img *image) (closeCore func(), err error) {
	closeCore = func() {}
	k, err := os.Open(procKallsyms)
	if err != nil {
		return closeCore, err
	}
	defer k.Close()
	if img.syms, err = readKallsymsText(k); err != nil {
		return closeCore, err
	}
	core, err := os.Open(procKcore)
	if err != nil {
		return closeCore, err
	}
	img.mem, err = openCore(core)
	return func() { core.Close() }, err
}

// readKallsymsText reads lines "address type name [module]".
func readKallsymsText(r io.Reader) (*symbols, error) {
	t := &symbols{}
	zero := true
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		w := strings.Fields(lines.Text())
		if len(w) != 3 {
			continue // a module's
		}
		addr, err := strconv.ParseUint(w[0], 16, 64)
		if err != nil {
			return nil, fmt.Errorf("kallsyms: %w", err)
		}
		if len(t.list) >= maxSyms {
			return nil, fmt.Errorf("kallsyms: more than %d symbols", maxSyms)
		}
		zero = zero && addr == 0
		t.add(addr, w[2])
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("kallsyms: %w", err)
	}
	if zero {
		return nil, errors.New("kallsyms: no addresses without root (kptr_restrict)")
	}
	return t.index(), nil
}

// coreMemory is /proc/kcore: the kernel's memory as segments of a core file.
type coreMemory struct {
	segments []*elf.Prog
}

func openCore(r io.ReaderAt) (*coreMemory, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("kcore: %w", err)
	}
	m := &coreMemory{}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			m.segments = append(m.segments, p)
		}
	}
	return m, nil
}

func (m *coreMemory) read(va uint64, n int) ([]byte, error) {
	for _, p := range m.segments {
		if n >= 0 && va >= p.Vaddr && va-p.Vaddr < p.Filesz && uint64(n) <= p.Filesz-(va-p.Vaddr) {
			buf := make([]byte, n)
			_, err := p.ReaderAt.ReadAt(buf, int64(va-p.Vaddr))
			if err != nil {
				return nil, fmt.Errorf("kcore: address %#x: %w", va, err)
			}
			return buf, nil
		}
	}
	return nil, fmt.Errorf("kcore: address %#x: in no segment", va)
}
