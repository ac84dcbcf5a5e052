package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// relocated is the code of a section with its CO-RE relocations applied.
func (l *linker) relocated(sec int) ([]byte, error) {
	if c, ok := l.code[sec]; ok {
		return c.data, c.err
	}
	data := bytes.Clone(l.f.secs[sec].data)
	err := l.relocateCore(sec, data)
	l.code[sec] = relocatedCode{data, err}
	return data, err
}

type relocatedCode struct {
	data []byte
	err  error
}

// relocateCore solves and applies the CO-RE relocations of a section. One that
// has no answer makes its instruction one that the verifier refuses when it
// gets there, as libbpf does (tools/lib/bpf/relo_core.c:bpf_core_patch_insn).
func (l *linker) relocateCore(sec int, data []byte) error {
	if l.f.cores == nil {
		return nil
	}
	_, _, offsets := l.f.cores.Section(l.f.secs[sec].Name)
	if len(offsets) == 0 {
		return nil
	}
	relos := make([]*btf.CORERelocation, len(offsets))
	for i, o := range offsets {
		relos[i] = o.Relo
	}
	fixups, err := btf.CORERelocate(relos, []*btf.Spec{l.k.spec}, binary.LittleEndian, l.f.spec.TypeID)
	if err != nil {
		return fmt.Errorf("CO-RE: %w", err)
	}
	for i, o := range offsets {
		at := int(o.Offset) * insnSize
		if at < 0 || at+insnSize > len(data) {
			return fmt.Errorf("CO-RE: no instruction %d", o.Offset)
		}
		if err := applyFixup(&fixups[i], data[at:]); err != nil {
			return fmt.Errorf("CO-RE: instruction %d: %w", o.Offset, err)
		}
	}
	return nil
}

// IsPoison tells whether an instruction, as the verifier prints it, is what an
// unanswered CO-RE relocation was made into
// (cilium/ebpf: btf.COREBadRelocationSentinel).
func IsPoison(insn string) bool {
	return strings.HasSuffix(insn, "= 0xbad2310") || strings.HasSuffix(insn, "#195896080")
}

func applyFixup(f *btf.COREFixup, code []byte) error {
	var in asm.Instruction
	if err := in.Unmarshal(bytes.NewReader(code), binary.LittleEndian, "linux"); err != nil {
		return err
	}
	if err := f.Apply(&in); err != nil {
		return err
	}
	var out bytes.Buffer
	if _, err := in.Marshal(&out, binary.LittleEndian); err != nil {
		return err
	}
	copy(code, out.Bytes())
	return nil
}
