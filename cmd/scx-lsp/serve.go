package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"

	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// serveOptions are the flags of scx-lsp serve. Editors start servers with
// flags of their own liking; the common ones are taken.
type serveOptions struct {
	clientPID int
	logFile   string
	logLevel  slog.Level
	kernel    string
}

func parseServe(args []string, stderr io.Writer) (serveOptions, error) {
	var o serveOptions
	fs := flag.NewFlagSet("scx-lsp serve", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Bool("stdio", true, "speak over stdin and stdout, which is what happens anyway")
	fs.IntVar(&o.clientPID, "clientProcessId", 0, "end when this process has ended")
	fs.StringVar(&o.logFile, "log-file", "", "append the log to this file")
	fs.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error")
	fs.StringVar(&o.kernel, "kernel", "", "kernels to check against, unless the editor says otherwise")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	return o, nil
}

// stdio is the connection to the editor.
type stdio struct {
	io.Reader
	io.Writer
}

// Close closes the input if it can be closed, which ends a read from it.
func (s stdio) Close() error {
	if c, ok := s.Reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// serveCommand runs the language server. Nothing goes to stderr once it runs:
// editors show whatever comes there as an error.
func serveCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseServe(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitClean
	}
	var log slog.Handler = slog.DiscardHandler
	if err == nil && o.logFile != "" {
		var file *os.File
		if file, err = os.OpenFile(o.logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
			defer file.Close()
			log = slog.NewTextHandler(file, &slog.HandlerOptions{Level: o.logLevel})
		}
	}
	var analyzer lsp.Analyzer
	if err == nil {
		analyzer, err = lsp.NewAnalyzer(o.kernel, rules.All)
	}
	if err != nil {
		fmt.Fprintln(stderr, "scx-lsp serve:", err)
		return exitTrouble
	}
	slog.SetDefault(slog.New(log)) // for the packages below
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := lsp.NewServer(lsp.Options{
		Analyzer: analyzer, Version: version, ClientPID: o.clientPID, Log: log, ClientLevel: o.logLevel,
		Verify: serverVerifiers(), RuleURL: rulePageURL,
	})
	return server.Serve(ctx, stdio{stdin, stdout})
}

// rulePageURL is where the pages of rules can be read: one page, a heading for
// each rule.
func rulePageURL(rule string) string {
	return "https://github.com/scx-lsp/scx-lsp/blob/main/docs/rules.md#" + rule
}
