# What a developer needs; `make` alone lists it. Options for the demonstration: make demo ARGS="--port 8443"

BIN := .venv/bin
ARGS ?=

.PHONY: help setup demo test unit check web bench screenshots constraints clean set-up demo-data footage chromium web-tests

help:         ## this list
	@sed -n 's/^\([a-z]*\): *\(.*\)## *\(.*\)/  make \1	\3/p' $(MAKEFILE_LIST) | expand -t 22

setup: set-up ## environment, pages, git hooks
	@git config core.hooksPath tools/hooks

demo: set-up demo-data ## sets up what is missing, then runs a town with cameras and patrols
	@exec $(BIN)/ilotier demo $(ARGS)

test: set-up chromium ## sets up what is missing, then every check and test
	@# Beside each other; what each of them says stays together.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check footage web-tests
	@$(BIN)/python -m pytest --numprocesses=2 --max-worker-restart=0

unit: set-up  ## unit and component tests, in seconds
	@$(BIN)/python -m pytest -q $(wildcard tests/unit tests/component)

check: set-up ## format, lint, types, imports, links
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web run --silent typecheck

web: set-up   ## the pages, built into server/http/pages/

bench: set-up demo-data ## benchmarks, into benchmarks/results/
	@$(BIN)/python -m benchmarks

screenshots: set-up chromium demo-data ## docs/screenshots/, from a running town
	@$(BIN)/python -m tools.screenshots

constraints:  ## writes constraints/ from pyproject.toml; UPGRADE=1 takes newer versions
	@tools/pin.sh $(if $(UPGRADE),--upgrade)

clean:        ## removes what set-up made
	rm -rf .venv .cache server/http/pages web/node_modules

set-up:
	@PYTHON="$(PYTHON)" tools/set_up.sh

demo-data: set-up
	@$(BIN)/python tools/fetch_demo_data.py

footage: demo-data
	@$(BIN)/ilotier demo --prepare

chromium:
	@tools/find_chromium.sh

web-tests: set-up
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web test --silent
