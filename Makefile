# The two commands: `make demo` and `make test`. Everything else serves them.
# Each target sets up what it needs; nothing has to be installed or started by hand.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo stack test unit check format lint types drift render pictures bench fuzz soak lock clean install

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

include tools/servers.mk

$(VENV)/pip:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: requirements/demo.txt pyproject.toml | $(VENV)/pip
	@echo "Installing what the demo needs"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt pyproject.toml | $(VENV)/pip
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/dev ## Install everything that development needs into .venv

demo: $(VENV)/demo ## Run the example portal and show what it emits (COLLECTOR=1: through the real Collector)
	@$(BIN)/python -m examples.portal.demo $(if $(COLLECTOR),--collector,)

stack: $(VENV)/demo servers ## Run the whole stack: portal, ship, Collectors, Prometheus, Alertmanager (QUICK=1: time compressed)
	@$(BIN)/python -m examples.stack $(if $(QUICK),--quick,) $(ARGS)

test: $(VENV)/dev servers ## Run the whole suite, the real servers included
	@$(PYTEST) -m "not soak" $(ARGS)

unit: $(VENV)/dev ## Run what needs no server (ends within 2 minutes)
	@$(PYTEST) -m "not servers and not slow and not soak" $(ARGS)

check: $(VENV)/dev lint types drift ## Format, lint, types and render drift

format: $(VENV)/dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lint: $(VENV)/dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python -m sms_observability.lint src examples

types: $(VENV)/dev
	@$(BIN)/mypy
	@$(BIN)/basedpyright

drift: $(VENV)/dev
	@$(BIN)/sms-observability render --check
	@$(BIN)/sms-observability lint-rules monitoring --retention 31d $(if $(wildcard docs/runbooks),--runbooks docs/runbooks)

render: $(VENV)/dev ## Write everything that is rendered from the catalogue
	@$(BIN)/sms-observability render

pictures: $(VENV)/dev servers ## Draw the pictures of docs/dashboards.md (needs a Chromium)
	@PYTHONPATH=tests:. $(BIN)/python -m dashboards.pictures docs/pictures

bench: $(VENV)/dev ## Measure, side by side with the stock SDK and peers
	@$(BIN)/python -m benchmarks

fuzz: $(VENV)/dev ## A million hostile items a signal
	@SMS_FUZZ_ITEMS=1000000 $(PYTEST) -p no:randomly --timeout=0 -m "not servers" -k fuzz $(ARGS)

soak: $(VENV)/dev servers ## The long forms of the tests
	@$(PYTEST) --timeout=0 -m soak $(ARGS)

lock: $(VENV)/dev ## Resolve the dependencies anew
	@PATH="$(CURDIR)/$(BIN):$$PATH" requirements/compile.sh

clean: ## Remove the virtual environment and all caches of the checkout
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
