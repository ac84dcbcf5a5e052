package btfdb

// The images come from scripts/kernel-images; SCX_LSP_KERNELS is its DIR.
//go:generate go run ./gen -o data $SCX_LSP_KERNELS
