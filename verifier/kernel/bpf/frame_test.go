package bpf

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func samplePlan() *Plan {
	return &Plan{
		Steps: []Step{
			{Op: OpBTF, Name: "x", Data: Blob("types")},
			{Op: OpMap, Name: "m", Map: &Map{Type: 2, KeySize: 4, ValueSize: 8, MaxEntries: 1, Inner: None, BTF: 0}},
			{Op: OpUpdate, On: 1, Key: Blob{0, 0, 0, 0}, Data: Blob("12345678")},
			{Op: OpProg, Name: "p", Prog: &Prog{Type: 27, BTF: 0, License: "GPL", Insns: Blob("insns..."), LineInfo: Blob("lines"), Refs: []Ref{{1, 1}}}},
		},
		Run: &Run{Seconds: 3, Ops: []Attach{{Name: "ops", On: 1, Value: Blob("value"), Progs: []Member{{8, 3}}}}},
	}
}

// TestFrames: what is sent is what arrives.
func TestFrames(t *testing.T) {
	p := samplePlan()
	b, err := EncodePlan(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodePlan(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, got); d != "" {
		t.Error(d)
	}
	r := &Report{Kernel: "7.3", Results: []Result{{Errno: 13, Log: Blob("log")}, {}}}
	if b, err = EncodeReport(r); err != nil {
		t.Fatal(err)
	}
	back, err := DecodeReport(b)
	if err != nil || !reflect.DeepEqual(r, back) {
		t.Errorf("%+v, %v", back, err)
	}
}

// TestDamagedFrames: a length that is not kept is an error.
func TestDamagedFrames(t *testing.T) {
	b, err := EncodeReport(&Report{Results: []Result{{Log: Blob("0123456789")}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string][]byte{
		"nothing":        nil,
		"cut":            b[:len(b)-1],
		"more":           append(append([]byte{}, b...), 'x'),
		"length of text": {0xff, 0xff, 0xff, 0xff, '{', '}'},
		"negative blob":  append([]byte{27, 0, 0, 0}, `{"results":[{"log":-8}]}   `...),
		"huge blob":      append([]byte{37, 0, 0, 0}, `{"results":[{"log":4611686018427387}]}`...),
	} {
		if r, err := DecodeReport(x); err == nil || r != nil {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// FuzzDecodeReport: an error means no report, and a report holds no more than
// was sent.
func FuzzDecodeReport(f *testing.F) {
	b, err := EncodeReport(&Report{Kernel: "7.3", Results: []Result{{Errno: 13, Log: Blob("log")}, {Jit: &Jit{Lens: []uint32{1}}}}, Run: &RunReport{Kernel: "x"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("\x02\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := DecodeReport(b)
		if (err == nil) == (r == nil) {
			t.Fatalf("%+v, %v", r, err)
		}
		if r == nil {
			return
		}
		total := 0
		for _, x := range r.Results {
			total += len(x.Log)
		}
		if total > len(b) {
			t.Fatalf("%d bytes of logs in %d", total, len(b))
		}
	})
}
