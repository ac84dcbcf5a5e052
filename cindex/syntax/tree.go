package syntax

import (
	"context"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/c"
)

// The only file that knows tree-sitter. What bites in its binding: a cancelled
// context and Edit leave wrong states behind, Node.String crashes on deep
// trees, Child(i) is quadratic, and finalizers free too late. None of it is
// used: one parser for each tree, no old tree, a cursor, Close.

// parseLimit bounds the time for one piece, in microseconds. It is a net below
// the limits of maxTree and maxNest, which do not depend on the machine; it
// must be out of reach of a process that only waits for its turn.
const parseLimit = 5_000_000

// A nodeKind is what the walk wants to know of a node's type.
type nodeKind uint8

const (
	nNone nodeKind = iota // of no interest, but there may be something below
	nLeaf                 // nothing below
	nIdent
	nField
	nTypeIdent
	nLabelIdent
	nCall
	nFieldExpr
	nFieldDesignator
	nTypedef
	nDeclaration // in a function: a statement, too
	nParameter
	nDeclarator
	nFirstDeclares // array_declarator, init_declarator, enumerator
	nBlock
	nError
	nStmt // nStmt+k is a statement of StmtKind k
)

var kindByType = map[string]nodeKind{
	"identifier": nIdent, "field_identifier": nField, "type_identifier": nTypeIdent,
	"statement_identifier": nLabelIdent, "call_expression": nCall,
	"field_expression": nFieldExpr, "field_designator": nFieldDesignator,
	"type_definition": nTypedef, "declaration": nDeclaration,
	"parameter_declaration": nParameter,
	"function_declarator":   nDeclarator, "pointer_declarator": nDeclarator,
	"parenthesized_declarator": nDeclarator, "attributed_declarator": nDeclarator,
	"array_declarator": nFirstDeclares, "init_declarator": nFirstDeclares,
	"enumerator": nFirstDeclares, "compound_statement": nBlock, "ERROR": nError,
	"expression_statement": nStmt + nodeKind(StmtExpr),
	"if_statement":         nStmt + nodeKind(StmtIf),
	"for_statement":        nStmt + nodeKind(StmtLoop),
	"while_statement":      nStmt + nodeKind(StmtLoop),
	"do_statement":         nStmt + nodeKind(StmtLoop),
	"switch_statement":     nStmt + nodeKind(StmtSwitch),
	"return_statement":     nStmt + nodeKind(StmtReturn),
	"break_statement":      nStmt + nodeKind(StmtJump),
	"continue_statement":   nStmt + nodeKind(StmtJump),
	"goto_statement":       nStmt + nodeKind(StmtJump),
	"case_statement":       nStmt + nodeKind(StmtCase),
	"labeled_statement":    nStmt + nodeKind(StmtLabel),
	"primitive_type":       nLeaf, "number_literal": nLeaf, "string_literal": nLeaf,
	"char_literal": nLeaf, "comment": nLeaf, "storage_class_specifier": nLeaf, "type_qualifier": nLeaf,
}

var language = c.GetLanguage()

// A symbol is what the grammar's symbol of a number stands for.
type symbol struct {
	kind  nodeKind
	named bool
}

// symbols has the kind of each symbol of the grammar.
var symbols = func() []symbol {
	out := make([]symbol, language.SymbolCount())
	for i := range out {
		s := sitter.Symbol(i)
		out[i].named = language.SymbolType(s) == sitter.SymbolTypeRegular
		if out[i].kind = nLeaf; out[i].named {
			out[i].kind = kindByType[language.SymbolName(s)]
		}
	}
	return out
}()

func kindOf(s sitter.Symbol) symbol {
	if int(s) < len(symbols) {
		return symbols[s]
	}
	return symbol{nError, true}
}

// walkTree parses text, which stands at offset at of a piece, and takes what
// the tree tells over into the piece. Each text gets a parser of its own: it
// costs a microsecond, and no text can leave anything behind for another.
func walkTree(text []byte, at uint32, r *roles) {
	parser := sitter.NewParser()
	defer parser.Close()
	parser.SetLanguage(language)
	parser.SetOperationLimit(parseLimit)
	tree, err := parser.ParseCtx(context.Background(), nil, text)
	if err != nil {
		r.p.loose = true
		return
	}
	defer tree.Close()
	root := tree.RootNode()
	cur := sitter.NewTreeCursor(root)
	defer cur.Close()
	w := walker{cur: cur, at: at, r: r, broken: root.HasError()}
	w.run()
}
