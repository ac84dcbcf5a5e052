// A tree of our own in the shape of Linux 7.3, for tests.
enum scx_public_consts {
	SCX_OPS_NAME_LEN = 128,
	SCX_SLICE_DFL = 20 * NSEC_PER_MSEC,
};
