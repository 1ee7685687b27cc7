# Two commands do all set-up on a fresh machine with Python 3.11: `make run` and `make test`.
# What they install is kept in .venv and never looked up again until a lock file changes.

export PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PYTEST := scripts/tests.sh $(BIN)/pytest -n 2
PEERS := .cache/peers.stamp
ONLY ?=
KILLS ?= 200
RECORDINGS ?=
MINUTES ?= 60
CLUSTER ?= .cache/cluster

# Else each of the many processes would compile all that it imports: two seconds, as long as everything else it does.
unexport PYTHONDONTWRITEBYTECODE

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-kafka bench-alerting chaos equality cluster fuzz evaluate lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp ## Start the demonstration and its page
	$(BIN)/forewarn run --demo

test: check ## Everything: `make check`, then real servers, browsers and processes
	scripts/system_packages.sh
	@[ -n "$$INFLUXDB_URL" ] || scripts/influxdb.sh >/dev/null # built once, outside the tree
	$(PYTEST) --dist loadfile -m system

check: $(VENV)/dev.stamp ## The quick part of `make test`: format, lint, types, layers, pure tests
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(PYTEST) --dist loadfile -m "not system"

bench: $(VENV)/dev.stamp $(PEERS) ## Measure and write docs/benchmarks.json and .md (ONLY=name for one figure)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

bench-kafka: $(VENV)/dev.stamp $(PEERS) ## Measure gateway and workers on a real broker, beside Faust, Quix Streams and Bytewax
	$(BIN)/python -m tests.bench --only kafka

bench-alerting: $(VENV)/dev.stamp ## Measure alerting beside Prometheus' Alertmanager
	$(BIN)/python -m tests.bench --only alerting

chaos: $(VENV)/dev.stamp ## Kill processes at random instants, KILLS times (200) each; what was counted is in .cache/chaos.md
	@mkdir -p .cache && rm -f .cache/chaos.md
	FOREWARN_KILLS=$(KILLS) FOREWARN_CHAOS_TABLE=.cache/chaos.md $(BIN)/pytest -m chaos --timeout 0

equality: $(VENV)/dev.stamp ## The recordings in RECORDINGS=folder through one process and over Kafka, which must say the same (ONLY=name for one)
	$(BIN)/python -m tests.equality $(RECORDINGS) $(ONLY)

cluster: $(VENV)/dev.stamp ## Start a cluster on this machine, its data in CLUSTER (.cache/cluster), until Ctrl-C
	scripts/system_packages.sh
	@$(BIN)/python scripts/run_cluster.py $(CLUSTER)

fuzz: $(VENV)/dev.stamp ## Run the property tests with fresh seeds for MINUTES (60)
	scripts/fuzz.sh $(BIN) $(MINUTES)

evaluate: $(VENV)/dev.stamp ## Measure the detectors on the recordings in RECORDINGS=folder and write docs/evaluation.md
	$(BIN)/forewarn evaluate --out docs $(if $(RECORDINGS),--recordings $(RECORDINGS))

lock: $(VENV)/run-lock.stamp ## Write requirements/*.lock anew after a change of pyproject.toml (UPGRADE=1 for newer versions)
	scripts/lock.sh $(BIN)

clean: ## Remove what was made, the virtual environment too
	rm -rf $(VENV) .cache dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp a step: a lock file brings its distributions, pyproject.toml the entry points.
$(VENV)/run-lock.stamp: requirements/run.lock
	@scripts/install.sh $(VENV) $<
	@touch $@

$(VENV)/dev-lock.stamp: requirements/dev.lock | $(VENV)/run-lock.stamp
	@scripts/install.sh $(VENV) $<
	@touch $@

# What others are measured with has an environment of its own, lest it hold back what we ship.
$(PEERS): requirements/peers.lock
	@scripts/install.sh .cache/peers $<
	@touch $@

$(VENV)/run.stamp: pyproject.toml $(VENV)/run-lock.stamp
	@scripts/install.sh $(VENV)
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp $(VENV)/dev-lock.stamp
	@touch $@
