# Two commands on a machine with git, make and python3 only:
#   make report   sets up .venv, runs the main job, writes report/
#   make test     sets up .venv, runs the test suite
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help report test test-all lint types check bench lock clean

help:
	@echo "make report    set up $(VENV), compute every table and figure, write report/"
	@echo "make test      set up $(VENV), run the test suite; make test-all adds the long tests"
	@echo "make test-all  run the whole test suite with coverage"
	@echo "make check     ruff, the type checker and the test suite, as CI does"
	@echo "make bench     time the public calls (benchmarks/)"
	@echo "make lock      resolve requirements.lock anew from pyproject.toml (needs uv)"

# The environment is rebuilt when the lock or the package's metadata change, and only then. It is made without
# reading user-wide pip settings for extra packages; hashes are required for everything that is downloaded.
$(READY): requirements.lock pyproject.toml
	@echo "== setting up $(VENV) from requirements.lock (some minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

report: $(READY)
	@echo "== computing every table and figure into report/"
	@$(BIN)/keybounds report --out report

test: $(READY)
	@echo "== running the test suite (make test-all also runs the long tests)"
	@$(BIN)/python -m pytest -m "not slow"

test-all: $(READY)
	@echo "== running the whole test suite with coverage"
	@$(BIN)/python -m pytest --cov --cov-report=term

lint: $(READY)
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@echo "== mypy --strict"
	@$(BIN)/mypy

check: lint types test

bench: $(READY)
	@echo "== benchmarks"
	@$(BIN)/python -m pytest benchmarks --benchmark-only -W default

lock:
	@uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url \
	    --python-version 3.11 --custom-compile-command "make lock" --output-file requirements.lock

clean:
	@rm -rf $(VENV) report dist build
