# Every target makes .venv from nothing when it is missing and is quick when it is there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_HOME ?= .demo

.PHONY: demo test check format bench clean

$(STAMP): pyproject.toml
	@echo "--- making $(VENV) with $(PYTHON) and installing linkgraph into it"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

demo: $(STAMP) ## a simulated account, mirrored over HTTP, and a few questions answered
	$(BIN)/linkgraph demo --home $(DEMO_HOME)

test: $(STAMP) ## the whole test suite
	@echo "--- running the tests (about a quarter of an hour on two cores: some keep the real pace, some kill processes)"
	$(BIN)/python -m pytest -n 5 --dist worksteal

check: $(STAMP) ## formatting, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## rewrite what `make check` would complain of, where a machine can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## the benchmarks, with their yardsticks, printed as tables
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) $(DEMO_HOME) dist build
