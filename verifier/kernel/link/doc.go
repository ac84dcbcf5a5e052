// Package link turns an object into the plan of bpf(2) calls that libbpf
// would make for it on a kernel: relocations, CO-RE, ksyms, maps, ops tables.
//
// It is our own loader because cilium/ebpf's refuses real schedulers (weak
// __kconfig, arena globals, weak maps; kfuncs with ___v2 twins), and because
// it wants to be asked before the kernel is there: all that the kernel has to
// say comes from its BTF. What libbpf decides (tools/lib/bpf/libbpf.c, 7.3) is
// decided the same way here, and said in its words.
//
// The package calls nothing: see package bpf for that.
package link
