"""Edited certificates by the thousand: none accepted that an evaluator without the verifier's code calls false.

The whole campaign is a command, ``python benchmarks/fuzzing/campaign.py``; here a part of it, and what it must notice.
"""

from __future__ import annotations

import ast
import copy
import json
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keybounds.proofs.verifier import correlations, devices, mixtures, verification
from keybounds.proofs.verifier.verification import KINDS

Document = dict[str, Any]

HERE = Path(__file__).parent
FUZZING = HERE.parents[1] / "benchmarks" / "fuzzing"


def beside(name: str) -> ModuleType:
    """A package or module of this folder."""
    sys.path.insert(0, str(HERE))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(HERE))


def module(path: Path) -> ModuleType:
    spec = util.spec_from_file_location(f"fuzzing_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    found = util.module_from_spec(spec)
    sys.modules[spec.name] = found  # where dataclasses look
    spec.loader.exec_module(found)
    return found


evaluator, sentence = beside("evaluation"), beside("sentence")
edits, campaign = module(FUZZING / "edits.py"), module(FUZZING / "campaign.py")
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "documents").glob("*.json"))}


def run(count: int, seed: int, names: list[str] | None = None) -> Any:
    documents = DOCUMENTS if names is None else {name: DOCUMENTS[name] for name in names}
    return campaign.campaign(documents, count, seed, verification, evaluator, sentence, edits)


def test_the_evaluator_shares_nothing_with_the_verifier() -> None:
    allowed = {*sys.stdlib_module_names, "mpmath", "numpy", "scipy", "evaluation"}
    files = sorted((HERE / "evaluation").glob("*.py"))
    assert len(files) > 5
    for node in (node for path in files for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= allowed
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in allowed


def test_the_evaluator_finds_what_is_issued_true(samples: dict[str, Any]) -> None:
    for name, document in {**DOCUMENTS, **{name: sample.document for name, sample in samples.items()}}.items():
        assert evaluator.judge(document) == "", name


def test_the_evaluator_finds_a_little_more_false() -> None:
    """A value 1e-7 beyond, another class, unit, direction or device, a part of the proof gone."""
    for name, document in DOCUMENTS.items():
        false = campaign.beyond(document, evaluator)
        assert false is None or evaluator.judge(false) != "", name
        for path, value in (
            ("statement.direction", {"lower": "upper", "upper": "lower"}.get(document["statement"].get("direction"))),
            ("statement.unit", "bit/kept round"),
            ("statement.scope.quantity", "distillable entanglement of formation"),
            ("statement.scope.more", 1),
            ("format", "a certificate"),
            ("more", 1),
        ):
            changed = copy.deepcopy(document)
            *above, last = path.split(".")
            place: Any = changed
            for part in above:
                place = place.get(part, {})
            place[last] = value
            assert changed == document or evaluator.judge(changed) != "", (name, path)
    assert sum(campaign.beyond(document, evaluator) is not None for document in DOCUMENTS.values()) > 60


def check(outcome: Any, count: int) -> None:
    assert outcome.wrong == []
    assert outcome.misread == []
    assert outcome.tracebacks == []
    assert outcome.slow == []
    assert outcome.total.documents == count
    assert outcome.total.single > count / 2
    assert outcome.kinds.keys() == set(KINDS)
    for kind, tally in outcome.kinds.items():
        assert tally.last_clause > tally.documents / 10, kind
        assert tally.accepted > 0, kind


def test_no_edited_certificate_is_accepted_that_is_false() -> None:
    outcome = run(1000, seed=3)
    check(outcome, 1000)
    assert outcome.malformed == {}
    assert "accepted and called false: 0" in str(outcome)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 14))
def test_a_longer_campaign(seed: int) -> None:
    check(run(25_000, seed=seed), 25_000)


# --- what a campaign must notice -------------------------------------------------------------------------------------


def accepting(direction: str, value: Any, evaluate: Callable[[], Any]) -> str:
    return str(evaluate())


def lenient(direction: str, value: Any, evaluate: Callable[[], Any]) -> str:
    """With the sign of a lower bound's comparison turned."""
    return DECIDE("upper", max(value, 0), evaluate) if direction == "lower" else DECIDE(direction, value, evaluate)


DECIDE = verification._decide

FAULTS: list[tuple[str, Any, str, Any, list[str]]] = [
    ("no comparison", verification, "_decide", accepting, ["erasure", "hashing", "eat", "local-weight"]),
    ("the sign turned", verification, "_decide", lenient, ["chsh-rate", "pair-parities", "entropy"]),
    ("no scope", verification, "check_scope", lambda *_: None, ["chsh-entropy", "two-qubit", "channel-key", "werner"]),
    ("half survives", devices, "_survival", lambda *_: Fraction(1, 2), ["entropy-with-preprocessing"]),
    ("any test", correlations, "read_test", lambda value: tuple(map(tuple, value)), ["chsh-rate", "two-qubit"]),
    ("any tables", mixtures, "_check_tables", lambda *_: 0, ["mixture", "mixture-any"]),
]


@pytest.mark.parametrize(("name", "home", "function", "fault", "names"), FAULTS)
def test_a_fault_of_the_verifier_is_noticed(
    monkeypatch: pytest.MonkeyPatch, name: str, home: ModuleType, function: str, fault: Any, names: list[str]
) -> None:
    monkeypatch.setattr(home, function, fault)
    outcome = run(120 if function == "_decide" else 400, seed=4, names=names)  # that one is noticed soon
    assert outcome.wrong or outcome.tracebacks, name


def test_tracebacks_and_slow_documents_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "LONGEST", -1.0)
    outcome = run(20, seed=5)
    assert len(outcome.slow) == 20
    assert re.search("over -1 s: 20", str(outcome))

    def fail(_: Any) -> Any:
        raise KeyError("a fault")

    monkeypatch.setattr(verification, "check_plain", lambda _: None)
    monkeypatch.setattr(verification, "verify", fail)
    outcome = run(20, seed=5)
    assert len(outcome.tracebacks) == len(outcome.cases) == 20
    assert verification._decide is DECIDE
