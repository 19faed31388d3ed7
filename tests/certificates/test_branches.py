"""Genuine certificates at the branches that ordinary ones do not take: zeros, undecided signs, other preprocessing.

What each proves is evaluated without the verifier's code: accepted 1e-7 bit on its safe side, refused as much beyond.
"""

from __future__ import annotations

import io
import runpy
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from keybounds.proofs import verify
from keybounds.proofs.verifier.__main__ import HELP, main

Document = dict[str, Any]
HERE = Path(__file__).parent


def beside(name: str) -> ModuleType:
    """A module or a package of this folder."""
    sys.path.insert(0, str(HERE))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(HERE))


def sibling(name: str) -> ModuleType:
    """A module of this folder."""
    spec = util.spec_from_file_location(f"certificates_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


forgeries = sibling("forgeries")
edited, mix, mixed, point, measure, strategy = (
    getattr(forgeries, name) for name in ("edited", "mix", "mixed", "point", "measure", "strategy")
)
GONE, PROTOCOL, one_way, ANYBODY = forgeries.GONE, forgeries.PROTOCOL, forgeries.one_way, forgeries.ANYBODY


def pauses(strategies: list[Document]) -> list[Document]:
    """One party prints one outcome at each of its settings: Alice of the first strategy, Bob of the second."""
    first, second, *rest = strategies
    still = [{**first, "alice": [{**one, "labels": [k % 2] * 2} for k, one in enumerate(first["alice"])]}]
    return [*still, {**second, "bob": [{**one, "labels": [1, 1]} for one in second["bob"]]}, *rest]


def extension(seed: int, e: int, f: int, *weights: float) -> dict[str, Any]:
    """The edits that make a state without symmetry, and one of its extensions, with an unequal environment."""
    rng = np.random.default_rng(seed)

    def dyadic(matrix: np.ndarray) -> list[list[Any]]:
        return [[[f"{round(part * 2**40)}p-40" for part in (z.real, z.imag)] for z in row] for row in matrix]

    g = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    state = np.diag(weights or (0.5, 0.25, 0.15, 0.1)) + 0.02 * (g + g.conj().T)
    frame = np.linalg.qr(rng.normal(size=(e * f, 4)) + 1j * rng.normal(size=(e * f, 4)))[0]
    rows = dyadic(state)
    for i, row in enumerate(rows):  # exactly Hermitian
        row[i] = [row[i][0], "0"]
        for j in range(i):
            row[j] = [rows[j][i][0], negated(rows[j][i][1])]
    return {
        "data.repair": GONE,
        "data.state": {"matrix": rows, "shift": 0},
        "data.environment": [e, f],
        "data.isometry": dyadic(frame),
    }


def negated(number: str) -> str:
    return number[1:] if number.startswith("-") else f"-{number}"


ALONG = {"side": "bob", "direction": [1, 0]}
# at 0 exactly, where the formula before would leave a ball about 0, or is no longer the one that holds
ZEROS: list[tuple[str, dict[str, Any]]] = [
    ("singlet", {"data.inputs.visibility": "77/100", "data.inputs.chord_end": "9/10"}),
    ("singlet, one-way", {f"{path}.settings.0.noise": "1/2" for path in ("data.inputs.protocol", PROTOCOL)}),
    ("depolarising", {"data.inputs.probability": 1}),
    ("depolarising", {"data.inputs.probability": "5/6"}),  # the fidelity is 1/d
    ("amplitude damping", {"data.inputs.damping": 1}),
    ("dephasing", {"data.inputs.probability": "4/5"}),
    ("trusted ceiling", {"data.inputs.p": "1/2"}),
    ("two-qubit", {"data.inputs.chsh": 2}),
    ("two-qubit E_r", {"data.inputs.chsh": 2}),
    ("two-qubit", {"data.inputs.qber": "1/2"}),
    ("mutual information", {"data.inputs.tables.0.P": [["3/20", "7/20"], ["3/20", "7/20"]]}),
    ("mixture, one-way", {f"{path}.settings.0.noise": "1/2" for path in ("data.protocol", PROTOCOL)}),
    ("mixture", mix(mixture=mixed([], [strategy()]))),
    ("mixture", mix(mixture=mixed([], [strategy()]), protocol=one_way([0, 0]))),
    ("mixture", mix(mixture=mixed([], [{**strategy(), "pinching": ALONG}]), protocol=ANYBODY)),  # <v_0|ρ|v_1> = 0
    ("mixture", mix(mixture=mixed([], [{**strategy(state=(3, 0, 0, 0, 4, 0, 0, 0)), "pinching": ALONG}]),
                    protocol=ANYBODY, table=[[["9/25", 0], ["16/25", 0]]], collins_gisin=[[1, 1], [None, None]])),
    ("mixture", mix(mixture=mixed([point("1/2")], [strategy("1/2", alice=[measure(labels=(0, 0))])]), protocol=ANYBODY,
                    collins_gisin=[[1, None], [None, 1]])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edits"), ZEROS, ids=[f"{k}-{row[0]}" for k, row in enumerate(ZEROS)])
def test_a_ceiling_of_0_is_exact(samples: dict[str, Any], name: str, edits: dict[str, Any]) -> None:
    verdict = verify(edited(samples[name].document, {**edits, "statement.value": 0}))
    assert verdict.accepted, verdict.reason
    assert verdict.enclosure == "0"


NEAR_ZERO: list[tuple[str, dict[str, Any]]] = [
    ("singlet", {"data.inputs.visibility": "774/1000", "data.inputs.chord_end": "9/10"}),
    ("depolarising", {"data.inputs.probability": "83/100"}),
    ("amplitude damping", {"data.inputs.damping": "99/100"}),
    ("dephasing", {"data.inputs.probability": "79/100"}),
    ("mutual information", {"data.inputs.tables.0.P": [["16/100", "34/100"], ["14/100", "36/100"]]}),
]
IDENTITY = [[[int(row == column), 0] for column in range(4)] for row in range(4)]
GENERIC: list[tuple[str, dict[str, Any]]] = [
    ("mixture, one-way", {f"{path}.settings.0.noise": 0 for path in ("data.protocol", PROTOCOL)}),
    ("mixture, one-way", {f"{path}.settings.0.noise": "1/7" for path in ("data.protocol", PROTOCOL)}),
    ("mixture, completed rounds", {"data.mixture.strategies.0.pinching": GONE}),
    ("mixture, completed rounds", {"data.mixture.strategies.*.pinching": GONE}),
    ("squashed", {"data.repair": GONE}),
    ("squashed", {"data.repair": "1/1000"}),
    ("squashed", {**extension(3, 1, 4, 0.3, 0.28, 0.22, 0.2), "data.repair": "1/1000", "data.isometry": IDENTITY}),
    ("squashed", extension(1, 2, 3)),
    ("squashed", extension(2, 3, 2)),
    ("entropy of unknown survival", {}),
    ("rate with preprocessing", {}),
    ("entropy with preprocessing", {}),
    ("reconciliation", {}),
    ("CHSH and H(A|B)", {}),
    ("CHSH entropy", {"data.inputs.chsh": 2}),  # what noise alone leaves
    ("singlet, one-way", {"data.inputs.visibility": 1}),
    ("ensemble", {}),
    ("ensemble", {"data.separable_state.admixture": "1/3"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "edits"), NEAR_ZERO + GENERIC, ids=[f"{k}-{row[0]}" for k, row in enumerate(NEAR_ZERO + GENERIC)]
)
def test_what_is_proven_is_what_is_true(samples: dict[str, Any], name: str, edits: dict[str, Any]) -> None:
    """Unequal extensions and marginals, noise and keep together, a large admixture: no symmetry hides a wrong sign."""
    document = edited(samples[name].document, edits)
    found = beside("evaluation").proven(document)
    step = Fraction(1, 10**7)
    value = Fraction(float(found.value))
    assert value > step
    outward = -step if found.direction == "lower" else step
    for at, accepted in ((value + outward, True), (value - outward, False)):
        verdict = verify(edited(document, {"statement.value": str(at)}))
        assert verdict.accepted is accepted, verdict.reason


def test_survival_that_is_not_known_counts_as_certain(samples: dict[str, Any]) -> None:
    """What is proven of p_V H is divided by the most that p_V can be: 1, unless the moments bound it."""
    document = samples["entropy of unknown survival"].document
    proven = verify(document)
    words = [[[], []], [[[1, 0]], []], [[], [[0, 0]]], [[[1, 0]], [[0, 0]]]]
    known = [{"functional": [[word, 1]], "low": "1/4", "high": "1/2"} for word in words[1:]]
    more = edited(document, {"data.known": lambda given: [*given, *known], "data.multipliers": lambda k: [*k, 0, 0, 0]})
    assert proven.accepted
    assert verify(more).accepted
    lower, higher = (float(verdict.enclosure.split()[0].lstrip("[")) for verdict in (proven, verify(more)))
    floor = -0.05 * np.log2(0.05) - 0.95 * np.log2(0.95)
    most = 0.81 + (0.09 + 0.09 + 0.01) / 2  # p_V = k² + k(1-k) (<A> + <B>) + (1-k)² <AB>, each moment at most 1/2
    assert (lower - floor) / (higher - floor) == pytest.approx(most, abs=1e-9)


def test_a_party_that_prints_one_outcome_leaves_nothing(samples: dict[str, Any]) -> None:
    """A product state has the same table then; whoever prints it, and whatever the state is."""
    document = edited(samples["mixture, any"].document, {"data.mixture.strategies": pauses})
    mixture, bits = document["data"]["mixture"], document["data"]["mixture"]["grid_bits"]
    tables = [_table(mixture, bits, *pair) for pair in document["data"]["measured"]]
    rows = [[None] * 3 for _ in range(4)]
    document = edited(document, {
        "data.table": [[[str(p) for p in row] for row in table] for table in tables],
        "data.collins_gisin": rows,
        "statement.value": 0,
    })  # fmt: skip
    assert verify(document).accepted
    free = edited(document, {"data.mixture.strategies.*.pinching": GONE})
    assert verify(free).accepted
    moving = edited(free, {"data.mixture.strategies.0.alice.1.labels": [0, 1]})
    assert "another table" in verify(moving).reason or "a strategy without a separable state" in verify(moving).reason


def _table(mixture: Document, bits: int, x: int, y: int) -> np.ndarray:
    """P(a,b|x,y) of a mixture, exact."""
    table = np.full((2, 2), Fraction(0), dtype=object)
    for one in mixture["points"]:
        table[one["alice"][x], one["bob"][y]] += Fraction(one["weight"])
    for one in mixture["strategies"]:
        psi = np.array(one["state"], dtype=object).reshape(2, 2, 2)
        sides = [one["alice"][x], one["bob"][y]]
        size = sum(z * z for z in one["state"])
        frames = []
        for side in sides:
            c, s = side["direction"]
            frames.append(((c, s), (-s, c)))
            size *= c * c + s * s
        for r in (0, 1):
            for t in (0, 1):
                u = np.einsum("a,b,abe->e", np.array(frames[0][r]), np.array(frames[1][t]), psi)
                share = Fraction(one["weight"]) * Fraction(int((u * u).sum()), size)
                for i in (0, 1):
                    for j in (0, 1):
                        wrong = [
                            Fraction(side["misprints"][k], 1 << bits) for side, k in zip(sides, (r, t), strict=True)
                        ]
                        p = (wrong[0] if i else 1 - wrong[0]) * (wrong[1] if j else 1 - wrong[1])
                        table[sides[0]["labels"][r ^ i], sides[1]["labels"][t ^ j]] += share * p
    return table


def test_half_known_weights(samples: dict[str, Any]) -> None:
    """Without an inequality nothing is proven from above, and nothing from below without points."""
    document = samples["local weight"].document
    for edits, accepted in (
        ({"data.inequality": None, "statement.upper": 1}, True),
        ({"data.inequality": None}, False),
        ({"data.points": [], "statement.lower": 0}, True),
        ({"data.points": []}, False),
    ):
        assert verify(edited(document, edits)).accepted is accepted


def test_an_infimum_at_the_edge_of_quantum_devices(samples: dict[str, Any]) -> None:
    """Intervals that reach beyond the greatest winning probability end there, and those beyond it are left out."""
    at_edge = {"data.parameters.tangent": "8535/10000", "data.parameters.order_1": "1/100000", "statement.value": 0}
    assert verify(edited(samples["EAT"].document, at_edge)).accepted


def test_a_device_on_the_line_between_two(samples: dict[str, Any]) -> None:
    """The third has the weight 0, which balls do not decide; on either side of the line it is decided."""
    points = [["11/5", 0], ["13/5", "2/15"], ["27/10", 0]]
    base = {"data.inputs.chsh": "12/5", "data.inputs.points": points, "statement.value": 1}
    for qber, reason in (("1/15", "the data do not decide"), ("1/16", ""), ("1/14", "is negative")):
        assert (
            reason in verify(edited(samples["mixture of devices"].document, {**base, "data.inputs.qber": qber})).reason
        )
    assert verify(edited(samples["mixture of devices"].document, {**base, "data.inputs.qber": "1/16"})).accepted


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["-h"], 0), (["a.json", "--help"], 0)])
def test_help_of_the_module(monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int) -> None:
    """Asked for it goes to the output; without a file it is a complaint."""
    monkeypatch.setattr(sys, "argv", ["verifier", *arguments])
    printed, complained = io.StringIO(), io.StringIO()
    monkeypatch.delitem(sys.modules, "keybounds.proofs.verifier.__main__")
    with redirect_stdout(printed), redirect_stderr(complained), pytest.raises(SystemExit, match=str(status)):
        runpy.run_module("keybounds.proofs.verifier", run_name="__main__")
    assert (printed.getvalue(), complained.getvalue()) == ((HELP, "") if status == 0 else ("", HELP))


def test_output_that_is_no_terminals(tmp_path: Path) -> None:
    """A stream without an encoding is written as it is."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main([str(tmp_path / "nowhere.json")]) == 2
    assert "nowhere.json" in printed.getvalue()


def test_out_of_memory_is_no_verdict(samples: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Callable[..., Any]:
        raise MemoryError

    monkeypatch.setattr("keybounds.proofs.verifier.verification._finding", full)
    verdict = verify(samples["hashing"].document)
    assert (verdict.accepted, verdict.checked, verdict.reason) == (False, False, "out of memory")
