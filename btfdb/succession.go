package btfdb

// A Succession says what took the place of a kfunc.
type Succession struct {
	Old  string
	New  string // the kfunc to call instead
	Drop bool   // New takes the same arguments: the name is all that changes
	Note string // what to know beyond the name
}

// Since is the first known release that has the new kfunc.
func (s Succession) Since() string {
	l, _ := History(s.New)
	return l.Since
}

// successions are those of sched_ext from 6.12 to 7.3. The renames came with
// 6.13 and the old names went with 6.17; scx_bpf_cpu_rq() went with 7.3.
var successions = []Succession{
	{Old: "scx_bpf_dispatch", New: "scx_bpf_dsq_insert", Drop: true},
	{Old: "scx_bpf_dispatch_vtime", New: "scx_bpf_dsq_insert_vtime", Drop: true},
	{Old: "scx_bpf_consume", New: "scx_bpf_dsq_move_to_local", Drop: true},
	{Old: "scx_bpf_dispatch_from_dsq", New: "scx_bpf_dsq_move", Drop: true},
	{Old: "scx_bpf_dispatch_vtime_from_dsq", New: "scx_bpf_dsq_move_vtime", Drop: true},
	{Old: "scx_bpf_dispatch_from_dsq_set_slice", New: "scx_bpf_dsq_move_set_slice", Drop: true},
	{Old: "scx_bpf_dispatch_from_dsq_set_vtime", New: "scx_bpf_dsq_move_set_vtime", Drop: true},
	{
		Old: "scx_bpf_cpu_rq", New: "scx_bpf_cpu_curr",
		Note: "scx_bpf_cpu_curr() gives the task that a CPU runs; in a callback that holds the rq lock, scx_bpf_locked_rq() gives the rq",
	},
}

// Succeeded finds what took the place of a kfunc; ok is false when nothing did.
func Succeeded(kfunc string) (s Succession, ok bool) {
	for _, s := range successions {
		if s.Old == kfunc {
			return s, true
		}
	}
	return Succession{}, false
}

// A Defect is a kfunc that some releases have and that does not do there what
// it should.
type Defect struct {
	Kfunc string
	Fixed string // the first release in which it works
	What  string // what goes wrong before
}

// defects are those of sched_ext that scx's headers work around.
var defects = []Defect{
	{Kfunc: "scx_bpf_dsq_peek", Fixed: "7.1", What: "may give NULL although the DSQ holds tasks"},
}

// DefectOf tells what is wrong with a kfunc on a release; ok is false when
// nothing is known to be.
func DefectOf(kfunc, release string) (d Defect, ok bool) {
	for _, d := range defects {
		if d.Kfunc == kfunc && CompareReleases(release, d.Fixed) < 0 {
			return d, true
		}
	}
	return Defect{}, false
}
