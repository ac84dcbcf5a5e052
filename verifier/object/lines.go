package object

// Lines gives the source lines that code of the object is from, as they were
// compiled: the text by line, counted from 1, by file as the compiler was told
// of it. It is empty for an object without line information.
func (o *Object) Lines() map[string]map[int]string {
	out := map[string]map[int]string{}
	for _, c := range o.code {
		for _, l := range c.lines {
			if out[l.file] == nil {
				out[l.file] = map[int]string{}
			}
			out[l.file][int(l.line)] = l.text
		}
	}
	return out
}
