package vm

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"
)

// maxConsole bounds what is kept of a guest's console: its beginning is of no
// interest, its end is.
const maxConsole = 256 << 10

// A console keeps the end of what a guest prints.
type console struct {
	mu  sync.Mutex
	buf []byte
}

// Write implements io.Writer.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = append(c.buf, p...)
	if n := len(c.buf) - maxConsole; n > 0 {
		c.buf = append(c.buf[:0], c.buf[n:]...)
	}
	return len(p), nil
}

func (c *console) copyFrom(r io.Reader) { _, _ = io.Copy(c, r) }

// text is what was printed, without control characters.
func (c *console) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return printable(c.buf)
}

var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[a-zA-Z]|c)`)

// printable makes lines of a terminal's text.
func printable(b []byte) string {
	b = escapes.ReplaceAll(b, nil)
	b = bytes.ReplaceAll(b, []byte("\r"), nil)
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0x7f && r != '\uFFFD' {
			return r
		}
		return -1
	}, string(b))
}

// lastWords are the lines by which a kernel says that it is lost, the most
// telling first.
var lastWords = []*regexp.Regexp{
	regexp.MustCompile(`BUG: .*`),
	regexp.MustCompile(`Oops: .*`),
	regexp.MustCompile(`(?i)general protection fault.*`),
	regexp.MustCompile(`Kernel panic - not syncing: .*`),
	regexp.MustCompile(`watchdog: .*lockup.*`),
	regexp.MustCompile(`rcu: INFO: .*(stall|detected).*`),
	regexp.MustCompile(`Out of memory: .*`),
	regexp.MustCompile(`scx-lsp guest: .*`),
}

// death finds in a console why a guest is dead; "" when it does not say.
func death(text string) string {
	for _, re := range lastWords {
		if m := re.FindString(text); m != "" {
			return strings.TrimSpace(m[:min(len(m), 200)])
		}
	}
	return ""
}
