// Package btfdb is the database of kernels: which kfuncs a Linux release has,
// which struct_ops members and program types may call each, and who refuses
// what they may not.
//
// A Kernel is parsed from one text file of facts (format in docs/kernels.md).
// The files of the known releases are embedded; package extract makes one of
// any image, running kernel or source tree.
//
// The package judges calls by program type, ops member and sleepability. It
// does not know arguments, locks, references or anything else that needs the
// program's code, and it never guesses: what the data does not hold comes back
// as Unknown.
package btfdb
