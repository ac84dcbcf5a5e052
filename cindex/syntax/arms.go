package syntax

// Directives inside a declaration. The tokens of all arms of an #if stay, as
// they do in the text that the author sees, unless that could be no C: then
// only the first arm takes part in the structure, and the others are read as
// loose tokens.

// live gives the tokens that make up the structure of a piece: no directives,
// and no arms that contradict the first one.
func live(text string, toks []token) []token {
	plain := true
	for _, t := range toks {
		if t.kind == tDirective {
			plain = false
			break
		}
	}
	if plain {
		return toks
	}
	a := arms{text: text, toks: toks}
	for i := 0; i < len(toks); i++ { // an #endif without #if stops a block
		i = a.block(i, false)
	}
	return a.out
}

type arms struct {
	text string
	toks []token
	out  []token
}

// block copies tokens up to the directive that ends the current arm, and gives
// the index of that directive.
func (a *arms) block(i int, dead bool) int {
	for i < len(a.toks) {
		t := a.toks[i]
		if t.kind != tDirective {
			if !dead {
				a.out = append(a.out, t)
			}
			i++
			continue
		}
		switch directiveName(a.text[t.start:t.end]) {
		case "if", "ifdef", "ifndef":
			i = a.conditional(i, dead)
		case "else", "elif", "elifdef", "elifndef", "endif":
			return i
		default:
			i++
		}
	}
	return i
}

// conditional copies the arms of the #if at index i and gives the index behind its
// #endif.
func (a *arms) conditional(i int, dead bool) int {
	whole := true // the arms so far are complete in themselves
	for first := true; ; first = false {
		from := len(a.out)
		i = a.block(i+1, dead || !first && !whole)
		if !dead {
			whole = whole && complete(a.out[from:])
		}
		if i >= len(a.toks) {
			return i
		}
		t := a.toks[i]
		if directiveName(a.text[t.start:t.end]) == "endif" {
			return i + 1
		}
	}
}

// complete tells whether tokens can be left in or out without a trace.
func complete(toks []token) bool {
	if len(toks) == 0 {
		return true
	}
	depth := 0
	for _, t := range toks {
		switch t.op {
		case '(', '[', '{':
			if t.kind == tPunct {
				depth++
			}
		case ')', ']', '}':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	last := toks[len(toks)-1]
	if depth != 0 || last.kind != tPunct {
		return false
	}
	switch last.op {
	case ';', '}', ',', ':':
		return true
	}
	return false
}
