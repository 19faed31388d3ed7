"""Every published table at hand has an explicit attack, or says why it is none."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from keybounds.bounds import Bound, any_discussion, completed_rounds, one_way, two_way
from keybounds.bounds.upper import attack_ceiling
from keybounds.experiments import Behaviour, available, born, load, project_quantum, qubit_measurement
from keybounds.proofs.verifier import Verification

Verdict = Callable[[Bound], Verification]

KEY = (0, 2)
LINES = (Path(__file__).parent / "published" / "sandfuchs2022.csv").read_text(encoding="utf-8").splitlines()
LOSSY = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(x for x in LINES if not x.startswith("#"))]
SHORT = {("8", ".8000"), ("6", ".9974"), ("6", ".8000")}
LOCAL = {("6", ".8000")}
"""Its table is a mixture of deterministic strategies, exactly: the 1.3e-6 bit published for it are no rate."""


def lossy(row: dict[str, float]) -> Behaviour:
    """Alice's lost particles count as outcome 0, Bob's as a third one."""
    psi = np.array([math.cos(row["theta"]), 0, 0, math.sin(row["theta"])])
    alice, bob = ([qubit_measurement(row[name]) for name in names] for names in (("a0", "a1"), ("b0", "b1", "b2")))
    P, eta = born(np.outer(psi, psi), alice, bob).P, row["eta"]
    whole = np.zeros((2, 3, *P.shape[2:]))
    whole[:, :2], whole[:, 2] = eta * P, (1 - eta) * P.sum(axis=1)
    lost = whole.sum(axis=0)
    whole *= eta
    whole[0] += (1 - eta) * lost
    return Behaviour(whole)


def name_of(row: dict[str, float]) -> tuple[str, str]:
    return f"{row['m']:.0f}", f"{row['eta']:.4f}".removeprefix("0")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id="m{}-{}".format(*name_of(row)), marks=() if name_of(row) in SHORT else pytest.mark.slow)
        for row in LOSSY
    ],
)
def test_lossy_pure_states(row: dict[str, float], accepted: Verdict) -> None:
    """A mixture that has the table to the last digit, above the published rate at the same noise and not far."""
    bound = attack_ceiling(lossy(row), one_way(KEY, noise=min(row["noise"], 0.5)))
    assert bound.provenance["distance"] == 0
    if name_of(row) in LOCAL:
        assert bound.value == 0
    else:
        assert row["rate"] <= bound.value <= 1.5 * row["rate"] + 0.05
    assert accepted(bound).accepted


WITHOUT = {
    "eth2023": "Four correlators are no behaviour",
    "nadlinger2022-link-as-printed": "read as captioned",
    "nadlinger2022-protocol": "not printed",
}
"""Data sets without a table, and what they say of it."""


def table_of(name: str) -> Behaviour:
    """The likeliest quantum table of counts, or that of the preferred model where none was published."""
    data = load(name)
    if data.behaviour is not None:
        return project_quantum(data.behaviour, rounds=data.rounds).behaviour
    assert data.model is not None
    return data.model.behaviour()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in {"delft2015", "nist2015"} else pytest.mark.slow)
        for name in sorted(set(available()) - set(WITHOUT))
    ],
)
def test_shipped_tables(name: str, accepted: Verdict) -> None:
    """Every class of protocols that the pairs allow has a mixture with a certificate."""
    table = table_of(name)
    key = (0, min(2, table.settings[1] - 1))
    classes = [one_way(key), two_way(key), any_discussion()] + [completed_rounds()] * (not table.unmeasured)
    for protocol in classes:
        bound = attack_ceiling(table, protocol)
        assert bound.provenance["distance"] <= 1e-12
        assert accepted(bound).accepted


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_what_has_no_table_says_so(name: str) -> None:
    data = load(name)
    assert data.behaviour is None
    assert not data.models
    assert any(WITHOUT[name] in note for note in data.notes)
