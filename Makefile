# Bình An. `make` or `make help` lists what can be done; on a fresh Debian or Ubuntu machine Go, git and make are all that must be there.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

# The same flags for build, vet and test, or the build cache serves only one of them. nomsgpack leaves out a codec that nothing here speaks.
export GOFLAGS      := -tags=nomsgpack -buildvcs=false
export GOTOOLCHAIN  ?= auto
export BINHAN_ENV   ?= development
export BINHAN_DEVS3 := $(CURDIR)/bin/devs3
# PACKAGES narrows a test run: make test PACKAGES=./internal/referral/...
PACKAGES ?= ./...

.PHONY: help run dev build generate fmt lint test check bench golden fresh release clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start everything on http://localhost:8080, with the demo people; Ctrl-C ends it
	@deploy/ensure postgresql
	@$(MAKE) build
	@if command -v setpriv >/dev/null; then exec setpriv --pdeathsig TERM bin/binhan serve; else exec bin/binhan serve; fi

dev: ## like run, and again after each saved file
	@deploy/ensure postgresql
	@exec deploy/dev

# Without the tables of a debugger: a quarter less to write and to read. Profiles, stack traces and govulncheck need none of them.
build: ## build bin/binhan and bin/devs3
	@go build -ldflags='-s -w' -o bin/binhan ./cmd/binhan
	@go build -C cmd/devs3 -o $(CURDIR)/bin/devs3 .

generate: ## make the pages' Go code and web/dist again from their sources
	@go -C web/build run .

fmt: ## format Go and templates
	@gofmt -w $$(git ls-files '*.go')
	@cd web/build && GOFLAGS= go tool templ fmt ..

lint: ## vet and staticcheck
	@deploy/check format vet staticcheck

test: ## unit, database, policy, API and browser tests; non-zero on any failure
	@deploy/ensure postgresql chromium
	@deploy/ensure office || echo "THE OFFICIAL DOCUMENTS WILL NOT BE LOOKED AT: LibreOffice is not here"
	@$(MAKE) build
	go test -count=1 -timeout 20m $(PACKAGES)

check: ## what CI runs: test, format, lint, vulnerabilities, freshness
	@deploy/check

bench: ## the benchmark report, in docs/bench
	@deploy/ensure postgresql
	@$(MAKE) build
	bin/binhan bench

golden: ## write the golden files again; look at the difference before you commit it
	@deploy/ensure postgresql chromium office
	@$(MAKE) build
	BINHAN_TEST_GOLDEN=write go test -count=1 -timeout 20m $(PACKAGES)
	go test -count=1 ./internal/intake -update
	@git status --short

fresh: ## prove `make run` on a bare Debian 12 in a folder (root, debootstrap, some minutes)
	@deploy/fresh

release: ## static, reproducible binaries for production, in bin/release
	@CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/release/binhan ./cmd/binhan
	@sha256sum bin/release/binhan

clean: ## remove what was built; data stays
	@rm -rf bin
