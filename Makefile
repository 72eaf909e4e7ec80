# Every target does its own set-up; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url -q
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix serve bench screenshots lock train

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Nightlight needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up $(VENV) …" >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Nightlight needs, a minute or two …" >&2
	@$(BIN)/pip install -q --require-hashes -r requirements/run.txt >&2
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e . >&2
	@touch $@

$(VENV)/.dev-ready: requirements/dev.txt $(VENV)/.run-ready
	@echo "Installing what developers need …" >&2
	@$(BIN)/pip install -q --require-hashes -r requirements/dev.txt >&2
	@touch $@ $(VENV)/.run-ready

setup: $(VENV)/.dev-ready ## install everything a developer needs into .venv
	@tests/service/install

demo: $(VENV)/.run-ready ## the whole job on this machine: crawl a demo forum, classify, open the console (DEMO_ARGS=--once)
	@$(BIN)/nightlight demo $(DEMO_ARGS)

test: setup check ## every check and every test, in two processes
	$(BIN)/pytest tests -n 2 --dist loadfile

check: $(VENV)/.dev-ready ## style, types, import directions, room sizes, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/checks/rooms.py
	$(BIN)/python tests/checks/docs.py

fix: $(VENV)/.dev-ready ## mend style where a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: $(VENV)/.run-ready ## console, scheduler and workers in one process, state in the folder HOME_DIR (default .)
	@$(BIN)/nightlight --home $(or $(HOME_DIR),.) serve

bench: $(VENV)/.dev-ready ## ratios against baselines in the same run
	$(BIN)/python -m benchmarks

screenshots: setup ## pictures of the main pages, light and dark, into docs/images
	$(BIN)/python -m tests.browser.screenshots

train: $(VENV)/.dev-ready ## train the shipped model from the corpus again
	$(BIN)/nightlight train --ship

lock: $(VENV)/.dev-ready ## resolve the requirements again
	$(LOCK) --extra build -o requirements/run.txt
	$(LOCK) --extra build --extra servers -c requirements/run.txt -o requirements/servers.txt
	$(LOCK) --extra build --extra servers --extra curves --extra dev -c requirements/servers.txt -o requirements/dev.txt
