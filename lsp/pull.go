package lsp

import (
	"context"
	"encoding/hex"
	"hash/fnv"
	"maps"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// codeServerCancelled with retriggerRequest tells a client to ask again: the
// text has changed since it asked.
const codeServerCancelled jsonrpc2.Code = -32802

var errAskAgain = &jsonrpc2.Error{
	Code: codeServerCancelled, Message: "the document has changed", Data: jsonrpc2.RawMessage(`{"retriggerRequest":true}`),
}

// Diagnostic implements [protocol.Server]: the diagnostics of one document,
// with those of its closed headers as related documents.
func (s *methods) Diagnostic(ctx context.Context, p *protocol.DocumentDiagnosticParams) (protocol.DocumentDiagnosticReport, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	byFile := map[uri.URI][]protocol.Diagnostic{}
	if doc != nil {
		if byFile, err = s.pullDocument(ctx, doc); err != nil {
			return nil, err
		}
	}
	full := fullReport(byFile[p.TextDocument.URI])
	if p.PreviousResultID != nil && *p.PreviousResultID == *full.ResultID {
		return &protocol.RelatedUnchangedDocumentDiagnosticReport{UnchangedDocumentDiagnosticReport: unchangedReport(&full)}, nil
	}
	report := &protocol.RelatedFullDocumentDiagnosticReport{FullDocumentDiagnosticReport: full}
	for _, u := range slices.Sorted(maps.Keys(byFile)) {
		if snapshotFrom(ctx).docs[u] != nil || !s.clientTakesRelatedDocuments() {
			continue // the client asks for open documents by themselves
		}
		if report.RelatedDocuments == nil {
			report.RelatedDocuments = map[uri.URI]protocol.FullDocumentDiagnosticReportOrUnchangedDocumentDiagnosticReport{}
		}
		report.RelatedDocuments[u] = new(fullReport(byFile[u]))
	}
	return report, nil
}

func (s *Server) clientTakesRelatedDocuments() bool {
	td := s.caps.TextDocument
	return td != nil && td.Diagnostic != nil && td.Diagnostic.RelatedDocumentSupport != nil && *td.Diagnostic.RelatedDocumentSupport
}

// pullDocument gives what a document's own unit says, and of the document
// itself also what the open sources that include it say.
func (s *Server) pullDocument(ctx context.Context, doc *document) (map[uri.URI][]protocol.Diagnostic, error) {
	snap := snapshotFrom(ctx)
	unit, own, err := s.diagnoser.compute(ctx, snap, doc)
	if err != nil {
		return nil, err
	}
	if !current(snap, unit) {
		return nil, errAskAgain
	}
	if own == nil {
		own = map[uri.URI][]protocol.Diagnostic{}
	}
	var others [][]protocol.Diagnostic
	for _, path := range s.analyzer.Includers(doc.path) {
		includer := snap.byPath[path]
		if includer == nil || includer == doc {
			continue
		}
		_, byFile, err := s.diagnoser.compute(ctx, snap, includer)
		if err != nil {
			return nil, err
		}
		others = append(others, byFile[doc.uri])
	}
	own[doc.uri] = mergeDiagnostics(append(others, own[doc.uri])...)
	return own, nil
}

// DiagnosticWorkspace implements [protocol.Server]: every open document, every
// source of the workspace folders, and the headers that either has something
// to say of.
func (s *methods) DiagnosticWorkspace(ctx context.Context, p *protocol.WorkspaceDiagnosticParams) (*protocol.WorkspaceDiagnosticReport, error) {
	snap := snapshotFrom(ctx)
	lists := map[uri.URI][][]protocol.Diagnostic{}
	paths := s.folders.sources(ctx)
	for u, doc := range snap.docs {
		lists[u] = nil
		if !slices.Contains(paths, doc.path) {
			paths = append(paths, doc.path)
		}
	}
	for _, path := range paths {
		doc := snap.byPath[path]
		if doc == nil {
			doc = &document{uri: pathURI(path), path: path, mapper: newMapper(nil, s.encoding)}
		}
		unit, byFile, err := s.diagnoser.compute(ctx, snap, doc)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			continue // deleted meanwhile, say
		case !current(snap, unit):
			return nil, errAskAgain
		}
		lists[doc.uri] = append(lists[doc.uri], byFile[doc.uri])
		delete(byFile, doc.uri)
		for u, ds := range byFile {
			lists[u] = append(lists[u], ds)
		}
	}
	previous := map[uri.URI]string{}
	for _, id := range p.PreviousResultIds {
		previous[id.URI] = id.Value
		if _, ok := lists[id.URI]; !ok {
			lists[id.URI] = nil // has nothing any more
		}
	}
	report := &protocol.WorkspaceDiagnosticReport{Items: []protocol.WorkspaceDocumentDiagnosticReport{}}
	for _, u := range slices.Sorted(maps.Keys(lists)) {
		report.Items = append(report.Items, workspaceItem(snap, u, mergeDiagnostics(lists[u]...), previous[u]))
	}
	return report, nil
}

func workspaceItem(snap *snapshot, u uri.URI, ds []protocol.Diagnostic, previous string) protocol.WorkspaceDocumentDiagnosticReport {
	var version *int32
	if doc := snap.docs[u]; doc != nil {
		version = &doc.version
	}
	full := fullReport(ds)
	if *full.ResultID == previous {
		return &protocol.WorkspaceUnchangedDocumentDiagnosticReport{
			UnchangedDocumentDiagnosticReport: unchangedReport(&full), URI: u, Version: version,
		}
	}
	return &protocol.WorkspaceFullDocumentDiagnosticReport{FullDocumentDiagnosticReport: full, URI: u, Version: version}
}

// fullReport makes a report whose result id depends on the diagnostics alone,
// so that it survives a restart.
func fullReport(ds []protocol.Diagnostic) protocol.FullDocumentDiagnosticReport {
	if ds == nil {
		ds = []protocol.Diagnostic{}
	}
	sum := fnv.New128a()
	for i := range ds {
		data, err := protocol.Marshal(&ds[i])
		if err == nil {
			_, _ = sum.Write(data)
		}
	}
	return protocol.FullDocumentDiagnosticReport{
		Kind: string(protocol.DocumentDiagnosticReportKindFull), ResultID: new(hex.EncodeToString(sum.Sum(nil))), Items: ds,
	}
}

func unchangedReport(full *protocol.FullDocumentDiagnosticReport) protocol.UnchangedDocumentDiagnosticReport {
	return protocol.UnchangedDocumentDiagnosticReport{
		Kind: string(protocol.DocumentDiagnosticReportKindUnchanged), ResultID: *full.ResultID,
	}
}

// refreshDiagnostics asks the client to pull anew, if it can be asked.
func (s *Server) refreshDiagnostics() {
	ws := s.caps.Workspace
	if ws == nil || ws.Diagnostics == nil || ws.Diagnostics.RefreshSupport == nil || !*ws.Diagnostics.RefreshSupport {
		return
	}
	go func() {
		if err := s.client.DiagnosticRefresh(s.ctx); err != nil && s.ctx.Err() == nil {
			s.log.Warn("workspace/diagnostic/refresh", "err", err)
		}
	}()
}
