package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Views are the ways to look at a matrix.
//
// groups is the filter by member offset (7.1): every context with the groups
// of kfuncs that it allows. flags is the design of January 2025, where kfuncs
// and ops stubs would carry KF_ bits: every kfunc with its bits. mask is the
// run-time mask (6.12 to 7.0): kf_mask of every callback and what each kfunc
// accepts. cells is every kfunc in every scx callback.
var views = map[string]func(*btfdb.Kernel) *table{
	"groups": groupsView, "flags": flagsView, "mask": maskView, "cells": cellsView,
}

// Write prints the matrix of a kernel in a format and a view.
func Write(w io.Writer, k *btfdb.Kernel, format, view string) error {
	if format == "json" {
		return NewMatrix(k).JSON(w)
	}
	v, ok := views[view]
	if !ok {
		return fmt.Errorf("view %q: want one of %s", view, names(views))
	}
	f, ok := formats[format]
	if !ok {
		return fmt.Errorf("format %q: want one of json, %s", format, names(formats))
	}
	t := v(k)
	t.notes = append(t.notes, k.Partial()...)
	return f(t, w)
}

func names[T any](m map[string]T) string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func title(k *btfdb.Kernel, what string) string {
	by := "the verifier refuses at load (scx_kfunc_context_filter)"
	if k.Enforcement == btfdb.EnforceRuntime {
		by = "sched_ext aborts the scheduler at run time (scx_kf_allowed)"
	}
	return fmt.Sprintf("Linux %s: %s; %s", k.Build, what, by)
}

func groupsView(k *btfdb.Kernel) *table {
	t := &table{title: title(k, "groups of kfuncs by context"), head: []string{"context", "sleepable", "may call"}}
	groups := k.Groups()
	for _, p := range k.Contexts() {
		allowed, unknown := k.AllowedGroups(p.Context)
		list := groupNames(groups, allowed, "")
		list = append(list, groupNames(groups, unknown, "?")...)
		t.rows = append(t.rows, []string{p.Name, mayText(p.Sleepable), strings.Join(list, " ")})
	}
	return t
}

// groupNames names groups, those of sched_ext first.
func groupNames(groups []btfdb.Group, bits []int, mark string) []string {
	var scx, rest []string
	for _, bit := range bits {
		if strings.HasPrefix(groups[bit].Set, "scx_kfunc_ids_") {
			scx = append(scx, groups[bit].Name+mark)
		} else {
			rest = append(rest, groups[bit].Name+mark)
		}
	}
	slices.Sort(scx)
	slices.Sort(rest)
	return append(scx, rest...)
}

func mayText(b bool) string {
	if b {
		return "may"
	}
	return "no"
}

// flagsView gives every group of sched_ext a KF_ bit, as Starovoitov proposed
// on 9 January 2025, and prints it on both sides: the AND of the two is the
// verdict.
func flagsView(k *btfdb.Kernel) *table {
	t := &table{title: title(k, "KF_ bits on kfuncs and callbacks"), head: []string{"kfunc or callback", "bits", "flags"}}
	bit := scxBits(k)
	for _, f := range k.Kfuncs() {
		if bits := kfuncBits(k, f, bit); bits != "" {
			t.rows = append(t.rows, []string{f.Name, bits, f.Flags.String()})
		}
	}
	for _, p := range k.Contexts() {
		if !strings.HasPrefix(p.Ops, "sched_ext_ops") {
			continue
		}
		allowed, _ := k.AllowedGroups(p.Context)
		var list []string
		for _, b := range allowed {
			if bit[b] != "" {
				list = append(list, bit[b])
			}
		}
		t.rows = append(t.rows, []string{p.Name, strings.Join(list, " | "), ""})
	}
	return t
}

// scxBits names the bit of each scx group.
func scxBits(k *btfdb.Kernel) map[int]string {
	bits := map[int]string{}
	for i, g := range k.Groups() {
		if strings.HasPrefix(g.Set, "scx_kfunc_ids_") {
			bits[i] = "KF_SCX_" + strings.ToUpper(strings.ReplaceAll(g.Name, "/", "_"))
		}
	}
	return bits
}

func kfuncBits(k *btfdb.Kernel, f *btfdb.Kfunc, bit map[int]string) string {
	var list []string
	for i, g := range k.Groups() {
		if _, in := slices.BinarySearch(g.Kfuncs, f.Name); in && bit[i] != "" {
			list = append(list, bit[i])
		}
	}
	return strings.Join(list, " | ")
}

func maskView(k *btfdb.Kernel) *table {
	t := &table{title: title(k, "run-time masks"), head: []string{"callback or kfunc", "kf_mask"}}
	if k.Enforcement != btfdb.EnforceRuntime {
		t.notes = append(t.notes, "this kernel has no run-time mask: 7cd9a5d7d4b7 removed it in 7.1")
		return t
	}
	if o := k.Ops("sched_ext_ops"); o != nil {
		for _, m := range o.Members {
			if m.Func {
				t.rows = append(t.rows, []string{"ops." + m.Name, m.State.String()})
			}
		}
	}
	for _, f := range k.Kfuncs() {
		if f.Accept != 0 {
			t.rows = append(t.rows, []string{f.Name, "accepts " + f.Accept.String()})
		}
	}
	return t
}

// cellText marks a verdict in a small cell.
var cellText = map[btfdb.Outcome]string{
	btfdb.Allowed: "yes", btfdb.RefusedLoad: "-", btfdb.AbortedRun: "abort", btfdb.NotSleepable: "sleep",
	btfdb.NotCallable: "broken", btfdb.Unknown: "?",
}

func cellsView(k *btfdb.Kernel) *table {
	t := &table{title: title(k, "scx kfuncs by callback"), head: []string{"callback"}}
	t.notes = append(t.notes, "yes: allowed; -: refused at load; abort: aborted at run time; sleep: needs a sleepable "+
		"program; broken: no program can call it on this build; ?: not known")
	var kfuncs []string
	for _, f := range k.Kfuncs() {
		if strings.Contains(f.Name, "scx_") {
			kfuncs = append(kfuncs, f.Name)
		}
	}
	t.head = append(t.head, kfuncs...)
	for _, p := range k.Contexts() {
		if p.Ops != "" && !strings.HasPrefix(p.Ops, "sched_ext_ops") {
			continue
		}
		row := []string{p.Name}
		for _, name := range kfuncs {
			row = append(row, cellText[k.Query(p.Context, name).Outcome])
		}
		t.rows = append(t.rows, row)
	}
	return t
}
