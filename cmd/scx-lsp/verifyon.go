package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb/extract"
	"github.com/scx-lsp/scx-lsp/verifier/kernel"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/vm"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// onOptions are the flags of "verify" that ask real kernels.
type onOptions struct {
	on      string
	run     int
	limit   time.Duration
	log     bool
	stats   bool
	noKVM   bool
	noCache bool
	images  []string
}

func (x *onOptions) register(fs *flag.FlagSet) {
	fs.StringVar(&x.on, "on", "", "ask real kernels: `IMAGES` (bzImages, separated by commas) booted in QEMU, \"running\", or \"installed\"")
	fs.IntVar(&x.run, "run", 0, "with --on: attach the ops in the guest for so many `SECONDS` and work the machine")
	fs.DurationVar(&x.limit, "time-limit", kernel.DefaultLimit, "with --on: for one object on one kernel")
	fs.BoolVar(&x.log, "log", false, "with --on: print the whole logs of refused programs")
	fs.BoolVar(&x.stats, "stats", false, "with --on: print what verifying each program took")
	fs.BoolVar(&x.noKVM, "no-kvm", false, "with --on: emulate, even where KVM works")
	fs.BoolVar(&x.noCache, "no-cache", false, "with --on: ask again what was asked before")
}

// check completes the options once they are parsed.
func (x *onOptions) check() error {
	switch {
	case x.on == "" && (x.run != 0 || x.log || x.stats || x.noKVM || x.noCache):
		return errors.New("--run, --log, --stats, --no-kvm and --no-cache need --on")
	case x.run < 0 || x.run > 600:
		return fmt.Errorf("run %d: want 0 to 600 seconds", x.run)
	case x.limit <= 0:
		return fmt.Errorf("time-limit %v: want more than nothing", x.limit)
	}
	for _, s := range strings.Split(x.on, ",") {
		switch {
		case s == "":
		case s == "installed":
			if x.images = append(x.images, vm.Images()...); len(x.images) == 0 {
				return errors.New("no kernel image is installed in /boot or /usr/lib/modules")
			}
		case !slices.Contains(x.images, s):
			x.images = append(x.images, s)
		}
	}
	return nil
}

// An onObject is an object with what kernels said of it.
type onObject struct {
	judgements []kernel.Judgement
	result     *object.Result
}

// verifyOn asks the kernels of --on about the objects.
func verifyOn(o verifyOptions, stdin io.Reader, stdout, stderr io.Writer) int {
	rodata, err := o.rodataNumbers()
	if err != nil {
		fmt.Fprintln(stderr, "scx-lsp verify:", err)
		return exitTrouble
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c := newChecker(o.real)
	defer c.Pool.Close()
	code := exitClean
	var objects []kernel.Object
	for _, name := range o.paths {
		x, err := openWhole(name, stdin)
		if err != nil {
			fmt.Fprintln(stderr, "scx-lsp verify:", err)
			code = exitTrouble
			continue
		}
		objects = append(objects, x)
	}
	opt := kernel.Options{Rodata: rodata, Run: o.real.run, Limit: o.real.limit, NoKVM: o.real.noKVM}
	var all []onObject
	for i, js := range c.Judge(ctx, objects, o.real.images, opt) {
		all = append(all, onObject{js, kernel.Results(objects[i].Object, js)})
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "scx-lsp verify: interrupted")
		return exitTrouble
	}
	if err := writeOn(stdout, o, all); err != nil {
		fmt.Fprintln(stderr, "scx-lsp verify:", err)
		return exitTrouble
	}
	return max(code, onExitCode(all))
}

func newChecker(x onOptions) *kernel.Checker {
	c := &kernel.Checker{Pool: vm.NewPool(0), BTF: extract.FileBTF}
	if !x.noCache {
		c.Cache = kernel.DefaultCache()
	}
	return c
}

// openWhole opens an object and keeps its bytes.
func openWhole(name string, stdin io.Reader) (x kernel.Object, err error) {
	if name == "-" {
		name = "<stdin>"
		x.Raw, err = io.ReadAll(io.LimitReader(stdin, maxStdin))
	} else {
		x.Raw, err = os.ReadFile(name)
	}
	if err != nil {
		return x, err
	}
	x.Object, err = object.Open(name, bytes.NewReader(x.Raw), int64(len(x.Raw)))
	return x, err
}

// rodataNumbers reads NAME=VALUE settings.
func (o verifyOptions) rodataNumbers() (map[string]uint64, error) { return numbers(o.rodata.macros()) }

// numbers reads values of .rodata.
func numbers(values map[string]string) (map[string]uint64, error) {
	out := map[string]uint64{}
	for name, v := range values {
		switch v {
		case "true":
			out[name] = 1
			continue
		case "false":
			out[name] = 0
			continue
		}
		n, err := strconv.ParseInt(v, 0, 64)
		u := uint64(n)
		if err != nil {
			u, err = strconv.ParseUint(v, 0, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("rodata %s: %q is not a number", name, v)
		}
		out[name] = u
	}
	return out, nil
}

// onExitCode is that of findings; a kernel that gave no verdict is trouble.
func onExitCode(all []onObject) int {
	code := exitClean
	for _, x := range all {
		code = max(code, exitCode(x.result.Findings, nil))
		for _, j := range x.judgements {
			if j.NotJudged != "" {
				code = exitTrouble
			}
		}
	}
	return code
}

// writeOn writes the same reports as without --on; as text, with what each
// kernel did below.
func writeOn(w io.Writer, o verifyOptions, all []onObject) error {
	var results []*object.Result
	for _, x := range all {
		results = append(results, x.result)
		o.kernels = x.result.Kernels
	}
	if o.format == "json" {
		return onJSON(w, o, all)
	}
	if err := writeVerify(w, o, results); err != nil || o.format != "text" {
		return err
	}
	for _, x := range all {
		for _, j := range x.judgements {
			if err := writeJudgement(w, o.real, j); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeJudgement(w io.Writer, x onOptions, j kernel.Judgement) error {
	var b bytes.Buffer
	switch t := j.Times; {
	case j.NotJudged != "":
		fmt.Fprintf(&b, "Linux %s: not judged: %s\n", j.Kernel, j.NotJudged)
	case t.Cache:
		fmt.Fprintf(&b, "Linux %s: known from before\n", j.Kernel)
	case t.Boot == 0:
		fmt.Fprintf(&b, "Linux %s: loaded in %.2f s\n", j.Kernel, t.Load)
	default:
		fmt.Fprintf(&b, "Linux %s: booted in %.1f s, loaded in %.2f s\n", j.Kernel, t.Boot, t.Load)
	}
	for _, n := range j.Notes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	if r := j.Run; r != nil {
		fmt.Fprintf(&b, "  run: %s\n", r.Outcome)
		if len(r.Did) > 0 {
			fmt.Fprintf(&b, "  work: %s\n", strings.Join(r.Did, ", "))
		}
	}
	for _, v := range j.Verdicts {
		if x.stats && v.Stats.Insns > 0 {
			fmt.Fprintf(&b, "  %s: %d insns of %d, %d peak states, %d bytes of stack, %d us\n", v.Program, v.Stats.Insns, v.Stats.Limit, v.Stats.Peak, v.Stats.Stack, v.Stats.Micros)
		}
		if x.log && v.Log != "" {
			fmt.Fprintf(&b, "-- log of %s (%s) on Linux %s\n%s", v.Program, v.Context, j.Kernel, v.Log)
		}
	}
	if x.log && j.Console != "" {
		fmt.Fprintf(&b, "-- console of Linux %s\n%s\n", j.Kernel, j.Console)
	}
	if x.log && j.Run != nil {
		fmt.Fprintf(&b, "-- kernel log of the run\n%s", j.Run.Log)
	}
	_, err := w.Write(b.Bytes())
	return err
}
