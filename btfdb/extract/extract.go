package extract

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Image reads the facts of a kernel from a file of it: a vmlinux, a bzImage
// or a BTF file. It needs no more privileges than to read the file.
func Image(r io.ReaderAt, size int64) (*btfdb.Facts, error) {
	img, err := open(r, size)
	if err != nil {
		return nil, err
	}
	f, err := imageFacts(img)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, err
	}
	f.Origin.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// imageFacts reads all that an opened kernel has.
func imageFacts(img *image) (*btfdb.Facts, error) {
	t, err := readTypes(img.btf)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(img.btf)
	f := &btfdb.Facts{
		BTFSHA1: hex.EncodeToString(sum[:]),
		Origin:  btfdb.Origin{Kind: "image", Generator: Generator},
		Enums:   t.enumFacts(), Structs: t.structFacts(),
		Enforcement: enforcement(t),
	}
	f.Ops, f.Members = opsFacts(t)
	readBanner(img, f)
	if err := readSetsInto(f, img, t); err != nil {
		return nil, err
	}
	readOps(f, img, t)
	switch {
	case len(f.Kfuncs) == 0 && img.syms == nil:
		borrow(f, t)
	case slices.ContainsFunc(f.Sets, func(s btfdb.Set) bool { return !s.Known && !s.Plain }):
		borrowHooks(f, img)
	}
	applyOverrides(f)
	f.Sort()
	return f, nil
}

// enforcement is told by BTF alone: struct sched_ext_entity lost kf_mask when
// the filter came (7cd9a5d7d4b7, 7.1).
func enforcement(t *types) btfdb.Enforcement {
	if slices.ContainsFunc(t.enums, func(e *btf.Enum) bool { return e.Name == "scx_kf_allow_flags" }) {
		return btfdb.EnforceVerifier
	}
	return btfdb.EnforceRuntime
}

// readSetsInto reads sets, kfuncs, hooks and filters, as far as the kernel
// gives them.
func readSetsInto(f *btfdb.Facts, img *image, t *types) error {
	sets, err := findSets(f, img, t)
	if err != nil {
		return err
	}
	if f.Kfuncs, err = kfuncFacts(sets, t); err != nil {
		return err
	}
	if img.syms == nil {
		f.Sets = unknownSets(sets)
		return nil
	}
	if f.Progs, err = askHooks(img, t); err != nil {
		note(f, "which hook each program type has is taken from a table: %v", err)
		f.Progs = nil
	}
	hooks := f.Progs
	if hooks == nil {
		hooks = progTable(f.Release)
	}
	if f.Sets, f.Filters, err = setFacts(img, sets, hooks); err != nil {
		note(f, "which hooks each set is registered for is not known: %v", err)
		f.Sets = unknownSets(sets)
	}
	return nil
}

func findSets(f *btfdb.Facts, img *image, t *types) ([]set, error) {
	switch {
	case img.syms != nil:
		sets, err := readSets(img)
		if err != nil {
			return nil, err
		}
		return usefulSets(sets), nil
	case img.btfIDs.size > 0 && img.btfIDs.size < 1<<20:
		note(f, "no symbols (%s): the kfunc sets are named after those of another kernel", img.note)
		return scanSets(img, t)
	}
	note(f, "no kfunc sets: %s", img.note)
	return nil, nil
}

// usefulSets drops plain sets that no filter consults: the kernel has many
// for other purposes.
func usefulSets(sets []set) []set {
	var out []set
	for _, s := range sets {
		if !s.plain || btfdb.PartSet(s.name) {
			out = append(out, s)
		}
	}
	return out
}

func unknownSets(sets []set) []btfdb.Set {
	out := make([]btfdb.Set, len(sets))
	for i, s := range sets {
		out[i] = btfdb.Set{Name: s.name, Plain: s.plain}
	}
	return out
}

// readOps reads what the image knows of members beyond BTF. What it does not
// know is left to the overrides.
func readOps(f *btfdb.Facts, img *image, t *types) {
	if img.syms == nil {
		return
	}
	if err := readAllow(img, t, f.Members); err != nil {
		note(f, "which groups each callback allows is not known: %v", err)
		for _, m := range f.Members {
			m.Allow = nil
		}
	}
	if err := readStubs(img, f.Ops, f.Members); err != nil {
		note(f, "which members take a program is not known: %v", err)
	}
	if len(f.Members) > 0 && img.syms.find("bpf_scx_check_member") != 0 {
		if err := askSleepable(img, f.Members); err != nil {
			note(f, "which callbacks may sleep is taken from a table: %v", err)
			for _, m := range f.Members {
				m.Sleepable, m.SleepKnown = false, false
			}
		}
	}
}

func note(f *btfdb.Facts, format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// bannerVersion finds the release and, in Debian's banner, the package.
var (
	bannerVersion = regexp.MustCompile(`^Linux version (\S+)`)
	bannerDebian  = regexp.MustCompile(`#\d+ .*Debian (\d\S+)`)
)

// maxBanner bounds linux_banner.
const maxBanner = 512

// readBanner takes the version from the kernel's own "Linux version" line.
func readBanner(img *image, f *btfdb.Facts) {
	text, err := banner(img)
	if err != nil {
		f.Build, f.Release = "unknown", "0.0"
		note(f, "no version: %v", err)
		return
	}
	setBanner(f, text)
}

func banner(img *image) (string, error) {
	if img.banner != "" {
		return img.banner, nil
	}
	addr := img.syms.find("linux_banner")
	if addr == 0 {
		return "", errors.New("no linux_banner")
	}
	n := min(img.syms.extent(addr).size, maxBanner)
	data, err := img.mem.read(addr, int(n))
	if err != nil {
		return "", err
	}
	text, _, _ := strings.Cut(string(data), "\x00")
	return strings.TrimSpace(text), nil
}

// setBanner fills in what a version banner tells.
func setBanner(f *btfdb.Facts, text string) {
	f.Origin.Banner = strings.ToValidUTF8(text, "?")
	if m := bannerVersion.FindStringSubmatch(text); m != nil {
		f.Build = m[1]
	}
	if m := bannerDebian.FindStringSubmatch(text); m != nil {
		f.Origin.Package = "linux " + m[1]
	}
	r, err := btfdb.ParseRelease(f.Build)
	if err != nil {
		f.Build, f.Release = "unknown", "0.0"
		note(f, "no version in %q", text)
		return
	}
	f.Release = r.Base().String()
}
