package btfdb

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrUnknownRelease is wrapped by the error of a release that the database
// does not hold. The text names the nearest one that it does.
var ErrUnknownRelease = errors.New("unknown kernel")

// A Release is a kernel.org version number: 7.3 or 7.3.4. Patch is -1 when
// only a release is named.
type Release struct{ Major, Minor, Patch int }

// ParseRelease reads the numbers at the start of a version: "v7.3", "7.3.4",
// "7.3.4+deb13-amd64", "7.3-rc1", "7.3.4-1~bpo13+1".
func ParseRelease(s string) (Release, error) {
	num, _, _ := strings.Cut(strings.TrimPrefix(s, "v"), "-")
	num, _, _ = strings.Cut(num, "+")
	parts := strings.Split(num, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return Release{}, fmt.Errorf("kernel version %q: want a form like 7.3 or 7.3.4", s)
	}
	r := Release{Patch: -1}
	for i, dst := range []*int{&r.Major, &r.Minor, &r.Patch}[:len(parts)] {
		n, err := strconv.ParseUint(parts[i], 10, 16)
		if err != nil {
			return Release{}, fmt.Errorf("kernel version %q: part %q is not a number", s, parts[i])
		}
		*dst = int(n)
	}
	return r, nil
}

// Compare orders by number; a bare release is before its builds.
func (r Release) Compare(o Release) int {
	return cmp.Or(cmp.Compare(r.Major, o.Major), cmp.Compare(r.Minor, o.Minor), cmp.Compare(r.Patch, o.Patch))
}

// Within reports lo <= r <= hi. A bound without a patch number stands for the
// whole release.
func (r Release) Within(lo, hi Release) bool {
	at := func(bound Release) Release {
		if bound.Patch < 0 {
			return r.Base()
		}
		return r
	}
	return at(lo).Compare(lo) >= 0 && at(hi).Compare(hi) <= 0
}

// Base drops the patch number.
func (r Release) Base() Release { return Release{r.Major, r.Minor, -1} }

func (r Release) String() string {
	s := strconv.Itoa(r.Major) + "." + strconv.Itoa(r.Minor)
	if r.Patch >= 0 {
		s += "." + strconv.Itoa(r.Patch)
	}
	return s
}

// CompareReleases orders two version texts; what does not parse is oldest.
func CompareReleases(a, b string) int {
	x, _ := ParseRelease(a)
	y, _ := ParseRelease(b)
	return x.Compare(y)
}

// distance is how far apart two releases are, for "nearest known".
func (r Release) distance(o Release) int {
	p := func(x Release) int { return linear(x.Major, x.Minor)*1000 + max(x.Patch, 0) }
	d := p(r) - p(o)
	return max(d, -d)
}

// linear numbers releases in the order in which they came out. 4.20, 5.19 and
// 6.19 were the last of their majors; 7.x goes on after 6.19.
func linear(major, minor int) int {
	first := map[int]int{5: 0, 6: 20, 7: 40}
	if n, ok := first[major]; ok {
		return n + minor
	}
	return major*20 - 100 + minor
}

func itoa(n int) string { return strconv.Itoa(n) }
