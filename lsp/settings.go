package lsp

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// section is where editors keep our settings.
const section = "scxLsp"

// settings are what a client can set. Unknown members are the client's own.
type settings struct {
	// Kernels is a kernel spec, or a list of them: "7.3", "6.12-7.3".
	Kernels kernelSpecs `json:"kernels"`
	// PullDiagnostics makes the client ask for diagnostics, if it can, instead
	// of being told. It counts in the options of initialize only.
	PullDiagnostics bool `json:"pullDiagnostics"`
	// Completion is "auto", "all" or "off".
	Completion string `json:"completion"`
	// Features switches parts of the protocol on and off.
	Features features `json:"features"`
	// Clangd says whether clangd serves the same files; absent, the workspace
	// is looked at.
	Clangd *bool `json:"clangd"`
	// ClientCommands names the client's own commands that stand for ours in
	// lenses: a client can show what ours only answers.
	ClientCommands map[string]string `json:"clientCommands"`
	// Trusted says that programs which the workspace names may be run.
	Trusted *bool `json:"trusted"`
}

type kernelSpecs []string

// UnmarshalJSON takes a string as well as a list.
func (k *kernelSpecs) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*k = nil
		if one != "" {
			*k = kernelSpecs{one}
		}
		return nil
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("kernels: a string or a list of strings is needed")
	}
	*k = list
	return nil
}

// configure takes settings over. A setting that is absent leaves things as
// they are; one that is wrong is reported and does so too.
func (s *Server) configure(raw protocol.LSPAny) {
	switch string(raw) {
	case "", "null", "[]": // Lua knows no difference between {} and []
		return
	}
	var set settings
	if err := json.Unmarshal(raw, &set); err != nil {
		s.showMessage(protocol.MessageTypeError, fmt.Sprintf("scx-lsp settings: %v", err))
		return
	}
	switch set.Completion {
	case completeAllowed, completeAll, completeOff:
		s.completionMode.Store(set.Completion)
	case "":
	default:
		s.showMessage(protocol.MessageTypeError, fmt.Sprintf("scx-lsp settings: completion: %q is none of auto, all, off", set.Completion))
	}
	s.takeFeatures(set.Features)
	if set.Clangd != nil {
		s.besideClangd.Store(*set.Clangd)
	}
	if set.ClientCommands != nil {
		s.clientCommands.Store(set.ClientCommands)
	}
	if set.Trusted != nil {
		s.trusted.Store(*set.Trusted)
	}
	if set.Kernels == nil {
		return
	}
	if err := s.want(func(w *selection) { w.setting = strings.Join(set.Kernels, ",") }); err != nil {
		s.showMessage(protocol.MessageTypeError, fmt.Sprintf("scx-lsp settings: kernels: %v", err))
	}
}

// A selection is who wants which kernels, as specs; "" for nothing said.
type selection struct {
	command string // the user, in this session
	setting string // the client's settings
}

func (w selection) spec() string { return cmp.Or(w.command, w.setting) }

// want changes what is wanted. A spec that means nothing changes nothing.
func (s *Server) want(change func(*selection)) error {
	s.selectMu.Lock()
	defer s.selectMu.Unlock()
	next := s.wanted
	change(&next)
	if err := s.analyzer.Select(next.spec(), next.command != ""); err != nil {
		return err
	}
	s.wanted = next
	s.log.Info("kernels selected", "kernels", kernelNames(s.analyzer.Kernels()))
	s.diagnoser.wakeAll()
	s.refreshViews()
	return nil
}

// choose takes the user's own choice of kernels; "" takes it back.
func (s *Server) choose(spec string) error {
	return s.want(func(w *selection) { w.command = spec })
}

// selected is the spec that counts, "" for the default.
func (s *Server) selected() string {
	s.selectMu.Lock()
	defer s.selectMu.Unlock()
	return s.wanted.spec()
}

// pulls tells whether the client wants to ask for diagnostics, and can.
func (s *Server) pulls(options protocol.LSPAny) bool {
	var set settings
	if json.Unmarshal(options, &set) != nil || !set.PullDiagnostics {
		return false
	}
	return s.caps.TextDocument != nil && s.caps.TextDocument.Diagnostic != nil
}

// DidChangeConfiguration implements [protocol.Server]. Clients either send the
// settings or want to be asked for them.
func (s *methods) DidChangeConfiguration(_ context.Context, p *protocol.DidChangeConfigurationParams) error {
	var sent map[string]json.RawMessage
	if json.Unmarshal(p.Settings, &sent) == nil && sent[section] != nil {
		s.configure(protocol.LSPAny(sent[section]))
		return nil
	}
	go s.askSettings()
	return nil
}

// askSettings has the client tell the settings, if it can.
func (s *Server) askSettings() {
	if ws := s.caps.Workspace; ws == nil || ws.Configuration == nil || !*ws.Configuration {
		return
	}
	answers, err := s.client.Configuration(s.ctx, &protocol.ConfigurationParams{
		Items: []protocol.ConfigurationItem{{Section: new(section)}},
	})
	switch {
	case err != nil:
		if s.ctx.Err() == nil {
			s.log.Warn("workspace/configuration", "err", err)
		}
	case len(answers) > 0:
		s.configure(answers[0])
	}
}

func kernelNames(kernels []*btfdb.Kernel) string {
	names := make([]string, len(kernels))
	for i, k := range kernels {
		names[i] = k.Release
	}
	return strings.Join(names, " ")
}
