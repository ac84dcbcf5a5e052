package extract

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// splitBTF is a module's BTF on top of base: one function, tagged as a kfunc,
// that returns the base's type 1.
func splitBTF(t testing.TB, base []byte) []byte {
	t.Helper()
	b, err := readTypes(base)
	if err != nil {
		t.Fatal(err)
	}
	const strings = "mod_kfunc\x00bpf_kfunc\x00"
	le := binary.LittleEndian
	var types []byte
	add := func(words ...uint32) {
		for _, w := range words {
			types = le.AppendUint32(types, w)
		}
	}
	proto := b.count + 1
	add(0, 13<<24, 1)                       // FUNC_PROTO without parameters
	add(b.strings, kindFunc<<24, proto)     // FUNC mod_kfunc
	add(b.strings+10, 17<<24, proto+1)      // DECL_TAG bpf_kfunc
	types = le.AppendUint32(types, 1<<32-1) // of the function itself
	raw := []byte{0x9f, 0xeb, 1, 0}
	for _, w := range []uint32{24, 0, uint32(len(types)), uint32(len(types)), uint32(len(strings))} {
		raw = le.AppendUint32(raw, w)
	}
	return append(append(raw, types...), strings...)
}

// TestModule: a module's kfuncs are known, who may call them is not.
func TestModule(t *testing.T) {
	base := fixture{}.blob(t)
	f, err := Image(bytes.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	split := splitBTF(t, base)
	if err := AddModule(f, "m", bytes.NewReader(split), int64(len(split)), base); err != nil {
		t.Fatal(err)
	}
	k, err := btfdb.New(f)
	if err != nil {
		t.Fatal(err)
	}
	x := k.Kfunc("mod_kfunc")
	if x == nil || !strings.HasSuffix(x.Proto, " mod_kfunc(void)") {
		t.Fatalf("mod_kfunc: %+v", x)
	}
	ctx, _ := k.MemberContext("sched_ext_ops", "enqueue", false)
	if v := k.Query(ctx, "mod_kfunc"); v.Outcome != btfdb.Unknown {
		t.Errorf("mod_kfunc: %v, want unknown", v.Outcome)
	}
	if err := AddModule(f, "m", bytes.NewReader(split[:40]), 40, base); err == nil {
		t.Error("half a module: no error")
	}
}
