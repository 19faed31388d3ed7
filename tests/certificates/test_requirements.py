"""One forgery for each requirement of the verifier: a genuine certificate stays acceptable to one that proves too much.

Each row names what the verifier must say, a sample, and what is changed in it. That no requirement is without a row is
tested by reading the verifier's source.
"""

from __future__ import annotations

import ast
import copy
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybounds.proofs import verify

Document = dict[str, Any]

VERIFIER = Path(__file__).resolve().parents[2] / "proofs" / "verifier"
GONE = object()  # in place of a value: leave the field out


def twice(entries: list[Any]) -> list[Any]:
    return [*entries, entries[0]]


def first_twice(entries: list[Any]) -> list[Any]:
    return [entries[0], entries[0], *entries[2:]]


def diagonal(*entries: int | str) -> list[Any]:
    size = len(entries)
    return [[[entries[r] if r == c else 0, 0] for c in range(size)] for r in range(size)]


def alternating(length: int) -> list[list[int]]:
    """A word in the projectors of both settings by turns."""
    return [[1 - k % 2, 0] for k in range(length)]


def known_as(value: int | str) -> Callable[[list[Document]], list[Document]]:
    """Everything but the identity with another value."""
    return lambda known: [known[0], *({**entry, "low": value, "high": value} for entry in known[1:])]


ALTERNATING = [alternating(length) for length in range(8)]
LEVELS = [[[], []], [[[0, 0]], []]]  # words without Bob's
PROTOCOL = "statement.scope.protocol"
SETTINGS = f"{PROTOCOL}.settings"
PLAIN = {"key": [2, 1], "weight": 1, "noise": 0}

FORGERIES: list[tuple[str, str, dict[str, Any]]] = [
    # the document
    ("the format is not 'keybounds certificate'", "hashing", {"format": "a certificate"}),
    ("the version is not 2", "hashing", {"version": "2"}),
    ("this is a version 1 certificate", "hashing", {"version": 1}),
    ("data is not an object", "hashing", {"data": []}),
    ("kind is 'hope', which is none of", "hashing", {"kind": "hope"}),
    ("an upper bound below 0", "channel, quantum", {"statement.value": "-1/2"}),
    ("is not proven: the data give", "hashing", {"statement.value": 1}),
    (  # Bob's bit is a function of Alice's six outcomes: exactly one bit, of which the ball is a hair wider
        "the data do not decide the value",
        "mutual information",
        {
            "data.inputs.outcomes": [6, 2],
            "data.inputs.tables.0.P": [["1/6", 0]] * 3 + [[0, "1/6"]] * 3,
            "statement.value": 1,
        },
    ),
    # the statement
    ("this certificate proves lower bounds only", "hashing", {"statement.direction": "upper"}),
    ("this certificate proves upper bounds only", "two-qubit", {"statement.direction": "lower"}),
    ("the unit is not bit/copy, or made of it by a stated rate", "hashing", {"statement.unit": "bit/round"}),
    (
        "the unit is not one that a rate makes of bit/copy",
        "hashing",
        {"statement.unit": "bit/channel use", "statement.scale": {"rate": 1, "from": "bit/copy"}},
    ),
    (
        "the unit is not one that a rate makes of bit/channel use",
        "E_max",
        {"statement.unit": "bit/herald", "statement.scale": {"rate": 1, "from": "bit/channel use"}},
    ),
    (
        "a rate that is not above 0",
        "hashing",
        {"statement.unit": "bit/s", "statement.scale": {"rate": 0, "from": "bit/copy"}},
    ),
    (
        "a heralded pair that is not exactly one round or copy",
        "hashing",
        {"statement.unit": "bit/herald", "statement.scale": {"rate": 2, "from": "bit/copy"}},
    ),
    (
        "a quantum capacity of untrusted devices",
        "two-qubit",
        {"statement.scope.quantity": "quantum capacity"},
    ),
    (
        "devices of the adversary where they are trusted",
        "hashing",
        {"statement.scope.devices": {"communication": "none", "memory": "iid"}},
    ),
    (
        "key settings or completed rounds where the devices are trusted",
        "hashing",
        {f"{PROTOCOL}.settings": [PLAIN]},
    ),
    (
        "key settings or completed rounds of a state or a channel, which have none",
        "transpose ceiling",
        {f"{PROTOCOL}.discussion": "completed rounds"},
    ),
    ("two-way discussion of no key setting", "two-qubit", {SETTINGS: []}),
    ("a quantum capacity of no channel", "Bell-diagonal", {"statement.scope.quantity": "quantum capacity"}),
    (
        "entanglement distilled from a channel",
        "loss ceiling",
        {"statement.scope.quantity": "distillable entanglement"},
    ),
    ("does not follow from the derived one", "two-qubit", {f"{SETTINGS}.0.key": [0, 2]}),
    ("keep is 0", "reconciliation", {f"{PROTOCOL}.keep": 0}),
    ("a key setting where there is none", "two-qubit", {f"{PROTOCOL}.discussion": "any"}),
    (
        "the same key setting twice",
        "two-qubit",
        {SETTINGS: [{"key": [2, 2], "weight": "1/2", "noise": 0}] * 2},
    ),
    (
        "a key setting without weight",
        "two-qubit",
        {SETTINGS: [{"key": [2, 2], "weight": 1, "noise": 0}, {"key": [1, 2], "weight": 0, "noise": 0}]},
    ),
    ("weights of key settings that do not sum to 1", "two-qubit", {f"{SETTINGS}.0.weight": "1/2"}),
    (
        "preprocessing beyond one-way discussion on key settings",
        "two-qubit",
        {f"{SETTINGS}.0.noise": "1/4"},
    ),
    (
        "not one key setting, which this certificate is for",
        "singlet",
        {"data.inputs.protocol.settings": [{"key": [k, 2], "weight": "1/2", "noise": 0} for k in (0, 1)]},
    ),
    # devices by S and Q, or by tables
    ("Alice's key setting is none of the CHSH settings", "CHSH rate", {"data.inputs.key": [2, 2]}),
    ("Bob's key setting is one of the CHSH settings", "two-qubit", {"data.inputs.key": [1, 1]}),
    ("the same CHSH setting twice", "two-qubit", {"data.inputs.test": [[0, 1], [1, 1]]}),
    ("the same CHSH setting twice", "two-qubit", {"data.inputs.test": [[1, 1], [0, 1]]}),
    ("S is beyond 2√2", "CHSH rate", {"data.inputs.chsh": "-2829/1000"}),
    ("both S, Q and tables", "CHSH rate of a table", {"data.inputs.qber": "1/50"}),
    ("both S, Q and tables", "CHSH rate of a table", {"data.inputs.chsh": "27/10"}),
    (
        "not the tables of the CHSH settings and the key setting",
        "CHSH rate of a table",
        {"data.inputs.tables": lambda tables: tables[:-1]},
    ),
    (
        "outcomes that are not bits",
        "CHSH rate of a table",
        {"data.inputs.tables.0.P": [["1/4", 0, "1/4"], [0, "1/2", 0]]},
    ),
    (
        "outcomes that are not bits",
        "CHSH rate of a table",
        {"data.inputs.tables.0.P": [["1/4", "1/4"], [0, "1/4"], ["1/4", 0]]},
    ),
    (
        "the table of the key setting is missing",
        "CHSH and H(A|B)",
        {"data.inputs.tables": None, "data.inputs.chsh": "27/10", "data.inputs.qber": "1/50"},
    ),
    ("two tables of one pair of settings", "CHSH rate of a table", {"data.inputs.tables": twice}),
    ("a table whose rows differ in length", "CHSH rate of a table", {"data.inputs.tables.0.P": [["1/2"], [0, "1/2"]]}),
    ("a table that does not sum to 1", "CHSH rate of a table", {"data.inputs.tables.0.P": [["1/2", 0], [0, "1/4"]]}),
    ("neither three devices nor one", "mixture of devices", {"data.inputs.points": lambda points: points[:2]}),
    ("S of a point is beyond 2√2", "mixture of devices", {"data.inputs.points.1.0": "2829/1000"}),
    *(
        ("a weight of the mixture is negative", "mixture of devices", {"data.inputs.points": list(points)})
        for points in itertools.permutations([["5/2", 0], ["13/5", 0], ["14/5", "1/10"]])
    ),
    ("another key setting or post-selection", "singlet", {"data.inputs.protocol.settings.0.key": [1, 2]}),
    ("another key setting or post-selection", "singlet, one-way", {"data.inputs.protocol.keep": "1/2"}),
    ("another discussion than the formula's", "singlet", {"data.inputs.chord_end": None}),
    ("another discussion than the formula's", "singlet, one-way", {"data.inputs.chord_end": 1}),
    ("a table of other outcomes than named", "mutual information, all", {"data.inputs.outcomes": [2, 3]}),
    ("a table of other outcomes than named", "mutual information, all", {"data.inputs.outcomes": [3, 2]}),
    ("a table of a setting that there is not", "mutual information", {"data.inputs.settings": [2, 3]}),
    (
        "a table of some pair of settings is missing",
        "mutual information, all",
        {"data.inputs.settings": [3, 4]},
    ),
    ("this ceiling is for two-way discussion", "mutual information, all", {"data.inputs.protocol.discussion": "any"}),
    ("not just the table of the key setting", "mutual information", {"data.inputs.protocol.settings.0.key": [0, 0]}),
    ("tables that signal are no device's", "mutual information, all", {"data.inputs.tables.0.P": [[1, 0], [0, 0]]}),
    ("this entropy is for one-way discussion", "reconciliation", {"data.inputs.protocol": {
        "discussion": "two-way", "settings": [PLAIN], "keep": 1,
    }}),
    ("not just the table of the key setting", "reconciliation", {"data.inputs.tables.0.settings": [0, 0]}),
    ("noise on what is not a bit", "reconciliation", {"data.inputs.tables.0.P": [["1/2", 0], ["1/4", 0], [0, "1/4"]]}),
    # every other formula
    ("unequal sectors of a channel", "channel ceiling", {"data.inputs.sectors": [8, 9]}),
    ("unequal sectors at the edge", "transpose ceiling", {"data.inputs.sectors": [25, 26]}),
    ("p is below 1/(√m + 1), where the state is not PPT", "pair parities", {"data.inputs.p": "1/4"}),
    ("p is below 1/(√m + 1), where the state is not PPT", "pair parities", {"data.inputs.p": 0}),
    ("this ceiling is for rho_{d,p}", "published ceiling", {"data.inputs.object": "channel"}),
    (
        "this ceiling is for rho_{d,p}",
        "published ceiling",
        {"data.inputs.sectors": [25, 26], "data.inputs.p": "1/2"},
    ),
    ("this ceiling is for a channel", "channel, quantum", {"data.inputs.object": "state"}),
    ("a lossless mode has no finite capacity", "loss rate", {"data.inputs.transmissivity": 1}),
    ("a tangent at the end of the range", "amplitude damping", {"data.inputs.tangent_at": 0}),
    ("a tangent at the end of the range", "amplitude damping", {"data.inputs.tangent_at": 1}),
    ("formula is 'a hunch', which is none of", "loss rate", {"data.formula": "a hunch"}),
    # entropies
    (
        "this certificate is about an entropy or a key rate",
        "entropy",
        {"statement.scope.quantity": "entropy of Alice's key symbol given Bob's outcome"},
    ),
    ("a mirror image of what has none", "entropy", {"data.keep": "1/2"}),
    ("a mirror image of what has none", "entropy", {"data.outcomes.bob": [2, 3]}),
    ("two known values of one functional", "entropy", {"data.mirrored": twice}),
    ("a probability of the key setting is negative", "rate with preprocessing", {"data.known": known_as("-1/50")}),
    ("no key round survives", "rate with preprocessing", {"data.known": known_as(-100)}),
    (
        "more words and nodes than this verifier takes",
        "entropy",
        {
            "data.words": [[alice, bob] for alice in ALTERNATING for bob in ALTERNATING],
            "data.nodes.t": [k + 1 for k in range(500)],
            "data.weights.W": [0] * 500,
        },
    ),
    ("the same word twice", "entropy", {"data.words": lambda words: twice(words[:-1])}),
    ("a matrix of the dual is not positive semidefinite", "entropy", {"data.dual.X.0.0": -1}),
    ("nodes that do not increase in (0, 1)", "rate with preprocessing", {"data.nodes.t": lambda t: t[::-1]}),
    ("nodes that do not increase in (0, 1)", "rate with preprocessing", {"data.nodes.t.2": 1 << 30}),
    ("noise 1/2, at which there is nothing to prove", "rate with preprocessing", {"data.noise": "1/2"}),
    ("Alice's key symbol is not a bit", "entropy under constraints", {"data.outcomes.alice": [2, 3]}),
    ("keep is 0", "rate with preprocessing", {"data.keep": 0}),
    ("a mirrored table is known exactly", "entropy", {"data.known.1.high": 2}),
    ("a known value that is not the mirrored table's", "entropy", {"data.mirrored.-1.1": "1/5"}),
    ("a known value that is not the mirrored table's", "entropy", {
        "data.known.1.low": "1/3", "data.known.1.high": "1/3",
    }),
    (
        "a word too long to be flipped",
        "entropy",
        {
            "data.words": [[[], []], [[[1, 0]], []], [[], [[0, 0]]], [alternating(7), []]],
            "data.dual.X.*": [0] * 10,
            "data.dual.Y.*": [0] * 10,
            "data.known": lambda known: [known[0], {"functional": [[[alternating(13), []], 2]], "low": 0, "high": 0}],
            "data.multipliers": [0, 0],
        },
    ),
    ("the moment matrix does not hold a word that is needed", "entropy", {
        "data.words": LEVELS, "data.dual.X.*": [1, 0, 1], "data.dual.Y.*": [1, 0, 1],
    }),
    ("a known value whose low end is above the high one", "entropy under constraints", {"data.known.1.high": -9}),
    ("a word that is not reduced", "entropy", {"data.words.1": [[[0, 0], [0, 0]], []]}),
    ("more than one bit is proven", "entropy under constraints", {"data.known.1.low": 3, "data.known.1.high": 3}),
    ("what a mirror image does not imply", "entropy", {
        "data.known.1.functional": [[[[[0, 0]], []], 2]], "data.known.1.low": 0, "data.known.1.high": 0,
    }),
    ("what a mirror image does not imply", "entropy", {
        "data.known.1.functional": [[[[[0, 0]], []], 2], [[[], []], -1]],
        "data.known.1.low": "1/9", "data.known.1.high": "1/9",
    }),
    (
        "the table of the key setting is not known exactly",
        "entropy under constraints",
        {"statement.scope.quantity": "secret-key rate", "statement.unit": "bit/round"},
    ),
    ("a weight above the integral of its hat function", "entropy", {"data.weights.W.0": lambda w: w + (1 << 20)}),
    ("a node beyond 1/2 with its mirror image", "entropy", {"data.nodes.t.-1": 1 << 29}),
    ("the same word twice in a functional", "entropy", {"data.known.1.functional": twice}),
    ("two known values of one functional", "entropy", {"data.known": twice, "data.multipliers": twice}),
    ("the identity has the value 1", "entropy", {"data.known.0.low": 2, "data.known.0.high": 2}),
    ("the identity has the value 1", "entropy under constraints", {"data.known.0.high": 2}),
    ("a known moment that no table holds", "entropy", {"data.known.1.functional.0.0": [[[0, 0], [1, 0]], []]}),
    ("a known moment that is not in the table", "entropy", {"data.mirrored": lambda table: table[:-1]}),
    # finite keys
    ("this certificate proves lower bounds only", "EAT", {"statement.direction": "upper"}),
    ("the unit of a key length is the bit", "EAT", {"statement.unit": "bit/s"}),
    ("a soundness smaller than that of the data", "EAT", {"statement.scope.soundness": "1/100000000000"}),
    ("Alice's key setting is none of the CHSH settings", "EAT", {"data.key": [2, 2]}),
    ("gamma is not a probability in (0, 1)", "EAT", {"data.gamma": 1}),
    ("gamma is not a probability in (0, 1)", "Rényi", {"data.gamma": 0}),
    ("a soundness that the hashes exceed, or of 1", "EAT", {"data.soundness": "1p-60"}),
    ("a soundness that the hashes exceed, or of 1", "EAT", {"data.soundness": 1, "statement.scope.soundness": 1}),
    ("a parameter that is not above 0", "EAT", {"data.parameters.smoothing_2": 0}),
    ("a tangent below the classical winning probability", "EAT", {"data.parameters.tangent": "3/4"}),
    ("a tangent beyond the quantum winning probability", "EAT", {"data.parameters.tangent": "9/10"}),
    ("order_1 is not below 1", "EAT", {"data.parameters.order_1": 1}),
    ("order_2 is not below 1/log 5", "EAT", {"data.parameters.order_2": "1/2"}),
    ("a smoothing not above smoothing_1 + 2 smoothing_2", "EAT", {"data.parameters.smoothing_1": "1/10"}),
    ("the parameters exceed the soundness", "EAT", {"data.parameters.extractor_error": "1/1000"}),
    ("order is not above 0", "Rényi", {"data.parameters.order": 0}),
    ("reference is not in (0, 1)", "Rényi", {"data.parameters.reference": 1}),
    ("reference is not in (0, 1)", "Rényi", {"data.parameters.reference": 0}),
    ("this theorem needs a hash that is exactly uniform on differences", "Rényi", {"data.extractor": "trevisan"}),
    ("a won test does not certainly weigh as much as a lost one", "Rényi", {"data.parameters.loss_score": 40}),
    # local weights
    ("two tables of one pair of settings", "local weight", {"data.tables": lambda t: first_twice(t)}),
    ("a table that does not sum to 1", "local weight", {"data.tables.0.P.0.0": 0}),
    ("tables that signal", "local weight", {"data.tables.0.P": [["1/2", "1/4"], ["1/8", "1/8"]]}),
    ("more than P is taken from it", "local weight", {"data.points.0.weight": 1}),
    (
        "more answers than are gone through",
        "local weight",
        {
            "data.outcomes": [16, 2],
            "data.settings": [6, 1],
            "data.tables": [{"settings": [x, 0], "P": [[1, 0], *[[0, 0]] * 15]} for x in range(6)],
            "data.points": [],
            "data.inequality": [[[1, 1]] * 16] * 6,
        },
    ),
    ("an inequality that the local points do not satisfy with a positive bound", "local weight", {
        "data.inequality.*": [[0, 0], [0, 0]],
    }),
    # mixtures
    ("weights that do not sum to 1", "mixture", {"data.mixture.points.0.weight": "1/16"}),
    ("a direction that is 0", "mixture", {"data.mixture.strategies.0.alice.0.direction": [0, 0]}),
    ("the same pair of settings twice", "mixture", {"data.measured": twice}),
    ("from the one given", "mixture", {"data.collins_gisin.1.1": lambda p: "1/7"}),
    ("from the one given", "mixture", {"data.collins_gisin.0.0": 2}),
    ("from the one given", "mixture", {"data.collins_gisin.2.0": "1/7"}),
    ("from the one given", "mixture", {"data.collins_gisin.0.2": "1/7"}),
    (
        "the key setting was not measured",
        "mixture",
        {"data.measured": lambda pairs: pairs[:-1], "data.table": lambda table: table[:-1]},
    ),
    (
        "a separable state where none is needed",
        "mixture",
        {"data.mixture.strategies.0.pinching": {"side": "bob", "direction": [1, 0]}},
    ),
    ("a strategy without a separable state", "mixture, any", {"data.mixture.strategies.0.pinching": GONE}),
    ("a class without public discussion", "mixture, any", {"data.protocol.discussion": "none"}),
    ("a state that is 0", "mixture", {"data.mixture.strategies.0.state": [0] * 8}),
    ("the mixture has another table at the settings", "mixture", {"data.mixture.strategies.0.state.1": 2}),
    # states
    ("the state's trace is not positive", "hashing", {"data.state.matrix": diagonal(0, 0, 0, 0)}),
    ("more than 144 dimensions", "Bell-diagonal", {"data.dims": [12, 13]}),
    ("an environment of more than 144 dimensions", "squashed", {"data.environment": [80, 4]}),
    ("an environment of more than 144 dimensions", "squashed", {"data.environment": [2, 145]}),
    ("reverse hashing of a state", "hashing", {"data.direction": "reverse"}),
    ("Alice's side of the Choi state is not maximally mixed", "hashing of a channel", {
        "data.state.matrix": diagonal("1/2", "1/4", "1/8", "1/8"),
    }),
    ("Alice's side of the Choi state is not maximally mixed", "E_max", {"data.choi": diagonal(1, 0, 0, 0)}),
    ("separable_state is not an object", "Bell-diagonal", {"data.separable_state": []}),
    ("Bell-diagonal states are of two qubits", "isotropic", {
        "data.separable_state": {"kind": "Bell-diagonal", "admixture": 0, "shares": ["1/2", "1/2", 0, 0]},
    }),
    ("a Bell-diagonal state with a weight above 1/2 is entangled", "Bell-diagonal", {
        "data.separable_state.shares": ["3/5", "2/5", 0, 0],
    }),
    ("this separable state needs dA = dB > 1", "dephased", {
        "data.separable_state": {"kind": "isotropic", "admixture": 0, "share": "1/3"},
    }),
    ("shares that do not sum to 1", "Bell-diagonal", {"data.separable_state.shares": ["1/2", 0, 0, 0]}),
    ("the isometry is not one", "squashed", {"data.isometry.*.*": ["1/2", 0]}),
    ("a matrix that is no state", "hashing", {"data.state.matrix": diagonal("3/5", "-1/10", "-1/10", "3/5")}),
    ("a matrix that is no state", "partial transpose", {
        "data.repair": GONE, "statement.value": 2,
        "data.state.matrix": [[["1/2" if {r, c} <= {0, 3} else 0, 0] for c in range(4)] for r in range(4)],
    }),
    (
        "a certificate for a channel and for the partial transpose of a state",
        "Choi",
        {"data.state_is": "partial transpose"},
    ),
    ("an environment without an isometry", "squashed, trivial", {"data.environment": [2, 6]}),
    ("an ensemble without weight", "ensemble", {"data.separable_state.alice.*.*": [0, 0]}),
    ("a basis that is not one", "dephased", {"data.separable_state.alice.*.*": [0, 0]}),
    ("the state is not positive definite, so that it has no Cholesky factor", "squashed", {
        "data.state.matrix": diagonal("3/2", 0, 0, "-1/2"),
    }),
    ("the state's matrix is not Hermitian", "hashing", {"data.state.matrix.0.1.0": "1/100"}),
    ("the state's matrix is not Hermitian", "hashing", {"data.state.matrix.0.1.1": "1/100"}),
    ("the state's matrix is not Hermitian", "hashing", {"data.state.matrix.0.0.1": "1/100"}),
    ("a matrix with a negative eigenvalue is no state", "hashing", {
        "data.state.matrix": diagonal(2, "-1/2", "-1/2", 0),
    }),
    # channels
    ("beyond 6 dimensions PPT operators need not be separable", "E_max", {
        "data.dims": [3, 3], "data.choi": diagonal(*["1/9"] * 9), "data.Y": diagonal(*["1/9"] * 9),
    }),
]  # fmt: skip


UNREACHED = {
    "no eigenvectors were found for a matrix": "eig of python-flint has not failed on a matrix of finite entries",
    "the extremum over all devices was not enclosed": "bisection ends long before the limit for admissible parameters",
    "a matrix with numbers too long to decide whether it is singular": "see the tests of spectra",
    "an operator without trace": "the Choi operator is added to it",
    "a matrix of {} rows; at most {}": "dimensions are checked before",
    "post-selection of what is not click and no-click": "test_sentences, for it needs a table of more outcomes",
    "the document is not an object": "test_reading",
    "no key round survives": "of a mixture: both parties keep every outcome now and then",
}


def edited(document: Document, edits: dict[str, Any]) -> Document:
    copied = copy.deepcopy(document)
    for path, value in edits.items():
        put(copied, path.split("."), value)
    return copied


def put(place: Any, names: list[str], value: Any) -> None:
    name, *rest = names
    keys: list[Any] = [int(name) if name.lstrip("-").isdigit() else name]
    if name == "*":
        keys = list(range(len(place)))
    for key in keys:
        if rest:
            put(place[key], rest, value)
        elif value is GONE:
            del place[key]
        else:
            place[key] = value(place[key]) if callable(value) else copy.deepcopy(value)


@pytest.mark.parametrize(
    ("reason", "name", "edits"), FORGERIES, ids=[f"{k}-{row[1]}-{row[0][:40]}" for k, row in enumerate(FORGERIES)]
)
def test_a_forgery_is_told_why(samples: dict[str, Any], reason: str, name: str, edits: dict[str, Any]) -> None:
    verdict = verify(edited(samples[name].document, edits))
    assert not verdict.accepted
    assert reason in verdict.reason
    assert (verdict.statement, verdict.about, verdict.digest) == ("", "", "")


def requirements() -> dict[str, str]:
    """What the verifier's modules may say, as patterns, by where it stands; what any reading may say is left out."""
    found = {}
    for path in sorted(VERIFIER.glob("*.py")):
        if path.name == "reading.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("require", "RejectedError"):
                continue
            message = node.args[1 if node.func.id == "require" else 0]  # type: ignore[attr-defined]
            parts = message.values if isinstance(message, ast.JoinedStr) else [message]
            texts = [re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in parts]
            found[f"{path.name}:{node.lineno}"] = "".join(map(str, texts))
    return found


def test_no_requirement_is_without_its_forgery() -> None:
    reasons = [reason for reason, _, _ in FORGERIES] + list(UNREACHED)
    missing = {
        place: pattern
        for place, pattern in requirements().items()
        if not any(re.search(pattern, reason) or reason in pattern.replace("\\", "") for reason in reasons)
    }
    assert not missing
