// Macros that head loops and guarded blocks.
static void loops(struct ctx *c)
{
	int i;

	bpf_for(i, 0, 9) {
		one(i);
	}
	if (c->x)
		bpf_for(i, 0, 4)
			two(i);
	else
		three();
	bpf_for_each(scx_dsq, p, SHARED, 0) {
		if (done(p))
			break;
	}
	bpf_repeat(10) { four(); }
	scoped_guard(rcu) {
		five();
	}
	my_own_each(c, i) {
		six(i);
	}
	for (int k = 0; k < 3; k++)
		seven(k);
	guard(rcu)();
	CLASS(lookup, v)(0);
	struct bpf_cpumask *m __free(bpf_cpumask) = bpf_cpumask_create();
	while (1)
		;
	switch (i) {
	case 1 ... 5:
		eight();
		fallthrough;
	default:
		goto out;
	}
	do { nine(); } while (0);
out:
	return;
}
