//go:build !unix

package lsp

import "os"

// processAlive says no only when it is sure.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
