package syntax

import "github.com/scx-lsp/scx-lsp/cindex"

// Kind is what a declaration declares.
type Kind uint8

// Kinds of declarations.
const (
	KindOther   Kind = iota // an invocation of a macro, or what could not be read
	KindFunc                // a function with a body
	KindProto               // a function without one
	KindExtern              // a kernel symbol: declared with __ksym
	KindTable               // an ops table
	KindMap                 // a BPF map
	KindVar                 // any other variable
	KindStruct              // a struct with its fields
	KindUnion               // a union with its fields
	KindEnum                // an enum with its constants; the name may be empty
	KindTypedef             // a typedef
	KindMacro               // a #define
	KindInclude             // an #include
)

var kindNames = [...]string{
	"other", "func", "proto", "extern", "table", "map", "var",
	"struct", "union", "enum", "typedef", "macro", "include",
}

// String gives the kind as a lower-case word.
func (k Kind) String() string { return kindNames[k] }

// A Decl is one declared name. Declarations that share a text, as in
// `u64 a, b;`, share its Span. Empty spans stand for what is not there.
type Decl struct {
	Kind Kind
	// Name is empty for an anonymous enum. For an include it is the path, and
	// for an invocation the name of the macro.
	Name     string
	NameSpan cindex.Span
	Span     cindex.Span // all of it, from the first attribute to the `;` or `}`
	// Section is what SEC("...") says, SectionSpan where, without the quotes.
	Section     string
	SectionSpan cindex.Span
	// Type is the struct of an ops table; it is empty when a macro of the
	// scheduler's own hides it. TypeSpan is where the type is spelled: that of
	// a variable, or what a function returns.
	Type     string
	TypeSpan cindex.Span
	// Wrapper is the macro around the name of a function: BPF_STRUCT_OPS.
	Wrapper string
	Params  []Param // of functions, prototypes and function-like macros
	// Body is what is between and with the braces; for a table that a macro
	// defines, the parentheses behind the name; for a macro, its replacement.
	Body    cindex.Span
	Inits   []Init   // of an ops table
	Members []Member // fields or constants
	Static  bool
	Weak    bool // __weak
	Open    bool // the author has not finished it: something is missing
}

// A Param is one parameter. Name is empty when it has none.
type Param struct {
	Name     string
	NameSpan cindex.Span
	TypeSpan cindex.Span
}

// A Member is a field of a struct, union or map definition, or a constant of
// an enum. For `__type(key, u32)` Name is `key`.
type Member struct {
	Name     string
	NameSpan cindex.Span
	TypeSpan cindex.Span // of a field; the value of a constant
}

// An Init is one `.member = value` of an ops table. Value may be missing while
// it is being typed, and so may the name behind the dot.
type Init struct {
	Member     string
	MemberSpan cindex.Span
	ValueSpan  cindex.Span
	Func       string // the name that the value is, without casts; "" for other values
	FuncSpan   cindex.Span
	Span       cindex.Span // from the dot to the end of the value, without the comma
}

// Role is what an identifier is used for, as far as its file tells.
type Role uint8

// Roles of identifiers.
const (
	RoleOther  Role = iota // a variable, a constant, a function that is not called here
	RoleCall               // the callee of a call, be it a function or a macro
	RoleDecl               // the name that a declaration declares, local ones included
	RoleMember             // a designator: .enqueue = ...
	RoleField              // behind a dot or an arrow
	RoleType               // a type or a tag
	RoleLabel              // the label of a goto
	RoleMacro              // a macro that is no call: an attribute, a wrapper, a name in #if
)

var roleNames = [...]string{"other", "call", "decl", "member", "field", "type", "label", "macro"}

// String gives the role as a lower-case word.
func (r Role) String() string { return roleNames[r] }

// An Ident is one occurrence of an identifier. Keywords are none.
type Ident struct {
	Name string
	Span cindex.Span
	Role Role
}

// A Call is a call as it is written, of a function or of a macro.
type Call struct {
	Name     string
	NameSpan cindex.Span
	// Span reaches from the name to the closing parenthesis or, when that is
	// missing, to where the arguments end.
	Span cindex.Span
	// Args has one span for each argument, without blanks around it. It is
	// empty for `f()`; while typing, an argument may be empty.
	Args   []cindex.Span
	Closed bool // the closing parenthesis is there
}

// StmtKind is what a statement is.
type StmtKind uint8

// Kinds of statements.
const (
	StmtExpr StmtKind = iota
	StmtDecl          // declares local variables
	StmtIf
	StmtLoop // macros that head loops, and guarded blocks, included
	StmtSwitch
	StmtReturn
	StmtJump // break, continue, goto
	StmtCase
	StmtLabel
)

var stmtNames = [...]string{"expr", "decl", "if", "loop", "switch", "return", "jump", "case", "label"}

// String gives the kind as a lower-case word.
func (k StmtKind) String() string { return stmtNames[k] }

// A Stmt is a statement of a function.
type Stmt struct {
	Kind StmtKind
	Span cindex.Span // with its `;` or `}`
	// Indent is the blanks before it, when it is the first on its line.
	Indent cindex.Span
	// InBlock says that it stands directly between braces: it can be deleted,
	// or be replaced by several. Otherwise it is all that an if, a loop or a
	// label governs.
	InBlock bool
	// Complete says that its `;` or `}` is there.
	Complete bool
}
