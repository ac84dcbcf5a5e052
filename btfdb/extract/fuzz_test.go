package extract

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// The contract of every reader: an error means no result, no input makes it
// panic or run away, and what it returns makes a kernel.

func FuzzImage(f *testing.F) {
	raw := fixture{}.blob(f)
	f.Add(raw)
	f.Add(fixture{notSplit: true}.blob(f))
	f.Add(bzImageOf(pack(f, packers["gzip"]), len(vmlinuxText)))
	f.Add(tinyELF(raw))
	f.Add(bzImageOf(tinyELF(raw), 100))
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := Image(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if facts != nil {
				t.Errorf("facts beside the error %v", err)
			}
			return
		}
		if _, err := btfdb.New(facts); err != nil {
			t.Errorf("facts that make no kernel: %v", err)
		}
	})
}

func FuzzBTF(f *testing.F) {
	f.Add(fixture{}.blob(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		if types, err := readTypes(data); err != nil && types != nil {
			t.Errorf("types beside the error %v", err)
		}
	})
}

func FuzzDecompress(f *testing.F) {
	for _, p := range packers {
		f.Add(pack(f, p))
	}
	f.Add(lzopFile(vmlinuxText))
	f.Fuzz(func(t *testing.T, data []byte) {
		if out, err := decompress(append(data, 0, 16, 0, 0)); err != nil && out != nil {
			t.Errorf("%d bytes beside the error %v", len(out), err)
		}
	})
}

func FuzzLZO1X(f *testing.F) {
	f.Add([]byte{17 + 4, 'a', 'b', 'c', 'd', 0x4d, 0, '!', 0x11, 0, 0}, 8)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size &= 0xffff
		out, err := lzo1x(data, size)
		if err != nil && out != nil || err == nil && len(out) != size {
			t.Errorf("%d bytes of %d, error %v", len(out), size, err)
		}
	})
}

func FuzzKallsyms(f *testing.F) {
	f.Add(tinyKallsyms([]string{"linux_banner", "scx_init", "bpf_scx_check_member"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if syms, err := parseKallsyms(data, 0xffffffff82000000); err != nil && syms != nil {
			t.Errorf("symbols beside the error %v", err)
		}
	})
}

func FuzzKallsymsText(f *testing.F) {
	f.Add("ffffffff81000000 T _stext\n0000000000000000 A fixed [module]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if syms, err := readKallsymsText(strings.NewReader(text)); err != nil && syms != nil {
			t.Errorf("symbols beside the error %v", err)
		}
	})
}

func FuzzEmulate(f *testing.F) {
	f.Add([]byte{0xf3, 0x0f, 0x1e, 0xfa, 0x8b, 0x46, 0x08, 0x3d, 0x00, 0x04, 0, 0, 0x74, 0x02, 0x31, 0xc0, 0xc3})
	f.Fuzz(func(t *testing.T, code []byte) {
		c := &cpu{img: &image{mem: bytesMemory(code)}, code: code, addr: 0xffffffff81000000, ram: map[uint64]byte{}}
		_ = c.run(argType, argMember, argProg)
		references(code, c.addr)
		_, _ = followCalls(c.img, code, c.addr, map[uint64]bool{c.addr: true})
	})
}

func FuzzSource(f *testing.F) {
	for _, name := range []string{"kernel/sched/ext/ext.c", "kernel/bpf/btf.c", "include/linux/sched/ext.h"} {
		data, err := os.ReadFile(filepath.Join("testdata", "tree", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, src string) {
		tree := fstest.MapFS{
			"kernel/sched/ext.c": {Data: []byte(src)},
			"kernel/sched/any.c": {Data: []byte("BTF_KFUNCS_START(scx_kfunc_ids_any) BTF_KFUNCS_END(x)")},
		}
		facts, err := Source(tree, "7.3.0")
		if err != nil {
			if facts != nil {
				t.Errorf("facts beside the error %v", err)
			}
			return
		}
		if _, err := btfdb.New(facts); err != nil {
			t.Errorf("facts that make no kernel: %v", err)
		}
	})
}

func FuzzModule(f *testing.F) {
	base := fixture{}.blob(f)
	f.Add(base)
	f.Add(tinyELF(base))
	f.Fuzz(func(t *testing.T, data []byte) {
		facts := &btfdb.Facts{Build: "7.3.0", Release: "7.3"}
		err := AddModule(facts, "m", bytes.NewReader(data), int64(len(data)), base)
		if err != nil && len(facts.Kfuncs) > 0 {
			t.Errorf("kfuncs beside the error %v", err)
		}
	})
}
