package btfdb

import (
	"embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.txt
var dataFS embed.FS

// A Known is a kernel that the database holds.
type Known struct {
	Release string // "7.3"
	Build   string // "7.3.4+deb13-amd64"
	load    func() (*Kernel, error)
}

// known lists the embedded kernels, oldest first. It reads file names only;
// each file is parsed when it is first asked for.
var known = sync.OnceValue(func() []Known {
	files, err := dataFS.ReadDir("data")
	if err != nil {
		return nil
	}
	var list []Known
	for _, f := range files {
		build := strings.TrimSuffix(f.Name(), ".txt")
		r, err := ParseRelease(build)
		if err != nil {
			continue
		}
		name := "data/" + f.Name()
		list = append(list, Known{Release: r.Base().String(), Build: build, load: sync.OnceValues(func() (*Kernel, error) {
			text, err := dataFS.ReadFile(name)
			if err != nil {
				return nil, err
			}
			return Parse(string(text))
		})})
	}
	slices.SortFunc(list, func(a, b Known) int { return CompareReleases(a.Build, b.Build) })
	return list
})

// Releases lists the known kernels, oldest first.
func Releases() []Known { return slices.Clone(known()) }

// Newest is the newest known kernel.
func Newest() *Kernel {
	list := known()
	if len(list) == 0 {
		return nil
	}
	k, err := list[len(list)-1].load()
	if err != nil {
		return nil // TestEmbedded parses every file
	}
	return k
}

// Load finds one kernel: an exact build (7.3.4, 7.3.4+deb13-amd64), a release
// (7.3: its newest known build), "newest", or the path of a file that
// "scx-lsp db extract" wrote.
func Load(spec string) (*Kernel, error) {
	list, err := Select(spec)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, fmt.Errorf("kernel %q: %d kernels, want one", spec, len(list))
	}
	return list[0], nil
}

// Default is what schedulers are checked for when nobody says otherwise: every
// release that has sched_ext.
const Default = "6.12..newest"

// Select finds kernels: a comma list of what Load takes and of ranges
// (6.12..7.3: the newest known build of every release in it; the end may be
// "newest"). They come back
// oldest first, each once. An unknown kernel is an error that wraps
// ErrUnknownRelease and names the nearest known one.
func Select(spec string) ([]*Kernel, error) {
	var found []*Kernel
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		list, err := selectOne(part)
		if err != nil {
			return nil, err
		}
		for _, k := range list {
			if !slices.ContainsFunc(found, func(o *Kernel) bool { return o.Build == k.Build }) {
				found = append(found, k)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *Kernel) int { return CompareReleases(a.Build, b.Build) })
	return found, nil
}

func selectOne(spec string) ([]*Kernel, error) {
	if from, to, ok := strings.Cut(spec, ".."); ok && !isPath(spec) {
		return selectRange(spec, from, to)
	}
	var k *Kernel
	var err error
	switch {
	case spec == "newest":
		k = Newest()
	case isPath(spec):
		k, err = loadFile(spec)
	default:
		var x Known
		if x, err = find(spec); err == nil {
			k, err = x.load()
		}
	}
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fmt.Errorf("kernel %q: %w: the database is empty", spec, ErrUnknownRelease)
	}
	return []*Kernel{k}, nil
}

// isPath tells a file from a version: versions have neither slashes nor the
// suffix of data files.
func isPath(spec string) bool {
	return strings.ContainsAny(spec, `/\`) || strings.HasSuffix(spec, ".txt")
}

func loadFile(path string) (*Kernel, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxData+1))
	if err != nil {
		return nil, err
	}
	k, err := Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

// find looks a version up. A release stands for its newest known build.
func find(spec string) (Known, error) {
	r, err := ParseRelease(spec)
	if err != nil {
		return Known{}, err
	}
	list := known()
	for _, x := range slices.Backward(list) {
		build, _ := ParseRelease(x.Build)
		switch {
		case x.Build == spec,
			r.Patch < 0 && r == build.Base(),
			r.Patch >= 0 && r == build && r.String() == strings.TrimPrefix(spec, "v"):
			return x, nil
		}
	}
	return Known{}, fmt.Errorf("kernel %s: %w%s", spec, ErrUnknownRelease, nearestText(r))
}

// Nearest is the known kernel whose version is closest; ok is false if there
// is none.
func Nearest(version string) (near Known, ok bool) {
	r, err := ParseRelease(version)
	if err != nil {
		return Known{}, false
	}
	for _, x := range known() {
		b, _ := ParseRelease(x.Build)
		if n, _ := ParseRelease(near.Build); !ok || r.distance(b) <= r.distance(n) {
			near, ok = x, true
		}
	}
	return near, ok
}

// Load reads the kernel's facts.
func (x Known) Load() (*Kernel, error) { return x.load() }

func nearestText(r Release) string {
	x, ok := Nearest(r.String())
	if !ok {
		return ""
	}
	return fmt.Sprintf("; the nearest known one is %s. Rules change in stable updates too: "+
		"'scx-lsp db extract IMAGE' reads the facts of any kernel, 'scx-lsp db diff' compares them", x.Build)
}

// selectRange takes the newest known build of every release from..to.
func selectRange(spec, from, to string) ([]*Kernel, error) {
	if k := Newest(); to == "newest" && k != nil {
		to = k.Release
	}
	lo, err := ParseRelease(from)
	if err != nil {
		return nil, err
	}
	hi, err := ParseRelease(to)
	if err != nil {
		return nil, err
	}
	if hi.Compare(lo) < 0 {
		return nil, fmt.Errorf("kernel range %q: ends before it begins", spec)
	}
	var out []*Kernel
	list := known()
	for i, x := range list {
		if i+1 < len(list) && list[i+1].Release == x.Release || !within(x, lo, hi) {
			continue
		}
		k, err := x.load()
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("kernel range %q: %w%s", spec, ErrUnknownRelease, nearestText(hi))
	}
	return out, nil
}

// within reports whether a known kernel is in a range.
func within(x Known, lo, hi Release) bool {
	b, err := ParseRelease(x.Build)
	return err == nil && b.Within(lo, hi)
}
