// Package lsp is the language server: it keeps the client's documents, asks
// the layers below what kernels would refuse, and says so over LSP.
//
// # Layers
//
// Bytes come in through stream.go (framing that survives malformed frames)
// and chain.go (order, cancellation, panics, error codes). One file per LSP
// method turns parameters into a question for the core and the answer into
// protocol values; toproto.go and render.go hold what they share. The core is
// behind the Analyzer interface: package lsp itself parses no C and knows no
// kernel.
//
// # Threading
//
// Notifications run on the connection's read goroutine, in wire order, and do
// bounded work: they store the new text and wake a job. Requests run
// concurrently, each on the Snapshot that was current when it was read from
// the wire, so a completion that follows a didChange sees that change and no
// later one. Diagnostics are computed and published by one job per open
// document (diagnostics.go); an edit cancels the computation it makes stale.
//
// # Life of one edit
//
// didChange (sync.go) → new immutable document (document.go) → job woken
// (diagnostics.go) → Analyzer.Unit, Analyzer.Check → converted with the
// unit's own file contents (toproto.go) → published, if every open file that
// the unit read is still what the client has.
//
// # What this package does not know
//
// C, kernels, rules. Below it positions are byte offsets; mapper.go is the
// only file that knows how LSP counts.
package lsp
