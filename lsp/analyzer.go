package lsp

import (
	"context"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// An Analyzer is what the server asks of the layers below it. Its methods are
// safe for concurrent use; SetContent, Forget and Invalidate are called on the
// read goroutine and must be quick.
type Analyzer interface {
	// SetContent says that a file has this content, whatever the disk says.
	// Nobody changes the bytes afterwards.
	SetContent(path string, content []byte)
	// Forget takes SetContent back.
	Forget(path string)
	// Invalidate says that a file has changed on disk.
	Invalidate(path string)
	// Unit gives the translation unit of a source with the current contents.
	Unit(ctx context.Context, path string) (*cindex.Unit, error)
	// Includers gives the sources, of those that Unit was asked for, that
	// reach a file. It may wait for a Unit that is being made.
	Includers(path string) []string
	// Check gives what the selected kernels would refuse in a unit.
	Check(ctx context.Context, u *cindex.Unit) []verifier.Finding
	// Judged says what real kernels have said of an object. Check tells it, too,
	// as long as the object and the sources that it was built from stay as they
	// are.
	Judged(Judgement)
	// Ways lists how the programs of a unit, and of what it is linked with, get
	// to a function of it on the selected kernels.
	Ways(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Way
	// Uses lists the kfuncs that a function of a unit gets to.
	Uses(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Use
	// Linked gives the other sources that are linked with one into an object.
	Linked(path string) []string
	// IdentAt gives the identifier at an offset, or that ends there, and its
	// span; "" when there is none.
	IdentAt(content []byte, off int) (string, cindex.Span)
	// SetRoots says where the workspace is. It forgets all contents.
	SetRoots(roots []string)
	// RulePage gives the page of a rule, Markdown; "" for no such rule.
	RulePage(rule string) string
	// Select chooses the kernels to check against. What the user has chosen in
	// this session goes before the comment in a source that names kernels; a
	// setting does not.
	Select(spec string, chosen bool) error
	// Config gives the configuration of a source, of the workspace for "".
	Config(source string) *config.File
	// ConfigFiles lists the configurations that were met.
	ConfigFiles() []*config.File
	// Kernels gives the selected kernels of the workspace, oldest first.
	Kernels() []*btfdb.Kernel
}
