# Everything runs in .venv, made from requirements.lock. Needs Python 3.11 to 3.13 with pip, and make.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

export UNSTRUCTURED_DISABLE_NOTICE := 1
export DAGSTER_DISABLE_TELEMETRY := 1
export BACKLOT_TELEMETRY := 0
export DO_NOT_TRACK := 1

.PHONY: help setup demo dev test long search servers weaviate check lock clean
help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

setup: $(READY) ## make the virtual environment
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Bailiwick needs Python 3.11, 3.12 or 3.13; none is on PATH."; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock (once; a few minutes on a first run)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: $(READY) ## sync a small workspace and ask it questions
	@$(BIN)/bailiwick demo

dev: $(READY) ## the Dagster UI on the demo workspace
	@$(BIN)/bailiwick dev

test: $(READY) servers ## the tests that take less than a minute
	@$(BIN)/python -m pytest -n 2 --dist worksteal

long: $(READY) servers ## the tests that take minutes
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m long

search: $(READY) servers ## the properties, with examples that were never tried before
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "long or not long" --hypothesis-profile=search \
		$$(grep -rl '^from hypothesis' tests --include='test_*.py')

servers: $(READY) # what some tests need; where it can't be had, they are left out and named
	@$(BIN)/python tests/weaviate_server.py get || true

weaviate: $(READY) ## get and run a real Weaviate on loopback
	@$(BIN)/python tests/weaviate_server.py run

check: $(READY) ## format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lock: ## compile requirements.lock (needs uv); it names no package index
	uv pip compile --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-strip-extras \
		--no-annotate --custom-compile-command 'make lock' --quiet -o requirements.lock pyproject.toml

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) .bailiwick
