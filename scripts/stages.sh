# shellcheck shell=bash
# The stages of scripts/test that need more than Go and a C compiler.

# fetched NAME SCRIPT: run the script that fills a directory of the cache, once.
fetched() {
	[ -e "$cache/$1/.complete" ] && return 0
	"$2" "$cache/$1" >"$log" 2>&1 && touch "$cache/$1/.complete"
}

stage_clang() {
	say "clang: examples and kernel sources against what the compiler makes of them"
	if ! have_packages clang-19 llvm-19; then
		skip clang "needs Debian's clang-19 (run as root, or install it)"
		return
	fi
	if ! fetched sources scripts/kernel-sources; then
		cat "$log"
		skip "kernel sources" "Debian's packages could not be fetched"
		return
	fi
	step "examples compile" make -C examples CLANG=clang-19 OUT="$(mktemp -d)" \
		VMLINUX_H="$cache/sources/vmlinux" LIBBPF="$cache/sources/libbpf"
	SCX_LSP_SOURCES="$cache/sources" go_tests "source, object and kernel agree" -run '^(TestOracle|TestGroundTruth)' \
		./cindex/... ./verifier/... ./cmd/...
}

stage_kernels() {
	say "kernels: the embedded database against real images"
	if ! fetched kernels scripts/kernel-images; then
		cat "$log"
		skip "kernel images" "Debian's packages could not be fetched"
		return
	fi
	SCX_LSP_KERNELS="$cache/kernels" go_tests "extraction" -run '^TestImages' ./btfdb/...
}

stage_editors() {
	say "editors: the VS Code extension, and a real Neovim"
	if command -v npm >/dev/null; then
		step "vscode: npm ci" npm --prefix editors/vscode ci --no-audit --no-fund
		step "vscode: types, bundle, tests" sh -c 'cd editors/vscode && npm run check && npm run build && npm test'
	else
		skip vscode "needs Node.js and npm"
	fi
	if have_packages neovim; then
		step "neovim: diagnostics in a real editor" editors/neovim/test/run
	else
		skip neovim "needs Neovim (run as root, or install it)"
	fi
}
