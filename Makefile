# The front door: `make run` and `make test` work on a fresh machine with Python 3.11, make and git.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# As many test processes as cores; each has a database of its own.
WORKERS ?= auto
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --quiet --python-version 3.11 --no-header --no-annotate

.PHONY: help run test test-long check format bench bench-jobs bench-today bench-start bench-duplicates bench-import lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Kairo needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/.run ## Install what is missing and serve Kairo here; prints a sign-in link (ARGS="--port 8080")
	@exec $(BIN)/kairo run $(ARGS)

test: $(VENV)/.dev ## Run the whole suite on a real PostgreSQL and a real browser
	@scripts/ensure-browser
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long" $(ARGS)

test-long: $(VENV)/.dev ## Run the storms and the full sizes too
	@scripts/ensure-browser
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(VENV)/.dev ## Format, lints, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.dev ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: bench-jobs bench-today bench-start bench-duplicates bench-import ## Run every benchmark, one after the other (BENCH_SCALE=.01, .1 or 1; see docs/benchmarks.md)

# One after the other, also under `make -j`: two at a time would measure each other.
.NOTPARALLEL: bench

bench/.venv/.peers: bench/requirements.txt
	test -x bench/.venv/bin/python || $(PYTHON) -m venv bench/.venv
	-bench/.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

bench-jobs: $(VENV)/.dev bench/.venv/.peers ## Jobs a second, start latency, enqueues; beside procrastinate, django-tasks-db, Celery
	$(BIN)/python -m bench.jobs

bench-today: $(VENV)/.dev ## GET /today beside a constant of the same server
	$(BIN)/python -m bench.today

bench-start: $(VENV)/.dev ## Warm starts of `kairo run`
	$(BIN)/python -m bench.start

bench-duplicates: $(VENV)/.dev bench/.venv/.peers ## Near-duplicates beside datasketch MinHash LSH
	$(BIN)/python -m bench.duplicates

bench-import: $(VENV)/.dev ## Import of posts beside COPY of the same rows
	$(BIN)/python bench/import_posts.py

lock: $(VENV)/.dev ## Pin every dependency again, with hashes, for every platform
	$(COMPILE) pyproject.toml requirements/build.in -o requirements/run.txt
	$(COMPILE) --extra dev -c requirements/run.txt pyproject.toml requirements/build.in -o requirements/dev.txt
	$(COMPILE) bench/requirements.in -o bench/requirements.txt

clean: ## Remove what was installed and built here (data stays)
	rm -rf $(VENV) bench/.venv build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
