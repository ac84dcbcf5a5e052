package verifier

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Where gives the kernels of the pass for which something holds.
func (p *Pass) Where(holds func(*btfdb.Kernel) bool) []*btfdb.Kernel {
	var on []*btfdb.Kernel
	for _, k := range p.Kernels {
		if holds(k) {
			on = append(on, k)
		}
	}
	return on
}

// ReportOn reports what some of the judged kernels refuse: for rules that look
// at tables, declarations or the flow of a function rather than at calls. It
// fills in the releases, and the severity unless the rule did: Error when all
// judged kernels refuse, else Warning. When none refuses there is no finding.
func (p *Pass) ReportOn(on, judged []*btfdb.Kernel, f Finding) {
	if len(on) == 0 {
		return
	}
	if f.Severity == 0 {
		f.Severity = Warning
		if len(on) >= len(judged) {
			f.Severity = Error
		}
	}
	f.Releases = f.Releases[:0:0]
	for _, k := range on {
		f.Releases = append(f.Releases, k.Release)
	}
	p.Report(f)
}

// ReleaseText names releases for people: "Linux 7.3", "Linux 6.12, 6.14", and
// runs of releases that follow each other as "Linux 6.12..7.0".
func ReleaseText(releases []string) string { return "Linux " + releaseRuns(releases) }

// releaseRuns joins neighbours among the releases that the database knows.
func releaseRuns(releases []string) string {
	at := map[string]int{}
	for i, r := range btfdb.Releases() {
		at[r.Release] = i + 1 // 0: of a file that the user has
	}
	var out []string
	for i := 0; i < len(releases); {
		last := i
		for last+1 < len(releases) && at[releases[last]] > 0 && at[releases[last+1]] == at[releases[last]]+1 {
			last++
		}
		switch last - i {
		case 0:
			out = append(out, releases[i])
		case 1:
			out = append(out, releases[i], releases[last])
		default:
			out = append(out, releases[i]+".."+releases[last])
		}
		i = last + 1
	}
	return strings.Join(out, ", ")
}
