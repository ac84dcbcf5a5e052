package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

// A cpu interprets a small function of the kernel's that only looks things up,
// so that its answers can be read from the image and need not be believed:
// which members bpf_scx_check_member() lets sleep, which hook
// register_btf_kfunc_id_set() has for a program type. It knows the handful of
// instructions that compilers make of a switch, and stops at any other.
type cpu struct {
	img  *image
	code []byte
	addr uint64 // of code[0]
	regs [16]uint64
	ram  map[uint64]byte // what the arguments point at; the rest below lowRAM is 0
	zero bool            // ZF
	sign bool            // SF
	cary bool            // CF
	over bool            // OF
}

// lowRAM is below any kernel address; arguments live there.
const lowRAM = 1 << 32

// maxSteps bounds one run. The functions take about thirty instructions.
const maxSteps = 2000

var errEmulate = errors.New("code that is not understood")

// newCPU prepares to run a function by name.
func newCPU(img *image, name string) (*cpu, error) {
	addr := img.syms.find(name)
	if addr == 0 || !img.x86 {
		return nil, fmt.Errorf("%s: no x86-64 function of that name", name)
	}
	r := img.syms.extent(addr)
	code, err := img.mem.read(addr, int(min(r.size, 4096)))
	if err != nil {
		return nil, errIn(name, err)
	}
	return &cpu{img: img, code: code, addr: addr, ram: map[uint64]byte{}}, nil
}

// poke stores a little-endian number of n bytes for the function to find.
func (c *cpu) poke(addr, v uint64, n int) {
	for i := range n {
		c.ram[addr+uint64(i)] = byte(v >> (8 * i))
	}
}

// run executes from the start until the function returns or leaves its code;
// the registers then hold what it passes on.
func (c *cpu) run(rdi, rsi, rdx uint64) error {
	c.regs = [16]uint64{}
	c.regs[7], c.regs[6], c.regs[2] = rdi, rsi, rdx
	pc := c.addr
	for range maxSteps {
		if pc-c.addr >= uint64(len(c.code)) {
			return nil // a tail call or the return thunk
		}
		in, n := decodeX86(c.code[pc-c.addr:])
		next := pc + uint64(n)
		jump, done, err := c.step(in, next)
		if err != nil {
			return fmt.Errorf("%#x: %s: %w", pc, in.Op, err)
		}
		if done {
			return nil
		}
		if pc = next; jump != 0 {
			pc = jump
		}
	}
	return fmt.Errorf("%#x: does not end: %w", c.addr, errEmulate)
}

func (c *cpu) step(in x86asm.Inst, next uint64) (jump uint64, done bool, err error) {
	if taken, ok := c.condition(in.Op); ok {
		dest, _ := branchTarget(in, next)
		if !taken {
			dest = 0
		}
		return dest, false, nil
	}
	switch in.Op {
	case x86asm.NOP, x86asm.CALL: // the only call is to __fentry__
		return 0, false, nil
	case x86asm.RET:
		return 0, true, nil
	case x86asm.JMP:
		if dest, ok := branchTarget(in, next); ok {
			return dest, false, nil
		}
		dest, err := c.load(in, 0, next)
		return dest, false, err
	case x86asm.CMOVS, x86asm.CMOVNS, x86asm.CMOVE, x86asm.CMOVNE, x86asm.CMOVB, x86asm.CMOVAE, x86asm.CMOVA, x86asm.CMOVBE:
		return 0, false, c.cmov(in, next)
	}
	return 0, false, c.compute(in, next)
}

// condition evaluates a conditional jump.
func (c *cpu) condition(op x86asm.Op) (taken, ok bool) {
	switch op {
	case x86asm.JE:
		return c.zero, true
	case x86asm.JNE:
		return !c.zero, true
	case x86asm.JA:
		return !c.cary && !c.zero, true
	case x86asm.JAE:
		return !c.cary, true
	case x86asm.JB:
		return c.cary, true
	case x86asm.JBE:
		return c.cary || c.zero, true
	case x86asm.JS:
		return c.sign, true
	case x86asm.JNS:
		return !c.sign, true
	case x86asm.JG:
		return !c.zero && c.sign == c.over, true
	case x86asm.JGE:
		return c.sign == c.over, true
	case x86asm.JL:
		return c.sign != c.over, true
	case x86asm.JLE:
		return c.zero || c.sign != c.over, true
	}
	return false, false
}

func (c *cpu) cmov(in x86asm.Inst, next uint64) error {
	taken := map[x86asm.Op]bool{
		x86asm.CMOVS: c.sign, x86asm.CMOVNS: !c.sign, x86asm.CMOVE: c.zero, x86asm.CMOVNE: !c.zero,
		x86asm.CMOVB: c.cary, x86asm.CMOVAE: !c.cary, x86asm.CMOVA: !c.cary && !c.zero, x86asm.CMOVBE: c.cary || c.zero,
	}[in.Op]
	v, err := c.load(in, 1, next)
	if !taken {
		v, err = c.load(in, 0, next)
	}
	if err != nil {
		return err
	}
	return c.store(in, v)
}

// compute does the instructions that have a destination and a source.
func (c *cpu) compute(in x86asm.Inst, next uint64) error {
	size := operandSize(in, 0)
	var a, b uint64
	var err error
	if in.Op != x86asm.MOV && in.Op != x86asm.LEA {
		if a, err = c.load(in, 0, next); err != nil {
			return err
		}
	}
	if b, err = c.load(in, 1, next); err != nil {
		return err
	}
	r := a
	switch in.Op {
	case x86asm.MOV, x86asm.LEA, x86asm.MOVZX:
		return c.store(in, b)
	case x86asm.MOVSX, x86asm.MOVSXD:
		return c.store(in, signExtend(b, operandSize(in, 1)))
	case x86asm.AND, x86asm.TEST:
		r = a & b
		c.cary, c.over = false, false
	case x86asm.OR:
		r = a | b
		c.cary, c.over = false, false
	case x86asm.XOR:
		r = a ^ b
		c.cary, c.over = false, false
	case x86asm.ADD:
		r = a + b
		c.cary = truncate(r, size) < truncate(a, size)
	case x86asm.SUB, x86asm.CMP:
		r = a - b
		c.cary = truncate(a, size) < truncate(b, size)
		c.over = ((a^b)&(a^r))>>(8*size-1)&1 != 0
	case x86asm.SHR:
		r = truncate(a, size) >> (b & 63)
	case x86asm.SHL:
		r = a << (b & 63)
	case x86asm.BT:
		c.cary = a>>(b&uint64(8*size-1))&1 != 0
		return nil
	default:
		return errEmulate
	}
	r = truncate(r, size)
	c.zero, c.sign = r == 0, r>>(8*size-1)&1 != 0
	if in.Op == x86asm.CMP || in.Op == x86asm.TEST {
		return nil
	}
	return c.store(in, r)
}

func truncate(v uint64, size int) uint64 {
	if size >= 8 {
		return v
	}
	return v & (1<<(8*size) - 1)
}

func signExtend(v uint64, size int) uint64 {
	shift := 64 - 8*size
	return uint64(int64(v<<shift) >> shift)
}

// operandSize is the width of an operand in bytes.
func operandSize(in x86asm.Inst, i int) int {
	switch a := in.Args[i].(type) {
	case x86asm.Reg:
		switch {
		case a >= x86asm.RAX && a <= x86asm.R15:
			return 8
		case a >= x86asm.EAX && a <= x86asm.R15L:
			return 4
		case a >= x86asm.AX && a <= x86asm.R15W:
			return 2
		}
		return 1
	case x86asm.Mem:
		if in.MemBytes > 0 {
			return in.MemBytes
		}
	}
	return max(in.DataSize/8, 1)
}

// regNumber is the index of a register in regs; the high byte registers of the
// 8086 are not supported.
func regNumber(r x86asm.Reg) (int, bool) {
	if w, ok := wide(r); ok {
		return int(w - x86asm.RAX), true
	}
	switch {
	case r >= x86asm.AL && r <= x86asm.BL:
		return int(r - x86asm.AL), true
	case r >= x86asm.SPB && r <= x86asm.R15B:
		return int(r-x86asm.SPB) + 4, true
	case r >= x86asm.AX && r <= x86asm.R15W:
		return int(r - x86asm.AX), true
	}
	return 0, false
}

func (c *cpu) load(in x86asm.Inst, i int, next uint64) (uint64, error) {
	switch a := in.Args[i].(type) {
	case x86asm.Imm:
		return uint64(a), nil
	case x86asm.Reg:
		n, ok := regNumber(a)
		if !ok {
			return 0, errEmulate
		}
		return truncate(c.regs[n], operandSize(in, i)), nil
	case x86asm.Mem:
		at, err := c.address(a, next)
		if err != nil || in.Op == x86asm.LEA {
			return at, err
		}
		return c.fetch(at, operandSize(in, i))
	}
	return 0, errEmulate
}

func (c *cpu) address(m x86asm.Mem, next uint64) (uint64, error) {
	at := uint64(int64(int32(m.Disp))) // the decoder does not extend the sign
	if m.Base == x86asm.RIP {
		return next + at, nil
	}
	if m.Segment != 0 {
		return 0, errEmulate
	}
	for _, part := range []struct {
		reg   x86asm.Reg
		scale uint8
	}{{m.Base, 1}, {m.Index, m.Scale}} {
		if part.reg == 0 {
			continue
		}
		n, ok := regNumber(part.reg)
		if !ok || bits.OnesCount8(part.scale) > 1 {
			return 0, errEmulate
		}
		at += c.regs[n] * uint64(part.scale)
	}
	return at, nil
}

func (c *cpu) fetch(at uint64, size int) (uint64, error) {
	var buf [8]byte
	if size > len(buf) {
		return 0, errEmulate // a vector
	}
	if at < lowRAM {
		for i := range size {
			buf[i] = c.ram[at+uint64(i)]
		}
	} else {
		data, err := c.img.mem.read(at, size)
		if err != nil {
			return 0, err
		}
		copy(buf[:], data)
	}
	return binary.LittleEndian.Uint64(buf[:]), nil
}

// store writes the destination. Memory that the function writes is of no
// interest.
func (c *cpu) store(in x86asm.Inst, v uint64) error {
	switch a := in.Args[0].(type) {
	case x86asm.Mem:
		return nil
	case x86asm.Reg:
		n, ok := regNumber(a)
		if !ok {
			return errEmulate
		}
		switch size := operandSize(in, 0); size {
		case 8:
			c.regs[n] = v
		case 4:
			c.regs[n] = truncate(v, 4)
		default:
			keep := ^uint64(0) << (8 * size)
			c.regs[n] = c.regs[n]&keep | truncate(v, size)
		}
		return nil
	}
	return errEmulate
}
