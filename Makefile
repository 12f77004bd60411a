# Everything a developer or a machine does here. `make help` lists it. The first call of any target sets up what it needs.

PORT ?= 8000
DATA ?= ./var
PYTHON ?= python3.11
WORKERS ?= 2
ARGS ?=

VENV := .venv
READY := $(VENV)/.ready
CHROMIUM := /usr/bin/chromium
MOD_AUTH_OPENIDC := /usr/lib/apache2/modules/mod_auth_openidc.so

.DEFAULT_GOAL := help
.PHONY: help setup run test bench lint format lock chromium real-clients clean

help: ## Say what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY) ## Make the virtual environment with the locked packages (every other target does this by itself)

run: $(READY) ## Start everything to try it out: make run PORT=8000 DATA=./var
	@exec $(VENV)/bin/python -m modules.tryout.run --port $(PORT) --data $(DATA)

test: $(READY) chromium real-clients ## Run every test, on SQLite, on PostgreSQL and in a browser; ARGS="-k inbox" runs some
	$(VENV)/bin/pytest -n $(WORKERS) $(ARGS)

lint: $(READY) ## Check style, types and who may import whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(READY) ## Measure the broker beside its peers and write docs/performance.md; ARGS=--quick takes a few minutes
	$(VENV)/bin/python -m benchmarks $(ARGS)

format: $(READY) ## Write the code in the one style
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock: $(READY) ## Renew the locked packages, with hashes
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--upgrade pyproject.toml -o requirements.lock
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--upgrade --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Take away what setup, tests and run have made
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it, or name it with PYTHON=…" >&2; exit 1; }
	@test -x $(VENV)/bin/pip || $(PYTHON) -m venv --clear $(VENV) || { \
		echo "The virtual environment cannot be made. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(VENV)/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements-uv.lock
	$(VENV)/bin/uv pip install --quiet --compile-bytecode --python $(VENV)/bin/python --require-hashes -r requirements-dev.lock
	$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --no-deps --no-build-isolation -e .
	@touch $@

chromium:
	@test -x $(CHROMIUM) || { \
		echo "Installing Debian's chromium for the browser tests."; \
		if [ "$$(id -u)" = 0 ]; then as=""; else as="sudo -n"; fi; \
		$$as apt-get update -qq && $$as apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	} || { echo "$(CHROMIUM) is missing and cannot be installed here. As root: apt-get install chromium" >&2; exit 1; }

real-clients:
	@{ test -e $(MOD_AUTH_OPENIDC) && command -v node && command -v npm; } >/dev/null || { \
		echo "Installing Apache with mod_auth_openidc, and Node, for the tests with other people's clients."; \
		if [ "$$(id -u)" = 0 ]; then as=""; else as="sudo -n"; fi; \
		wanted="apache2-bin libapache2-mod-auth-openidc"; \
		command -v node >/dev/null && command -v npm >/dev/null || wanted="$$wanted nodejs npm"; \
		$$as apt-get update -qq && $$as apt-get install -y -qq --no-install-recommends $$wanted >/dev/null; \
	} || { echo "Apache or Node is missing and cannot be installed here. As root: apt-get install apache2-bin libapache2-mod-auth-openidc nodejs npm" >&2; exit 1; }
