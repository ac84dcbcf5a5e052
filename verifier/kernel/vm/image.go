package vm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
)

// ImageRelease reads which kernel a bzImage holds, from its header
// (Documentation/arch/x86/boot.rst: kernel_version).
func ImageRelease(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	head = head[:n]
	if len(head) < 0x210 || string(head[0x202:0x206]) != "HdrS" {
		return "", fmt.Errorf("%s: not a bzImage, which is what QEMU boots", path)
	}
	at := int(binary.LittleEndian.Uint16(head[0x20e:])) + 0x200
	if at == 0x200 || at >= len(head) {
		return "", fmt.Errorf("%s: the header names no version", path)
	}
	name, _, _ := bytes.Cut(head[at:min(len(head), at+256)], []byte{0})
	word, _, _ := strings.Cut(string(name), " ")
	return printable([]byte(word)), nil
}
