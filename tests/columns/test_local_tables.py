"""Local tables leave no key: the ceiling is 0, by deterministic strategies that have the table to the last digit."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.bounds import Bound, Protocol, any_discussion, completed_rounds, one_way, two_way
from keybounds.bounds.correlations import local_decomposition
from keybounds.bounds.correlations.attacks.exact import local_mixture
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.upper import attack_ceiling
from keybounds.experiments import Behaviour, project_no_signalling, project_quantum, read_table
from keybounds.proofs.certificates.data import AttackMixture
from keybounds.proofs.verifier import Verification

CASES = Path(__file__).resolve().parents[1] / "intake" / "cases"
Reader = Callable[[Bound, Behaviour], mpmath.mpf]
Verdict = Callable[[Bound], Verification]
KEY = (0, 0)
CLASSES = [one_way(KEY), two_way(KEY), completed_rounds(), any_discussion()]


def assert_no_key(behaviour: Behaviour, protocols: list[Protocol], within: float = 0.0) -> None:
    """The ceiling is 0 by points only, whose exact sum is the table, or one as near to its doubles as stated."""
    for protocol in protocols:
        bound = attack_ceiling(behaviour, protocol)
        assert bound.value == 0
        assert bound.provenance["distance"] <= within
        assert isinstance(bound.certificate, AttackMixture)
        data = bound.certificate.data()
        assert data["mixture"]["strategies"] == []
        points = [(Fraction(p["weight"]), p["alice"], p["bob"]) for p in data["mixture"]["points"]]
        assert min(weight for weight, *_ in points) > 0
        assert sum(weight for weight, *_ in points) == 1
        (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
        given = behaviour.collins_gisin

        def total(points: Any = points, **fixed: int) -> Fraction:
            return sum(
                (
                    w
                    for w, alice, bob in points
                    if ("a" not in fixed or alice[fixed["x"]] == fixed["a"])
                    and ("b" not in fixed or bob[fixed["y"]] == fixed["b"])
                ),
                Fraction(0),
            )

        for x, a in product(range(nx), range(na - 1)):
            row = 1 + x * (na - 1) + a
            assert abs(total(a=a, x=x) - Fraction(float(given[row, 0]))) <= Fraction(data["distance"])
            for y, b in product(range(ny), range(nb - 1)):
                column = 1 + y * (nb - 1) + b
                joint = total(a=a, x=x, b=b, y=y)
                if behaviour.measured(x, y):
                    assert abs(joint - Fraction(float(given[row, column]))) <= Fraction(data["distance"])
        for y, b in product(range(ny), range(nb - 1)):
            assert abs(total(b=b, y=y) - Fraction(float(given[0, 1 + y * (nb - 1) + b]))) <= Fraction(data["distance"])


@pytest.mark.parametrize("project", [project_no_signalling, project_quantum])
def test_counts_with_zeros_that_are_local_leave_no_key(project: Any, accepted: Verdict) -> None:
    """Real counts of a quantum computer (ycliangTW/AlmostDICertCrossTalks, hanoi): every |CHSH| of the fit <= 1.1."""
    behaviour = project(read_table(CASES / "ibm-zero-cells-local.csv").behaviour).behaviour
    assert behaviour.P.min() < 1e-2
    assert_no_key(behaviour, CLASSES)
    assert all(accepted(attack_ceiling(behaviour, protocol)).accepted for protocol in CLASSES)


def random_local(seed: int) -> NDArray[np.float64]:
    """A mixture of deterministic points with weights from 1e-13 to 1, in a scenario of two or three outcomes."""
    rng = np.random.default_rng(seed)
    na, nb = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    nx, ny = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    count = int(rng.integers(1, 12))
    weights = 10.0 ** rng.uniform(-13, 0, count)
    P = np.zeros((na, nb, nx, ny))
    for weight in weights / weights.sum():
        a, b = rng.integers(0, na, nx), rng.integers(0, nb, ny)
        for x, y in product(range(nx), range(ny)):
            P[a[x], b[y], x, y] += weight
    return P


def test_fifty_random_local_tables_with_entries_near_zero_leave_no_key() -> None:
    """As doubles they are at the polytope's boundary, on either side: the table of the mixture is at most 1e-12 off."""
    tables = [Behaviour(random_local(seed)) for seed in range(50)]
    assert sum(behaviour.P.min() < 1e-9 for behaviour in tables) > 40
    for behaviour, protocol in zip(tables, CLASSES * 13, strict=False):
        assert_no_key(behaviour, [protocol], within=1e-12)


@pytest.mark.parametrize("depth", [1e-11, 1e-13, 1e-30])
@pytest.mark.parametrize("shape", [(2, 2, 3, 3), (2, 2, 2, 4), (3, 3, 2, 2)])
def test_tiny_entries_inside_the_polytope_are_met_exactly(shape: tuple[int, int, int, int], depth: float) -> None:
    """Every point has a weight, most of them a tiny one: the doubles given, and no others, are reproduced."""
    na, nb, nx, ny = shape
    rng = np.random.default_rng(sum(shape))
    heavy = rng.random(na), rng.random(nb)
    pa, pb = (np.where(side > side.min(), side, depth) for side in heavy)
    pa[-1], pb[-1] = (1 - side[:-1].sum() if side[-1] > depth else side[-1] for side in (pa / pa.sum(), pb / pb.sum()))
    P = np.einsum("a,b,xy->abxy", pa / pa.sum(), pb / pb.sum(), np.ones((nx, ny)))
    assert_no_key(Behaviour(P), [two_way(KEY)], within=1e-15)


def noisy_box(correlation: float) -> Behaviour:
    """A PR box with noise, which is local up to 1/2."""
    signs = np.array([[1, -1], [-1, 1]])[:, :, None, None] * np.array([[1, 1], [1, -1]])
    return Behaviour((1 + correlation * signs) / 4)


@pytest.mark.parametrize("excess", [1e-7, 1e-9, 1e-11])
def test_a_table_a_little_beyond_the_polytope_is_not_taken_for_a_local_one(excess: float) -> None:
    assert local_mixture(Target.of(noisy_box(0.5 - excess))) is not None
    assert local_mixture(Target.of(noisy_box(0.5 + excess))) is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda x, rng: x * np.nan, id="no numbers"),
        pytest.param(lambda x, rng: rng.normal(size=x.shape), id="garbage"),
        pytest.param(lambda x, rng: 1e200 * rng.normal(size=x.shape), id="huge"),
        pytest.param(lambda x, rng: 1.01 * x, id="wrong scale"),
        pytest.param(lambda x, rng: -x, id="negative"),
        pytest.param(lambda x, rng: x + 1e-3 * rng.normal(size=x.shape), id="noisy"),
    ],
)
def test_whatever_the_solver_answers_the_weights_are_right_or_there_are_none(
    spoil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, honest = np.random.default_rng(1), local_decomposition._linprog

    def spoiled(*arguments: Any) -> Any:
        found = honest(*arguments)
        return SimpleNamespace(x=None if found.x is None else spoil(found.x, rng), status=found.status)

    monkeypatch.setattr(local_decomposition, "_linprog", spoiled)
    for correlation in (0.3, 0.5, 0.7):  # inside, at the boundary, beyond
        target = Target.of(noisy_box(correlation))
        found = local_mixture(target)
        if found is not None:
            assert correlation <= 0.5
            assert min(weight for weight, *_ in found.points) > 0
            assert not found.strategies
            entries = target.evaluate(partial(found.joint, (2, 2)))
            assert max(abs(p - q) for p, q in zip(entries, target.values, strict=True)) == found.distance <= 1e-12


def test_a_double_that_no_local_table_has_is_met_nearby() -> None:
    """Entries that rounding left below 0 stand for 0: the mixture is at most 1e-15 away, and says so."""
    P = np.zeros((2, 2, 2, 2))
    for weight, a, b in ((0.1, (0, 0), (0, 1)), (0.2, (0, 1), (0, 0)), (0.7, (1, 0), (1, 0))):
        for x, y in product(range(2), range(2)):
            P[a[x], b[y], x, y] += weight
    assert math.isclose(P[:, :, 0, 0].sum(), 1)
    assert_no_key(Behaviour(P), CLASSES, within=1e-15)
