package bpf

import (
	"bytes"
	"context"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Bounds of a verifier log: the first try fits most; the kernel takes up to
// 4 GB, and what is behind 16 MB nobody reads.
const (
	firstLog = 256 << 10
	largeLog = 16 << 20
)

// Log levels (include/linux/bpf_verifier.h).
const (
	logWalk  = 1 // BPF_LOG_LEVEL1: what was walked on the way to the error
	logStats = 4 // BPF_LOG_STATS: the counts at the end
)

// maxLogs bounds the logs of one report together.
const maxLogs = 48 << 20

// A machine is a plan being performed.
type machine struct {
	plan  *Plan
	fds   []int
	out   *Report
	logs  int
	maps  []arena
	kall  map[string]uint64
	wants bool // machine code is asked for
}

// An arena is one that is mapped.
type arena struct {
	at   unsafe.Pointer
	size uintptr
}

// Perform does what a plan says on the kernel that runs. It attaches nothing
// unless the plan has a Run. All descriptors are closed when it returns.
func Perform(ctx context.Context, p *Plan) *Report {
	m := &machine{plan: p, out: &Report{Kernel: uname()}, wants: p.Run != nil}
	defer m.close()
	for i := range p.Steps {
		r := Result{Errno: int(unix.ECANCELED)}
		fd := -1
		if ctx.Err() == nil {
			start := time.Now()
			fd, r = m.step(&p.Steps[i])
			r.Micros = time.Since(start).Microseconds()
		}
		m.fds = append(m.fds, fd)
		m.out.Results = append(m.out.Results, r)
	}
	if p.Run != nil && ctx.Err() == nil {
		m.out.Run = m.run(p.Run)
	}
	return m.out
}

func uname() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return string(bytes.TrimRight(u.Release[:], "\x00"))
}

func (m *machine) close() {
	for _, fd := range m.fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	for _, a := range m.maps {
		_ = unix.MunmapPtr(a.at, a.size)
	}
}

// fd is the descriptor of an earlier step.
func (m *machine) fd(step int) (int, bool) {
	if step < 0 || step >= len(m.fds) || m.fds[step] < 0 {
		return -1, false
	}
	return m.fds[step], true
}

// need looks a step up that may be None.
func (m *machine) need(step int, r *Result) (fd int, ok bool) {
	if step == None {
		return 0, true
	}
	if fd, ok = m.fd(step); !ok {
		r.Errno, r.Needs = int(unix.ENOENT), step+1
	}
	return fd, ok
}

// step performs one step; fd is -1 when it made none.
func (m *machine) step(s *Step) (fd int, r Result) {
	switch {
	case s.Op == OpBTF:
		return m.loadBTF(s)
	case s.Op == OpMap && s.Map != nil:
		return m.createMap(s)
	case s.Op == OpProg && s.Prog != nil:
		return m.loadProg(s)
	case s.Op == OpProbe && s.Prog != nil:
		return -1, probe(s)
	case s.Op == OpUpdate:
		return -1, m.update(s)
	case s.Op == OpFreeze:
		on, ok := m.need(s.On, &r)
		if ok {
			_, errno := call(cmdMapFreeze, &attrElem{fd: int32(on)})
			r.Errno = int(errno)
		}
		return -1, r
	case s.Op == OpArena:
		return -1, m.arena(s)
	}
	return -1, Result{Errno: int(unix.EINVAL)}
}

func (m *machine) loadBTF(s *Step) (int, Result) {
	fd, errno := call(cmdBTFLoad, &attrBTF{btf: pointer(s.Data), size: uint32(len(s.Data))})
	if errno == 0 {
		return fd, Result{}
	}
	log := make([]byte, firstLog)
	_, again := call(cmdBTFLoad, &attrBTF{btf: pointer(s.Data), size: uint32(len(s.Data)), log: pointer(log), logSize: firstLog, level: 1})
	if again != unix.ENOSPC {
		errno = again
	}
	return -1, Result{Errno: int(errno), Log: m.keep(log)}
}

// keep cuts a log at its end and at what the report may still hold.
func (m *machine) keep(log []byte) Blob {
	if i := bytes.IndexByte(log, 0); i >= 0 {
		log = log[:i]
	}
	log = log[:min(len(log), maxLogs-m.logs)]
	m.logs += len(log)
	return bytes.Clone(log)
}

func (m *machine) createMap(s *Step) (int, Result) {
	var r Result
	x := s.Map
	inner, ok1 := m.need(x.Inner, &r)
	types, ok2 := m.need(x.BTF, &r)
	if !ok1 || !ok2 {
		return -1, r
	}
	fd, errno := call(cmdMapCreate, &attrMap{
		typ: x.Type, keySize: x.KeySize, valueSize: x.ValueSize, maxEntries: x.MaxEntries, flags: x.Flags, innerFD: int32(inner),
		name: objectName(s.Name), btfFD: int32(types), keyType: x.KeyType, valueType: x.ValueType, kernelValue: x.KernelValue, extra: x.Extra,
	})
	if errno != 0 && x.BTF != None && x.KernelValue == 0 && (x.KeyType != 0 || x.ValueType != 0) {
		// libbpf tries again without types: not every map takes them
		// (tools/lib/bpf/libbpf.c:bpf_object__create_map).
		fd, errno = call(cmdMapCreate, &attrMap{
			typ: x.Type, keySize: x.KeySize, valueSize: x.ValueSize, maxEntries: x.MaxEntries, flags: x.Flags, innerFD: int32(inner),
			name: objectName(s.Name), extra: x.Extra,
		})
	}
	if errno != 0 {
		return -1, Result{Errno: int(errno)}
	}
	return fd, r
}

func (m *machine) update(s *Step) (r Result) {
	on, ok := m.need(s.On, &r)
	if !ok {
		return r
	}
	value := s.Data
	if len(value) == 0 {
		fd, ok := m.need(s.Value, &r)
		if !ok {
			return r
		}
		value = littleEndian32(uint32(fd))
	}
	_, errno := call(cmdMapUpdate, &attrElem{fd: int32(on), key: pointer(s.Key), value: pointer(value)})
	return Result{Errno: int(errno)}
}

func littleEndian32(n uint32) []byte {
	return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}
}

// arena maps an arena, which the verifier wants done before a program loads
// addresses in it (kernel/bpf/verifier.c:check_map_prog_compatibility, 6.9).
func (m *machine) arena(s *Step) (r Result) {
	on, ok := m.need(s.On, &r)
	if !ok {
		return r
	}
	flags := unix.MAP_SHARED
	if s.Addr != 0 {
		flags |= unix.MAP_FIXED_NOREPLACE
	}
	b, err := unix.MmapPtr(on, 0, address(s.Addr), uintptr(max(s.Size, 0)), unix.PROT_READ|unix.PROT_WRITE, flags)
	if err != nil {
		errno, _ := err.(unix.Errno)
		return Result{Errno: int(errno)}
	}
	m.maps = append(m.maps, arena{b, uintptr(s.Size)})
	if s.Offset >= 0 && s.Offset <= s.Size {
		copy(unsafe.Slice((*byte)(b), s.Size)[s.Offset:], s.Data)
	}
	return r
}

// address makes an argument of mmap(2) of a number; it is never followed
// before the kernel has put something there.
func address(n uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&n)) }

// loadProg asks for a verdict. Statistics cost nothing; the walk is logged
// only for a program that was refused, because a log slows the verifier down
// many times over.
func (m *machine) loadProg(s *Step) (int, Result) {
	var r Result
	attr, ok := m.progAttr(s, &r)
	if !ok || r.Errno != 0 {
		return -1, r
	}
	level, size := uint32(logStats), firstLog
	for {
		log := make([]byte, size)
		attr.log, attr.logSize, attr.logLevel = pointer(log), uint32(size), level
		fd, errno := call(cmdProgLoad, attr)
		r.Log, r.Errno = log, int(errno)
		switch {
		case errno == 0:
			r.Log = m.keep(r.Log)
			if m.wants {
				r.Jit = jitOf(fd)
			}
			return fd, r
		case level == logStats:
			level = logStats | logWalk
			continue
		case errno == unix.ENOSPC && size < largeLog:
			size = largeLog
			continue
		}
		// A log that was cut has its end: the kernel keeps what came last.
		r.Truncated = errno == unix.ENOSPC
		r.Log = m.keep(r.Log)
		return -1, r
	}
}

func (m *machine) progAttr(s *Step, r *Result) (*attrProg, bool) {
	p := s.Prog
	types, ok := m.need(p.BTF, r)
	if !ok {
		return nil, false
	}
	insns := bytes.Clone(p.Insns)
	for _, ref := range p.Refs {
		fd, ok := m.need(ref.Step, r)
		if !ok || ref.Insn < 0 || (ref.Insn+1)*8 > len(insns) {
			return nil, false
		}
		copy(insns[ref.Insn*8+4:], littleEndian32(uint32(fd)))
	}
	if !m.addresses(p.Kallsyms, insns, r) {
		return nil, false
	}
	a := &attrProg{
		typ: p.Type, count: uint32(len(insns) / 8), insns: pointer(insns), license: pointer(append([]byte(p.License), 0)),
		flags: p.Flags, name: objectName(s.Name), attach: p.Attach, attachID: p.AttachID, btfFD: int32(types),
	}
	if p.BTF != None && p.FuncRec != 0 {
		a.funcRec, a.funcInfo, a.funcCount = p.FuncRec, pointer(p.FuncInfo), uint32(len(p.FuncInfo))/p.FuncRec
	}
	if p.BTF != None && p.LineRec != 0 {
		a.lineRec, a.lineInfo, a.lineCount = p.LineRec, pointer(p.LineInfo), uint32(len(p.LineInfo))/p.LineRec
	}
	return a, true
}
