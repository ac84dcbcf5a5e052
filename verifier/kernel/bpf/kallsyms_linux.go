package bpf

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// addresses fills in the symbols that only kallsyms knows.
func (m *machine) addresses(syms []Kallsym, insns []byte, r *Result) bool {
	for _, s := range syms {
		if m.kall == nil {
			m.kall = readKallsyms(m.plan)
		}
		addr, ok := m.kall[s.Name]
		if !ok && !s.Weak {
			r.Errno, r.Missing = int(unix.ESRCH), s.Name
			return false
		}
		if s.Insn < 0 || (s.Insn+2)*8 > len(insns) {
			r.Errno = int(unix.EINVAL)
			return false
		}
		copy(insns[s.Insn*8+4:], littleEndian32(uint32(addr)))
		copy(insns[s.Insn*8+12:], littleEndian32(uint32(addr>>32)))
	}
	return true
}

// readKallsyms finds the symbols that a plan asks for.
func readKallsyms(p *Plan) map[string]uint64 {
	out := map[string]uint64{}
	want := map[string]bool{}
	for _, s := range p.Steps {
		if s.Prog != nil {
			for _, k := range s.Prog.Kallsyms {
				want[k.Name] = true
			}
		}
	}
	f, err := os.Open("/proc/kallsyms")
	if err != nil {
		return out
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) != 3 || !want[w[2]] {
			continue
		}
		if n, err := strconv.ParseUint(w[0], 16, 64); err == nil {
			out[w[2]] = n
		}
	}
	return out
}
