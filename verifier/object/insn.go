package object

import (
	"encoding/binary"
	"fmt"
)

// Instruction encoding (include/uapi/linux/bpf.h and bpf_common.h).
const (
	classLD    = 0x00
	classLDX   = 0x01
	classST    = 0x02
	classSTX   = 0x03
	classALU   = 0x04
	classJMP   = 0x05
	classJMP32 = 0x06
	classALU64 = 0x07

	srcX = 0x08

	opLdImm64 = 0x18
	opCall    = 0x85
	opExit    = 0x95
	opJa      = 0x05
	opJa32    = 0x06
	opJaX     = 0x0d // gotox, since 7.0
	opMayGoto = 0xe5

	modeMem    = 0x60
	modeMemSX  = 0x80
	modeAtomic = 0xc0

	pseudoCall      = 1
	pseudoKfuncCall = 2

	castOp        = classALU64 | srcX | aluMov
	addrSpaceCast = 1 // off of a mov: BPF_ADDR_SPACE_CAST
	regFP         = 10
	numRegs       = 12 // r11 holds stack arguments, since 7.3
	insnSize      = 8
)

// An insn is one instruction slot.
type insn struct {
	op       uint8
	dst, src uint8
	off      int16
	imm      int32
}

func (x insn) class() uint8 { return x.op & 0x07 }

// jumps tells whether x may go on elsewhere than at the next instruction.
func (x insn) jumps() bool {
	c := x.class()
	return (c == classJMP || c == classJMP32) && x.op != opCall && x.op != opExit
}

// target is the slot that a jump at slot i goes to.
func (x insn) target(i int) int {
	if x.op == opJa32 {
		return i + 1 + int(x.imm)
	}
	return i + 1 + int(x.off)
}

// width is the number of bytes that a load or store moves.
func (x insn) width() int { return [...]int{4, 2, 1, 8}[x.op>>3&3] }

// decodeInsns reads the code of a section.
func decodeInsns(raw []byte, order binary.ByteOrder) ([]insn, error) {
	if len(raw)%insnSize != 0 {
		return nil, fmt.Errorf("%d bytes are no whole number of instructions", len(raw))
	}
	code := make([]insn, len(raw)/insnSize)
	big := order == binary.ByteOrder(binary.BigEndian)
	for i := range code {
		b := raw[i*insnSize:]
		x := insn{op: b[0], dst: b[1] & 15, src: b[1] >> 4, off: int16(order.Uint16(b[2:])), imm: int32(order.Uint32(b[4:]))}
		if big {
			x.dst, x.src = x.src, x.dst
		}
		if x.dst >= numRegs || x.src >= numRegs {
			return nil, fmt.Errorf("instruction %d: register %d", i, max(x.dst, x.src))
		}
		code[i] = x
	}
	return code, nil
}
