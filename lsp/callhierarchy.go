package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// An itemData finds again what an item of a call hierarchy is.
type itemData struct {
	Unit string `json:"unit"` // the main source
	// Name is a function's, or a kfunc's as the source declares it.
	Name string `json:"name"`
	// Op is the context that the hierarchy is about, "sched_ext_ops.enqueue";
	// "" for all.
	Op string `json:"op,omitempty"`
}

// PrepareCallHierarchy implements [protocol.Server], for functions, and for
// the members of ops tables: the hierarchy of a member is that of its function
// in this context alone.
func (s *methods) PrepareCallHierarchy(ctx context.Context, p *protocol.CallHierarchyPrepareParams) ([]protocol.CallHierarchyItem, error) {
	at, err := s.spotAt(ctx, p.TextDocument.URI, p.Position)
	if at == nil || at.unit == nil || at.ident == "" || err != nil || !s.enabled(featureCallHierarchy) {
		return nil, err
	}
	h := s.hierarchy(ctx, at.unit, "")
	name := at.ident
	if m := memberAt(at); m != nil {
		h.op = m.ops + "." + m.member
		for _, fn := range counterparts(at) {
			name = string(fn.File.Content[fn.Span.Start:fn.Span.End])
		}
	} else if memberOf(at) {
		return nil, nil
	}
	item, ok := h.item(name)
	if !ok || s.besideClangd.Load() && h.op == "" && !isProgram(at.unit, name) && s.baseKfunc(name) == "" {
		return nil, ctx.Err()
	}
	return []protocol.CallHierarchyItem{item}, ctx.Err()
}

// A hierarchy makes items of one unit.
type hierarchy struct {
	s    *Server
	ctx  context.Context
	unit *cindex.Unit
	op   string
	conv *converter
}

func (s *Server) hierarchy(ctx context.Context, u *cindex.Unit, op string) *hierarchy {
	return &hierarchy{s, ctx, u, op, newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)}
}

// hierarchyOf finds the unit of an item again, nil when it has gone.
func (s *Server) hierarchyOf(ctx context.Context, item *protocol.CallHierarchyItem) (*hierarchy, string, error) {
	var data itemData
	if json.Unmarshal(item.Data, &data) != nil || data.Unit == "" {
		return nil, "", invalidParams("callHierarchy: the item is not one of ours")
	}
	u, err := s.analyzer.Unit(ctx, data.Unit)
	if err != nil || !current(snapshotFrom(ctx), u) {
		return nil, "", ctx.Err()
	}
	return s.hierarchy(ctx, u, data.Op), data.Name, nil
}

// item makes the item of a function, or of a kfunc by its declaration; false
// when the unit has neither.
func (h *hierarchy) item(name string) (protocol.CallHierarchyItem, bool) {
	data, err := json.Marshal(itemData{h.unit.Main.Path, name, h.op})
	if err != nil {
		return protocol.CallHierarchyItem{}, false
	}
	item := protocol.CallHierarchyItem{Name: name, Kind: protocol.SymbolKindFunction, Data: data}
	if fn := h.unit.Func(name); fn != nil {
		at := h.conv.location(fn.At)
		item.URI, item.SelectionRange = at.URI, at.Range
		item.Range = h.conv.mapper(fn.At.File).SpanRange(cindex.Span{Start: fn.At.Span.Start, End: max(fn.Body.End, fn.At.Span.End)})
		item.Detail = new(strings.Join(h.contexts(fn), ", "))
		return item, true
	}
	for _, x := range h.unit.Externs {
		if x.Name == name && x.Func {
			at := h.conv.location(x.At)
			item.Kind, item.URI, item.Range, item.SelectionRange = protocol.SymbolKindInterface, at.URI, at.Range, at.Range
			item.Detail = new("kfunc")
			if why := h.refused(name); why != "" {
				item.Detail, item.Tags = new("kfunc, "+why), []protocol.SymbolTag{protocol.SymbolTagDeprecated}
			}
			return item, true
		}
	}
	return item, false
}

// contexts names those that a function runs in: of the hierarchy's op, if it is
// about one.
func (h *hierarchy) contexts(fn *cindex.Func) []string { return contextNames(h.ways(fn)) }

func (h *hierarchy) ways(fn *cindex.Func) []verifier.Way {
	ways := h.s.ways(h.ctx, h.unit, fn)
	if h.op == "" {
		return ways
	}
	return slices.DeleteFunc(ways, func(w verifier.Way) bool { return w.Root.Name != h.op })
}

// refused says on which kernels the hierarchy's op does not allow a kfunc.
func (h *hierarchy) refused(declared string) string {
	ops, member, ok := strings.Cut(h.op, ".")
	if !ok {
		return ""
	}
	name, kernels := verifier.KernelName(declared), h.s.analyzer.Kernels()
	var on []*btfdb.Kernel
	outcome := btfdb.Unknown
	for _, k := range kernels {
		ctx, ok := k.MemberContext(ops, member, true)
		if v := k.Query(ctx, name); ok && k.Kfunc(name) != nil && v.Refused() {
			on, outcome = append(on, k), v.Outcome
		}
	}
	if on == nil {
		return ""
	}
	return outcome.String() + " in " + member + " on " + releases(on, kernels)
}

// OutgoingCalls implements [protocol.Server].
func (s *methods) OutgoingCalls(ctx context.Context, p *protocol.CallHierarchyOutgoingCallsParams) ([]protocol.CallHierarchyOutgoingCall, error) {
	h, name, err := s.hierarchyOf(ctx, &p.Item)
	if h == nil || err != nil {
		return nil, err
	}
	fn := h.unit.Func(name)
	if fn == nil {
		return nil, nil // a kfunc
	}
	var order []string
	ranges := map[string][]protocol.Range{}
	m := h.conv.mapper(fn.At.File)
	for i := range fn.Calls {
		call := &fn.Calls[i]
		if _, there := ranges[call.Callee]; !there {
			order = append(order, call.Callee)
		}
		if r := m.SpanRange(call.At); !slices.Contains(ranges[call.Callee], r) {
			ranges[call.Callee] = append(ranges[call.Callee], r)
		}
	}
	out := []protocol.CallHierarchyOutgoingCall{}
	for _, callee := range order {
		if item, ok := h.item(callee); ok {
			out = append(out, protocol.CallHierarchyOutgoingCall{To: item, FromRanges: ranges[callee]})
		}
	}
	return out, ctx.Err()
}

// IncomingCalls implements [protocol.Server]. Of a hierarchy that is about an
// op, callers that this op does not get to are left out.
func (s *methods) IncomingCalls(ctx context.Context, p *protocol.CallHierarchyIncomingCallsParams) ([]protocol.CallHierarchyIncomingCall, error) {
	h, name, err := s.hierarchyOf(ctx, &p.Item)
	if h == nil || err != nil {
		return nil, err
	}
	out := []protocol.CallHierarchyIncomingCall{}
	for _, fn := range h.unit.Funcs() {
		var ranges []protocol.Range
		for i := range fn.Calls {
			if call := &fn.Calls[i]; call.Callee == name {
				if r := h.conv.mapper(fn.At.File).SpanRange(call.At); !slices.Contains(ranges, r) {
					ranges = append(ranges, r)
				}
			}
		}
		if ranges == nil || h.op != "" && len(h.ways(fn)) == 0 {
			continue
		}
		if item, ok := h.item(fn.Name); ok {
			out = append(out, protocol.CallHierarchyIncomingCall{From: item, FromRanges: ranges})
		}
	}
	return append(out, h.tables(name)...), ctx.Err()
}

// tables gives the members that stand for a function, as its callers.
func (h *hierarchy) tables(name string) []protocol.CallHierarchyIncomingCall {
	var out []protocol.CallHierarchyIncomingCall
	for _, t := range h.unit.Tables {
		for _, in := range t.Inits {
			op := t.Type + "." + in.Member
			if in.Func != name || h.op != "" && h.op != op {
				continue
			}
			at := h.conv.location(in.At)
			data, err := json.Marshal(itemData{h.unit.Main.Path, t.Name + "." + in.Member, op})
			if err != nil {
				continue
			}
			out = append(out, protocol.CallHierarchyIncomingCall{
				From: protocol.CallHierarchyItem{
					Name: t.Name + "." + in.Member, Kind: protocol.SymbolKindField, Detail: new(op),
					URI: at.URI, Range: at.Range, SelectionRange: at.Range, Data: data,
				},
				FromRanges: []protocol.Range{at.Range},
			})
		}
	}
	return out
}
