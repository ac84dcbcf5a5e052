package lsp

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
)

// tokenLegend names what we colour: kfuncs and ops members, nothing else.
// notAllowed marks calls that a finding is about, sleepable what may sleep.
var tokenLegend = protocol.SemanticTokensLegend{
	TokenTypes: []string{
		string(protocol.SemanticTokenTypesFunction), string(protocol.SemanticTokenTypesProperty),
	},
	TokenModifiers: []string{
		string(protocol.SemanticTokenModifiersDefaultLibrary), string(protocol.SemanticTokenModifiersDeprecated),
		"notAllowed", "sleepable",
	},
}

// Types and modifiers, by their place in the legend.
const (
	tokenKfunc uint32 = iota
	tokenMember
)

const (
	tokenLibrary uint32 = 1 << iota
	tokenDeprecated
	tokenNotAllowed
	tokenSleepable
)

// A token is one coloured name.
type token struct {
	span            cindex.Span
	kind, modifiers uint32
}

// SemanticTokensFull implements [protocol.Server].
func (s *methods) SemanticTokensFull(ctx context.Context, p *protocol.SemanticTokensParams) (*protocol.SemanticTokens, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureSemanticTokens) {
		return nil, err
	}
	data := encodeTokens(doc.mapper, s.tokens(ctx, doc))
	return &protocol.SemanticTokens{ResultID: new(s.tokenResults.put(doc.uri, data)), Data: data}, ctx.Err()
}

// SemanticTokensFullDelta implements [protocol.Server]. An edit replaces what
// is between the tokens that stayed the same at both ends.
func (s *methods) SemanticTokensFullDelta(ctx context.Context, p *protocol.SemanticTokensDeltaParams) (protocol.SemanticTokensDeltaResult, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureSemanticTokens) {
		return &protocol.SemanticTokens{Data: []uint32{}}, err
	}
	old, known := s.tokenResults.get(doc.uri, p.PreviousResultID)
	data := encodeTokens(doc.mapper, s.tokens(ctx, doc))
	id := new(s.tokenResults.put(doc.uri, data))
	if !known {
		return &protocol.SemanticTokens{ResultID: id, Data: data}, ctx.Err()
	}
	return &protocol.SemanticTokensDelta{ResultID: id, Edits: tokenEdits(old, data)}, ctx.Err()
}

// SemanticTokensRange implements [protocol.Server].
func (s *methods) SemanticTokensRange(ctx context.Context, p *protocol.SemanticTokensRangeParams) (*protocol.SemanticTokens, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureSemanticTokens) {
		return nil, err
	}
	span := doc.mapper.RangeSpan(p.Range)
	list := slices.DeleteFunc(s.tokens(ctx, doc), func(t token) bool { return t.span.End < span.Start || span.End < t.span.Start })
	return &protocol.SemanticTokens{Data: encodeTokens(doc.mapper, list)}, ctx.Err()
}

// tokens lists the coloured names of a document in the order of the text.
func (s *Server) tokens(ctx context.Context, doc *document) []token {
	if doc.tooLarge() || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil
	}
	refused := s.refusedAt(ctx, doc)
	kernels := s.analyzer.Kernels()
	file := s.outlines.Parse(doc.mapper.content)
	var out []token
	for _, call := range file.Calls("") {
		if m, ok := kfuncModifiers(kernels, call.Name); ok {
			if refused[call.NameSpan] {
				m |= tokenNotAllowed
			}
			out = append(out, token{call.NameSpan, tokenKfunc, m})
		}
	}
	for _, d := range file.Decls() {
		if d.Kind != syntax.KindTable {
			continue
		}
		for _, in := range d.Inits {
			if m, ok := memberModifiers(kernels, tableType(&d), in.Member); ok {
				if refused[in.MemberSpan] {
					m |= tokenNotAllowed
				}
				out = append(out, token{in.MemberSpan, tokenMember, m})
			}
		}
	}
	slices.SortFunc(out, func(a, b token) int { return a.span.Start - b.span.Start })
	return slices.CompactFunc(out, func(later, t token) bool { return later.span.Start < t.span.End })
}

// refusedAt gives the names of a document that some finding is about.
func (s *Server) refusedAt(ctx context.Context, doc *document) map[cindex.Span]bool {
	out := map[cindex.Span]bool{}
	unit, file := s.unitOf(ctx, doc)
	if unit == nil {
		return out
	}
	for _, f := range s.analyzer.Check(ctx, unit) {
		if f.At.File == file {
			out[f.At.Span] = true
		}
	}
	return out
}

// kfuncModifiers gives those of a kfunc; false for any other name. Deprecated
// is what the newest kernel has no more.
func kfuncModifiers(kernels []*btfdb.Kernel, name string) (uint32, bool) {
	name, _, _ = strings.Cut(name, "___")
	f := newestKfunc(kernels, name)
	if f == nil || name == "" {
		return 0, false
	}
	m := tokenLibrary
	if newestKfunc(kernels[len(kernels)-1:], name) == nil {
		m |= tokenDeprecated
	}
	if f.Flags.Has(btfdb.FlagSleepable) {
		m |= tokenSleepable
	}
	return m, true
}

func memberModifiers(kernels []*btfdb.Kernel, typ, name string) (uint32, bool) {
	var newest *btfdb.Member
	for _, k := range kernels {
		if m := k.Member(typ, name); m != nil {
			newest = m
		}
	}
	if newest == nil {
		return 0, false
	}
	m := tokenLibrary
	if newest.SleepKnown && newest.Sleepable {
		m |= tokenSleepable
	}
	if kernels[len(kernels)-1].Member(typ, name) == nil {
		m |= tokenDeprecated
	}
	return m, true
}

// encodeTokens writes tokens as the protocol has them: five numbers each, the
// place relative to the token before.
func encodeTokens(m *mapper, list []token) []uint32 {
	data := make([]uint32, 0, 5*len(list))
	var last protocol.Position
	for _, t := range list {
		r := m.SpanRange(t.span)
		line, char := r.Start.Line-last.Line, r.Start.Character
		if line == 0 {
			char -= last.Character
		}
		data = append(data, line, char, r.End.Character-r.Start.Character, t.kind, t.modifiers)
		last = r.Start
	}
	return data
}

// tokenEdits turns one answer into another.
func tokenEdits(old, data []uint32) []protocol.SemanticTokensEdit {
	pre := 0
	for pre < len(old) && pre < len(data) && old[pre] == data[pre] {
		pre++
	}
	suf := 0
	for suf < len(old)-pre && suf < len(data)-pre && old[len(old)-1-suf] == data[len(data)-1-suf] {
		suf++
	}
	if pre == len(old) && pre == len(data) {
		return []protocol.SemanticTokensEdit{}
	}
	return []protocol.SemanticTokensEdit{{
		Start: uint32(pre), DeleteCount: uint32(len(old) - pre - suf), Data: slices.Clone(data[pre : len(data)-suf]),
	}}
}

// tokenResults remembers the last answer for each document.
type tokenResults struct {
	mu   sync.Mutex
	next int
	last map[uri.URI]tokenResult // guarded by mu
}

type tokenResult struct {
	id   string
	data []uint32
}

func (r *tokenResults) put(u uri.URI, data []uint32) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[uri.URI]tokenResult{}
	}
	r.next++
	id := strconv.Itoa(r.next)
	r.last[u] = tokenResult{id, data}
	return id
}

func (r *tokenResults) get(u uri.URI, id string) ([]uint32, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	have, ok := r.last[u]
	return have.data, ok && have.id == id
}

func (r *tokenResults) forget(u uri.URI) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, u)
}
