// Package rules lists every rule of scx-lsp. The list is made from the folders
// beside this file: a rule is a folder with a package that declares Rule.
package rules

import "github.com/scx-lsp/scx-lsp/verifier"

//go:generate go run ./gen
//go:generate go test . -run ^TestPages$ -update

// ByID gives the rule with an id, nil when there is none.
func ByID(id string) *verifier.Rule {
	for _, r := range All {
		if r.ID == id {
			return r
		}
	}
	return nil
}
