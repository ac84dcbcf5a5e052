// Package kernel lets real kernels judge an object: the one that runs, or any
// image, booted in QEMU. What they say becomes the same rows and findings as
// those of package object, so that reports do not tell the two apart.
//
// link plans what libbpf would do, bpf does it, vm is where, vlog reads what
// the verifier said. Only this package and those below it load anything, and
// only guests ever attach anything.
package kernel
