package spell

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"enqueue", "dequeue", "dispatch", "init", "exit", "init_task", "exit_task"}
	for misspelt, want := range map[string]string{
		"enqeue":    "enqueue",
		"dispatchh": "dispatch",
		"dipsatch":  "dispatch",
		"inti_task": "init_task",
		"eqqueue":   "enqueue",
		"queue":     "", // as far from enqueue as from dequeue
		"tick":      "",
		"x":         "",
		"":          "",
	} {
		if got := Nearest(misspelt, slices.Values(names)); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", misspelt, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 3, 0},
		{"abc", "abc", 3, 0},
		{"abc", "abd", 3, 1},
		{"abc", "ac", 3, 1},
		{"kitten", "sitting", 9, 3},
		{"kitten", "sitting", 2, 2},
		{"a", "abcdef", 3, 3},
	} {
		if got := distance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", c.a, c.b, c.limit, got, c.want)
		}
		if got := distance(c.b, c.a, c.limit); got != c.want {
			t.Errorf("distance is not symmetric for %q and %q", c.a, c.b)
		}
	}
}
