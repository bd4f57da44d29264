# The words this house understands. `make help` lists them; continuous integration runs the same ones (.ci/run).

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV= $(BIN)/uv
INSTALLED := .venv/.installed
WORKERS ?= 2
MINUTES ?= 10
SEED ?= 1
DAYS ?= 5000

.PHONY: help setup run test check fix bench e2e up down logs migrate event-map schemas chaos audit-packages clean

help:  ## show this
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9%-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(INSTALLED)  ## install everything into .venv (needs only Python ≥ 3.11)

$(INSTALLED): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "Newsroom needs Python 3.11 or newer; none was found. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@$(UV) sync --quiet --frozen --all-extras --no-extra peers --no-extra dense --inexact
	@touch $@

run: $(INSTALLED)  ## start everything here: PostgreSQL, Valkey, the four services, demo stories (Ctrl-C stops it)
	@exec $(BIN)/python -m ops.run

test: $(INSTALLED)  ## run the tests, in parallel
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "not chaos and not e2e"

e2e: $(INSTALLED)  ## run all processes as `make run` does and follow stories through them, under faults too
	$(BIN)/python -m pytest -q -n 0 -m "e2e or chaos" tests/e2e tests/chaos tests/publishing

check: $(INSTALLED)  ## lint, formatting, types, import contracts, event map, schemas, compose file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m ops.event_map --check
	$(BIN)/python -m ops.schemas --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

fix: $(INSTALLED)  ## let ruff put right what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

event-map: $(INSTALLED)  ## write docs/event-map.md from the handlers' signatures
	$(BIN)/python -m ops.event_map

schemas: $(INSTALLED)  ## write the golden schemas of the facts (refuses what would break readers)
	$(BIN)/python -m ops.schemas
	$(BIN)/python -m tests.contract.openapi

migrate: $(INSTALLED)  ## bring the databases to the newest revision (REDIS_URL, DATABASE_URL replace the local ones)
	$(BIN)/python -m ops.databases

bench: $(INSTALLED)  ## measure what we claim about speed
	@$(UV) sync --quiet --frozen --all-extras --inexact
	$(BIN)/python -m benchmarks

bench-%: $(INSTALLED)  ## measure one part: bench-ingest, bench-enrichment, bench-moderation, …
	@$(UV) sync --quiet --frozen --all-extras --inexact
	$(BIN)/python -m benchmarks.$*

generated-ingest: $(INSTALLED)  ## read 10,000 made-up feeds and pages (COUNT=10000)
	$(BIN)/python -m tests.ingest.generated $(or $(COUNT),10000)

fuzz-ingest: $(INSTALLED)  ## fuzz the parsers, guided by coverage (SECONDS_EACH=60)
	@$(UV) sync --quiet --frozen --all-extras --no-extra peers --group fuzz --inexact
	@mkdir -p var/fuzz
	$(BIN)/python -m tests.ingest.fuzz -max_total_time=$(or $(SECONDS_EACH),60) -rss_limit_mb=1024 -artifact_prefix=var/fuzz/

e2e-cluster: $(INSTALLED)  ## the same on a Redis Cluster of three masters, and what happens when masters die
	NEWSROOM_E2E_CLUSTER=1 $(BIN)/python -m pytest -q -n 0 -m "e2e or chaos" tests/e2e \
		tests/shared/test_beyond_one_redis.py --deselect tests/e2e/test_make_run.py

chaos: $(INSTALLED)  ## kill, cut and empty things while work goes on (MINUTES=10 SEED=1)
	$(BIN)/python -m tests.chaos --minutes $(MINUTES) --seed $(SEED)

chaos-real: $(INSTALLED)  ## the same on the four real services
	$(BIN)/python -m tests.chaos --minutes $(MINUTES) --seed $(SEED) --house real --rate 15

chaos-bugs: $(INSTALLED)  ## plant known mistakes in a scratch copy and show that each is caught
	$(BIN)/python -m tests.chaos.bugs

chaos-points: $(INSTALLED)  ## die at every boundary, for every kind of fact, first time and again
	$(BIN)/python -m tests.chaos.sweep

recovery: $(INSTALLED)  ## how long it takes to stand up again after a death or an emptied Redis
	$(BIN)/python -m tests.chaos.recovery

desk-long: $(INSTALLED)  ## the desk's long tests: twins, probes, killed processes, then days without a lost word (DAYS=5000)
	NEWSROOM_HIDDEN=40 NEWSROOM_CRAWL=1200 NEWSROOM_PROBES=10000 NEWSROOM_KILLS=10 $(BIN)/python -m pytest -q -n 0 \
		--timeout 1200 tests/publishing/desk/test_embargo.py tests/publishing/desk/test_killed.py
	$(BIN)/python -m tests.publishing.desk.days --runs $(DAYS) --seed $(SEED)

up: $(INSTALLED)  ## start with Docker Compose (writes .env with random secrets the first time)
	@$(BIN)/python -m ops.compose_env
	docker compose up --build --detach --wait

down:  ## stop Docker Compose (data stays; `docker compose down -v` removes it)
	docker compose down

logs:  ## follow the logs: of Compose where it runs, else of `make run`
	@if [ -n "$$(docker compose ps -q 2>/dev/null)" ]; then docker compose logs -f --tail=100; \
	else tail -n 100 -F "$${NEWSROOM_HOME:-var}"/logs/*.log; fi

audit-packages: $(INSTALLED)  ## look our dependencies up in the database of known vulnerabilities
	$(BIN)/pip-audit --local --skip-editable

clean:  ## remove caches (never data: that is in var/)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
