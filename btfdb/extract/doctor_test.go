package extract

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

func TestDoctor(t *testing.T) {
	good := fixture{}.blob(t)
	badName := bytes.Clone(good)
	binary.LittleEndian.PutUint32(badName[24:], 1<<20)
	badKind := bytes.Clone(good)
	badKind[24+7] = 0x1e
	for _, c := range []struct {
		name string
		raw  []byte
		want string // a line of level BAD; "" for none
	}{
		{"good", good, ""},
		{"no sched_ext", fixture{noOps: true}.blob(t), "CONFIG_SCHED_CLASS_EXT is not set"},
		{"narrow enums", fixture{narrow: true}.blob(t), "have lost their upper 32 bits (no BTF_KIND_ENUM64: pahole is older than 1.24): SCX_ENQ_LAST"},
		{"not split", fixture{notSplit: true}.blob(t), "no program can call them"},
		{"cut in the types", good[:100], "btf: types at"},
		{"cut in the strings", good[:len(good)-5], "btf: strings at"},
		{"bad name", badName, "btf: type 1 at 0x18: name at 0x100000"},
		{"bad kind", badKind, "btf: type 1 at 0x18: unknown kind 30"},
		{"nothing", nil, "not a kernel"},
		{"text", []byte("hello, this is no kernel at all"), "neither ELF nor bzImage nor BTF"},
	} {
		got := doctorOf(c.raw)
		bad := strings.Contains(got, "BAD")
		if bad != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q in\n%s", c.name, c.want, got)
		}
	}
}

// TestBTFOnly: BTF without sets gets those of the nearest kernel, and says so.
func TestBTFOnly(t *testing.T) {
	raw := fixture{}.blob(t)
	f, err := Image(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	k, err := btfdb.New(f)
	if err != nil {
		t.Fatal(err)
	}
	if f.Origin.Borrowed == "" || !strings.Contains(strings.Join(k.Partial(), "\n"), "nearest known kernel") {
		t.Errorf("borrowed from %q without saying so: %q", f.Origin.Borrowed, k.Partial())
	}
	ctx, ok := k.MemberContext("sched_ext_ops", "enqueue", false)
	if v := k.Query(ctx, "scx_bpf_kick_cpu"); !ok || v.Outcome != btfdb.Allowed {
		t.Errorf("enqueue × scx_bpf_kick_cpu: %v", v.Outcome)
	}
	if k.Kfunc("scx_bpf_now") != nil {
		t.Error("took over a kfunc that is not in the BTF")
	}
	if k.Kfunc("scx_bpf_kick_cpu_impl") != nil {
		t.Error("offers an _impl function as a kfunc")
	}
}
