package vlog

import "regexp"

// A rule ties the kernel's words to one of our rules.
type rule struct {
	id string
	re *regexp.Regexp
}

// The words of kernel/bpf/verifier.c and btf.c, 6.12 to 7.3. The first that
// fits counts. 7.3 says "is not allowed" of other things too: the words before
// it decide.
var rules = []rule{
	{"kfunc-context", regexp.MustCompile(`calling kernel function \S+ is not allowed`)},
	{"kfunc-sleepable", regexp.MustCompile(`program must be sleepable to call sleepable kfunc|(kernel func|sleepable kfunc|helper|sleepable helper) .* is (sleepable|not allowed) within|is sleepable within|sleepable .* in .* region`)},
	{"kfunc-unavailable", regexp.MustCompile(`failed to resolve CO-RE relocation|kfunc '[^']*' is referenced but wasn't resolved|invalid func unknown#2002\d{6}|cannot find address for kernel function|does not have a valid func_proto|calling invalid kernel function|kernel function btf_id \d+ is not`)},
	{"kfunc-rcu", regexp.MustCompile(`requires RCU critical section|expected an RCU CS|bpf_rcu_read_(un)?lock|unmatched rcu read`)},
	{"kfunc-iterator", regexp.MustCompile(`expected an? (un)?initialized iter_|iter(ator)? .*(destroy|leak)`)},
	{"kfunc-null", regexp.MustCompile(`Possibly NULL pointer passed|invalid mem access '\w*or_null_?'|pointer arithmetic on \S*or_null_? prohibited`)},
	{"kfunc-reference", regexp.MustCompile(`Unreleased reference|reference leak|release kernel function|release kfunc|must be referenced|reference has not been acquired|arg .* must be referenced`)},
	{"kfunc-locked", regexp.MustCompile(`while holding a lock|inside bpf_spin_lock|cannot be used inside bpf_(res_)?spin_lock|lock-ed region`)},
	{"kfunc-args", regexp.MustCompile(`arg#\d+ |R\d is \w+ expected|kernel function \S+ args#\d+ expected|R\d+ must be a (known|rcu)|is not a kernel function|func_proto .* incompatible|R\d type=\S+ expected=`)},
	{"ops-member", regexp.MustCompile(`attach to unsupported member|GPL compatible license|from non-GPL compatible program|Unreferenced struct_ops|is not a valid struct_ops|doesn't have \d+-th argument|invalid bpf_context access|SEC\("struct_ops"\) program isn't referenced`)},
	{"object-stack", regexp.MustCompile(`combined stack size|stack size .* too large|the call stack of \d+ frames`)},
	{"object-encoding", regexp.MustCompile(`addr_space_cast insn can only`)},
}

// RuleUnknown is the rule of a refusal that none of ours speaks of.
const RuleUnknown = "kernel-verifier"

// Rule is the id of the rule that a message belongs to.
func Rule(message string) string {
	for _, r := range rules {
		if r.re.MatchString(message) {
			return r.id
		}
	}
	return RuleUnknown
}

var kfuncIn = regexp.MustCompile(`(?:calling kernel function|sleepable kfunc|kernel func|release kfunc|kfunc|kernel function) '?([A-Za-z_]\w*)'?`)

// Kfunc is the kfunc that a message names, "" when it names none.
func Kfunc(message string) string {
	m := kfuncIn.FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	switch m[1] {
	case "is", "btf_id", "args", "expects":
		return ""
	}
	return m[1]
}
