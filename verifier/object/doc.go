// Package object judges BPF objects (.bpf.o): what the kernel will see, with
// inlining done, dead code gone and translation units linked.
//
// Open reads an ELF object: its struct_ops tables, programs, subprograms,
// kernel symbols, CO-RE relocations and lines. Check walks the instructions
// the way the verifier of each kernel would, with the constants that are known
// when a program is loaded, and reports what that kernel refuses in the same
// words and under the same ids as the source pass.
//
// It reads from an io.ReaderAt, writes nothing and never loads anything into a
// kernel. It does not model types, memory safety or loop bounds: what it
// accepts may still be refused for those.
package object
