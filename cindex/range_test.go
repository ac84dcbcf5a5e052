package cindex

import (
	"fmt"
	"testing"
)

// TestRanges: which conditions are decided by bounds alone. x() gives what
// nothing is known of.
func TestRanges(t *testing.T) {
	tests := []struct {
		cond string
		want string // dead, open when the opposite is, or "" when neither is
	}{
		{"(x() & 7) > 100", "dead"},
		{"(x() & 7) > 7", "dead"},
		{"(x() & 7) > 6", ""},
		{"(x() & 7) >= 8", "dead"},
		{"(x() & 7) < 8", "open"},
		{"(x() & 7) <= 7", "open"},
		{"(x() & 7) < 0", "dead"},
		{"(x() & 7) >= 0", "open"},
		{"(x() & 7) == 8", "dead"},
		{"(x() & 7) != 8", "open"},
		{"(x() & 7) == 7", ""},
		{"100 < (7 & x())", "dead"},
		{"(x() & MASK) > MASK", "dead"},
		{"(x() & MASK) == SMALL", ""},
		{"(x() & NOBODY) > 100", ""},
		{"((x() & 7) + 1) > 8", "dead"},
		{"((x() & 7) - 1) > 8", ""},
		{"((x() & 7) * 2) > 14", "dead"},
		{"((x() & 7) | (x() & 8)) > 15", "dead"},
		{"((x() & 7) ^ 16) > 31", "dead"},
		{"((x() & 255) >> 4) > 15", "dead"},
		{"((x() & 7) << 2) > 28", "dead"},
		{"((x() & 7) << 30) > 100", ""},
		{"((x() & 255) % 10) > 9", "dead"},
		{"(x() % 10) > 9", ""},
		{"((x() & 255) / 16) > 15", "dead"},
		{"((x() & 255) / (x() & 3)) > 255", ""},
		{"(1 << (x() & 3)) > 8", ""},
		{"(x() & -8) > 7", ""},
		{"(x() & ~7) == 1", ""},
		{"(x() & 7) > -1", ""},
		{"(x() ? 3 : 5) > 5", "dead"},
		{"(x() ? (x() & 3) : 5) > 4", ""},
		{"((signed char)(x() & 255)) > 200", ""},
		{"((int)(x() & 63)) > 63", "dead"},
		{"(x() & 7) && 0", "dead"},
		{"(x() & 7) || 1", "open"},
		{"!(x() & 7)", ""},
		{"x() & 7", ""},
		{"masked > 15", "dead"},
		{"narrow > 200", ""},
		{"changed > 15", ""},
	}
	for _, tt := range tests {
		got := ""
		switch {
		case deadBehind(t, tt.cond):
			got = "dead"
		case deadBehind(t, "!("+tt.cond+")"):
			got = "open"
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.cond, got, tt.want)
		}
	}
}

// deadBehind tells whether a call behind a condition is known to be dead.
func deadBehind(t *testing.T, cond string) bool {
	t.Helper()
	src := fmt.Sprintf("enum { MASK = 31, SMALL = 3 };\nlong x(void);\nvoid call(void);\n"+
		"void f(void)\n{\n\tint masked = x() & 15;\n\tsigned char narrow = x() & 255;\n\tint changed = x() & 15;\n\n\tchanged++;\n"+
		"\tif (%s)\n\t\tcall();\n}\n", cond)
	for _, c := range unitOf(t, New(MapFS{"/a.bpf.c": src}, Config{}), "/a.bpf.c").Func("f").Calls {
		for _, g := range c.Guards {
			if c.Callee == "call" && g.Op == OpInt && g.Int == 0 {
				return true
			}
		}
	}
	return false
}
