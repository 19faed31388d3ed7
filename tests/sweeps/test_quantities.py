"""Every quantity of every subject: that it is computed, of the bound that its name says, and on the side it says."""

from __future__ import annotations

import json
import zlib
from fractions import Fraction

import pytest

from keybounds.bounds import Bound, Hierarchy, Link, Run, one_way, two_way
from keybounds.bounds.lower import chsh_table_rate, coherent_information, devetak_winter
from keybounds.bounds.run import key_of_run
from keybounds.bounds.upper import attack_ceiling, chsh_ceiling, hull_ceiling
from keybounds.enclosure import Direction
from keybounds.experiments.platforms import platform_behaviour
from keybounds.states import werner
from keybounds.sweeps import Plan
from keybounds.sweeps.cell import evaluate
from keybounds.sweeps.quantities import quantities
from keybounds.sweeps.subjects import subjects

POINTS = {  # of each subject, one at which every quantity has a number
    "photonic": "efficiency = [0.97]",
    "ion": "depolarising = [0.05]",
    "link": "chsh = [2.677]\nqber = [0.0144]",
    "werner": "antisymmetric = [0.9]",
    "isotropic": "fidelity = [0.9]",
    "bell-diagonal": "weights = [[0.9, 0.1, 0, 0]]",
    "photonic-pair": "theta = [20]",
    "ion-pair": "depolarising = [0.05]\ndephasing = [0.02]",
    "ppt-private": "d = [25]",
    "depolarizing": "probability = [0.1]",
    "dephasing": "probability = [0.1]",
    "erasure": "probability = [0.1]",
    "amplitude-damping": "damping = [0.1]",
    "pauli": "x = [0.05]",
    "pure-loss": "transmissivity = [0.5]",
}
SETTINGS = {  # the least effort
    "rate": 'level = "11", nodes = 2',
    "entropy": 'level = "11", nodes = 2',
    "sandwich": 'level = "11", nodes = 2',
    "threshold": 'level = "11", nodes = 2, tolerance = 0.05, free = ["noise"]',
    "key": "rounds = 1e7, gamma = 0.05",
}
LONG = {"sandwich", "threshold", "ceiling", "two-way-ceiling", "completed-rounds-ceiling", "any-discussion-ceiling"}
PAIRS = [(subject.name, name) for subject in subjects().values() for name in quantities(subject.kind, subject.name)]


def cell_of(subject: str, quantity: str) -> str:
    table = subjects()[subject].kind == "table"
    settings = SETTINGS.get(quantity, "") if table or quantity == "key" else ""
    extra = 'statistics = "single-pair"\nmean_pairs = 1\n' if subject == "photonic" else ""
    text = f'[subject]\nkind = "{subject}"\n{extra}[axes]\n{POINTS[subject]}\n[compute]\n{quantity} = {{{settings}}}\n'
    (cell,) = Plan.of(text).cells()
    return cell


def marked(subject: str, quantity: str) -> object:
    long = subjects()[subject].kind in ("table", "state", "channel") and quantity in LONG
    return pytest.param(subject, quantity, marks=pytest.mark.slow if long else ())


@pytest.mark.parametrize(("subject", "quantity"), [marked(*pair) for pair in PAIRS])
def test_each_is_computed_on_its_side(subject: str, quantity: str) -> None:
    found = evaluate(cell_of(subject, quantity))
    if quantity == "device-independent-ceiling" and subjects()[subject].kind != "family":  # these points have key
        assert "expected a PPT state" in found.reason or "expected a completely copositive channel" in found.reason
        return
    assert found.reason == ""
    numbers = json.loads(found.numbers)
    parts = quantities(subjects()[subject].kind, subject)[quantity].parts
    assert list(numbers) == [part for part, _ in parts]
    documents = json.loads(zlib.decompress(found.documents))
    sides = {Direction.LOWER.value if "length" in one else one["direction"] for one in documents}
    assert sides <= {direction.value for _, direction in parts if direction is not None}
    values = [one["length"] if "length" in one else one["value"] for one in documents]
    assert set(values) <= set(numbers.values())
    assert all(value > 0 for value in values)


def bound(subject: str, quantity: str) -> Bound:
    (document,) = json.loads(zlib.decompress(evaluate(cell_of(subject, quantity)).documents))
    return Bound.from_dict(document)


def test_each_is_what_the_routine_says() -> None:
    photonic = platform_behaviour("photonic", {"efficiency": "0.97", "statistics": "single-pair", "mean_pairs": "1"})[0]
    link = Link(Fraction("2.677"), Fraction("0.0144"))
    assert bound("photonic", "rate") == devetak_winter(photonic, one_way((0, 2)), Hierarchy("11", 2))
    assert bound("photonic", "table-rate") == chsh_table_rate(Link.of(photonic, (0, 2)))
    assert bound("photonic", "chsh-ceiling") == chsh_ceiling(Link.of(photonic, (0, 2)), two_way((0, 2)))
    assert bound("link", "hull-ceiling") == hull_ceiling(link)
    assert bound("werner", "rate") == coherent_information(werner(2, 0.9))
    run = Run(link, rounds=10_000_000, gamma=Fraction("0.05"), soundness=Fraction("1e-10"))
    assert json.loads(evaluate(cell_of("link", "key")).numbers)[""] == key_of_run(run, theorem="renyi").length


@pytest.mark.slow
def test_ceilings_are_what_the_routine_says() -> None:
    photonic = platform_behaviour("photonic", {"efficiency": "0.97", "statistics": "single-pair", "mean_pairs": "1"})[0]
    assert bound("photonic", "two-way-ceiling") == attack_ceiling(photonic, two_way((0, 2)))
    assert bound("photonic", "ceiling") == attack_ceiling(photonic, one_way((0, 2)))
