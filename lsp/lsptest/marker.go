package lsptest

import (
	"regexp"
	"strconv"
	"strings"
)

// A marker is one /*@ ... */ of a source.
type marker struct {
	text  string // as written
	words []string
	line  int // that it is about
}

var markerComment = regexp.MustCompile(`/\*@ (.*?) \*/`)

// parseMarkers finds the markers of a source.
func (s *scenario) parseMarkers(source string) []marker {
	var markers []marker
	last := 0
	for i, line := range strings.Split(source, "\n") {
		rest := strings.TrimSpace(markerComment.ReplaceAllString(line, ""))
		if rest != "" {
			last = i
		}
		for _, m := range markerComment.FindAllStringSubmatch(line, -1) {
			markers = append(markers, marker{m[1], s.words(m[1]), last})
		}
	}
	return markers
}

// markers checks the markers of a file.
func (s *scenario) markers(file string) {
	s.t.Helper()
	source := s.text(file)
	left := s.diagnostics(file)
	for _, m := range s.parseMarkers(source) {
		if len(m.words) < 3 {
			s.t.Fatalf("%s: marker %q: too few words", file, m.text)
		}
		start, end, ok := find(source, m.line, m.words[1])
		if !ok {
			s.t.Errorf("%s:%d: marker %q: the line has no such text", file, m.line+1, m.text)
			continue
		}
		switch verb := m.words[0]; {
		case verb == "diag":
			left = s.take(left, file, source, m, start, end)
		case probes[verb] != nil:
			s.probe(file+": "+m.text, verb, place{file, start, end}, m.words[2])
		default:
			s.t.Fatalf("%s: unknown marker %q", file, m.text)
		}
	}
	if len(left) > 0 {
		s.t.Errorf("%s: diagnostics without a marker:\n%s", file, s.describe(left))
	}
}

// take removes the diagnostic that a marker describes.
func (s *scenario) take(left []Diagnostic, file, source string, m marker, start, end int) []Diagnostic {
	s.t.Helper()
	if len(m.words) != 4 {
		s.t.Fatalf("%s: marker %q: want text, severity and expression", file, m.text)
	}
	at := Range{PositionAt(source, start, s.c.Encoding), PositionAt(source, end, s.c.Encoding)}
	re, err := regexp.Compile(m.words[3])
	if err != nil {
		s.t.Fatalf("%s: marker %q: %v", file, m.text, err)
	}
	for i, d := range left {
		if d.Range == at && severities[d.Severity] == m.words[2] && re.MatchString(d.Code+": "+d.Message) {
			return append(append([]Diagnostic(nil), left[:i]...), left[i+1:]...)
		}
	}
	s.t.Errorf("%s:%d: no diagnostic for marker %q; there are\n%s", file, m.line+1, m.text, s.describe(left))
	return left
}

// find gives the span of a text in a line; "text"#2 is its second occurrence.
// What stands in markers does not count.
func find(source string, line int, text string) (start, end int, ok bool) {
	nth := 1
	if i := strings.LastIndex(text, `"#`); i > 0 {
		n, err := strconv.Atoi(text[i+2:])
		u, err2 := strconv.Unquote(text[:i+1])
		if err == nil && err2 == nil {
			nth, text = n, u
		}
	}
	lines := strings.SplitAfter(source, "\n")
	base := len(strings.Join(lines[:line], ""))
	blank := markerComment.ReplaceAllStringFunc(lines[line], func(m string) string { return strings.Repeat(" ", len(m)) })
	at := 0
	for ; nth > 0; nth-- {
		i := strings.Index(blank[at:], text)
		if i < 0 {
			return 0, 0, false
		}
		start = base + at + i
		at += i + len(text)
	}
	return start, start + len(text), true
}
