package oracle

import (
	"bufio"
	"os"
	"regexp"
	"strings"
)

// A graph is who calls whom, with what is a kernel function and what is an
// entry point.
type graph struct {
	edges    map[string]map[string]bool // calls and references between functions of the source
	kcalls   map[string]map[string]bool // calls of kernel functions
	kfuncs   map[string]bool
	programs []string
	untyped  map[string]bool // functions in sections of their own that are no programs
}

func newGraph() *graph {
	return &graph{
		edges: map[string]map[string]bool{}, kcalls: map[string]map[string]bool{},
		kfuncs: map[string]bool{}, untyped: map[string]bool{},
	}
}

func add(m map[string]map[string]bool, from, to string) {
	if m[from] == nil {
		m[from] = map[string]bool{}
	}
	m[from][to] = true
}

// reach gives the kernel functions that a program can get to.
func (g *graph) reach(prog string) map[string]bool {
	out, seen := map[string]bool{}, map[string]bool{}
	var walk func(string)
	walk = func(f string) {
		if seen[f] {
			return
		}
		seen[f] = true
		for k := range g.kcalls[f] {
			out[k] = true
		}
		for c := range g.edges[f] {
			walk(c)
		}
	}
	walk(prog)
	return out
}

var (
	irName = regexp.MustCompile(`@("[^"]*"|[\w.$]+)`)
	irCall = regexp.MustCompile(`call ([A-Za-z_]\w*)`)
	irSect = regexp.MustCompile(`section "([^"]*)"`)
)

// readIR reads the functions of unoptimised LLVM assembly: what the compiler
// saw before it removed dead code.
func readIR(path string) (*graph, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g := newGraph()
	defined := map[string]bool{}
	var body []string // lines, each after the name of its function
	cur := ""
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		line := sc.Text()
		switch {
		case strings.HasPrefix(line, "define "):
			cur = firstName(line)
			defined[cur] = true
			if m := irSect.FindStringSubmatch(line); m != nil && isProgram(m[1]) {
				g.programs = append(g.programs, cur)
			}
		case strings.HasPrefix(line, "declare "):
			if strings.Contains(line, `section ".ksyms"`) {
				g.kfuncs[firstName(line)] = true
			}
		case line == "}":
			cur = ""
		case cur != "":
			body = append(body, cur, line)
		}
	}
	for i := 0; i < len(body); i += 2 {
		g.irLine(body[i], body[i+1], defined)
	}
	return g, sc.Err()
}

func firstName(line string) string {
	return strings.Trim(irName.FindStringSubmatch(line)[1], `"`)
}

func (g *graph) irLine(f, line string, defined map[string]bool) {
	asm := strings.Contains(line, " asm ")
	if asm {
		for _, m := range irCall.FindAllStringSubmatch(line, -1) {
			if name := m[1]; defined[name] {
				add(g.edges, f, name)
			} else if g.kfuncs[name] {
				add(g.kcalls, f, name)
			}
		}
	}
	for _, m := range irName.FindAllStringSubmatchIndex(line, -1) {
		name := strings.Trim(line[m[2]:m[3]], `"`)
		switch {
		case defined[name]:
			add(g.edges, f, name)
		case g.kfuncs[name] && (asm || strings.Contains(line, "call ") || strings.Contains(line, "store ")):
			add(g.kcalls, f, name) // called, or handed to someone who calls it
		}
	}
}

// isProgram tells program sections from those of subprograms and data.
func isProgram(section string) bool {
	return section != "" && !strings.HasPrefix(section, ".")
}
