package btfdb

// Flags are the KF_* flags of a kfunc, with the kernel's bit values
// (include/linux/btf.h).
type Flags uint32
