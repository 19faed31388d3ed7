"""Bad weights, costs and bases must cost tightness or raise, never make a ceiling that is not one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest

from keybounds.bounds import Bound
from keybounds.bounds.correlations import local_decomposition
from keybounds.bounds.correlations.attacks import search as search_module
from keybounds.bounds.correlations.attacks.ceiling import enclose_ceiling
from keybounds.bounds.correlations.attacks.costs import Cost, CostModel
from keybounds.bounds.correlations.attacks.exact import ExactMixture, exact_mixture
from keybounds.bounds.correlations.attacks.search import EFFORTS, ColumnLibrary, Mixture, search
from keybounds.bounds.correlations.attacks.strategies import Columns
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.upper import attack_ceiling
from keybounds.errors import BoundNotEstablishedError
from keybounds.experiments import Behaviour
from keybounds.protocol import Protocol, one_way, two_way

KEY = (0, 2)
Ceiling = Callable[[ExactMixture], float]
ONE_WAY, TWO_WAY = one_way(KEY), two_way(KEY)
MODEL = CostModel(Cost.PRIVACY, (KEY,))
TRUE_RATE = 0.2548  # of the Werner table at .9, from below: test_attack_ceiling pins the ceiling to .254823


@pytest.fixture(scope="module")
def mixture(werner: Callable[[float], Behaviour]) -> Mixture:
    return search(Target.of(werner(0.9)), MODEL, EFFORTS["fast"], library=ColumnLibrary())


def met(mixture: Mixture, exact: ExactMixture) -> bool:
    found = mixture.target.evaluate(lambda x, y: exact.joint((2, 2), x, y))
    return tuple(found) == mixture.target.values


@pytest.fixture(scope="module")
def ceiling(werner: Callable[[float], Behaviour]) -> Callable[[ExactMixture], float]:
    question = werner(0.9).ask(ONE_WAY)
    return lambda exact: float(enclose_ceiling(exact, question).mid())


def test_the_exact_mixture_has_the_exact_table(mixture: Mixture, ceiling: Ceiling) -> None:
    exact = exact_mixture(mixture)
    weights = [w for w, *_ in exact.points] + [w for w, _ in exact.strategies]
    assert exact.distance == 0
    assert min(weights) > 0
    assert sum(weights) == 1
    assert met(mixture, exact)
    assert ceiling(exact) == pytest.approx(mixture.master.value - 0.286396957, abs=1e-8)


@pytest.mark.parametrize("scale", [1e-9, 1e-3])
def test_corrupted_weights_are_mended_or_refused(
    mixture: Mixture, scale: float, ceiling: Ceiling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the linear program answers, what comes out has the table, or nothing comes out."""
    rng = np.random.default_rng(0)

    honest = local_decomposition._linprog

    def corrupted(*arguments: Any) -> Any:
        solved = honest(*arguments)
        wrong = None if solved.x is None else solved.x + scale * rng.normal(size=len(solved.x))
        return SimpleNamespace(x=wrong, status=solved.status)

    monkeypatch.setattr(local_decomposition, "_linprog", corrupted)
    for _ in range(2):
        try:
            exact = exact_mixture(mixture)
        except BoundNotEstablishedError:
            continue
        assert met(mixture, exact) or exact.distance <= Fraction(1, 10**12)
        assert ceiling(exact) >= TRUE_RATE


def test_weights_of_the_search_do_not_matter(mixture: Mixture) -> None:
    nothing = replace(mixture.master, weights=np.full_like(mixture.master.weights, np.nan))
    assert met(mixture, exact_mixture(replace(mixture, master=nothing)))


def test_a_nearly_singular_basis_is_met_exactly(mixture: Mixture, ceiling: Ceiling) -> None:
    """Every strategy twice, the copy 1e-13 away."""
    copies = Columns(mixture.columns.parameters + 1e-13, mixture.columns.alice, mixture.columns.bob)
    count = len(mixture.alice)
    doubled = replace(
        mixture,
        columns=Columns.joined([mixture.columns, copies]),
        functionals=np.concatenate([mixture.functionals, mixture.functionals[count:] + 1e-13]),
        costs=np.concatenate([mixture.costs, mixture.costs[count:]]),
        master=replace(
            mixture.master,
            weights=np.concatenate(
                [mixture.master.weights[:count], mixture.master.weights[count:] / 2, mixture.master.weights[count:] / 2]
            ),
        ),
    )
    exact = exact_mixture(doubled)
    assert exact.distance == 0
    assert met(mixture, exact)
    assert ceiling(exact) >= TRUE_RATE


def test_costs_of_the_wrong_sign_make_a_loose_ceiling_only(
    werner: Callable[[float], Behaviour],
    verified: Callable[[Bound, Behaviour], mpmath.mpf],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = CostModel.of_columns
    monkeypatch.setattr(CostModel, "of_columns", lambda *arguments: -honest(*arguments))
    table = werner(0.9)
    bound = attack_ceiling(table, ONE_WAY)
    assert bound.value > 0.2549
    assert mpmath.mpf(bound.value) >= verified(bound, table)


def test_pricing_that_returns_no_numbers_leaves_what_is_known(
    werner: Callable[[float], Behaviour], violating: Callable[[int], Behaviour], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left are deterministic strategies and the single one that fits: a loose ceiling, or none."""

    def broken(self: object, prices: object, shares: object, starts: Columns) -> tuple[Columns, np.ndarray]:
        return starts.take(np.array([], dtype=np.intp)), np.array([])

    monkeypatch.setattr(search_module._Search, "_price", broken)
    assert attack_ceiling(werner(0.7), TWO_WAY).value == 0
    fitted = attack_ceiling(werner(0.9), TWO_WAY)
    assert fitted.diagnostics["strategies"] <= 2
    assert fitted.value >= TRUE_RATE
    with pytest.raises(BoundNotEstablishedError, match="no mixture of the strategies found has this table"):
        attack_ceiling(violating(5), TWO_WAY)


def test_a_table_on_the_local_boundary_is_met(werner: Callable[[float], Behaviour]) -> None:
    """Entries that are 0: no deterministic strategy that has them may get any weight."""
    table = np.zeros((2, 2, 2, 3))
    table[0, 0], table[1, 1] = 0.3, 0.7
    bound = attack_ceiling(Behaviour(table), ONE_WAY)
    assert bound.value < 1e-9
    assert bound.provenance["distance"] <= 1e-15


@pytest.mark.parametrize("protocol", [ONE_WAY, TWO_WAY])
def test_of_the_tables_that_stand_in_one_near_is_taken(
    protocol: Protocol,
    werner: Callable[[float], Behaviour],
    fast_ceiling: Callable[[Behaviour, Protocol], Bound],
    verified: Callable[[Bound, Behaviour], mpmath.mpf],
) -> None:
    """At the edge the table with a little noise is met exactly, and said to be that far away."""
    bound = fast_ceiling(werner(1.0), protocol)
    assert 0 < bound.provenance["distance"] <= 1e-12
    assert mpmath.mpf(bound.value) >= verified(bound, werner(1.0))
