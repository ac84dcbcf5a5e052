package extract

import (
	"bytes"

	"golang.org/x/arch/x86/x86asm"
)

// decodeX86 decodes one instruction. What the decoder does not know is
// stepped over byte by byte, as an instruction without effect; the endbr64
// that starts every function is known here.
func decodeX86(code []byte) (in x86asm.Inst, n int) {
	if bytes.HasPrefix(code, []byte{0xf3, 0x0f, 0x1e, 0xfa}) {
		return x86asm.Inst{Op: x86asm.NOP, Len: 4}, 4
	}
	in, err := x86asm.Decode(code, 64)
	if err != nil || in.Len == 0 {
		return x86asm.Inst{}, 1
	}
	return in, in.Len
}

// branchTarget is where a direct call or jump goes.
func branchTarget(in x86asm.Inst, next uint64) (uint64, bool) {
	rel, ok := in.Args[0].(x86asm.Rel)
	return next + uint64(int64(rel)), ok
}

// wide is the 64-bit register that a register is the low part of.
func wide(r x86asm.Reg) (x86asm.Reg, bool) {
	switch {
	case r >= x86asm.RAX && r <= x86asm.R15:
		return r, true
	case r >= x86asm.EAX && r <= x86asm.R15L:
		return r - x86asm.EAX + x86asm.RAX, true
	}
	return 0, false
}

// trackConstants updates which registers hold a known constant after an
// instruction. A call clobbers the caller-saved ones.
func trackConstants(known map[x86asm.Reg]uint64, in x86asm.Inst, next uint64) {
	if in.Op == x86asm.CALL {
		for _, r := range []x86asm.Reg{
			x86asm.RAX, x86asm.RCX, x86asm.RDX, x86asm.RSI, x86asm.RDI,
			x86asm.R8, x86asm.R9, x86asm.R10, x86asm.R11,
		} {
			delete(known, r)
		}
		return
	}
	dst, ok := in.Args[0].(x86asm.Reg)
	if !ok || in.Op == x86asm.CMP || in.Op == x86asm.TEST || in.Op == x86asm.PUSH {
		return
	}
	reg, ok := wide(dst)
	if !ok {
		return
	}
	if v, ok := constantOf(known, in, next); ok {
		if dst != reg {
			v &= 1<<32 - 1
		}
		known[reg] = v
		return
	}
	delete(known, reg)
}

// constantOf is the value that mov, lea or xor leaves, if it is a constant.
func constantOf(known map[x86asm.Reg]uint64, in x86asm.Inst, next uint64) (uint64, bool) {
	switch src := in.Args[1].(type) {
	case x86asm.Imm:
		return uint64(src), in.Op == x86asm.MOV
	case x86asm.Mem:
		return next + uint64(src.Disp), in.Op == x86asm.LEA && src.Base == x86asm.RIP && src.Index == 0
	case x86asm.Reg:
		if in.Op == x86asm.XOR && src == in.Args[0] {
			return 0, true
		}
		r, _ := wide(src)
		v, ok := known[r]
		return v, ok && in.Op == x86asm.MOV
	}
	return 0, false
}

// references lists the addresses that a function's code mentions, as
// immediates or relative to the program counter.
func references(code []byte, addr uint64) []uint64 {
	var refs []uint64
	for off := 0; off < len(code); {
		in, n := decodeX86(code[off:])
		for _, a := range in.Args {
			switch a := a.(type) {
			case x86asm.Imm:
				refs = append(refs, uint64(a))
			case x86asm.Mem:
				if a.Base == x86asm.RIP {
					refs = append(refs, addr+uint64(off+n)+uint64(a.Disp))
				} else {
					refs = append(refs, uint64(int64(int32(a.Disp))))
				}
			}
		}
		off += n
	}
	return refs
}
