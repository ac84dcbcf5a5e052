// Command scx-lsp knows what every Linux release lets each callback of a
// sched_ext scheduler call: as a language server, and as a checker for CI.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/vm"
)

// A command is one subcommand. It gets the arguments after its name and
// returns the exit code.
type command struct {
	name    string
	usage   string
	summary string
	run     func(args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

// Exit codes that every subcommand shares.
const (
	exitClean    = 0 // nothing to report
	exitFindings = 1 // findings of severity error
	exitTrouble  = 2 // could not run
)

func commands() []command {
	return []command{
		{"check", "check [flags] PATH...", "report what kernels would refuse in scheduler sources", checkCommand},
		{"serve", "serve [flags]", "run the language server on stdin and stdout", serveCommand},
		{"verify", "verify [flags] FILE.bpf.o...", "report which kernels would load compiled objects", verifyCommand},
		{"db", "db COMMAND", "list, show, compare, extract and examine kernels", func(args []string, _ io.Reader, stdout, stderr io.Writer) int {
			return dbCommand(args, stdout, stderr)
		}},
		{"probe", "probe [flags]", "ask a real kernel which calls it allows", probeCommand},
		{"index", "index [--stats] DIR", "say what the sources below a directory hold", func(args []string, _ io.Reader, stdout, stderr io.Writer) int {
			return indexCommand(args, stdout, stderr)
		}},
		{"explain", "explain RULE", "print the page of a rule", explainCommand},
		{"version", "version", "print the version", versionCommand},
	}
}

func main() {
	vm.RunGuest()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || isServeFlag(args[0]) {
		return serveCommand(args, stdin, stdout, stderr)
	}
	switch args[0] {
	case "help", "-h", "--help", "-help":
		usage(stdout)
		return exitClean
	case "--version", "-version":
		return versionCommand(nil, stdin, stdout, stderr)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(args[1:], stdin, stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "scx-lsp: no command %q; see scx-lsp help\n", args[0])
	return exitTrouble
}

// isServeFlag knows the flags that editors pass to a language server without
// naming a subcommand.
func isServeFlag(arg string) bool {
	return arg == "--stdio" || arg == "-stdio" || strings.HasPrefix(arg, "--clientProcessId")
}

func usage(w io.Writer) {
	fmt.Fprint(w, "scx-lsp checks sched_ext schedulers against what kernels allow.\n\nUsage:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  scx-lsp %-28s %s\n", c.usage, c.summary)
	}
	fmt.Fprint(w, "\nWithout a command it is the language server. scx-lsp COMMAND -h lists the flags of a command.\n")
}
