// Package extract reads the facts of a kernel out of the kernel itself: an
// image, a running kernel, a module, a BTF file or a source tree.
//
// Every reader takes an io.ReaderAt, trusts nothing in it and bounds what it
// allocates. An error names the part and the offset. What a kernel does not
// tell is supplied by overrides.txt, which is kept by release, or stays unknown.
package extract

// Generator is the version of the extractor. It changes whenever the same
// kernel would give different facts.
const Generator = "1"
