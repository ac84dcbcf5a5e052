# make vsix: the VS Code extension with the server inside, for this platform:
#   scx-lsp-linux-x64.vsix
# For another platform name it and a C compiler that makes programs for it:
#   make vsix TARGET=linux-arm64 CC=aarch64-linux-gnu-gcc
ARCH   := $(patsubst x86_64,x64,$(patsubst aarch64,arm64,$(shell uname -m)))
TARGET ?= linux-$(ARCH)
GOARCH := $(patsubst x64,amd64,$(lastword $(subst -, ,$(TARGET))))
GOOS   := $(firstword $(subst -, ,$(TARGET)))
VSIX   := $(CURDIR)/scx-lsp-$(TARGET).vsix
SERVER := $(CURDIR)/out/$(TARGET)/scx-lsp

# Static: what runs here runs with every libc.
vsix:
	CGO_ENABLED=1 GOOS=$(GOOS) GOARCH=$(GOARCH) CC=$(CC) go build -trimpath -tags netgo,osusergo \
		-ldflags '-s -w -linkmode external -extldflags -static' -o $(SERVER) ./cmd/scx-lsp
	cd editors/vscode && npm ci && npm run package -- --target $(TARGET) --server $(SERVER) --out $(VSIX)
	@echo $(VSIX)

.PHONY: vsix
