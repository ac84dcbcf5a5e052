package syntax

import "strings"

// A wordClass says what a word means to the layers that do without a grammar.
type wordClass uint8

const (
	wStmt    wordClass = iota + 1 // begins or continues a statement
	wType                         // names a type by itself
	wTag                          // struct, union, enum
	wStorage                      // qualifiers and storage classes
	wTypeof                       // typeof and its spellings: a type with an operand
	wOper                         // sizeof and the like: an operand in parentheses, no call
	wAsm
	wAttr  // an attribute, or a macro that is one
	wAttrN // an attribute with arguments in parentheses
)

var words = func() map[string]wordClass {
	m := map[string]wordClass{}
	for c, list := range wordLists {
		for w := range strings.FieldsSeq(list) {
			m[w] = c
		}
	}
	return m
}()

var wordLists = map[wordClass]string{
	wStmt: "if else for while do switch case default return goto break continue",
	wType: `void char short int long float double signed unsigned _Bool bool
		u8 u16 u32 u64 s8 s16 s32 s64 __u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64
		__be16 __be32 __be64 __le16 __le32 __le64 __sum16 __wsum __int128 __auto_type
		size_t pid_t`,
	wTag: "struct union enum",
	wStorage: `static extern typedef inline __inline __inline__ register const __const volatile
		__volatile__ restrict __restrict auto _Thread_local __thread _Noreturn _Atomic`,
	wTypeof: "typeof __typeof __typeof__ typeof_unqual",
	wOper:   "sizeof _Alignof alignof __alignof__ _Alignas offsetof __builtin_offsetof _Generic _Static_assert static_assert defined",
	wAsm:    "asm __asm __asm__",
	wAttr: `__kptr __kptr_ref __kptr_untrusted __percpu_kptr __uptr __arena __arena_global
		__arg_ctx __arg_nonnull __arg_nullable __arg_trusted __arg_untrusted __arg_arena
		__weak __ksym __hidden __kconfig __noinline __always_inline __naked __used __unused
		__maybe_unused __must_check __packed __percpu __rcu __user __kernel __private
		__bpf_kfunc __init __cold __hot __flatten __read_mostly __attribute_const__ __pure
		__extension__ __noreturn __no_caller_saved noinline notrace always_inline
		__force __nocast __bitwise __failure __success __auxiliary`,
	wAttrN: `SEC __attribute__ __attribute __free __cleanup __aligned __section __nonstring
		__printf __scanf __msg __msg_unpriv __xlated __xlated_unpriv __description __retval __btf_decl_tag
		__declspec __counted_by __alignas`,
}

// Keywords of C whose plain type words the grammar takes for nothing else.
var primitive = map[string]bool{
	"void": true, "char": true, "short": true, "int": true, "long": true, "float": true,
	"double": true, "signed": true, "unsigned": true, "bool": true, "_Bool": true,
}

// isKeyword tells whether a word is no name that somebody may have declared.
func isKeyword(w string) bool {
	switch words[w] {
	case wStmt, wTag, wStorage, wTypeof, wOper, wAsm:
		return true
	case wType:
		return primitive[w]
	}
	return false
}

// callable tells whether `w(` may be a call: of a function, or of a macro.
func callable(w string) bool {
	switch words[w] {
	case 0:
		return true
	case wOper:
		return w == "offsetof" || w == "static_assert"
	}
	return false
}

// underscored tells whether a word that no table knows looks like the macro
// of an attribute. The context has the last word: `__x` may be a name, too.
func underscored(w string) bool {
	return len(w) > 2 && w[0] == '_' && w[1] == '_' && w[2] >= 'a' && w[2] <= 'z' &&
		words[w] == 0 && !strings.HasSuffix(w, "_t") && !strings.HasPrefix(w, "__builtin_")
}

// shouting tells whether a word is spelled like a macro.
func shouting(w string) bool {
	letters := false
	for i := 0; i < len(w); i++ {
		c := w[i]
		if c >= 'a' && c <= 'z' || c >= 0x80 {
			return false
		}
		letters = letters || c >= 'A' && c <= 'Z'
	}
	return letters
}

// isLoop tells whether a macro of this name heads a loop or a guarded block
// even when no brace follows.
func isLoop(w string) bool {
	switch w {
	case "bpf_for", "bpf_for_each", "bpf_repeat", "scoped_guard", "scoped_cond_guard":
		return true
	}
	return strings.Contains(w, "for_each") && !strings.HasPrefix(w, "bpf_for_each_map_elem") &&
		!strings.HasPrefix(w, "scx_bpf_")
}
