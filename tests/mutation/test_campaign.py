"""`make mutate` on a package of three functions: what is noticed, what is not, and which mutants are drawn."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binom

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "benchmarks" / "mutation"

PYPROJECT = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]

[tool.keybounds.mutation]
package = "toy"
program = ["room/*.py"]
tests = ["tests/test_*.py"]
without = []
marker = "not slow"
held = ["pytest", "_pytest.assertion.rewrite", "coverage"]
operators = ["comparison", "constant", "ends", "statement"]
ends = [["floor", "ceil"]]
seed = 1
sample = 100
factor = 0.0
slack = 1.0
compiling = 0.0
limit = 0.3
gigabytes = 4.0
groups = {all = ["room/*.py"]}
"""
MODULE = """
import math
from functools import cache

LEAST = 3


def down(x):
    return math.floor(x)


def positive(x):
    if x < 0:
        raise ValueError(x)
    return x


def unseen(x):
    return x == 5


@cache
def above(x):
    return x > LEAST


def until(x):
    while x != 4:
        x = min(x + 2, 9)
    return x


def made():
    return 6


TABLE = made()
"""
TESTS = """
import pytest
from toy.room.module import TABLE, above, down, made, positive, until


@pytest.fixture(scope="module")
def shared():
    return until(0)


def test_of_an_integer():
    assert down(2.0) == 2


def test_that_is_not_of_an_integer():
    assert down(2.5) == 2


def test_positive():
    assert positive(1) == 1
    with pytest.raises(ValueError):
        positive(-1)


def test_first_above():
    above(7)


def test_above():
    assert above(7)
    assert above(4)
    assert not above(3)


def test_until(shared):
    pass


def test_until_again(shared):
    assert shared == 4


def test_made():
    assert made() == TABLE


def test_that_fails_as_it_is():
    assert down(0.5) == 1
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree like this one: a real folder at the root, linked into the package."""
    root = tmp_path_factory.mktemp("toy")
    for name, text in {
        "pyproject.toml": PYPROJECT,
        "room/__init__.py": "",
        "room/module.py": MODULE,
        "src/toy/__init__.py": "",
        "tests/test_module.py": TESTS,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "src/toy/room").symlink_to("../../room")
    return root


def mutate(toy: Path, *options: str) -> str:
    command = [sys.executable, str(PLACE), "--root", str(toy), "--out", str(toy / "out"), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture(scope="module")
def rows(toy: Path) -> list[dict[str, Any]]:
    (toy / "equivalents.toml").write_text(
        '[[equivalent]]\nmodule = "room/module.py"\noperator = "constant"\nline = "return x == 5"\n'
        'change = "5 → (6)"\nwhy = "for the sake of the test"\n'
    )
    mutate(toy, "--sample", "3")
    mutate(toy, "--workers", "2", "--equivalents", str(toy / "equivalents.toml"))  # goes on with the rest
    return [json.loads(line) for line in (toy / "out/results-1.jsonl").read_text().splitlines()]


def found(rows: list[dict[str, Any]], line: str, change: str) -> dict[str, Any]:
    (row,) = [row for row in rows if row["key"][2:4] == [line, change]]
    return row


def test_a_change_that_a_test_sees_is_noticed_by_it_and_by_no_other(rows: list[dict[str, Any]]) -> None:
    row = found(rows, "return math.floor(x)", "floor → ceil")
    assert row["verdict"] == "killed"
    assert row["test"].endswith("::test_that_is_not_of_an_integer")
    assert found(rows, "raise ValueError(x)", "raise ValueError(x) → pass")["test"].endswith("::test_positive")


def test_a_change_that_no_test_sees_is_not(rows: list[dict[str, Any]]) -> None:
    assert found(rows, "if x < 0:", "< → <=")["verdict"] == "survived"
    assert found(rows, "return x == 5", "== → !=")["verdict"] == "not covered"


def test_what_runs_at_import_or_is_remembered_or_shared_is_chosen_by_whoever_uses_it(
    rows: list[dict[str, Any]],
) -> None:
    assert found(rows, "LEAST = 3", "3 → (4)")["test"].endswith("::test_above")
    assert found(rows, "return x > LEAST", "> → >=")["test"].endswith("::test_above")
    assert found(rows, "x = min(x + 2, 9)", "2 → (1)")["verdict"] == "survived"
    assert found(rows, "while x != 4:", "!= → ==")["test"].endswith("::test_until_again")


def test_code_is_replaced_only_where_nothing_was_made_of_it_before(rows: list[dict[str, Any]]) -> None:
    """With the new `made` beside the old `TABLE`, a change would be noticed that nobody can notice."""
    assert found(rows, "return 6", "6 → (7)")["verdict"] == "survived"
    for line, change, held in (
        ("return math.floor(x)", "floor → ceil", True),
        ("return x > LEAST", "> → >=", True),
        ("LEAST = 3", "3 → (4)", False),
        ("return 6", "6 → (7)", False),
    ):
        assert found(rows, line, change)["held"] is held


def test_what_does_not_come_back_is_undecided(rows: list[dict[str, Any]]) -> None:
    assert found(rows, "while x != 4:", "4 → (3)")["verdict"] == "undecided"


def test_a_test_that_fails_unchanged_notices_nothing(rows: list[dict[str, Any]]) -> None:
    assert not any(str(row.get("test")).endswith("fails_as_it_is") for row in rows)


def test_every_mutant_is_tried_once_and_nothing_is_left_changed(toy: Path, rows: list[dict[str, Any]]) -> None:
    listed = [json.loads(line) for line in mutate(toy, "--list", "--sample", "1000").splitlines()]
    keys = [tuple(m[name] for name in ("module", "operator", "line", "change", "occurrence")) for m in listed]
    assert sorted(tuple(row["key"]) for row in rows) == sorted(keys)
    assert (toy / "room/module.py").read_text() == MODULE


def test_the_report_counts_undecided_and_uncovered_as_not_noticed_and_leaves_out_equivalents(
    toy: Path, rows: list[dict[str, Any]]
) -> None:
    text = (toy / "out/report-1.md").read_text()
    count = Counter(row["verdict"] for row in rows)
    assert count["undecided"]
    assert count["not covered"] > 1
    share = 100 * count["killed"] / (len(rows) - 1)
    (line,) = {line for line in text.splitlines() if line.startswith("| **all**")}
    assert f" 1 | {share:.1f} | " in line
    assert text.index("-    if x < 0:") < text.index("## Equivalents") < text.index("for the sake of the test")


def test_results_of_another_tree_are_refused_or_taken_over_where_they_hold(
    toy: Path, rows: list[dict[str, Any]]
) -> None:
    more = toy / "tests/test_more.py"
    more.write_text("from toy.room.module import positive\n\n\ndef test_zero():\n    assert positive(0) == 0\n")
    try:
        with pytest.raises(subprocess.CalledProcessError, match="exit status 1"):
            mutate(toy)
        mutate(toy, "--resume")
    finally:
        more.unlink()
    again = [json.loads(line) for line in (toy / "out/results-1.jsonl").read_text().splitlines()][len(rows) :]
    assert {row["key"][2] for row in again} == {"if x < 0:"}, "only what the new test runs, and no other had noticed"
    assert found(again, "if x < 0:", "< → <=")["test"] == "tests/test_more.py::test_zero"
    assert f"{len(rows)} of seed 1" in (toy / "out/report-1.md").read_text()


@pytest.fixture(scope="module")
def own() -> Iterator[Callable[[str], Any]]:
    """The campaign's modules, imported as it imports them."""
    before = set(sys.modules)
    sys.path.insert(0, str(PLACE))
    yield importlib.import_module
    sys.path.remove(str(PLACE))
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(PLACE)):
            del sys.modules[name]


@pytest.fixture(scope="module")
def every(own: Callable[[str], Any]) -> list[Any]:
    """All mutants of the proofs of finite runs, and of certificates."""
    plan = own("campaign").Plan.read(ROOT)
    modules = [m for m, group in plan.modules(ROOT).items() if group in ("finite size", "certificates")]
    assert len(modules) > 15
    return [m for module in modules for m in own("mutants").mutants(ROOT, "", module, plan.operators, plan.ends)]


def test_the_sample_is_the_same_for_the_same_seed_and_holds_every_stratum_by_its_share(
    own: Callable[[str], Any], every: list[Any]
) -> None:
    stratified = own("sample").stratified
    order = stratified(every, 7)
    assert sorted(m.key for m in order) == sorted(m.key for m in every)
    assert stratified(reversed(every), 7) == order
    other = set(stratified(every, 8)[:300])
    assert sum(mutant in other for mutant in order[:300]) < 150
    for size in (100, 300, 1000):
        strata, taken = (Counter((m.module, m.operator) for m in found) for found in (every, order[:size]))
        share = Fraction(size, len(every))
        assert all(abs(taken[stratum] - share * of) < 2 for stratum, of in strata.items())


def test_every_mutant_is_made_where_it_says_and_parses(own: Callable[[str], Any], every: list[Any]) -> None:
    assert len({mutant.key for mutant in every}) == len(every)
    for mutant in every[::29]:
        source = (ROOT / mutant.module).read_bytes()
        assert source.splitlines()[mutant.number - 1].decode().strip() == mutant.line
        assert mutant.first <= mutant.number <= mutant.last
        assert ast.dump(ast.parse(mutant.apply(source))) != ast.dump(ast.parse(source))


CHANGES = {
    "f(a, b < c)": ["f(a, b <= c)", "f(a, b >= c)"],
    "a is not (b)": ["a is (b)"],
    "a - -b": ["a + -b", "a - b"],
    "'text' + f'{a + 1}'": [],
    "a and b or c": ["(a and b and c)", "((c))", "((a and b))", "(a or b) or c", "((b)) or c", "((a)) or c"],
    "not a": ["a"],
    "x[0]": ["x[(1)]", "x[(-1)]"],
    "min(a, key=b.min)": ["max(a, key=b.min)", "min(a, key=b.max)"],
    "a.lower() - b.upper()": ["a.lower() + b.upper()", "a.upper() - b.upper()", "a.lower() - b.lower()"],
    "a if b else c": ["a if (not (b)) else c"],
}


@pytest.mark.parametrize("text", CHANGES)
def test_what_the_operators_make_of_an_expression(text: str, own: Callable[[str], Any], tmp_path: Path) -> None:
    module = own("mutants")
    (tmp_path / "m.py").write_text(f"x: 'a < 1' = {text}\n")
    found = module.mutants(tmp_path, "", "m.py", [*module.OPERATORS, "ends"], [["lower", "upper"]])
    made = [m.apply((tmp_path / "m.py").read_bytes()).decode().split(" = ", 1)[1].strip() for m in found]
    assert sorted(made) == sorted(CHANGES[text])


def test_which_statements_can_be_dropped(own: Callable[[str], Any], tmp_path: Path) -> None:
    """No return at the end, no assignment, no docstring."""
    (tmp_path / "m.py").write_text(
        'def f(x):\n    """1"""\n    require(x)\n    if x:\n        return 1\n    y = x\n    return y\n'
    )
    dropped = own("mutants").mutants(tmp_path, "", "m.py", ["statement"], [])
    assert [m.change for m in dropped] == ["require(x) → pass", "return 1 → pass"]


def test_a_campaign_of_some_modules_leaves_out_the_others(own: Callable[[str], Any]) -> None:
    plan = own("campaign").Plan.read(ROOT)
    verifier = plan.modules(ROOT, ["proofs/verifier/*.py", "README.md"])
    assert verifier == {name: group for name, group in plan.modules(ROOT).items() if group == "verifier"} != {}


def test_the_quick_tests_of_every_file_come_before_the_long_ones_of_any(own: Callable[[str], Any]) -> None:
    def record(name: str) -> dict[str, Any]:
        tests = {f"{name}::long": 9.0, f"{name}::quick": 0.1, f"{name}::shared": 0.1}
        fixtures = {f"{name}::shared": ["fixture dear"]}
        return {
            "tests": tests,
            "fixtures": fixtures,
            "costs": {"fixture dear": 5.0, "fixture kept": 50.0},
            "stored": {"fixture kept": ""},
            "collection": 0.0,
            "lines": {"m.py": {t: [1] for t in tests}},
        }

    mutant = own("mutants").Mutant("", "m.py", "constant", "1", "1 → 2", 0, 1, 1, 1, 0, 1, "2")
    choice = own("choice").Choice({}, {"m.py": []})
    choice.records = {name: record(name) for name in "ab"}
    for name in "ab":
        for test in choice.records[name]["tests"]:
            choice.masks.setdefault("m.py", {}).setdefault(1, 0)
            choice.masks["m.py"][1] |= 1 << len(choice.tests)
            choice.tests.append((name, test))
    quick, long = (["a::quick"], ["b::quick"]), (["a::shared", "a::long"], ["b::shared", "b::long"])
    assert [sorted(tests) for _, tests in choice.tests_for(mutant).files] == [*quick, *map(sorted, long)]


def test_a_file_that_is_about_the_module_comes_before_one_that_passes_by(own: Callable[[str], Any]) -> None:
    """Until the other has noticed more of its mutants; and a compiled function's tests are those that see it run."""

    def record(name: str, own_line: int, others: int) -> dict[str, Any]:
        test = f"{name}::test"
        lines = {"m.py": {test: [own_line]}, "other.py": {test: list(range(others))}}
        return {"tests": {test: 0.1}, "fixtures": {}, "costs": {}, "stored": {}, "collection": 0.0, "lines": lines}

    text = b"@njit()\ndef f():\n    return 1\n\ndef g():\n    return f()\n"
    made = own("mutants").Mutant("", "m.py", "constant", "return 1", "1 → 2", 0, 3, 3, 3, 0, 1, "2")
    choice = own("choice").Choice.of(
        Path("."), [], {"a": record("a", 3, 50), "b": record("b", 3, 2), "c": record("c", 6, 9)}
    )
    choice.program = {"m.py": own("choice").statements("m.py", text), "other.py": []}
    chosen = choice.tests_for(made)
    assert chosen.compiled
    assert [file for file, _ in chosen.files] == ["b", "c", "a"]
    assert choice.uncompiled(made).files == [("b", ["b::test"]), ("a", ["a::test"])]
    for _ in range(3):
        choice.learn(made, choice.uncompiled(made), "a::test")
    assert next(file for file, _ in choice.tests_for(made).files) == "a"


def test_lines_that_moved_keep_their_tests_and_new_ones_take_those_beside_them(own: Callable[[str], Any]) -> None:
    assert own("campaign").moved("a\nb\nc\nd\n", "z\na\nc\nx\ny\nd\n") == {1: [1, 2], 2: [], 3: [3, 4, 5], 4: [4, 5, 6]}


def test_whatever_is_called_equivalent_is_there_and_argued(own: Callable[[str], Any]) -> None:
    known = own("report").equivalents(PLACE / "equivalents.toml")
    plan = own("campaign").Plan.read(ROOT)
    assert {module for module, *_ in known} <= plan.modules(ROOT).keys()
    for module in {module for module, *_ in known}:
        made = {m.key for m in own("mutants").mutants(ROOT, "", module, plan.operators, plan.ends)}
        assert {key for key in known if key[0] == module} <= made, "the line has changed: so may have the argument"
    assert all(len(why.split()) > 4 for why in known.values())


@pytest.mark.parametrize(("killed", "of"), [(950, 1000), (0, 20), (20, 20)])
def test_the_interval_is_that_of_clopper_and_pearson(killed: int, of: int, own: Callable[[str], Any]) -> None:
    """At its ends what was seen, or more extreme, has the probability 0.025."""
    low, high = own("report").interval(killed, of)
    assert low == 0 if killed == 0 else binom.sf(killed - 1, of, low) == pytest.approx(0.025, rel=1e-6)
    assert high == 1 if killed == of else binom.cdf(killed, of, high) == pytest.approx(0.025, rel=1e-6)
