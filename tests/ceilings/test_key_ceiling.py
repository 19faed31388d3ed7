"""The minimum over methods, and the relative entropy over PPT states, which is not one of them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Quantity, comparable
from keybounds.bounds.lower import coherent_information
from keybounds.bounds.state import distillable
from keybounds.bounds.upper import (
    distillable_entanglement_ceiling,
    key_ceiling,
    relative_entropy_of_entanglement,
    squashed_entanglement,
)
from keybounds.errors import BoundNotEstablishedError, InputError, UnknownNameError, UnsupportedError

STORED = json.loads((Path(__file__).parent / "random_state_ceilings.json").read_text())


def test_the_better_method_wins_and_is_named(make: SimpleNamespace) -> None:
    squashed = key_ceiling(make.werner(4, 1.0), (4, 4))
    assert squashed.method == "squashed entanglement"
    assert squashed.value == pytest.approx(math.log2(1.5), abs=1e-10)
    assert squashed.diagnostics["ceilings"]["relative-entropy"] == pytest.approx(1, abs=1e-12)
    assert squashed.about("antisymmetric").subject == "antisymmetric"
    relative = key_ceiling(make.isotropic(2, 0.8), (2, 2))
    assert relative.method == "relative entropy of entanglement"
    assert relative.value == min(relative.diagnostics["ceilings"].values())


def test_methods_can_be_chosen(make: SimpleNamespace) -> None:
    rho = make.werner(3, 1.0)
    assert key_ceiling(rho, (3, 3), methods=["relative-entropy"]).value == pytest.approx(1)
    with pytest.raises(InputError, match="at least one"):
        key_ceiling(rho, (3, 3), methods=[])
    with pytest.raises(UnknownNameError, match="squashed"):
        key_ceiling(rho, (3, 3), methods=["squished"])  # type: ignore[list-item]


# The trap: PPT is not separable


def test_minimum_over_ppt_states_is_refused_as_a_ceiling_on_key(make: SimpleNamespace) -> None:
    ppt = make.private(2, transposed=False)
    with pytest.raises(UnsupportedError, match=r"no ceiling on key.*4x4, for a PPT state: .* key may be positive"):
        distillable_entanglement_ceiling(ppt, (4, 4), quantity=Quantity.KEY_RATE)
    with pytest.raises(UnsupportedError, match=r"^methods: .*no ceiling on key"):
        key_ceiling(ppt, (4, 4), methods=["ppt-relative-entropy"])  # type: ignore[list-item]
    with pytest.raises(UnsupportedError, match=r"no ceiling on key.*dimensions 3x3$"):
        distillable_entanglement_ceiling(make.isotropic(3, 0.9), (3, 3), quantity=Quantity.KEY_RATE)
    with pytest.raises(UnsupportedError, match="distillable entanglement"):
        distillable_entanglement_ceiling(ppt, (4, 4), quantity=Quantity.RECONCILIATION)


def test_a_ceiling_on_distillable_entanglement_is_never_held_against_a_key_rate(make: SimpleNamespace) -> None:
    """rho_2 has no distillable entanglement, and a ceiling on its key of 0.0213."""
    ppt = make.private(2, transposed=False)
    bound = distillable_entanglement_ceiling(ppt, (4, 4))
    assert bound.value < 1e-10
    assert bound.scope.quantity is Quantity.DISTILLABLE_ENTANGLEMENT
    assert not comparable(coherent_information(ppt, (4, 4)), bound)


@pytest.mark.parametrize("n", [2, 3])
def test_ppt_minimum_of_isotropic_states(make: SimpleNamespace, n: int) -> None:
    """Separable iff PPT for them: E_r again, from above."""
    exact = make.isotropic_entanglement(n, 0.9)
    assert exact - 1e-14 <= distillable_entanglement_ceiling(make.isotropic(n, 0.9), (n, n)).value <= exact + 1e-6


def test_ppt_minimum_is_a_ceiling_on_key_for_two_qubits(make: SimpleNamespace) -> None:
    rho = make.random_state(1, 4, 4)
    bound = distillable_entanglement_ceiling(rho, (2, 2), quantity=Quantity.KEY_RATE)
    assert comparable(coherent_information(rho, (2, 2)), bound)
    assert bound.value == pytest.approx(relative_entropy_of_entanglement(rho, (2, 2)).value, abs=1e-6)


@pytest.mark.parametrize("answer", ["infeasible", "not finite", "failed"])
def test_bad_solver_output_never_makes_the_ceiling_wrong(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    rho = make.isotropic(3, 0.9)

    def sabotaged(state: Any) -> tuple[np.ndarray, float]:
        if answer == "failed":
            raise BoundNotEstablishedError("QICS ended with unknown")
        # rho itself has divergence 0 and is not PPT: what an infeasible answer looks like at worst
        return (rho if answer == "infeasible" else rho * np.nan), 0.0

    monkeypatch.setattr(distillable, "_solve", sabotaged)
    if answer == "infeasible":
        assert distillable_entanglement_ceiling(rho, (3, 3)).value >= make.isotropic_entanglement(3, 0.9)
    else:
        with pytest.raises((BoundNotEstablishedError, np.linalg.LinAlgError)):
            distillable_entanglement_ceiling(rho, (3, 3))


def test_dimensions_too_large_for_the_solver_are_refused_with_the_estimate(make: SimpleNamespace) -> None:
    with pytest.raises(UnsupportedError, match=r"dimension 64, for which it takes about 3 GiB"):
        distillable_entanglement_ceiling(make.random_state(1, 64, 2), (8, 8))


# Random states: what the ceilings were when they were stored


def stored_cases() -> list[Any]:
    return [
        pytest.param(
            case,
            id=f"{case['dims'][0]}x{case['dims'][1]}-rank{case['rank']}-seed{case['seed']}",
            marks=[pytest.mark.slow] if math.prod(case["dims"]) * case["rank"] > 27 else [],
        )
        for case in STORED["cases"]
    ]


@pytest.mark.parametrize("case", stored_cases())
def test_random_states_keep_their_ceilings(make: SimpleNamespace, case: dict[str, Any]) -> None:
    """A rise is a regression. A fall below the stored bracket is a defect, a fall within it an improvement to store
    (python benchmarks/store_random_ceilings.py)."""
    dims = case["dims"][0], case["dims"][1]
    rho = make.random_state(case["seed"], math.prod(dims), case["rank"])
    assert float(np.trace(rho @ rho).real) == pytest.approx(case["purity"], rel=1e-12), "not the stored state"
    found = relative_entropy_of_entanglement(rho, dims)
    slack = max(1e-8, case["bracket"] / 2)
    assert found.value <= case["relative_entropy"] + slack
    assert found.value >= case["relative_entropy"] - case["bracket"] - 1e-7
    squashed = squashed_entanglement(rho, dims).value
    assert squashed <= case["squashed"] + 1e-4, "local minima: the search is not convex"
    assert min(found.value, squashed) >= case["coherent_information"]
