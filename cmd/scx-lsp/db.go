package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/btfdb/report"
)

const dbUsage = `usage: scx-lsp db COMMAND

  list                                    the known kernels
  show [--kernel K] KFUNC|MEMBER          where a kfunc may be called, what a member may call
  diff A B                                what changed between two kernels
  matrix [--kernel K] [--format text|json|markdown|html] [--view groups|flags|mask|cells]
  extract [-o FILE] [--running | --source DIR | IMAGE] [--module KO]...
                                          read the facts of another kernel
  doctor [BTF|IMAGE]                      look a kernel over for what breaks schedulers

K is an exact build (7.3.4), a release (7.3), "newest", or a file that extract wrote; show also takes ranges
(6.12..7.3) and lists.
`

// dbCommand runs "scx-lsp db ...".
func dbCommand(args []string, stdout, stderr io.Writer) int {
	commands := map[string]func([]string, io.Writer, io.Writer) error{
		"list": dbList, "show": dbShow, "diff": dbDiff, "matrix": dbMatrix, "extract": dbExtract, "doctor": dbDoctor,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprint(stderr, dbUsage)
		return exitTrouble
	}
	switch err := commands[args[0]](args[1:], stdout, stderr); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitClean
	case errors.Is(err, errFindings):
		return exitFindings
	default:
		fmt.Fprintf(stderr, "scx-lsp db %s: %v\n", args[0], err)
		return exitTrouble
	}
}

// errFindings makes the command exit with 1; what was found has been printed.
var errFindings = errors.New("findings")

// dbFlags makes a flag set that prints to stderr, and never exits.
func dbFlags(name string, stderr io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("scx-lsp db "+name, flag.ContinueOnError)
	fs.SetOutput(stderr)
	return fs
}

func dbList(args []string, stdout, stderr io.Writer) error {
	fs := dbFlags("list", stderr)
	if err := fs.Parse(args); err != nil {
		return err
	}
	return report.List(stdout)
}

func dbShow(args []string, stdout, stderr io.Writer) error {
	fs := dbFlags("show", stderr)
	spec := fs.String("kernel", "newest", "kernels to show")
	names, err := parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("name a kfunc or a member")
	}
	kernels, err := btfdb.Select(*spec)
	if err != nil {
		return err
	}
	for _, name := range names {
		for _, k := range kernels {
			if err := report.Show(stdout, k, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func dbDiff(args []string, stdout, stderr io.Writer) error {
	fs := dbFlags("diff", stderr)
	names, err := parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(names) != 2 {
		return fmt.Errorf("want two kernels, got %d", len(names))
	}
	a, err := btfdb.Load(names[0])
	if err != nil {
		return err
	}
	b, err := btfdb.Load(names[1])
	if err != nil {
		return err
	}
	return report.Diff(stdout, a, b)
}

func dbMatrix(args []string, stdout, stderr io.Writer) error {
	fs := dbFlags("matrix", stderr)
	spec := fs.String("kernel", "newest", "kernel to print")
	format := fs.String("format", "text", "text, json, markdown or html")
	view := fs.String("view", "groups", "groups, flags, mask or cells; not for json")
	rest, err := parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("what is %q?", rest[0])
	}
	k, err := btfdb.Load(*spec)
	if err != nil {
		return err
	}
	return report.Write(stdout, k, *format, *view)
}

// parseMixed parses flags that may stand between and after the arguments.
func parseMixed(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// writeOut writes to a file, or to stdout if none is named.
func writeOut(path, text string, stdout io.Writer) error {
	if path == "" || path == "-" {
		_, err := io.WriteString(stdout, text)
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
