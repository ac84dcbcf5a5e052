package cindex

import (
	"encoding/json"
	"path"
	"strings"
)

// A flagFile is what a compile_commands.json or a .clangd says.
type flagFile struct {
	byFile map[string]*buildFlags
	all    *buildFlags
}

type buildFlags struct {
	dirs    []string
	defines map[string]string
}

// configFor gives the way in which a source is compiled.
func (x *Index) configFor(p string) *config {
	flags := x.flagsFor(p)
	key := path.Dir(p)
	if flags != nil && flags.byFile[p] != nil {
		key = p
	}
	x.mu.RLock()
	c := x.configs[key]
	x.mu.RUnlock()
	if c != nil {
		return c
	}
	c = &config{x: x, home: path.Dir(p)}
	c.dirs = append(c.dirs, x.conf.IncludeDirs...)
	defines := map[string]string{}
	for _, f := range flags.pick(p) {
		c.dirs = append(c.dirs, f.dirs...)
		for k, v := range f.defines {
			defines[k] = v
		}
	}
	for k, v := range x.conf.Defines {
		defines[k] = v
	}
	c.env = x.envFor(defines)
	x.mu.Lock()
	defer x.mu.Unlock()
	if have := x.configs[key]; have != nil {
		return have
	}
	x.configs[key] = c
	return c
}

// envFor shares the first env between all units that define the same, so that
// they share what headers come to.
func (x *Index) envFor(defines map[string]string) *env {
	data, _ := json.Marshal(defines) // keys are sorted
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.envs[string(data)]
	if e == nil {
		e = withDefines(defines)
		x.envs[string(data)] = e
	}
	return e
}

func (f *flagFile) pick(p string) []*buildFlags {
	var out []*buildFlags
	if f == nil {
		return nil
	}
	if b := f.byFile[p]; b != nil {
		out = append(out, b)
	}
	if f.all != nil {
		out = append(out, f.all)
	}
	return out
}

// flagsFor looks for files with compiler flags in the parents of a source.
func (x *Index) flagsFor(p string) *flagFile {
	out := &flagFile{byFile: map[string]*buildFlags{}}
	dir := path.Dir(p)
	for range maxParents {
		f := x.flagsIn(dir)
		for k, v := range f.byFile {
			if out.byFile[k] == nil {
				out.byFile[k] = v
			}
		}
		if out.all == nil {
			out.all = f.all
		}
		if dir == "/" || dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return out
}

func (x *Index) flagsIn(dir string) *flagFile {
	x.mu.RLock()
	f := x.flags[dir]
	x.mu.RUnlock()
	if f != nil {
		return f
	}
	f = &flagFile{}
	for _, name := range []string{"compile_commands.json", "build/compile_commands.json"} {
		if data, err := x.fs.ReadFile(path.Join(dir, name)); err == nil {
			f.byFile = readCompileCommands(data)
			break
		}
	}
	if data, err := x.fs.ReadFile(path.Join(dir, ".clangd")); err == nil {
		f.all = readClangd(string(data), dir)
	}
	x.mu.Lock()
	x.flags[dir] = f
	x.mu.Unlock()
	return f
}

// readCompileCommands gives the flags of each file. What it cannot read it
// leaves out.
func readCompileCommands(data []byte) map[string]*buildFlags {
	var entries []struct {
		Directory, File, Command string
		Arguments                []string
	}
	if json.Unmarshal(data, &entries) != nil {
		return nil
	}
	out := map[string]*buildFlags{}
	for _, e := range entries {
		args := e.Arguments
		if len(args) == 0 {
			args = splitCommand(e.Command)
		}
		dir := clean(e.Directory)
		f := clean(e.File)
		if !path.IsAbs(f) {
			f = path.Join(dir, f)
		}
		out[f] = readFlags(args, dir)
	}
	return out
}

// readFlags picks -I, -D, -U and their like out of a command line.
func readFlags(args []string, dir string) *buildFlags {
	f := &buildFlags{defines: map[string]string{}}
	for i := 0; i < len(args); i++ {
		for _, opt := range []string{"-I", "-isystem", "-idirafter", "-iquote", "-D", "-U"} {
			val, ok := strings.CutPrefix(args[i], opt)
			if !ok {
				continue
			}
			if val == "" && i+1 < len(args) {
				i++
				val = args[i]
			}
			f.add(opt, val, dir)
			break
		}
	}
	return f
}

func (f *buildFlags) add(opt, val, dir string) {
	switch opt {
	case "-D":
		name, v, ok := strings.Cut(val, "=")
		if !ok {
			v = "1"
		}
		f.defines[name] = v
	case "-U":
		delete(f.defines, val)
	default:
		if val = clean(val); !path.IsAbs(val) {
			val = path.Join(dir, val)
		}
		f.dirs = append(f.dirs, val)
	}
}

// readClangd finds the flags that a .clangd adds. It is YAML, but all that
// authors write there are lists of words.
func readClangd(text, dir string) *buildFlags {
	var args []string
	adding := false
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		trimmed := strings.TrimSpace(line)
		if key, rest, ok := strings.Cut(trimmed, ":"); ok && !strings.HasPrefix(trimmed, "-") {
			adding = strings.TrimSpace(key) == "Add"
			trimmed = rest
		}
		if !adding {
			continue
		}
		trimmed = strings.TrimPrefix(strings.TrimSpace(trimmed), "- ")
		for _, w := range strings.FieldsFunc(trimmed, func(r rune) bool { return strings.ContainsRune("[], \t\r\n", r) }) {
			args = append(args, strings.Trim(w, `"'`))
		}
	}
	return readFlags(args, dir)
}

// splitCommand cuts a command line like a shell does.
func splitCommand(s string) []string {
	var out []string
	var cur strings.Builder
	quote, has := byte(0), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			cur.WriteByte(s[i])
			has = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, has = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if has {
				out = append(out, cur.String())
			}
			cur.Reset()
			has = false
		default:
			cur.WriteByte(c)
			has = true
		}
	}
	if has {
		out = append(out, cur.String())
	}
	return out
}
