package bpf

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The parts of union bpf_attr (include/uapi/linux/bpf.h) that a plan needs, in
// the kernel's layout. The kernel takes a shorter structure for one whose rest
// is zero.

type attrBTF struct {
	btf, log       unsafe.Pointer
	size           uint32
	logSize, level uint32
	_              uint32 // btf_log_true_size
}

type attrMap struct {
	typ, keySize, valueSize, maxEntries, flags uint32
	innerFD                                    int32
	_                                          uint32 // numa_node
	name                                       [16]byte
	_                                          uint32 // map_ifindex
	btfFD                                      int32
	keyType, valueType, kernelValue            uint32
	extra                                      uint64
}

type attrElem struct {
	fd         int32
	_          uint32
	key, value unsafe.Pointer
	_          uint64 // flags
}

type attrProg struct {
	typ, count          uint32
	insns, license      unsafe.Pointer
	logLevel, logSize   uint32
	log                 unsafe.Pointer
	_                   uint32 // kern_version
	flags               uint32
	name                [16]byte
	_                   uint32 // prog_ifindex
	attach              uint32
	btfFD               int32
	funcRec             uint32
	funcInfo            unsafe.Pointer
	funcCount, lineRec  uint32
	lineInfo            unsafe.Pointer
	lineCount, attachID uint32
}

type attrLink struct {
	fd     int32
	_      uint32 // target_fd
	attach uint32
	_      uint32 // flags
}

type attrInfo struct {
	fd   int32
	size uint32
	info unsafe.Pointer
}

// Commands of bpf(2).
const (
	cmdMapCreate  = 0
	cmdMapUpdate  = 2
	cmdProgLoad   = 5
	cmdInfoByFD   = 15
	cmdBTFLoad    = 18
	cmdMapFreeze  = 22
	cmdLinkCreate = 28
)

// call performs a command; attr points to one of the structures above, all of
// whose pointers stay alive through the caller.
func call[T any](cmd uintptr, attr *T) (int, unix.Errno) {
	for {
		fd, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
		runtime.KeepAlive(attr)
		// BPF_PROG_LOAD gives up with EAGAIN when a signal is pending, which the
		// Go runtime sends to preempt (kernel/bpf/verifier.c:do_check).
		if errno == unix.EAGAIN && cmd == cmdProgLoad || errno == unix.EINTR {
			continue
		}
		return int(fd), errno
	}
}

func pointer(b []byte) unsafe.Pointer {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Pointer(&b[0])
}

// objectName is a name as the kernel takes it (kernel/bpf/syscall.c:bpf_obj_name_cpy).
func objectName(s string) (out [16]byte) {
	n := 0
	for i := 0; i < len(s) && n < 15; i++ {
		c := s[i]
		if c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			out[n] = c
		} else {
			out[n] = '_'
		}
		n++
	}
	return out
}
