#include "vmlinux.h"
#include <scx/common.bpf.h>
#  include	"../x.h" // a comment
#define OBJECT (1 << 3)
#define CALLS(p, args...) do { helper((p)->field, ##args); \
	other(p); } while (0)
#define VARIADIC(fmt, ...) printk(fmt, ##__VA_ARGS__)
#define EMPTY
#undef OBJECT
#if defined(A) && VERSION(6, 12) > 3
DEFINE_FREE(task, struct task_struct *, if (_T) bpf_task_release(_T))
DEFINE_GEN(a)
DEFINE_GEN(b);
static int after_generators(void) { return CALLS(1); }
#else
MACRO_FUNC(generated, int x)
{
	body(x);
}
#endif
#pragma once

static int inner(void)
{
#define LOCAL 4
#ifdef ONE
	if (one()) {
#else
	if (two()) {
#endif
		three(LOCAL);
	}
	four(1,
#ifdef X
	     five()
#else
	     six()
#endif
	);
#if SEVEN
	seven();
#elif EIGHT
	eight();
#endif
	return 0;
}
