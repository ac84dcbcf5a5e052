package syntax

// masked masks what begins with the word at token i and gives the index of the
// token to go on with.
func (m *mask) masked(i int) int {
	w := m.word(i)
	switch words[w] {
	case wAttr:
		m.wipe(i, i+1)
		return i + 1
	case wAttrN:
		end := i + 1
		if m.op(end) == '(' {
			end = int(m.close[end]) + 1
		}
		m.wipe(i, end)
		return end
	case wTypeof:
		return m.typeof(i)
	case wAsm:
		return m.asm(i)
	case wOper:
		if m.op(i+1) == '(' && (w == "offsetof" || w == "__builtin_offsetof") {
			m.put(i, "offset_f") // the grammar's own form takes one field only
		}
	case wStmt:
		if w == "goto" && m.op(i+1) == '*' {
			m.wipe(i, i+1)
		}
	case 0:
		if m.depth > 0 && words[m.word(i+1)] == wStmt && m.startsStmt(i) {
			m.wipe(i, i+1) // a pragma in a macro
		}
	}
	if m.depth > 0 && m.op(i+1) == '(' && !isKeyword(w) && m.startsStmt(i) {
		m.loop(i)
	}
	return i + 1
}

// typeof puts the name of a type.
func (m *mask) typeof(i int) int {
	if m.op(i+1) != '(' {
		return i + 1
	}
	m.put(i, "T")
	end := int(m.close[i+1]) + 1
	m.wipe(i+1, end)
	return end
}

// asm puts a call without arguments; its operands are read as loose tokens.
func (m *mask) asm(i int) int {
	k := i + 1
	for words[m.word(k)] == wStorage || m.word(k) == "goto" {
		m.wipe(k, k+1)
		k++
	}
	if m.op(k) != '(' {
		return i + 1
	}
	if m.word(i-1) != "" && !m.startsStmt(i) { // register u64 x asm("r0");
		m.wipe(i, int(m.close[k])+1)
		return int(m.close[k]) + 1
	}
	m.put(i, "f")
	m.wipe(k+1, int(m.close[k]))
	return int(m.close[k])
}

// startsStmt tells whether a statement may begin at token i.
func (m *mask) startsStmt(i int) bool {
	switch m.op(i - 1) {
	case ';', '{', '}', ':', ')':
		return true
	}
	w := m.word(i - 1)
	return w == "else" || w == "do"
}

// loop masks a macro that heads a loop or a guarded block: a call with a block
// behind it. Without braces the name must tell.
func (m *mask) loop(i int) {
	end := int(m.close[i+1])
	if m.op(end) != ')' || end == i+2 {
		return
	}
	if m.op(end+1) != '{' && (!isLoop(m.word(i)) || m.op(end+1) == ';' || m.op(end+1) == ')') {
		return
	}
	if m.toks[i].end-m.toks[i].start >= 5 {
		m.put(i, "while")
	} else if m.toks[i].end-m.toks[i].start >= 2 {
		m.put(i, "if")
	}
}

// argument masks the argument that begins at token i when it is a type or a
// declaration: of `const struct x *p` the last name remains.
func (m *mask) argument(i int) {
	if next := m.op(i + 1); m.op(i) != 0 && (next == ',' || next == ')') && isOperator(m.text[m.toks[i].start]) {
		m.put(i, "0") // bpf_cmp_likely(a, <, b)
		return
	}
	if !m.typeAhead(i) {
		return
	}
	name, end := m.typeEnd(i)
	if op := m.op(end); op != ',' && op != ')' {
		return
	}
	if name < 0 {
		m.wipe(i, end)
		m.out[m.toks[i].start] = 'T'
		return
	}
	m.wipe(i, name)
	m.wipe(name+1, end)
}

// typeEnd passes the words, stars and brackets of a type from token i on, and
// finds the last name among them.
func (m *mask) typeEnd(i int) (name, end int) {
	name = -1
	for end = i; end < len(m.toks); end++ {
		w := m.word(end)
		switch m.op(end) {
		case '[', '{', '(':
			end = int(m.close[end])
			continue
		case '*':
			continue
		}
		if w == "" {
			break
		}
		if !isKeyword(w) {
			name = end
		}
	}
	return name, end
}

// typeAhead tells whether an argument begins like a type.
func (m *mask) typeAhead(i int) bool {
	switch w := m.word(i); words[w] {
	case wTag:
		return true
	case wStorage:
		return w == "const" || w == "volatile"
	case wType:
		return primitive[w] || m.op(i+1) == '*'
	case 0:
		if w == "" {
			return false
		}
		k := i + 1
		for m.op(k) == '*' {
			k++
		}
		return k > i+1 && (m.op(k) == ',' || m.op(k) == ')') // foo_t *,
	}
	return false
}

// dots masks GNU ranges, `case 1 ... 5:` and `[0 ... 5] =`.
func (m *mask) dots(i int) {
	for k := i; k < len(m.toks) && k < i+16; k++ {
		switch m.op(k) {
		case ':', ']':
			m.wipe(i, k)
			return
		case ',', ')', ';', '{', '}':
			return
		}
	}
}
