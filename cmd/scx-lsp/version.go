package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// version is set by release builds (-ldflags "-X main.version=...").
var version = "devel"

// versionCommand prints one line that a bug report needs.
func versionCommand(_ []string, _ io.Reader, stdout, _ io.Writer) int {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = " " + s.Value[:12]
			}
		}
	}
	fmt.Fprintf(stdout, "scx-lsp %s%s %s %s/%s, newest kernel %s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, btfdb.Newest().Build)
	return exitClean
}
