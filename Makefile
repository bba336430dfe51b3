PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
SERVE ?=
TESTS ?=
BENCH_PARTS ?=
BASE ?=
LOCK ?=
CASES ?= 5000
# A venv of its own: what tests need would make the measured start slower.
BENCH ?= .bench

# What the runners of JavaScript's tests and the compiler of its types are in.
NODE_MODULES := clients/javascript/node_modules/.ready

# What `make check` runs, in this order.
CHECKS := lint docs test-all fuzz browser check-wheel check-install check-javascript check-image

# Without its advertisement of a successor, which would be in every log.
DOCS := NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/python -W error -m mkdocs

# All that `make help` lists.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*  ## .*/\1/p' $(MAKEFILE_LIST))

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r target text; do \
		printf '%-14s%s\n' "$$target" "$$text"; done

serve: $(VENV)/.served  ## Serve on port 8080; DOCUMENT=spec/examples/billing.yaml serves that one, SERVE='--port 9000' adds flags
	exec $(BIN)/mock-server serve $(if $(DOCUMENT),--document $(DOCUMENT)) $(SERVE)

test: $(VENV)/.tested  ## The tests that are quick, at most a minute; TESTS='-k cursors' chooses among them
	$(BIN)/python -m pytest -m "not slow" $(TESTS)

test-all: $(VENV)/.tested  ## All tests, with coverage, which must be at least 90 %
	$(BIN)/python -m pytest --cov --cov-report=term --cov-fail-under=90

balancers:  ## Install nginx and HAProxy, which tests run in front of several servers, as Debian and Ubuntu have them
	sudo apt-get update
	sudo apt-get install --yes --no-install-recommends nginx-light haproxy

fuzz: $(VENV)/.tested  ## Thousands of generated requests, documents, files and bytes on raw sockets; CASES=500 is quicker
	FUZZ_CASES=$(CASES) $(BIN)/python -m pytest --dist worksteal fuzz

browser: $(VENV)/.checked  ## The inspector in Chromium; skipped where there is none, unless CI is set
	$(BIN)/python -m pytest browser

screenshots: $(VENV)/.checked  ## Take the pictures of the inspector in docs/ again
	$(BIN)/python -m browser.screenshots

docs: $(VENV)/.checked  ## Build the documentation's site into site/, and check its links
	$(DOCS) build

docs-serve: $(VENV)/.checked  ## Serve the documentation, and build it again when a page changes
	$(DOCS) serve

install-texts: $(VENV)/.served  ## Write how to install into all texts, by `released` of mkdocs.yml
	$(BIN)/python -m docs_site.install_texts

lint: $(VENV)/.checked  ## Style, types, the order of imports between packages, and the workflows of .github
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .

format: $(VENV)/.checked  ## Format all Python files, and correct what ruff can correct
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check:  ## All that CI checks: lint, docs, the tests of all kinds, and check-…
	@set -e; for part in $(CHECKS); do printf '\n== %s\n' "$$part"; $(MAKE) --no-print-directory $$part; done

check-wheel: $(VENV)/.served  ## Build the wheel, install it into an empty venv, and serve from it
	tools/wheel_check.sh $(BIN)/pip $(PYTHON)

check-image: $(VENV)/.tested  ## Build the image twice and run it with podman, as root; skipped where that cannot be
	tools/image_check.sh $(BIN)/python

check-javascript: $(VENV)/.served $(NODE_MODULES)  ## Types of clients/javascript, its use with Vitest and Jest, its package; skipped without npm
	tools/javascript_check.sh $(BIN)/python

javascript-types: $(NODE_MODULES)  ## Write the types of clients/javascript again, e.g. after a change of spec/control.yaml
	tools/javascript_types.sh

pack-javascript:  ## Make the package of clients/javascript for npm, with mock_server's version, in dist/npm
	mkdir -p dist/npm
	tools/javascript_pack.sh dist/npm

check-install: $(VENV)/.checked  ## The base alone and beside applications, the newest and the oldest versions allowed
	$(BIN)/python -m pytest install

smoke: $(VENV)/.served  ## Start a server, read all its pages, and end it; MOCK_SERVER_URL names one that runs
	$(BIN)/python tools/smoke.py

bench: $(BENCH)/.ready  ## Measure speed, start and memory; BENCH_PARTS='starts sizes' chooses, BENCH_BEFORE=<commit> adds that one
	$(BENCH)/bin/python bench/bench.py $(BENCH_PARTS) --json docs/bench.json --table docs/bench.md
	$(BENCH)/bin/python bench/plot.py docs/bench.json docs/bench.svg

bench-peers: $(BENCH)/.ready  ## Measure speed beside other mock servers, which npm installs outside the repository
	$(BENCH)/bin/python bench/bench.py peers --json docs/bench-peers.json --table docs/bench-peers.md
	$(BENCH)/bin/python bench/plot.py docs/bench-peers.json docs/bench-peers.svg

image:  ## Build the container image with docker; BASE=python:3.13-slim@sha256:… takes another base
	tools/image_arguments.sh --as-given $(BASE) | sed 's/^/--build-arg=/' | xargs -d '\n' docker build --tag openapi-sandbox .

image-arguments:  ## Print the build arguments of the image to publish, with the digest of its base
	@tools/image_arguments.sh $(BASE)

lock: $(VENV)/.checked  ## Write the locks that the image is built from; LOCK=--upgrade takes the newest versions
	$(BIN)/python tools/lock.py $(BIN)/uv $(LOCK)

check-tag:  ## Check that TAG, e.g. v0.2.0, is the version's, and that CHANGELOG.md has its date
	$(PYTHON) tools/release.py check-tag "$$TAG"

dist: $(VENV)/.checked  ## Build the sdist, and from it the wheel, into dist/python
	rm -rf build dist/python
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --outdir dist/python .
	$(BIN)/twine check --strict dist/python/*

release-notes:  ## Write the version's section of CHANGELOG.md into dist/notes.md
	mkdir -p dist
	$(PYTHON) tools/release.py notes >dist/notes.md

clean:  ## Remove the venvs and what was built
	rm -rf $(VENV) $(BENCH) build dist site *.egg-info clients/javascript/node_modules

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.served: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[server]'
	touch $@

$(VENV)/.tested: $(VENV)/.served
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(NODE_MODULES): clients/javascript/package.json clients/javascript/package-lock.json
	tools/javascript_install.sh $@

$(BENCH)/.ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

$(VENV)/.checked: $(VENV)/.tested
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,browser,lint,docs,lock,release,bench]'
	touch $@
