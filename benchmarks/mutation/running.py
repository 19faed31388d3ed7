"""Tests of one tree, run in this process: by `Job`, in a fork.

Deterministic and without a memory: hypothesis neither draws from chance nor replays or stores examples, pytest keeps no
cache, and no bytecode is written, so that nothing of one mutant reaches the next.
"""

from __future__ import annotations

import base64
import contextlib
import inspect
import io
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:pytest_cov", "-p", "no:benchmark"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # the process that forks imported the plugins already
)

WORTH_STORING = 0.5  # CPU seconds for the value of a shared fixture


def hold() -> None:
    """Start pytest once, so that what it and its plugins import is there."""
    with tempfile.TemporaryDirectory() as empty, contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*ARGUMENTS, "--rootdir", empty, "-c", os.devnull, empty])


def enter(tree: Path, package: str, *, bytecode: bool, numba_cache: Path | None) -> None:
    """Make `tree` the one whose `package` is imported, here and in processes started from here."""
    assert package not in sys.modules, "the process that forks must not hold the package"
    os.chdir(tree)
    source = str(tree / "src")
    sys.path[:0] = [source]
    os.environ["PYTHONPATH"] = source
    if not bytecode:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True
    if numba_cache is not None:
        os.environ["NUMBA_CACHE_DIR"] = str(numba_cache)
        if "numba" in sys.modules:
            sys.modules["numba"].config.CACHE_DIR = str(numba_cache)
    if "hypothesis" in sys.modules:
        hypothesis = sys.modules["hypothesis"]
        hypothesis.settings.register_profile(
            "mutation",
            database=None,
            derandomize=True,
            deadline=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )
        hypothesis.settings.load_profile("mutation")


class Watch:
    """Remembers the first test that fails."""

    def __init__(self, begun: Path) -> None:
        self.begun = begun  # the file that says which test runs, for when it does not come back
        self.failure: dict[str, str] | None = None
        self.ran = 0

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.begun.write_text(nodeid)
        self.ran += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look(report, report.when or "")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look(report, "import")

    def _look(self, report: pytest.TestReport | pytest.CollectReport, when: str) -> None:
        if report.failed and self.failure is None:
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = crash.message if crash is not None else str(report.longrepr).strip().splitlines()[-1]
            self.failure = {"test": report.nodeid, "when": when, "reason": reason.splitlines()[0][:200]}


class FirstFailure(Watch):
    """Runs the tests chosen, in the order chosen."""

    def __init__(self, wanted: Sequence[str], known: Container[str], begun: Path) -> None:
        super().__init__(begun)
        self.rank = {name: k for k, name in enumerate(wanted)}
        self.known = known  # a test that was not there unchanged (parameters have other names) runs too

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self.rank or item.nodeid not in self.known]
        items[:] = sorted(chosen, key=lambda item: self.rank.get(item.nodeid, len(self.rank)))


class Stored:
    """Gives shared fixtures the values that were stored."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        stored = self.values.get(_named(fixturedef))
        if stored is None:
            return None
        value = pickle.loads(base64.b64decode(stored))
        fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value


def run(
    files: Sequence[tuple[str, Sequence[str]]], records: Mapping[str, Any], scratch: Path, stored: Mapping[str, str]
) -> dict[str, Any]:
    """Run the tests of each file in turn, up to the first that fails."""
    ran = 0
    for file, tests in files:
        known = {*records[file]["tests"], *records[file]["others"], *records[file]["left"]}
        watch = FirstFailure(tests, known, scratch / "begun.txt")
        arguments = [*ARGUMENTS, "--maxfail=1", f"--basetemp={scratch / 'tmp'}", file]
        code = pytest.main(arguments, plugins=[watch, Stored(stored)])
        ran += watch.ran
        if watch.failure is not None:
            return {**watch.failure, "ran": ran}
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return {"test": file, "when": "import", "reason": f"pytest ends with {code!r}", "ran": ran}
    return {"test": None, "ran": ran}


class Recorder:
    """Runs every test of a file under coverage: lines by test and by shared fixture, outcome and CPU seconds by test.

    A fixture that serves several tests runs in the first; its lines are those of every test that asks for it. Memories
    (functools) of the package are emptied before each test, or only the first would be seen to run what they hold.
    """

    def __init__(self, measured: Any, package: str) -> None:
        self.coverage, self.package = measured, package
        self.fixtures: dict[str, list[str]] = {}
        self.seconds: dict[str, float] = {}
        self.passed: dict[str, bool] = {}
        self.costs: dict[str, float] = {}
        self.stored: dict[str, str] = {}
        self.left: list[str] = []
        self._context: list[str] = [""]
        self._shared = 0.0  # seconds that the test now running spent on fixtures it shares
        self.shared = 0.0  # and all of them

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] == self.package:
                for value in list(vars(module).values()):
                    getattr(value, "cache_clear", lambda: None)()
        definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest has no public name for it
        active = [found[-1] for found in definitions.values()]
        self.fixtures[item.nodeid] = [_named(fixture) for fixture in active if fixture.scope != "function"]
        self._enter(item.nodeid)
        self._shared = 0.0
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - began - self._shared
            self._leave()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        if fixturedef.scope == "function":
            return (yield)
        self._enter(_named(fixturedef))
        began = time.process_time()
        try:
            value = yield
            if time.process_time() - began > WORTH_STORING:
                self._store(fixturedef, value)
            return value
        finally:
            self._leave()
            self.costs[_named(fixturedef)] = time.process_time() - began
            if not self._context[-1].startswith("fixture "):
                self._shared += time.process_time() - began
                self.shared += time.process_time() - began

    def _store(self, fixturedef: Any, value: Any) -> None:
        """Keep a value that stands by itself, for mutants of what had no part in it."""
        alone = not fixturedef.argnames and not inspect.isgeneratorfunction(fixturedef.func)
        if alone and getattr(fixturedef, "params", None) is None:
            with contextlib.suppress(Exception):  # not everything can be pickled
                self.stored[_named(fixturedef)] = base64.b64encode(pickle.dumps(value)).decode()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.left += [item.nodeid for item in items]

    def _enter(self, context: str) -> None:
        self._context.append(context)
        self.coverage.switch_context(context)

    def _leave(self) -> None:
        self._context.pop()
        self.coverage.switch_context(self._context[-1])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.passed[report.nodeid] = report.passed and self.passed.get(report.nodeid, True)


def _named(definition: Any) -> str:
    return f"fixture {definition.baseid}::{definition.argname}"


def record(file: str, tree: Path, package: str, marker: str) -> dict[str, Any]:
    """Run a file of tests under coverage. Lines are those of the tree's own Python files, by their real path."""
    import coverage

    where = {"source": [str(tree)], "omit": ["*/tests/*"]}
    measured = coverage.Coverage(data_file=None, config_file=False, branch=False, **where)
    watch = Recorder(measured, package)
    measured.start()
    began = time.process_time()
    code = pytest.main([*ARGUMENTS, "-m", marker, file], plugins=[watch])
    total = time.process_time() - began
    measured.stop()
    data = measured.get_data()
    lines: dict[str, dict[str, list[int]]] = {}
    for path in filter(os.path.exists, data.measured_files()):  # a compiled library names sources that are not here
        module = os.path.relpath(os.path.realpath(path), tree)
        for line, contexts in data.contexts_by_lineno(path).items():
            for context in contexts:
                if context:
                    lines.setdefault(module, {}).setdefault(context, []).append(line)
    return {
        "code": int(code),
        "tests": {name: watch.seconds[name] for name, passed in watch.passed.items() if passed},
        "others": sorted(set(watch.seconds) - {name for name, passed in watch.passed.items() if passed}),
        "fixtures": watch.fixtures,
        "left": watch.left,
        "costs": watch.costs,
        "stored": watch.stored,
        "collection": max(0.0, total - sum(watch.seconds.values()) - watch.shared),
        "lines": lines,
    }
