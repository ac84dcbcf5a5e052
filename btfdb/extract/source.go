package extract

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Limits of a source tree.
const (
	maxSourceFile  = 4 << 20
	maxSourceFiles = 40000
)

// A source is what was found in the files of a kernel tree.
type source struct {
	facts     *btfdb.Facts
	kfuncs    map[string]*btfdb.Kfunc
	sets      map[string]*btfdb.Set
	ksets     map[string]kset // struct btf_kfunc_id_set variables, by file:name
	file      string          // being read
	regs      []sourceReg
	protos    map[string]string // __bpf_kfunc functions
	filters   map[string][]string
	bodies    map[string][]token // functions that may be filters
	states    map[string]btfdb.State
	allow     map[string][]string
	sleepable map[string]bool
	stubs     map[string][]string // members with a cfi stub, by type
	consts    map[string]uint64
}

type kset struct{ set, filter string }

type sourceReg struct{ prog, kset string }

// sourceDirs are where kfuncs and sched_ext live.
var sourceDirs = []string{"kernel", "net", "fs", "mm", "io_uring", "security", "drivers/hid/bpf"}

// Source reads the facts of a kernel source tree: for patched trees, and for
// releases of which there is no image. version is needed where the tree has
// no Makefile. All configuration options are taken as chosen.
func Source(tree fs.FS, version string) (*btfdb.Facts, error) {
	if version == "" {
		var err error
		if version, err = makefileVersion(tree); err != nil {
			return nil, err
		}
	}
	r, err := btfdb.ParseRelease(version)
	if err != nil {
		return nil, err
	}
	s := &source{
		facts: &btfdb.Facts{
			Build: version, Release: r.Base().String(),
			Origin: btfdb.Origin{Kind: "source", Generator: Generator},
		},
		kfuncs: map[string]*btfdb.Kfunc{}, sets: map[string]*btfdb.Set{}, ksets: map[string]kset{},
		protos: map[string]string{}, filters: map[string][]string{}, bodies: map[string][]token{},
		states: map[string]btfdb.State{}, allow: map[string][]string{}, sleepable: map[string]bool{},
		stubs: map[string][]string{},
		consts: map[string]uint64{ // include/linux/sched.h, include/linux/limits.h, include/vdso/time64.h
			"SCHED_CAPACITY_SCALE": 1024, "U32_MAX": math.MaxUint32, "U64_MAX": math.MaxUint64,
			"NSEC_PER_USEC": 1000, "NSEC_PER_MSEC": 1e6, "NSEC_PER_SEC": 1e9,
		},
	}
	if err := s.readTree(tree); err != nil {
		return nil, err
	}
	return s.finish()
}

var makefileLine = regexp.MustCompile(`(?m)^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)\s*=[ \t]*(\S*)`)

func makefileVersion(tree fs.FS) (string, error) {
	data, err := readSource(tree, "Makefile")
	if err != nil {
		return "", fmt.Errorf("source: %w; name the version", err)
	}
	v := map[string]string{}
	for _, m := range makefileLine.FindAllStringSubmatch(data, 4) {
		v[m[1]] = m[2]
	}
	if v["VERSION"] == "" || v["PATCHLEVEL"] == "" {
		return "", errors.New("source: Makefile: no VERSION and PATCHLEVEL")
	}
	return v["VERSION"] + "." + v["PATCHLEVEL"] + "." + v["SUBLEVEL"] + v["EXTRAVERSION"], nil
}

func readSource(tree fs.FS, name string) (string, error) {
	f, err := tree.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := readLimited(f, maxSourceFile)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(data), nil
}

// readLimited reads all of r, which must not be longer than limit.
func readLimited(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}

// readTree reads every C file that can have kfuncs, and the headers of
// sched_ext.
func (s *source) readTree(tree fs.FS) error {
	if err := s.readConstants(tree); err != nil {
		return err
	}
	files := 0
	for _, dir := range sourceDirs {
		err := fs.WalkDir(tree, dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && name == dir:
				return fs.SkipDir // a partial tree
			case err != nil || d.IsDir() || !wantSource(name):
				return err
			}
			if files++; files > maxSourceFiles {
				return fmt.Errorf("source: more than %d files", maxSourceFiles)
			}
			return s.readFile(tree, name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// defineLine are the numbers that the SCX_* enums are made of.
var defineLine = regexp.MustCompile(`(?m)^#define[ \t]+((?:ENQUEUE|DEQUEUE|WF|SCX)_\w+)[ \t]+(0x[0-9a-fA-F]+|\d+)\b`)

// readConstants reads what enums and array sizes elsewhere refer to, before
// they are needed.
func (s *source) readConstants(tree fs.FS) error {
	for _, name := range []string{"kernel/sched/sched.h", "include/linux/sched/ext.h"} {
		data, err := readSource(tree, name)
		if errors.Is(err, fs.ErrNotExist) {
			note(s.facts, "%s: not in the tree", name)
			continue
		}
		if err != nil {
			return err
		}
		for _, m := range defineLine.FindAllStringSubmatch(data, -1) {
			if v, err := strconv.ParseUint(m[2], 0, 64); err == nil {
				s.consts[m[1]] = v
			}
		}
		if strings.HasPrefix(name, "include/") {
			s.file = name
			s.readTokens(tokenize(data))
		}
	}
	return nil
}

func wantSource(name string) bool {
	if path.Ext(name) == ".c" {
		return true
	}
	return path.Ext(name) == ".h" && strings.HasPrefix(name, "kernel/sched/ext")
}

// interestingSource are the words that make a file worth tokenizing.
var interestingSource = []string{
	"BTF_KFUNCS_START", "BTF_SET_START", "__bpf_kfunc", "sched_ext_ops", "SCX_CALL_OP",
	"bpf_prog_type_to_kfunc_hook", "btf_kfunc_id_set", "enum scx_",
}

func (s *source) readFile(tree fs.FS, name string) error {
	data, err := readSource(tree, name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(interestingSource, func(w string) bool { return strings.Contains(data, w) }) {
		s.file = name
		s.readTokens(tokenize(data))
	}
	return nil
}

// readTokens dispatches on the words that start something of interest.
func (s *source) readTokens(toks []token) {
	set := ""
	for i := 0; i+1 < len(toks); i++ {
		word := toks[i].text
		switch {
		case word == "BTF_KFUNCS_START" || word == "BTF_SET_START":
			set = s.startSet(toks, i, word == "BTF_SET_START")
		case word == "BTF_KFUNCS_END" || word == "BTF_SET_END":
			set = ""
		case (word == "BTF_ID_FLAGS" || word == "BTF_ID") && set != "":
			s.addToSet(set, toks, i)
		case word == "btf_kfunc_id_set":
			s.readKset(toks, i)
		case strings.HasPrefix(word, "register_btf_"):
			s.readRegistration(toks, i)
		case word == "__bpf_kfunc":
			s.readProto(toks, i+1)
		case strings.HasPrefix(word, "SCX_CALL_OP"):
			s.readCallSite(toks, i)
		case word == "scx_kf_allow_flags" && toks[i+1].text == "[":
			s.readAllowTable(toks, i)
		case word == "struct" && isOps(toks[i+1].text):
			s.readOpsStruct(toks, i+1)
		case word == "struct" && i+2 < len(toks) && toks[i+2].text == "{" && btfdb.Tracked(toks[i+1].text):
			s.facts.Structs = append(s.facts.Structs, btfdb.Struct{Name: toks[i+1].text})
		case word == "enum":
			s.readEnum(toks, i)
		case toks[i+1].text == "(" && (strings.HasSuffix(word, "_filter") || strings.HasPrefix(word, "bpf_")):
			s.readFunction(toks, i)
		}
	}
}

func isOps(name string) bool { return name == "sched_ext_ops" || name == "sched_ext_ops_cid" }

// finish puts the parts together.
func (s *source) finish() (*btfdb.Facts, error) {
	if s.sets["scx_kfunc_ids_any"] == nil {
		return nil, errors.New("source: no scx_kfunc_ids_any below kernel/sched: no tree with sched_ext")
	}
	f := s.facts
	if len(s.allow) > 0 {
		f.Enforcement = btfdb.EnforceVerifier
	}
	s.finishSets()
	s.finishKfuncs()
	s.finishMembers()
	if len(f.Kfuncs) > 0 && !slices.ContainsFunc(f.Kfuncs, func(k *btfdb.Kfunc) bool { return slices.Contains(k.Sets, "common_btf_ids") }) {
		f.Scope = "scx" // a partial tree
	}
	note(f, "read from a source tree with every configuration option taken as chosen: a build may lack some of it")
	note(f, "struct fields, and struct_ops types other than sched_ext's, are not known")
	f.Structs = slices.CompactFunc(sortStructs(f.Structs), func(a, b btfdb.Struct) bool { return a.Name == b.Name })
	applyOverrides(f)
	f.Sort()
	return f, nil
}

// sortStructs orders by name, so that what two files define counts once.
func sortStructs(list []btfdb.Struct) []btfdb.Struct {
	slices.SortFunc(list, func(a, b btfdb.Struct) int { return strings.Compare(a.Name, b.Name) })
	return slices.DeleteFunc(list, func(s btfdb.Struct) bool {
		return !strings.HasPrefix(s.Name, "scx_") && !strings.HasPrefix(s.Name, "sched_ext")
	})
}
