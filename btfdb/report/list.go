package report

import (
	"fmt"
	"io"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// List prints the known kernels.
func List(w io.Writer) error {
	t := &table{
		title: "Kernels that scx-lsp knows:",
		head:  []string{"release", "build", "kfuncs", "enforced by", "from", "BTF"},
	}
	for _, x := range btfdb.Releases() {
		k, err := x.Load()
		if err != nil {
			return err
		}
		o := k.Facts().Origin
		sha := k.BTFSHA1
		if len(sha) > 12 {
			sha = sha[:12]
		}
		count := fmt.Sprint(len(k.Kfuncs()))
		if k.Facts().Scope != "" {
			count += " (scx only)"
		}
		t.rows = append(t.rows, []string{
			k.Release, k.Build, count, k.Enforcement.String(), o.Kind + ": " + o.Package, sha,
		})
	}
	return t.text(w)
}
