# Two commands on a machine with git, make and python3 only:
#   make report   sets up .venv, runs the main job, writes report/
#   make test     sets up .venv, runs the test suite
PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
PIP     := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCKER  := $(VENV)/locker
FUZZER  := $(VENV)/fuzzer
ATHERIS := atheris==3.0.0
# Seconds that make fuzz takes.
FUZZING ?= 600
# On Python 3.13, and only there, the setup.py of qics asks for the candidate of numba that first ran on it.
OVERRULED := qics 1.1.3 has requirement numba==0.61.0rc2, but you have numba [0-9.]*
# The tests' processes: one a core, and no more than the memory of a large machine bears.
WORKERS ?= auto
PYTEST  := $(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=8 --dist=worksteal

# The arrays are small, and the cores are taken by processes: threads of BLAS would only fight over them.
report test test-all mutate: export OMP_NUM_THREADS := 1
report test test-all mutate: export OPENBLAS_NUM_THREADS := 1
report test test-all mutate: export MKL_NUM_THREADS := 1

# Every process of the tests would rewrite their assertions and compile the package anew, half the time of its start.
report test test-all: export PYTHONDONTWRITEBYTECODE :=

.PHONY: help report test test-all lint types check bench mutate fuzz lock clean

help:
	@echo "make report    set up $(VENV), compute every table and figure, write report/"
	@echo "make test      set up $(VENV), run the test suite; make test-all adds the long tests"
	@echo "make test-all  run the whole test suite with coverage"
	@echo "make check     ruff, the type checker and the test suite, as CI does"
	@echo "make bench     time the public calls (benchmarks/)"
	@echo "make fuzz      try edited certificates on the verifier, guided by coverage; FUZZING=600 seconds"
	@echo "make mutate    change the modules that soundness rests on, and see what the tests notice (hours)"
	@echo "make lock      bring requirements.lock in line with pyproject.toml; LOCK=--upgrade moves every pin"

# The environment is rebuilt when the lock or the package's metadata change, and only then. The lock is complete
# (tests/packaging/test_lock.py), so nothing is resolved: a newer release of anything changes nothing here. Hashes are
# required for everything that is downloaded. What has no wheel (qics) is built with the lock's own setuptools, for
# which pip by itself would fetch the newest, without a hash.
$(READY): requirements.lock pyproject.toml
	@echo "== setting up $(VENV) from requirements.lock (some minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@sed -n '/^setuptools==/,/[^\\]$$/p' requirements.lock >$(VENV)/builder.txt
	@$(PIP) install --require-hashes --no-deps --requirement $(VENV)/builder.txt
	@$(PIP) install --require-hashes --no-deps --no-build-isolation --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check >$(VENV)/check.txt || ! grep -vx '$(OVERRULED)' $(VENV)/check.txt
	@touch $(READY)

report: $(READY)
	@echo "== computing every table and figure into report/"
	@$(BIN)/keybounds report --out report

test: $(READY)
	@echo "== running the test suite (make test-all also runs the long tests)"
	@$(PYTEST) -m "not slow"

test-all: $(READY)
	@echo "== running the whole test suite with coverage"
	@$(PYTEST) --cov --cov-report=term

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

# Which modules, changes and sample: pyproject.toml. MUTATE="--seed 2 --workers 2 --minutes 60" for others. What was
# ended goes on where it stood.
mutate: $(READY)
	@echo "== mutation testing into report/mutation/"
	@$(BIN)/python benchmarks/mutation $(MUTATE)

# The fuzzer needs a Python that atheris has a wheel for, and nothing of the project but the verifier's folder. What it
# finds is left in $(FUZZER)/found: crash-*, timeout-*, oom-* and malformed.txt.
$(FUZZER)/.ready: requirements.lock
	@$(PYTHON) -m venv $(FUZZER)
	@sed -n '/^python-flint==/,/[^\\]$$/p' requirements.lock >$(FUZZER)/flint.txt
	@$(FUZZER)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	    --requirement $(FUZZER)/flint.txt
	@$(FUZZER)/bin/python -m pip install --quiet --disable-pip-version-check $(ATHERIS)
	@mkdir -p $(FUZZER)/found/corpus
	@touch $@

fuzz: $(FUZZER)/.ready
	@echo "== fuzzing the verifier for $(FUZZING) seconds in $(FUZZER)/found"
	@cd $(FUZZER)/found && ../bin/python "$(CURDIR)/benchmarks/fuzzing/fuzz.py" corpus \
	    "$(CURDIR)/benchmarks/fuzzing/corpus" "$(CURDIR)/tests/certificates/documents" \
	    -max_total_time=$(FUZZING) -max_len=24000 -timeout=15 -rss_limit_mb=4096

# Resolves for every Python and platform at once, keeps the pins that still fit, and records what each pin requires.
lock:
	@$(PYTHON) -m venv $(LOCKER)
	@$(LOCKER)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip uv packaging
	@$(LOCKER)/bin/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url \
	    --python-version 3.11 --custom-compile-command "make lock" --quiet $(LOCK) --output-file requirements.lock
	@$(LOCKER)/bin/python tests/packaging/lock.py

clean:
	@rm -rf $(VENV) report dist build
