# Predig. `make demo` and `make test` set up whatever they lack; every target is safe to run twice.

PYTHON ?= python3
# Two at a time, a file whole: what a file sets up (a server, a database) is set up once.
PYTEST_ARGS ?= -n 2 --dist loadfile
PREDIG_ACCEPTANCE ?= ../shared/data
export PREDIG_ACCEPTANCE

IN_VENV := .venv/bin/python

.PHONY: help setup system browser demo serve test lint acceptance mutants bench oracle oracle3d properties fuzz roundtrips replay races faults contract attack clean

help:
	@echo "make demo         a real gas network, three permits over HTTP, alerts, maps"
	@echo "make serve        the same, and the pages stay up at http://127.0.0.1:8000/"
	@echo "make test         every check and every test"
	@echo "make acceptance   real inputs from PREDIG_ACCEPTANCE ($(PREDIG_ACCEPTANCE))"
	@echo "make oracle       20,000 random pairs against independent oracles"
	@echo "make oracle3d     20,000 random bores and trenches against dense sampling in three dimensions"
	@echo "make properties   the property tests with 10,000 cases each"
	@echo "make fuzz         30,000 random files, cells and maps for each of their readers"
	@echo "make roundtrips   one network written by the programs files come from, and read back"
	@echo "make mutants      break the rules one by one and see the tests fail"
	@echo "make replay       1,000 screenings replayed after 10 imports; altered evidence found"
	@echo "make races        2,000 forced interleavings of filing and importing"
	@echo "make faults       50 kills under load, and the database taken away"
	@echo "make contract     5,000 generated requests against the OpenAPI document"
	@echo "make attack       hostile files and networks against a watched server, 30 minutes of mutations, 100,000 digs at the edge"
	@echo "make bench        measure: one permit, the peers, the doors against a bare endpoint"
	@echo "make lint         ruff and mypy only"
	@echo "make clean        remove .venv, caches and out/; databases are left alone"

setup: system .venv/.ready maps/node_modules/.ready

system:
	@.ci/setup-system

.venv/.ready: requirements-dev.lock requirements-demo.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Predig needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@$(IN_VENV) -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock -r requirements-demo.lock
	@$(IN_VENV) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.ready

# What maps and pages draw with, at the versions of the lock file; npm itself comes with the Python packages.
maps/node_modules/.ready: maps/package.json maps/package-lock.json .venv/.ready
	@cd maps && PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch maps/node_modules/.ready

browser:
	@.ci/setup-system browser

demo: setup
	@$(IN_VENV) -m api.demo

serve: setup
	@$(IN_VENV) -m api.demo serve

test: lint browser
	@$(IN_VENV) -m pytest $(PYTEST_ARGS)

lint: setup
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m mypy

acceptance: setup
	@$(IN_VENV) -m bench.acceptance

oracle: setup
	@$(IN_VENV) -m bench.oracle

oracle3d: setup
	@$(IN_VENV) -m bench.oracle3d

properties: setup
	@$(IN_VENV) -m pytest --hypothesis-profile=campaign -m property $(PYTEST_ARGS)

fuzz: setup
	@$(IN_VENV) -m pytest --hypothesis-profile=campaign --timeout=3600 tests/ingest/test_fuzz.py

roundtrips: setup
	@$(IN_VENV) -m bench.roundtrips

mutants: setup
	@$(IN_VENV) -m bench.mutants

replay: setup
	@$(IN_VENV) -m bench.replay

races: setup
	@$(IN_VENV) -m bench.races

faults: setup
	@$(IN_VENV) -m bench.faults

contract: setup
	@$(IN_VENV) -m bench.contract

attack: setup browser
	@$(IN_VENV) -m bench.attack $(ATTACK_ARGS)

bench: setup .venv/.bench
	@.venv/bin/predig bench candidates
	@.venv/bin/predig bench peers
	@.venv/bin/predig bench doors

# The peers: only who measures needs them.
.venv/.bench: requirements-bench.lock .venv/.ready
	@$(IN_VENV) -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-bench.lock
	@touch .venv/.bench

clean:
	rm -rf .venv maps/node_modules build out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
