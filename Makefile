PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?=
TESTS ?=
BENCH_PARTS ?=
# A venv of its own: what tests need would make the measured start slower.
BENCH ?= .bench

.PHONY: serve test fuzz browser screenshots lint bench bench-peers image clean

serve: $(VENV)/.served  ## Serve on port 8080; SERVE='--port 9000' adds flags
	exec $(BIN)/mock-server serve $(SERVE)

test: $(VENV)/.tested  ## All tests; TESTS='-k cursors' chooses
	$(BIN)/python -m pytest $(or $(TESTS),--cov --cov-report=term --cov-fail-under=90)

fuzz: $(VENV)/.tested  ## Both documents, the readers and raw sockets, at length
	$(BIN)/python -m pytest fuzz

browser: $(VENV)/.browsed  ## The inspector, in a real Chromium, which must be installed
	$(BIN)/python -m pytest browser

screenshots: $(VENV)/.browsed  ## Draws the pictures of the inspector in docs anew
	$(BIN)/python -m browser.screenshots

lint: $(VENV)/.linted  ## Style, types, and which module may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BENCH)/.ready  ## Speed, start and memory against their limits; BENCH_PARTS='starts sizes' chooses
	$(BENCH)/bin/python bench/bench.py $(BENCH_PARTS) --json docs/bench.json --table docs/bench.md
	$(BENCH)/bin/python bench/plot.py docs/bench.json docs/bench.svg

bench-peers: $(BENCH)/.ready  ## Speed beside that of other mock servers, which npm installs outside the tree
	$(BENCH)/bin/python bench/bench.py peers --json docs/bench-peers.json --table docs/bench-peers.md
	$(BENCH)/bin/python bench/plot.py docs/bench-peers.json docs/bench-peers.svg

image:  ## The container image
	docker build --tag mock_server .

clean:
	rm -rf $(VENV) $(BENCH) build dist *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.served: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.tested: $(VENV)/.served
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(BENCH)/.ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

$(VENV)/.browsed: $(VENV)/.served
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,browser]'
	touch $@

$(VENV)/.linted: $(VENV)/.served
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,browser,lint,bench]'
	touch $@
