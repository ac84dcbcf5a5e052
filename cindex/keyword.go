package cindex

// What a word means to the parser.
type keyword uint8

const (
	kwStorage keyword = iota + 1 // may begin a declaration
	kwType
	kwTag
	kwTypeof
	kwAttribute
	kwControl // a statement
	kwOperand // sizeof and its like: the operand is not evaluated
	kwAsm
	kwAssert
	kwGeneric
	kwAuto
)

var keywords = map[string]keyword{
	"static": kwStorage, "extern": kwStorage, "typedef": kwStorage, "inline": kwStorage,
	"__inline": kwStorage, "__inline__": kwStorage, "const": kwStorage, "volatile": kwStorage,
	"__const": kwStorage, "__volatile__": kwStorage, "__volatile": kwStorage,
	"restrict": kwStorage, "__restrict": kwStorage, "__restrict__": kwStorage,
	"register": kwStorage, "auto": kwStorage, "__auto_type": kwAuto, "_Noreturn": kwStorage,
	"__extension__": kwStorage, "_Thread_local": kwStorage, "__thread": kwStorage, "_Atomic": kwStorage,
	"void": kwType, "char": kwType, "short": kwType, "int": kwType, "long": kwType,
	"float": kwType, "double": kwType, "signed": kwType, "__signed__": kwType, "unsigned": kwType,
	"_Bool": kwType, "bool": kwType, "__int128": kwType,
	"u8": kwType, "u16": kwType, "u32": kwType, "u64": kwType,
	"s8": kwType, "s16": kwType, "s32": kwType, "s64": kwType,
	"__u8": kwType, "__u16": kwType, "__u32": kwType, "__u64": kwType,
	"__s8": kwType, "__s16": kwType, "__s32": kwType, "__s64": kwType,
	"size_t": kwType, "ssize_t": kwType, "uint8_t": kwType, "uint16_t": kwType,
	"uint32_t": kwType, "uint64_t": kwType, "int8_t": kwType, "int16_t": kwType,
	"int32_t": kwType, "int64_t": kwType, "__be16": kwType, "__be32": kwType, "__be64": kwType,
	"struct": kwTag, "union": kwTag, "enum": kwTag,
	"typeof": kwTypeof, "__typeof__": kwTypeof, "__typeof": kwTypeof, "typeof_unqual": kwTypeof,
	"__typeof_unqual__": kwTypeof, "__typeof_unqual": kwTypeof,
	"_Alignas": kwTypeof, "alignas": kwTypeof,
	"__attribute__": kwAttribute, "__attribute": kwAttribute,
	"if": kwControl, "else": kwControl, "while": kwControl, "for": kwControl, "do": kwControl,
	"switch": kwControl, "case": kwControl, "default": kwControl, "return": kwControl,
	"goto": kwControl, "break": kwControl, "continue": kwControl,
	"sizeof": kwOperand, "_Alignof": kwOperand, "__alignof__": kwOperand, "alignof": kwOperand,
	"asm": kwAsm, "__asm__": kwAsm, "__asm": kwAsm,
	"_Static_assert": kwAssert, "static_assert": kwAssert,
	"_Generic": kwGeneric,
}

// A keywordSlot is an entry of keywordTable.
type keywordSlot struct {
	word string
	hash uint32
	kw   keyword
}

// keywordTable finds keywords by the hash that tokens have already: the parser
// asks this of every identifier, several times.
var keywordTable = func() (t [1024]keywordSlot) {
	for w, kw := range keywords {
		h := identHash(w)
		i := h % uint32(len(t))
		for t[i].word != "" {
			i = (i + 1) % uint32(len(t))
		}
		t[i] = keywordSlot{w, h, kw}
	}
	return t
}()

func (t *ptok) keyword() keyword {
	if t.kind != tIdent {
		return 0
	}
	for i := t.hash % uint32(len(keywordTable)); ; i = (i + 1) % uint32(len(keywordTable)) {
		switch k := &keywordTable[i]; {
		case k.word == "":
			return 0
		case k.hash == t.hash && k.word == t.text:
			return k.kw
		}
	}
}

// beginsDecl tells whether a word can only begin a declaration.
func (k keyword) beginsDecl() bool {
	switch k {
	case kwStorage, kwType, kwTag, kwTypeof, kwAuto:
		return true
	}
	return false
}
