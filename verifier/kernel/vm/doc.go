// Package vm boots a kernel image in QEMU and performs bpf plans there.
//
// A guest gets the kernel, and an initramfs made in memory with this very
// program as its init; nothing of the host, no network, no disk. Stock
// distribution kernels have virtio and 9p as modules, which a guest without
// modules lacks, so the two talk through what is always built in: a serial
// port to ring, and a PCI device of shared memory (ivshmem, whose BAR sysfs
// lets a process map without a driver) for the messages. The console is read
// for last words. Everything lives in memfds: no file is left behind, and a
// guest dies with the process that started it.
//
// What a guest sends is foreign. Its lengths are checked, its texts bounded.
package vm
