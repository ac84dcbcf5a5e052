package btfdb

import "strings"

// Flags are the KF_* flags of a kfunc, with the kernel's bit values
// (include/linux/btf.h).
type Flags uint32

// The flags of Linux 6.12 to 7.3. Bit 4 (KF_TRUSTED_ARGS) went away in 7.0,
// when trusted arguments became the default; bit 3 has had no use since 6.12.
const (
	FlagAcquire      Flags = 1 << 0
	FlagRelease      Flags = 1 << 1
	FlagRetNull      Flags = 1 << 2
	FlagTrustedArgs  Flags = 1 << 4
	FlagSleepable    Flags = 1 << 5
	FlagDestructive  Flags = 1 << 6
	FlagRCU          Flags = 1 << 7
	FlagIterNew      Flags = 1 << 8
	FlagIterNext     Flags = 1 << 9
	FlagIterDestroy  Flags = 1 << 10
	FlagRCUProtected Flags = 1 << 11
	FlagFastcall     Flags = 1 << 12
	FlagArenaRet     Flags = 1 << 13
	FlagArenaArg1    Flags = 1 << 14
	FlagArenaArg2    Flags = 1 << 15
	FlagImplicitArgs Flags = 1 << 16
	FlagSpinlockSafe Flags = 1 << 17
	FlagPerfmon      Flags = 1 << 18
)

// flagNames are the kernel's spellings without KF_, by bit.
var flagNames = [...]string{
	0: "ACQUIRE", 1: "RELEASE", 2: "RET_NULL", 4: "TRUSTED_ARGS", 5: "SLEEPABLE", 6: "DESTRUCTIVE",
	7: "RCU", 8: "ITER_NEW", 9: "ITER_NEXT", 10: "ITER_DESTROY", 11: "RCU_PROTECTED", 12: "FASTCALL",
	13: "ARENA_RET", 14: "ARENA_ARG1", 15: "ARENA_ARG2", 16: "IMPLICIT_ARGS", 17: "SPINLOCK_SAFE",
	18: "PERFMON",
}

// Has reports whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// Names lists the set flags as the kernel spells them, lowest bit first. A bit
// without a name prints as its number, so nothing gets lost.
func (f Flags) Names() []string {
	var names []string
	for bit := range 32 {
		if f&(1<<bit) != 0 {
			names = append(names, "KF_"+flagName(bit))
		}
	}
	return names
}

// String is the form that C code uses: KF_ACQUIRE | KF_RCU.
func (f Flags) String() string { return strings.Join(f.Names(), " | ") }

func flagName(bit int) string {
	if bit < len(flagNames) && flagNames[bit] != "" {
		return flagNames[bit]
	}
	return "BIT" + itoa(bit)
}

// FlagByName finds the bit of a flag's name, with or without KF_.
func FlagByName(name string) (Flags, bool) {
	name = strings.TrimPrefix(name, "KF_")
	for bit := range 32 {
		if flagName(bit) == name {
			return 1 << bit, true
		}
	}
	return 0, false
}
