// Package bug reports conditions that the program believes impossible.
//
// A server must not die because one of its own assumptions is wrong, and a
// test must not pass over it: Errorf logs once per call site in a running
// program and panics under test.
package bug

import (
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
)

var seen sync.Map // call site (string) -> struct{}

// Errorf records that something impossible happened.
func Errorf(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if testing.Testing() {
		panic("bug: " + msg)
	}
	_, file, line, _ := runtime.Caller(1)
	site := fmt.Sprintf("%s:%d", file, line)
	if _, again := seen.LoadOrStore(site, struct{}{}); !again {
		slog.Error("bug", "site", site, "msg", msg)
	}
}
