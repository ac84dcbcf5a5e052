# shellcheck shell=bash
# The stages of scripts/test that need more than Go and a C compiler.

# fetched NAME SCRIPT [ARG...]: run the script that fills a directory of the cache, once.
fetched() {
	local dir=$cache/$1 script=$2
	shift 2
	[ -e "$dir/.complete" ] && return 0
	"$script" "$dir" "$@" >"$log" 2>&1 && touch "$dir/.complete"
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

stage_guests() {
	say "guests: real kernels, booted, judge our objects"
	if ! have_packages qemu-system-x86 clang-19; then
		skip guests "needs Debian's qemu-system-x86 and clang-19 (run as root, or install them)"
		return
	fi
	if ! fetched kernels scripts/kernel-images || ! fetched sources scripts/kernel-sources; then
		cat "$log"
		skip guests "Debian's packages could not be fetched"
		return
	fi
	SCX_LSP_KERNELS="$cache/kernels" SCX_LSP_SOURCES="$cache/sources" go_tests "verdicts, runs, probe" \
		-timeout 20m -run '^TestImages' ./verifier/kernel/...
}

stage_editors() {
	say "editors: the VS Code extension without an editor; real Neovim, Emacs and Helix"
	if command -v npm >/dev/null; then
		step "vscode: npm ci" npm --prefix editors/vscode ci
		step "vscode: types, bundle, tests" sh -c 'cd editors/vscode && npm run check && npm run build && npm test'
		step "docs: configurations that are not run" editors/test/docs
	else
		skip vscode "needs Node.js and npm"
	fi
	if ! have_packages clangd-19 tmux; then
		skip "other editors" "needs Debian's clangd-19 and tmux (run as root, or install them)"
		return
	fi
	local -x CLANGD=clangd-19
	if have_packages neovim; then
		step "neovim, of this Debian" editors/neovim/test/run
	else
		skip neovim "needs Neovim (run as root, or install it)"
	fi
	current_editor neovim sid neovim env BLOCK=neovim NVIM_TREE="$cache/editor-neovim" editors/neovim/test/run
	current_editor emacs trixie emacs-nox env EMACS_TREE="$cache/editor-emacs" editors/emacs/test/run
	current_editor helix sid hx env HELIX_TREE="$cache/editor-helix" editors/helix/test/run
}

# current_editor NAME SUITE PACKAGE COMMAND...: a test with an editor of another Debian.
current_editor() {
	local name=$1 suite=$2 package=$3
	shift 3
	if fetched "editor-$name" editors/test/debian-tree "$suite" "$package"; then
		step "$name, of $suite" "$@"
	else
		cat "$log"
		skip "$name of $suite" "Debian's packages could not be fetched"
	fi
}

stage_e2e() {
	say "e2e: the packed extension in a real VS Code, in a real browser"
	if ! command -v npm >/dev/null || ! have_packages chromium fonts-dejavu-core procps; then
		skip vscode "needs Node.js, npm and Debian's chromium (run as root, or install them)"
		return
	fi
	if ! fetched code-server editors/vscode/e2e/setup; then
		cat "$log"
		skip vscode "code-server could not be fetched"
		return
	fi
	step "vscode: npm ci" npm --prefix editors/vscode ci
	local start=$SECONDS p f
	editors/vscode/e2e/run "$cache/code-server" "${SCX_LSP_ARTEFACTS:-$PWD/out/e2e}" >"$log" 2>&1 || true
	grep -v '^ok' "$log"
	p=$(grep -c '^ok' "$log")
	f=$(grep -c '^FAIL' "$log")
	# One that ended early has not said that all passed.
	if [ "$f" -eq 0 ] && ! grep -q '^all passed' "$log"; then f=1; fi
	passed=$((passed + p)) failed=$((failed + f))
	printf '%-5s %-44s %4ds  %d passed, %d failed\n' "$([ "$f" -eq 0 ] && echo ok || echo FAIL)" \
		"vscode: end to end" $((SECONDS - start)) "$p" "$f"
}
