// Command docs writes docs/rules.md from the pages of the rules.
package main

import (
	"log"
	"os"

	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("docs: ")
	if err := os.WriteFile("../../docs/rules.md", []byte(rules.Pages()), 0o644); err != nil {
		log.Fatal(err)
	}
}
