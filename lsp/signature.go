package lsp

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp/words"
)

// SignatureHelp implements [protocol.Server] for calls of kfuncs, finished or
// not: each form that the selected kernels know, the one that fits first.
func (s *methods) SignatureHelp(ctx context.Context, p *protocol.SignatureHelpParams) (*protocol.SignatureHelp, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureSignatureHelp) || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil, err
	}
	off := doc.mapper.PositionOffset(p.Position)
	if !codeAt(doc.mapper.content, off) {
		return nil, nil
	}
	call, arg, ok := s.outlines.Parse(doc.mapper.content).CallAt(off)
	if !ok {
		return nil, ctx.Err()
	}
	forms := kfuncForms(s.analyzer.Kernels(), call.Name)
	if len(forms) == 0 {
		return nil, ctx.Err()
	}
	help := &protocol.SignatureHelp{ActiveSignature: new(activeForm(forms, arg)), ActiveParameter: protocol.NewNullable(uint32(arg))}
	for _, f := range forms {
		help.Signatures = append(help.Signatures, s.signature(&f))
	}
	return help, ctx.Err()
}

// A kfuncForm is a prototype that some kernels have for a kfunc.
type kfuncForm struct {
	kfunc   *btfdb.Kfunc
	kernels []*btfdb.Kernel
	all     int // how many are selected
}

// kfuncForms lists the prototypes that kernels know for what sources call by a
// name, newest first. The headers of scx hide X___v2 behind X.
func kfuncForms(kernels []*btfdb.Kernel, name string) []kfuncForm {
	name, _, _ = strings.Cut(name, "___")
	var out []kfuncForm
	for _, k := range slices.Backward(kernels) {
		for _, kernelName := range []string{name, name + "___v2"} {
			f := k.Kfunc(kernelName)
			if f == nil {
				continue
			}
			i := slices.IndexFunc(out, func(have kfuncForm) bool { return have.kfunc.Proto == f.Proto })
			if i < 0 {
				out = append(out, kfuncForm{kfunc: f, all: len(kernels)})
				i = len(out) - 1
			}
			out[i].kernels = slices.Insert(out[i].kernels, 0, k)
		}
	}
	return out
}

// activeForm chooses the newest form that has the argument.
func activeForm(forms []kfuncForm, arg int) uint32 {
	for i, f := range forms {
		if arg < len(f.kfunc.Params()) {
			return uint32(i)
		}
	}
	return 0
}

func (s *Server) signature(f *kfuncForm) protocol.SignatureInformation {
	name, _, _ := strings.Cut(f.kfunc.Name, "___")
	// Sources call all forms by one name.
	label := strings.Replace(f.kfunc.Proto, f.kfunc.Name+"(", name+"(", 1)
	info := protocol.SignatureInformation{Label: label}
	at := strings.IndexByte(label, '(')
	for _, p := range f.kfunc.Params() {
		text := strings.TrimSpace(joinDeclarator(p.Type, p.Name))
		param := protocol.ParameterInformation{Label: protocol.String(text)}
		if i := strings.Index(label[max(at, 0):], text); i >= 0 && s.clientTakesOffsets() {
			at += i
			param.Label = protocol.ParameterInformationLabelTuple{uint32(at), uint32(at + len(text))}
			at += len(text)
		}
		if enum := enumOf(f.kfunc.Name, p); enum != "" {
			param.Documentation = protocol.String("values of enum " + enum)
		}
		info.Parameters = append(info.Parameters, param)
	}
	text := words.Kfunc(name)
	if len(f.kernels) < f.all {
		text = "Linux " + rangeOf(f.kernels) + ". " + text
	}
	if list := flagList(f.kfunc.Flags &^ btfdb.FlagImplicitArgs); list != "" {
		text += "\n\n" + list
	}
	info.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: strings.TrimSpace(text)}
	return info
}

// rangeOf names the first and the last of some kernels.
func rangeOf(kernels []*btfdb.Kernel) string {
	first, last := kernels[0].Release, kernels[len(kernels)-1].Release
	if first == last {
		return first
	}
	return first + "–" + last
}

func (s *Server) clientTakesOffsets() bool {
	td := s.caps.TextDocument
	if td == nil || td.SignatureHelp == nil || td.SignatureHelp.SignatureInformation == nil {
		return false
	}
	info := td.SignatureHelp.SignatureInformation.ParameterInformation
	return info != nil && info.LabelOffsetSupport != nil && *info.LabelOffsetSupport
}
