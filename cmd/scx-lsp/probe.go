package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/btfdb/extract"
	"github.com/scx-lsp/scx-lsp/verifier/kernel"
)

const probeUsage = `usage: scx-lsp probe [flags]

Asks a real kernel whether each kfunc may be called from each context, with
programs of one call, and holds the answers against what its image says. With
-o, writes the facts to a file that --kernel and db take.
Up to 7.0 sched_ext checks its masks when the call runs, which a probe of the
verifier does not see; "verify --on IMAGE --run" does.
Exit code: 0 all agree, 1 some do not, 2 could not run.

Flags:
`

// maxWrong bounds the list of cells that do not agree.
const maxWrong = 40

// probeCommand asks a kernel the whole matrix.
func probeCommand(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("probe", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, probeUsage)
		fs.PrintDefaults()
	}
	on := fs.String("on", kernel.Running, "`IMAGE` to boot in QEMU, or \"running\"")
	out := fs.String("o", "", "`file` to write the facts to")
	noKVM := fs.Bool("no-kvm", false, "emulate, even where KVM works")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitClean
	case err != nil || fs.NArg() > 0:
		fmt.Fprintln(stderr, "scx-lsp probe: want no arguments but flags; see scx-lsp probe -h")
		return exitTrouble
	}
	p, facts, err := probeKernel(*on, *noKVM)
	if err == nil && *out != "" {
		err = writeOut(*out, facts.Format(), stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "scx-lsp probe:", err)
		return exitTrouble
	}
	return reportProbe(stdout, p)
}

func probeKernel(on string, noKVM bool) (*kernel.Probed, *btfdb.Facts, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	facts, err := factsOf(on)
	if err != nil {
		return nil, nil, err
	}
	k, err := btfdb.New(facts)
	if err != nil {
		return nil, nil, err
	}
	c := newChecker(onOptions{noCache: true})
	defer c.Pool.Close()
	p, err := c.Probe(ctx, on, k, nil, kernel.Options{NoKVM: noKVM, Limit: 20 * kernel.DefaultLimit})
	return p, facts, err
}

func factsOf(on string) (*btfdb.Facts, error) {
	if on == kernel.Running {
		return extract.Running()
	}
	return extract.File(on)
}

func reportProbe(w io.Writer, p *kernel.Probed) int {
	fmt.Fprintf(w, "Linux %s: %s asked, %d do not agree, of %d nothing is known\n", p.Kernel, plural(p.Cells, "cell"), len(p.Wrong), p.Silent)
	if len(p.Wrong) == 0 {
		return exitClean
	}
	fmt.Fprintf(w, "  %s\n", strings.Join(p.Wrong[:min(len(p.Wrong), maxWrong)], "\n  "))
	return exitFindings
}
