package cindex

import "slices"

// A FuncKey stands for what a function is apart from its place. Two functions
// with the same key differ at most in offsets and in the places of macros: At,
// Body, Call.At and Via.Def.
type FuncKey struct{ _ byte } // of some size, so that every one has an address of its own

// Key gives the function's key. It stays the same from unit to unit of a
// source as long as the function does, and the names that it uses.
func (f *Func) Key() *FuncKey { return f.key }

// Own gives the functions that the main source defines, in its order. Nobody
// changes the list.
func (u *Unit) Own() []*Func {
	if u.own == nil {
		return nil
	}
	return u.own.funcs
}

// SameHeaders tells whether two units of a source got the very same facts from
// their headers.
func (u *Unit) SameHeaders(o *Unit) bool { return slices.Equal(u.layers, o.layers) }
