# Everything here needs Go and nothing else, but the tests of the console's pages: they need a browser, which make browser
# installs where it may. staticcheck is built from tools.mod at its pinned version; the other versions are those of go.mod.

GO      ?= go
BIN     ?= bin/chunfeng
FUZZ    ?= 10s
COUNT   ?= 5
N       ?= 100
COMMIT  := $(shell git rev-parse --short HEAD 2>/dev/null)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# Packages in which goroutines meet: they are tested a second time under the race detector.
RACE := ./store/... ./broadcast ./bot ./bot/signup ./bot/wxsim

.PHONY: help build test try-browser browser format vet lint unit race rehearsal bench fuzz torture doors mutants screenshots release try-package clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the program, as bin/chunfeng
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/chunfeng

test: try-browser format vet lint unit race rehearsal ## all that must hold before a change is taken (some minutes on two cores)
	@.ci/browser find || echo "The console's pages were NOT tested: there is no browser here (make browser)."

try-browser: # without one the tests that need it are skipped, and the line above says so
	@.ci/browser || true

browser: ## a browser for the tests of the console's pages (Debian's chromium, installed when root asks)
	@.ci/browser

format: ## every file as gofmt writes it
	@bad=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "not as gofmt writes them (run gofmt -w):"; echo "$$bad"; exit 1; }

vet: ## go vet
	$(GO) vet ./...

lint: ## staticcheck
	$(GO) tool -modfile=tools.mod staticcheck ./...

unit: ## unit tests, stories of whole daemons and browsers, import rules, fuzz seeds: one package at a time, for browsers want the cores
	$(GO) test -p 1 -timeout 25m ./...

race: ## the concurrent packages under the race detector, and whole daemons that are stopped in the middle of their work
	$(GO) test -race -short -timeout 25m $(RACE)
	MIXTURES=1 $(GO) test -race -run '^(TestMixtures|TestStopPoints)$$' -timeout 25m ./cmd/chunfeng

rehearsal: ## a small season against the simulator: exits non-zero when its witness disagrees with the ledger
	$(GO) run ./cmd/chunfeng demo --groups 300 --accounts 4 --quiet

bench: ## the benchmarks of docs/benchmarks.md, compared in one run, and the file written anew
	$(GO) run ./cmd/bench -rounds $(COUNT) -write docs/benchmarks.md

fuzz: ## every fuzz target for FUZZ (10s) each
	@GO='$(GO)' .ci/fuzz $(FUZZ)

torture: ## every proof of the promises, N (100) times its smallest size; writes the table of docs/reliability.md
	$(GO) run ./cmd/prove -n $(N) -write docs/reliability.md

doors: ## docs/doors.md: each requirement of security and privacy with its tests, from docs/doors.yaml
	$(GO) run ./cmd/prove -doors

mutants: ## each change that breaks a promise, applied to a copy of the tree: its test must go red; writes docs/reliability.md
	$(GO) run ./cmd/prove -mutants -write docs/reliability.md

screenshots: try-browser ## the pictures of docs/screenshots: each page of the console in three languages, of a season played for it
	@.ci/browser find || { echo "There is no browser here (make browser)."; exit 1; }
	SCREENSHOTS=$(CURDIR)/docs/screenshots $(GO) test -run '^TestScreenshots$$' -count=1 -timeout 15m ./cmd/chunfeng

release: ## what is released, in dist: binaries, packages, SBOMs, licences, sums; the same bytes each time
	GO=$(GO) .ci/release

try-package: ## install, upgrade and remove a package in a throw-away copy of this machine (root): OLD=a.deb NEW=b.deb
	.ci/try-package $(OLD) $(NEW)

clean: ## remove what make build made
	rm -rf bin dist
