package lsp

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
)

// A feature is a part of the protocol that can be switched on and off.
type feature string

// The features, by the names that settings have for them.
const (
	featureHover             feature = "hover"
	featureCompletion        feature = "completion"
	featureSignatureHelp     feature = "signatureHelp"
	featureDefinition        feature = "definition"
	featureReferences        feature = "references"
	featureDocumentHighlight feature = "documentHighlight"
	featureDocumentSymbols   feature = "documentSymbols"
	featureWorkspaceSymbols  feature = "workspaceSymbols"
	featureCallHierarchy     feature = "callHierarchy"
	featureRename            feature = "rename"
	featureSemanticTokens    feature = "semanticTokens"
	featureInlayHints        feature = "inlayHints"
	featureCodeActions       feature = "codeActions"
	featureCodeLens          feature = "codeLens"
	// featureReachedBy are the lenses of helpers; hints say the same in less room.
	featureReachedBy feature = "reachedBy"
)

// offBesideClangd are the features that are off by themselves when clangd
// serves the same files: editors take one server's answer for these, and
// clangd's has more in it.
var offBesideClangd = map[feature]bool{
	featureSignatureHelp: true, featureSemanticTokens: true, featureDocumentHighlight: true,
}

// allFeatures lists the names that settings may use.
var allFeatures = []feature{
	featureHover, featureCompletion, featureSignatureHelp, featureDefinition, featureReferences,
	featureDocumentHighlight, featureDocumentSymbols, featureWorkspaceSymbols, featureCallHierarchy, featureRename,
	featureSemanticTokens, featureInlayHints, featureCodeActions, featureCodeLens, featureReachedBy,
}

// features are the user's switches; what is absent has its default.
type features map[feature]bool

// unknown gives the names that are no features.
func (f features) unknown() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.Contains(allFeatures, name) {
			out = append(out, fmt.Sprintf("%q", string(name)))
		}
	}
	return out
}

// takeFeatures stores the user's switches. A feature that was off when the
// client asked what we can do is not asked for until it starts us again.
func (s *Server) takeFeatures(f features) {
	if f == nil {
		return
	}
	if unknown := f.unknown(); unknown != nil {
		names := make([]string, len(allFeatures))
		for i, known := range allFeatures {
			names[i] = string(known)
		}
		s.showMessage(protocol.MessageTypeError, fmt.Sprintf(
			"scx-lsp settings: features: %s: want one of %s", strings.Join(unknown, ", "), strings.Join(names, ", ")))
	}
	s.featureSet.Store(f)
}

// enabled tells whether a feature is on: as the client's settings say, else the
// workspace's configuration, else by itself.
func (s *Server) enabled(f feature) bool {
	if set, ok := s.featureSet.Load().(features); ok {
		if on, there := set[f]; there {
			return on
		}
	}
	if on, there := s.analyzer.Config("").Features[string(f)]; there {
		return on
	}
	if f == featureReachedBy {
		return false
	}
	return !offBesideClangd[f] || !s.besideClangd.Load()
}

// detectClangd tells whether a workspace is set up for clangd: then it most
// likely runs on the files that we see. A client that knows better says so.
func detectClangd(roots []string) bool {
	for _, root := range roots {
		for _, mark := range []string{".clangd", "compile_commands.json", "build/compile_commands.json", "compile_flags.txt"} {
			if _, err := os.Stat(filepath.Join(root, mark)); err == nil {
				return true
			}
		}
	}
	return false
}
