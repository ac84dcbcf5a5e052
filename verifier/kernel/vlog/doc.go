// Package vlog reads the logs that the kernel's verifier writes, of 6.12 to
// 7.3: which instruction was refused, in which words, and the way that led
// there. 7.3 writes a report of its own behind the old text (Reason, At,
// Causal path, Suggestion); what older kernels leave out is made from the
// walk, so that all come in one shape.
//
// A log comes from a guest and may hold anything: nothing here is larger than
// the log, and nothing is trusted to be in order.
package vlog
