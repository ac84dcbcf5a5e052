// Package oracle holds the tests that compare cindex with what clang makes of
// the same sources. They need clang and the sources that scripts/kernel-sources
// unpacks, and are skipped without them.
package oracle
