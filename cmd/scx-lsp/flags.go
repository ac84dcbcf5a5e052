package main

import (
	"flag"
	"strings"
)

// A stringList is a flag that may be given several times.
type stringList []string

func (l *stringList) String() string     { return strings.Join(*l, ",") }
func (l *stringList) Set(s string) error { *l = append(*l, s); return nil }

// macros reads a list of NAME or NAME=VALUE as a compiler's -D does.
func (l stringList) macros() map[string]string {
	m := map[string]string{}
	for _, d := range l {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			value = "1"
		}
		m[name] = value
	}
	return m
}

// parseInterleaved lets flags stand after paths, as users expect of a checker.
func parseInterleaved(fs *flag.FlagSet, args []string) ([]string, error) {
	var paths []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return paths, nil
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			return append(paths, rest...), nil
		}
		paths = append(paths, rest[0])
		args = rest[1:]
	}
}
