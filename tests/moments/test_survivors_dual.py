"""The proof from a dual point, computed a second time from its integers alone; and the repair before it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpz_mat
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments import Relaxation, Scenario
from keybounds.bounds.correlations.moments.arrow import (
    COST_BITS,
    ArrowProblem,
    DualPoint,
    dual_residuals,
    onto_equalities,
)
from keybounds.bounds.correlations.moments.dual import DualProof, certify, known_value
from keybounds.errors import BoundNotEstablishedError

RELAXATION = Relaxation.build(Scenario.binary(1, 2), "1")  # 1, A, B_0, B_1: seven moments
N, K = RELAXATION.size, len(RELAXATION.moments)
GRID = Fraction(1, 1 << COST_BITS)
KNOWN = np.zeros((4, K))
KNOWN[0, 0] = 1.0
KNOWN[1, 1] = 3.0  # alone and scaled
KNOWN[2, [2, 3]] = 1.0, 1.0
KNOWN[3, [2, 3, 4]] = 1.0, -2.0, 0.5
LOW, HIGH = np.array([1.0, 1.5, 0.25, -0.5]), np.array([1.0, 1.5, 0.75, 0.125])


def blocks(seed: int, nodes: int = 2) -> NDArray[np.float64]:
    """X and Y, positive definite, no two entries alike."""
    roots = np.random.default_rng(seed).normal(size=(2, nodes, N, N + 2))
    return roots @ np.swapaxes(roots, -1, -2)


def problem(seed: int, of: NDArray[np.float64], multipliers: NDArray[np.float64]) -> ArrowProblem:
    """Costs of which (X, Y) is a dual point with these multipliers, up to the grid of costs."""
    node, base = RELAXATION.sums(of)
    costs, rest = node - base, base.sum(axis=0) + multipliers @ KNOWN
    return ArrowProblem(RELAXATION, *(np.rint(np.ldexp(c, COST_BITS)).astype(np.int64) for c in (costs, rest)),
                        KNOWN, LOW, HIGH)  # fmt: skip


def entries(matrix: NDArray[np.int64], moment: int) -> int:
    """Their sum, where the moment stands."""
    return sum(int(matrix[u, v]) for u in range(N) for v in range(N) if RELAXATION.index[u, v] == moment)


def proven(of: ArrowProblem, proof: DualProof) -> tuple[Fraction, Fraction]:
    """The charge and the value, from the module's statement."""
    unit = Fraction(1, 1 << proof.bits)
    charge = Fraction(0)
    for k in range(K):
        for X, Y, cost in zip(proof.node, proof.base, of.node_costs, strict=True):
            charge += abs(int(cost[k]) * GRID - (entries(X, k) - entries(Y, k)) * unit)
        left = int(of.base_cost[k]) * GRID - sum(entries(Y, k) for Y in proof.base) * unit
        charge += abs(left - sum(kappa * Fraction(row[k]) for kappa, row in zip(proof.multipliers, KNOWN, strict=True)))
    held = [min(k * Fraction(s), k * Fraction(t)) for k, s, t in zip(proof.multipliers, LOW, HIGH, strict=True)]
    return charge, sum(held) - charge


def positive(matrix: NDArray[np.int64]) -> bool:
    rows = [[int(z) for z in row] for row in matrix]
    return all(fmpz_mat([row[:k] for row in rows[:k]]).det() > 0 for k in range(1, N + 1))


KAPPA = np.array([-0.7, 0.4, 1.3, -0.9])


@pytest.mark.parametrize("spoiled", [0.0, 1e-7, 0.5], ids=["as it is", "a little off", "outside the cone"])
@pytest.mark.parametrize("seed", [0, 1])
def test_charge_and_value_are_what_the_integers_say(seed: int, spoiled: float) -> None:
    of = blocks(seed)
    asked = problem(seed, of, KAPPA)
    off = np.random.default_rng(seed + 50).normal(size=of.shape)
    found = of + spoiled * (off + np.swapaxes(off, -1, -2))
    found -= 4 * spoiled * np.eye(N) * (spoiled > 0.1)
    proof = certify(asked, [DualPoint(found[0], found[1], 0.0)])
    assert (proof.charge, proof.value) == proven(asked, proof)
    assert all(positive(block) for block in [*proof.node, *proof.base])


@pytest.mark.parametrize("scale", [1.0, 40.0, 200.0])
def test_a_dual_point_proves_its_value_but_for_the_rounding_to_integers(scale: float) -> None:
    """Of 52 bits for an entry two are kept for a shift; no more bits than the costs have."""
    of = scale * blocks(3)
    asked = problem(3, of, scale * KAPPA)
    proof = certify(asked, [DualPoint(of[0], of[1], 0.0)])
    largest = int(np.frexp(np.abs(of).max())[1])
    assert proof.bits == min(COST_BITS, 50 - largest)
    exact = sum(min(k * s, k * t) for k, s, t in zip(scale * KAPPA, LOW, HIGH, strict=True))
    unit = 2.0**-proof.bits
    assert exact - 200 * unit - 1e-13 * scale < proof.value < exact + 200 * unit + 1e-13 * scale
    assert proof.charge < 100 * unit
    assert np.abs(np.ldexp(proof.node.astype(float), -proof.bits) - of[0]).max() < 40 * unit


def test_nearly_singular_blocks_are_shifted_by_hardly_more_than_they_need() -> None:
    of = blocks(5)
    for k in range(2):
        least, vector = (part[..., 0] for part in np.linalg.eigh(of[k]))
        of[k] -= (least * (1 + 1e-6))[:, None, None] * vector[:, :, None] * vector[:, None, :]
    asked = problem(5, of, KAPPA)
    proof = certify(asked, [DualPoint(of[0], of[1], 0.0)])
    needed = -np.linalg.eigvalsh(of).min(axis=(0, 2))
    added = np.ldexp((proof.node.astype(float)), -proof.bits) - of[0]
    for i in range(2):
        shift = np.diagonal(added[i]).mean()
        assert needed[i] < shift < 1.5 * needed[i] + 1e-11
        assert np.abs(added[i] - shift * np.eye(N)).max() < 1e-12


def test_what_is_known_of_one_moment_alone_leaves_nothing_of_it() -> None:
    proof = certify(problem(1, blocks(1), KAPPA), [DualPoint(*blocks(1), 0.0)])
    assert [float(k) for k in proof.multipliers] == pytest.approx(KAPPA.tolist(), abs=1e-12)
    for moment, row in ((0, 0), (1, 1)):
        rest = int(problem(1, blocks(1), KAPPA).base_cost[moment]) * GRID
        rest -= sum(entries(Y, moment) for Y in proof.base) * Fraction(1, 1 << proof.bits)
        assert proof.multipliers[row] * Fraction(KNOWN[row, moment]) == rest


def test_of_a_range_the_worse_end_counts() -> None:
    low, high = np.array([0.25, 0.25, -1.0]), np.array([0.75, 0.75, 2.0])
    kappa = [Fraction(3), Fraction(-3), Fraction(0)]
    assert known_value(kappa, low, high) == 3 * Fraction(1, 4) - 3 * Fraction(3, 4)


def test_the_best_candidate_counts_and_what_is_not_finite_or_huge_does_not() -> None:
    of = blocks(2)
    asked = problem(2, of, KAPPA)
    points = [DualPoint(of[0] + 0.3 * k * np.eye(N), of[1] - 0.2 * k * np.eye(N), -float(k)) for k in range(3)]
    broken = DualPoint(of[0], np.where(of[1] > 1, np.nan, of[1]), 7.0)
    huge = DualPoint(of[0] + 2.0**100, of[1], 7.0)
    values = [certify(asked, [point]).value for point in points]
    assert len(set(values)) == 3
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        assert certify(asked, [broken, *(points[k] for k in order), huge]).value == max(values)
    with pytest.raises(BoundNotEstablishedError, match="no dual point with finite entries"):
        certify(asked, [broken, huge])


def test_a_point_is_moved_onto_the_equalities_and_no_further() -> None:
    """The changes are moment matrices; X's and Y's add up to one for all nodes, whose sums are off the span of V."""
    at = np.random.default_rng(8).normal(size=(2, 3, N, N))
    at = at + np.swapaxes(at, -1, -2)
    asked = problem(8, blocks(9, nodes=3), KAPPA)
    costs, base_cost, off = *asked.float_costs(), asked.off_known()
    moved = onto_equalities(RELAXATION, costs, base_cost, off, at)
    node, base = dual_residuals(RELAXATION, costs, base_cost, moved)
    assert np.abs(node).max() < 1e-13
    assert np.abs(off @ base).max() < 1e-13
    change = RELAXATION.sums(moved - at) / RELAXATION.multiplicities()
    assert RELAXATION.matrix(change) == pytest.approx(moved - at, abs=1e-12)
    total = change[0] + change[1]
    assert total == pytest.approx(np.broadcast_to(total[0], total.shape), abs=1e-12)
    assert np.abs(KNOWN @ (total[0] * RELAXATION.multiplicities())).max() < 1e-12


def test_residuals_are_what_the_equalities_miss() -> None:
    of = blocks(6)
    costs, rest = np.arange(2 * K).reshape(2, K) / 8, np.arange(K) / 4
    node, base = dual_residuals(RELAXATION, costs, rest, of)
    gamma = np.array([RELAXATION.matrix(unit) for unit in np.eye(K)])
    for k in range(K):
        for i in range(2):
            expected = costs[i, k] - np.sum(gamma[k] * of[0, i]) + np.sum(gamma[k] * of[1, i])
            assert node[i, k] == pytest.approx(expected, abs=1e-12)
        assert base[k] == pytest.approx(rest[k] - np.sum(gamma[k] * of[1]), abs=1e-12)


def test_known_values_and_what_they_leave_free() -> None:
    asked = problem(1, blocks(1), KAPPA)
    assert asked.exact.tolist() == [True, True, False, False]
    point, free = asked.known_space()
    assert KNOWN[:2] @ point == pytest.approx([1.0, 1.5])
    assert np.abs(KNOWN[:2] @ free).max() < 1e-15
    assert free.T @ free == pytest.approx(np.eye(K - 2), abs=1e-15)
    off = asked.off_known()
    assert np.trace(off) == pytest.approx(K - 4)
    assert off @ off == pytest.approx(off, abs=1e-14)
    assert np.abs(off @ KNOWN.T).max() < 1e-14
