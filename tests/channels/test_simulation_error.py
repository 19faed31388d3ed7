"""The error of a simulation, to ten digits, by what it is made of: each factor of it is a margin of rigour."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from keybounds.bounds.channel.covariant import marginal_defect, simulation
from keybounds.bounds.channel.scopes import ROUNDING
from keybounds.bounds.state.spectra import certified_state, hermitian_from_lower
from keybounds.channels import Covariance, covariance, weyl
from keybounds.channels.choi import Choi, choi_of_kraus
from keybounds.channels.families import depolarizing_choi
from keybounds.errors import BoundNotEstablishedError


def leaking_channel(dims: tuple[int, int], leak: float) -> Choi:
    """A generic channel whose outputs of different inputs differ in their trace, and whose operator is not positive."""
    d_a, d_b = dims
    rng = np.random.default_rng(d_a + 10 * d_b)
    z = rng.normal(size=(3 * d_b, d_a)) + 1j * rng.normal(size=(3 * d_b, d_a))
    matrix = choi_of_kraus(np.linalg.qr(z)[0].reshape(3, d_b, d_a)).matrix
    uneven = np.kron(np.diag(1 + leak * np.arange(d_a)), np.eye(d_b))
    return Choi(hermitian_from_lower(uneven @ matrix @ uneven), (d_a,), (d_b,))


def norm(matrix: mpmath.matrix) -> mpmath.mpf:
    return mpmath.sqrt(sum(abs(x) ** 2 for x in matrix))


def kron(a: np.ndarray, b: np.ndarray) -> mpmath.matrix:
    return mpmath.matrix([[mpmath.mpc(x) * mpmath.mpc(y) for x in r for y in s] for r in a for s in b])


def marginal(choi: Choi, state: mpmath.matrix) -> mpmath.matrix:
    (d_a, d_b) = choi.dims
    entry = [[sum(state[i * d_b + k, j * d_b + k] for k in range(d_b)) for j in range(d_a)] for i in range(d_a)]
    return mpmath.matrix(entry)


@pytest.mark.parametrize(("leak", "lift"), [(0.0, 0.0), (1e-3, 0.0), (0.02, 1e-3), (1e-3, 0.01)])
@pytest.mark.parametrize("dims", [(2, 2), (2, 3), (3, 2), (3, 3)])
def test_the_error_is_the_sum_of_its_parts_each_as_often_as_it_counts(
    dims: tuple[int, int], leak: float, lift: float
) -> None:
    choi = leaking_channel(dims, leak)
    d_a, d_b = dims
    test = covariance(leaking_channel(dims, 0.0), weyl(d_a), atol=2.0)
    certified = certified_state(choi.matrix).lifted(lift)
    with mpmath.workprec(200):
        given = mpmath.matrix(choi.matrix.tolist())
        state = given + mpmath.mpf(float(certified.shift)) * mpmath.eye(d_a * d_b)
        state /= sum(state[k, k] for k in range(d_a * d_b))
        half = mpmath.sqrt(d_a * d_b) / 2  # the trace norm of an N by N matrix is at most √N times its 2-norm
        leaked = norm(d_a * marginal(choi, state) - mpmath.eye(d_a))
        moved = half * norm(given - state)
        turns = [kron(u.conj(), v) for u, v in zip(test.generators, test.corrections, strict=True)]
        defect = max(half * norm(state - turn * state * turn.H) for turn in turns)
        around = 2 * leaked + 2 * moved + ROUNDING
        expected = d_a * (around + 2 * (d_a - 1) * defect)
        assert defect > 0.01
        assert leak == 0 or min(leaked, moved) > leak / 10
    found = simulation(choi, test, certified)
    assert found.error == pytest.approx(float(expected), rel=1e-10)
    assert found.distance == pytest.approx(float(around - moved), rel=1e-10, abs=1e-15)
    assert float(marginal_defect(certified, choi.dims)) == pytest.approx(float(leaked), rel=1e-10, abs=1e-14)


def test_the_error_is_rounded_up_and_the_distance_down_to_the_next_double() -> None:
    """With corrections of entries 0, 1 and -1 everything is known exactly, and two hundred bits tell which is next."""
    choi = leaking_channel((2, 2), 0.02)
    found = covariance(depolarizing_choi(0.3))
    test = Covariance(weyl(2), weyl(2), found.defect, True, found.tolerance)
    result = simulation(choi, test, certified_state(choi.matrix).lifted(0.01))
    with mpmath.workprec(300):
        given = mpmath.matrix(choi.matrix.tolist())
        state = given + mpmath.mpf(0.01) * mpmath.eye(4)
        state /= sum(state[k, k] for k in range(4))
        leaked, moved = norm(2 * marginal(choi, state) - mpmath.eye(2)), norm(given - state)
        turns = [kron(u.conj(), u) for u in weyl(2)]
        around = 2 * leaked + 2 * moved + ROUNDING
        error = 2 * (around + 2 * max(norm(state - turn * state * turn.H) for turn in turns))
        distance = around - moved
        assert mpmath.mpf(np.nextafter(result.error, 0)) < error < mpmath.mpf(result.error)
        assert mpmath.mpf(result.distance) < distance < mpmath.mpf(np.nextafter(result.distance, 1))


def test_without_leak_and_defect_only_what_rounding_may_do_is_left() -> None:
    choi = Choi(np.eye(4, dtype=complex) / 4, (2,), (2,))
    found = covariance(depolarizing_choi(0.3))
    test = Covariance(weyl(2), weyl(2), found.defect, True, found.tolerance)
    result = simulation(choi, test, certified_state(choi.matrix))
    assert result.distance == pytest.approx(ROUNDING, rel=1e-9)
    assert result.error == pytest.approx(2 * ROUNDING, rel=1e-9)


def test_a_marginal_that_is_off_by_less_than_a_half_is_taken_and_by_more_refused() -> None:
    for uneven, refused in ((0.30, False), (0.40, True)):
        choi = Choi(np.diag(np.repeat([0.25 * (1 + uneven), 0.25 * (1 - uneven)], 2)).astype(complex), (2,), (2,))
        test, state = covariance(depolarizing_choi(1.0)), certified_state(choi.matrix)
        assert float(marginal_defect(state, (2, 2))) == pytest.approx(uneven * 2**0.5, rel=1e-12)
        if refused:
            with pytest.raises(BoundNotEstablishedError, match="marginal of the certified state is off by"):
                simulation(choi, test, state)
        else:
            assert simulation(choi, test, state).error > 4 * uneven
