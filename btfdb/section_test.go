package btfdb

import "testing"

// A word behind "cgroup/" that libbpf does not know names no program type; the
// ones that it knows differ in what they may call.
func TestCgroupSections(t *testing.T) {
	k := Newest()
	tests := []struct {
		section, kfunc string
		want           Outcome
	}{
		{"cgroup/connect_unix", "bpf_sock_addr_set_sun_path", Allowed},
		{"?cgroup/sendmsg4", "bpf_cgroup_from_id", Allowed},
		{"cgroup/post_bind6", "scx_bpf_kick_cpu", RefusedLoad},
		{"cgroup_skb/egress", "scx_bpf_kick_cpu", RefusedLoad},
	}
	for _, tt := range tests {
		ctx, ok := SectionContext(tt.section)
		if !ok {
			t.Errorf("%s: no program type", tt.section)
			continue
		}
		if got := k.Query(ctx, tt.kfunc).Outcome; got != tt.want {
			t.Errorf("%s, %s: %v, want %v", tt.section, tt.kfunc, got, tt.want)
		}
	}
	if ctx, ok := SectionContext("cgroup/anything"); ok {
		t.Errorf("cgroup/anything is a program of type %+v", ctx)
	}
}
