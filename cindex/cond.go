package cindex

import "strings"

type armState uint8

const (
	armOff    armState = iota
	armMain            // what the compiler takes, as far as the unit tells
	armSecond          // what it takes if the build defines something
)

// A chain is an #if with its #elif and #else.
type chain struct {
	outer armState
	arm   armState
	taken bool // an earlier arm is what the compiler takes
	dead  bool // a condition was true for certain: no later arm counts
	maybe bool // a condition hangs on the build
	did   bool // an armSecond was there already
}

// A verdict is the value of a condition.
type verdict struct {
	v       bool
	unknown bool // hangs on the build; v is what holds if that defines nothing
}

func openChain(outer armState, v verdict) chain {
	c := chain{outer: outer}
	c.next(v)
	return c
}

// next goes to the next arm.
func (c *chain) next(v verdict) {
	c.arm = armOff
	c.maybe = c.maybe || v.unknown
	if c.outer == armOff || c.dead {
		return
	}
	if !v.unknown {
		c.dead = v.v
	}
	switch {
	case v.v && !c.taken:
		c.taken = true
		c.arm = c.outer
	case v.v || v.unknown:
		c.arm = armSecond
	}
}

// arm gives the state of the innermost chain, in the middle of a piece, where
// only one arm can be read at a time.
func (x *expander) arm() armState {
	for i := range x.conds {
		c := &x.conds[i]
		if !x.flip && c.arm != armMain {
			return armOff
		}
		if x.flip && c.maybe && (c.arm != armSecond || c.did) || c.arm == armOff {
			return armOff
		}
	}
	if n := len(x.conds); n > 0 {
		return x.conds[n-1].arm
	}
	return armMain
}

// directive obeys a directive in the middle of a piece.
func (x *expander) directive(d *directive) {
	switch d.kind {
	case dIf, dIfdef, dIfndef:
		v := verdict{}
		if x.arm() != armOff {
			v = x.evaluate(d)
		}
		x.unknown = x.unknown || v.unknown
		outer := armMain
		if n := len(x.conds); n > 0 {
			outer = x.conds[n-1].arm
		}
		x.conds = append(x.conds, openChain(outer, v))
		return
	case dElif, dElse:
		x.nextArm(d)
		return
	case dEndif:
		if n := len(x.conds); n > 0 {
			x.conds = x.conds[:n-1]
		}
		return
	}
	if x.arm() != armOff {
		if e := applyMacro(x.env, d); e != x.env {
			x.env = e
			x.effects = true
			x.asked.clear() // they are of no use: the memo holds for this env only
		}
	}
}

func (x *expander) nextArm(d *directive) {
	n := len(x.conds)
	if n == 0 {
		return
	}
	c := &x.conds[n-1]
	c.did = c.did || c.arm == armSecond
	v := verdict{v: true}
	if d.kind == dElif && c.outer != armOff && !c.dead {
		v = x.evaluate(d)
	}
	x.unknown = x.unknown || v.unknown
	c.next(v)
}

// applyMacro gives the env after a directive about macros.
func applyMacro(e *env, d *directive) *env {
	switch d.kind {
	case dDefine, dUndef:
		if d.macro != nil {
			return e.set(d, d.macro)
		}
	case dPush:
		return e.push(d)
	case dPop:
		return e.pop(d)
	}
	return e
}

// evaluate gives the value of a conditional directive.
func (x *expander) evaluate(d *directive) verdict {
	if d.kind == dIfdef || d.kind == dIfndef || d.kind == dElif && d.name != "" {
		v := x.isDefined(d.hash, d.name)
		if d.kind == dIfndef || d.next {
			v.v = !v.v
		}
		return v
	}
	val := x.condition(d)
	return verdict{val.v != 0, val.unknown}
}

// isDefined answers #ifdef. A name that neither the compiler nor any of the
// file's own lines could define hangs on the build.
func (x *expander) isDefined(hash uint32, name string) verdict {
	m := x.ask(hash, name)
	if m != nil {
		return verdict{v: !m.undef && !m.fallback && !m.opaque}
	}
	return verdict{unknown: !x.absent(name)}
}

// absent tells of a name without a macro whether it certainly has none.
func (x *expander) absent(name string) bool {
	if strings.HasPrefix(name, "_") || name == "LSP" {
		return true // the compiler's names, which the prelude knows, and clangd's
	}
	x.askedAbs = true
	return x.defined.names[name]
}
