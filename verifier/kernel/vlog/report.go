package vlog

import (
	"regexp"
	"strconv"
	"strings"
)

// The report of 7.3 (kernel/bpf/verifier.c and diag.c): headings at the left
// margin, text two further in.

var (
	failingInsn = regexp.MustCompile(`^\s*>>>\s*(\d{1,7}) \| \([0-9a-f]{2}\)`)
	remark      = regexp.MustCompile(`^\s*\|\s*\^-- (.*)`)
	goesOn      = regexp.MustCompile(`^\s*\|  {4,}(\S.*)`)
)

// report reads what follows "Verification failed: ".
func (l *Log) report(text string) {
	category, rest, _ := strings.Cut(text, "\n")
	l.Category = strings.TrimSpace(category)
	heading := ""
	var body []string
	done := func() {
		switch heading {
		case "Reason:":
			l.Reason = joined(body)
		case "Suggestion:":
			l.Suggestion = joined(body)
		case "Causal path:":
			l.Path = events(body)
		}
		body = nil
	}
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line[0] != ' ' {
			done()
			if heading = line; !strings.HasSuffix(line, ":") {
				return // the counts
			}
			continue
		}
		body = append(body, line)
	}
	done()
}

func joined(lines []string) string {
	var words []string
	for _, l := range lines {
		words = append(words, strings.Fields(l)...)
	}
	return strings.Join(words, " ")
}

// events reads a causal path: a remark below a source line, then the
// instruction that it is about.
func events(lines []string) []Event {
	var out []Event
	var text []string
	for _, l := range lines {
		if m := remark.FindStringSubmatch(l); m != nil {
			text = []string{m[1]}
			continue
		}
		if m := failingInsn.FindStringSubmatch(l); m != nil && text != nil {
			n, _ := strconv.Atoi(m[1])
			out = append(out, Event{n, strings.Join(text, " ")})
			text = nil
			continue
		}
		if m := goesOn.FindStringSubmatch(l); m != nil && text != nil && len(text) < 8 {
			text = append(text, strings.TrimSpace(m[1]))
		}
	}
	return out[max(0, len(out)-maxPath):]
}
