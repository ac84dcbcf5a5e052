package bpf

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// progInfo is the beginning of struct bpf_prog_info.
type progInfo struct {
	typ, id                            uint32
	tag                                [8]byte
	jitedLen, xlatedLen                uint32
	jited, xlated                      unsafe.Pointer
	loadTime                           uint64
	uid, nrMaps                        uint32
	mapIDs                             unsafe.Pointer
	name                               [16]byte
	ifindex, gpl                       uint32
	netnsDev, netnsIno                 uint64
	nrKsyms, nrLens                    uint32
	ksyms, lens                        unsafe.Pointer
	btfID, funcRec                     uint32
	funcInfo                           unsafe.Pointer
	nrFuncInfo, nrLineInfo             uint32
	lineInfo, jitedLineInfo            unsafe.Pointer
	nrJitedLine, lineRec, jitedLineRec uint32
	nrTags                             uint32
	tags                               unsafe.Pointer
}

// maxJit bounds what is asked for of one program.
const maxJit = 1 << 20

// jitOf reads where the machine code of a program's lines is. Backtraces are
// machine addresses; nil when the kernel does not tell.
func jitOf(fd int) *Jit {
	var info progInfo
	if !infoOf(fd, &info) || info.nrLens == 0 || info.nrLens != info.nrKsyms || info.nrJitedLine > maxJit || info.nrLens > maxJit {
		return nil
	}
	n, funcs := info.nrJitedLine, info.nrLens
	const rec = 16 // struct bpf_line_info: insn_off comes first
	lines, addrs := make([]byte, n*rec+1), make([]uint64, n+1)
	lens, ksyms := make([]uint32, funcs), make([]uint64, funcs)
	info = progInfo{
		nrKsyms: funcs, nrLens: funcs, ksyms: unsafe.Pointer(&ksyms[0]), lens: unsafe.Pointer(&lens[0]),
		nrLineInfo: n, nrJitedLine: n, lineRec: rec, jitedLineRec: 8, lineInfo: pointer(lines), jitedLineInfo: unsafe.Pointer(&addrs[0]),
	}
	if !infoOf(fd, &info) {
		return nil
	}
	j := &Jit{Lens: lens}
	for i := range min(n, info.nrJitedLine) {
		for f, start := range ksyms {
			if off := addrs[i] - start; off < uint64(lens[f]) {
				b := lines[i*rec:]
				j.Lines = append(j.Lines, JitLine{Func: f, Off: uint32(off), Insn: uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24})
			}
		}
	}
	return j
}

func infoOf(fd int, info *progInfo) bool {
	_, errno := call(cmdInfoByFD, &attrInfo{fd: int32(fd), size: uint32(unsafe.Sizeof(*info)), info: unsafe.Pointer(info)})
	return errno == unix.Errno(0)
}
