package object

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// seeds are our own objects; a few of different shape are enough.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.bpf.o")
	if err != nil || len(files) == 0 {
		tb.Fatal("no objects", err)
	}
	var out [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// judgeBytes opens and checks whatever it is given. An error means that there
// is no result.
func judgeBytes(tb testing.TB, b []byte, ks []*btfdb.Kernel) {
	tb.Helper()
	o, err := Open("x.bpf.o", bytes.NewReader(b), int64(len(b)))
	if err != nil {
		if o != nil {
			tb.Errorf("an object in spite of %v", err)
		}
		return
	}
	res, err := o.Check(context.Background(), ks, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range res.Findings {
		if f.At.File == nil || f.At.Span.Start > len(f.At.File.Content) || f.At.Span.End > len(f.At.File.Content) {
			tb.Errorf("finding outside of its file: %+v", f.At)
		}
	}
}

func FuzzObject(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	ks := kernels(f, "6.16.12,7.3.4")
	f.Fuzz(func(t *testing.T, b []byte) { judgeBytes(t, b, ks) })
}

// FuzzCode replaces the instructions of a right object, which are where loops
// and deep graphs come from.
func FuzzCode(f *testing.F) {
	for _, b := range seeds(f) {
		o, err := Open("seed", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			f.Fatal(err)
		}
		for sec := range o.code {
			raw, err := o.im.data(sec)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	base, err := os.ReadFile("testdata/static_helper.bpf.o")
	if err != nil {
		f.Fatal(err)
	}
	ks := kernels(f, "7.3.4")
	f.Fuzz(func(t *testing.T, code []byte) { judgeBytes(t, withCode(t, base, code), ks) })
}

// withCode appends code to an object and makes its .text point there.
func withCode(tb testing.TB, base, code []byte) []byte {
	tb.Helper()
	o, err := Open("base", bytes.NewReader(base), int64(len(base)))
	if err != nil {
		tb.Fatal(err)
	}
	out := append(bytes.Clone(base), code...)
	header := binary.LittleEndian.Uint64(base[0x28:]) + uint64(o.im.find(".text"))*64
	binary.LittleEndian.PutUint64(out[header+24:], uint64(len(base)))
	binary.LittleEndian.PutUint64(out[header+32:], uint64(len(code)&^7))
	return out
}

func FuzzExt(f *testing.F) {
	for _, b := range seeds(f) {
		o, err := Open("seed", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			f.Fatal(err)
		}
		if i := o.im.find(".BTF.ext"); i >= 0 {
			raw, err := o.im.data(i)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw, string(o.strings))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, strings string) {
		x, err := readExt(raw, binary.LittleEndian, btfStrings(strings))
		if err != nil && x != nil {
			t.Error("a result in spite of an error")
		}
	})
}

// TestTruncated cuts an object off at every length.
func TestTruncated(t *testing.T) {
	b := seeds(t)[0]
	ks := kernels(t, "7.3.4")
	for n := 0; n < len(b); n += 7 {
		judgeBytes(t, b[:n], ks)
	}
}

// TestFlipped changes single bytes of an object.
func TestFlipped(t *testing.T) {
	ks := kernels(t, "7.3.4")
	b, err := os.ReadFile("testdata/core_enum.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(b); i += 5 {
		old := b[i]
		b[i] ^= byte(1 << (i % 8))
		judgeBytes(t, b, ks)
		b[i] = old
	}
}

// TestHostile names the part that is wrong with crafted objects.
func TestHostile(t *testing.T) {
	base, err := os.ReadFile("testdata/direct.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	o, err := Open("base", bytes.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	table := binary.LittleEndian.Uint64(base[0x28:])
	header := func(b []byte, section string) []byte { return b[table+uint64(o.im.find(section))*64:] }
	le := binary.LittleEndian
	for name, tc := range map[string]struct {
		edit func(b []byte)
		want string
	}{
		"not ELF":          {func(b []byte) { b[0] = 'X' }, "ELF header: not an ELF file"},
		"32 bit":           {func(b []byte) { b[4] = 1 }, "ELF header: not a 64-bit object"},
		"x86":              {func(b []byte) { le.PutUint16(b[18:], 62) }, "ELF header: ET_REL for EM_X86_64"},
		"no sections":      {func(b []byte) { le.PutUint16(b[60:], 0) }, "section table: 0 entries"},
		"table beyond":     {func(b []byte) { le.PutUint64(b[40:], 1<<60) }, "section table: reaches beyond"},
		"4 GB of code":     {func(b []byte) { le.PutUint64(header(b, "struct_ops/enqueue")[32:], 4<<30) }, "section struct_ops/enqueue: reaches beyond"},
		"odd code":         {func(b []byte) { le.PutUint64(header(b, "struct_ops/enqueue")[32:], 12) }, "section struct_ops/enqueue: 12 bytes"},
		"compressed":       {func(b []byte) { le.PutUint64(header(b, ".BTF")[8:], 0x800) }, "section .BTF: compressed"},
		"BTF magic":        {func(b []byte) { b[le.Uint64(header(b, ".BTF")[24:])] = 0 }, ".BTF: no BTF header"},
		"BTF length":       {func(b []byte) { le.PutUint32(b[le.Uint64(header(b, ".BTF")[24:])+12:], 1<<31) }, ".BTF: "},
		"ELF inside BTF":   {func(b []byte) { copy(b[le.Uint64(header(b, ".BTF")[24:]):], base[:64]) }, ".BTF: no BTF header"},
		"line info":        {func(b []byte) { le.PutUint32(b[le.Uint64(header(b, ".BTF.ext")[24:])+20:], 1<<31) }, ".BTF.ext: line_info: reaches beyond"},
		"relocation":       {func(b []byte) { le.PutUint64(b[le.Uint64(header(b, ".relstruct_ops/enqueue")[24:]):], 1<<40) }, "relocations of struct_ops/enqueue: offset"},
		"relocated symbol": {func(b []byte) { le.PutUint32(b[le.Uint64(header(b, ".relstruct_ops/enqueue")[24:])+12:], 9999) }, "section .relstruct_ops/enqueue: symbol 9999"},
		"symbol name":      {func(b []byte) { le.PutUint32(b[le.Uint64(header(b, ".symtab")[24:])+24:], 1<<30) }, "symbol 1: string offset"},
		"table too small":  {func(b []byte) { le.PutUint64(header(b, ".struct_ops.link")[32:], 8) }, "section .struct_ops.link: variable fifo_ops"},
	} {
		b := bytes.Clone(base)
		tc.edit(b)
		_, err := Open("x.bpf.o", bytes.NewReader(b), int64(len(b)))
		if err == nil || !strings.HasPrefix(err.Error(), "x.bpf.o: "+tc.want) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
	}
}

// TestEndless gives the walk loops, recursion and a graph of calls that grows
// exponentially; it must end, and soon.
func TestEndless(t *testing.T) {
	base, err := os.ReadFile("testdata/static_helper.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	insn := func(op, regs byte, off int16, imm int32) []byte {
		b := []byte{op, regs, 0, 0, 0, 0, 0, 0}
		binary.LittleEndian.PutUint16(b[2:], uint16(off))
		binary.LittleEndian.PutUint32(b[4:], uint32(imm))
		return b
	}
	cat := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	exit := insn(opExit, 0, 0, 0)
	for name, code := range map[string][]byte{
		"self loop":  cat(insn(opJa, 0, -1, 0), exit),
		"counter":    cat(insn(0xb7, 0, 0, 0), insn(0x07, 0, 0, 1), insn(0x55, 0, -2, -1), exit),
		"recursion":  cat(insn(opCall, 1<<4, 0, -1), exit),
		"many jumps": cat(bytes.Repeat(insn(0x55, 1, 1, 7), 100_000), exit, exit),
		"back jumps": cat(bytes.Repeat(cat(insn(0x07, 2, 0, 3), insn(0x1d, 0x21, -2, 0)), 20_000), exit),
		"calls": cat(bytes.Repeat(cat(insn(0x07, 1, 0, 1), insn(opCall, 1<<4, 0, 3), insn(0x07, 1, 0, 2), insn(opCall, 1<<4, 0, 1), exit), 2000),
			exit, exit, exit),
	} {
		start := time.Now()
		judgeBytes(t, withCode(t, base, code), kernels(t, "7.3.4"))
		if d := time.Since(start); d > 2*time.Minute {
			t.Errorf("%s took %s", name, d)
		} else {
			t.Logf("%s: %s", name, d)
		}
	}
}
