package bpf

import "strconv"

// Canceled is the errno of a step that was not tried any more.
const Canceled = 125

// errnos are the errors that bpf(2) gives; the numbers are Linux', which need
// not be those of the machine that reads a report.
var errnos = map[int]string{
	1: "EPERM: not permitted", 2: "ENOENT: no such thing", 3: "ESRCH: no such symbol or process", 7: "E2BIG: too large", 9: "EBADF: bad descriptor",
	12: "ENOMEM: no memory", 13: "EACCES: permission denied", 14: "EFAULT: bad address", 16: "EBUSY: busy", 17: "EEXIST: exists",
	19: "ENODEV: no such device", 22: "EINVAL: invalid argument", 28: "ENOSPC: no space", 33: "EDOM", 34: "ERANGE: out of range",
	71: "EPROTO: protocol error", 95: "EOPNOTSUPP: not supported", 110: "ETIMEDOUT: timed out", 125: "ECANCELED: not tried", 524: "ENOTSUPP: not supported",
}

// Errno names an error.
func Errno(n int) string {
	if s, ok := errnos[n]; ok {
		return s
	}
	return "errno " + strconv.Itoa(n)
}
