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
