package verifier

import "strings"

// KernelName gives the name under which libbpf looks up a ksym or a type that
// a source declares: the last ___suffix is dropped, and only that one.
// (libbpf's bpf_core_essential_name_len: three underscores between two
// characters that are none.)
func KernelName(declared string) string {
	for i := len(declared) - 5; i >= 0; i-- {
		if declared[i] != '_' && declared[i+1:i+4] == "___" && declared[i+4] != '_' {
			return declared[:i+1]
		}
	}
	return declared
}

// bareType is a type's name without its keyword: "struct foo" is foo.
func bareType(spelled string) string {
	return spelled[strings.LastIndexByte(spelled, ' ')+1:]
}
