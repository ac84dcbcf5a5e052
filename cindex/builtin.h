/* What the parser wants to see in place of the real macros: these are never redefined. */
#define SEC(name) __attribute__((section(name), used))
#define BPF_PROG(name, args...) name(args)
#define BPF_PROG2(name, args...) name(args)
#define BPF_KPROBE(name, args...) name(args)
#define BPF_KRETPROBE(name, args...) name(args)
#define BPF_UPROBE(name, args...) name(args)
#define BPF_URETPROBE(name, args...) name(args)
#define BPF_KSYSCALL(name, args...) name(args)
#define BPF_KPROBE_SYSCALL(name, args...) name(args)
#define BPF_USDT(name, args...) name(args)
#define ___bpf_narg(args...) 1
#define ___bpf_fill(arr, args...) (void)(0, ##args)
#define _Pragma(s)
#define __pragma(s)
#define __extension__
