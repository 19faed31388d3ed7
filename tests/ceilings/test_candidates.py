"""The separable states in closed form: each divergence at forty digits, from the state that its parameters name."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import ctx
from numpy.typing import NDArray

from keybounds.bounds.state.separable.candidates import candidates
from keybounds.bounds.state.spectra import certified_state

BELL = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]])


def exact(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def projector(rows: NDArray[np.int64]) -> mpmath.matrix:
    """Onto orthogonal rows of integers with the same norm."""
    return mpmath.matrix((rows.T @ rows).tolist()) / int(rows[0] @ rows[0])


def named(name: str, parameters: dict[str, str | list[str]], rho: mpmath.matrix, d: int) -> mpmath.matrix:
    """σ without the admixture."""
    n = d * d
    if name == "product of the marginals":
        a = [[sum(rho[i * d + k, j * d + k] for k in range(d)) for j in range(d)] for i in range(d)]
        b = [[sum(rho[k * d + i, k * d + j] for k in range(d)) for j in range(d)] for i in range(d)]
        return mpmath.matrix([[x * y for x in r for y in s] for r in a for s in b])
    if name == "Bell-diagonal":
        shares = [exact(Fraction(s)) for s in parameters["shares"]]
        return sum((s * projector(row[None]) for s, row in zip(shares, BELL, strict=True)), mpmath.zeros(4))
    pairs = [(i, j) for i in range(d) for j in range(i + 1, d)]
    eye = np.eye(n, dtype=int).reshape(d, d, n)
    rows = {
        "isotropic": sum(eye[i, i] for i in range(d))[None],
        "Werner": np.array([eye[i, j] - eye[j, i] for i, j in pairs]),
    }[name]
    share, onto = exact(Fraction(parameters["share"])), projector(rows)  # type: ignore[arg-type]
    return share / len(rows) * onto + (1 - share) / (n - len(rows)) * (mpmath.eye(n) - onto)


def divergence(rho: mpmath.matrix, sigma: mpmath.matrix) -> mpmath.mpf:
    """D(ρ‖σ) in bits."""
    weights = [w for w in mpmath.eighe(rho, eigvals_only=True) if w > mpmath.mpf(10) ** -30]
    values, vectors = mpmath.eighe(sigma)
    rotated = vectors.H * rho * vectors
    cross = -sum(mpmath.re(rotated[k, k]) * mpmath.log(values[k], 2) for k in range(len(values)))
    return cross + sum(w * mpmath.log(w, 2) for w in weights)


def dyadic(d: int, seed: int) -> NDArray[np.float64]:
    """Integers over a power of two, of trace 1: what is computed in doubles and in digits is the same state."""
    z = np.random.default_rng(seed).integers(-9, 10, size=(d * d, d * d))
    whole = z @ z.T
    whole[0, 0] += (1 << 13) - np.trace(whole)
    assert np.linalg.eigvalsh(whole)[0] > 0
    return np.asarray(whole / (1 << 13))


BELL_STATE = np.outer(BELL[0], BELL[0]) / 2.0
SHARED = [
    pytest.param(BELL_STATE, 2, id="maximally entangled"),
    pytest.param((BELL_STATE * 5 + np.diag([1.0, 3, 2, 5])) / 16, 2, id="uneven"),
    pytest.param((np.outer(BELL[3], BELL[3]) * 3 + np.outer(BELL[1], BELL[1]) * 5) / 16.0, 2, id="two of Bell's"),
    pytest.param(np.outer(BELL[3], BELL[3]) / 2.0, 2, id="singlet"),
    pytest.param((np.outer(BELL[3], BELL[3]) * 11 + np.outer(BELL[2], BELL[2]) * 5) / 32.0, 2, id="near the singlet"),
    pytest.param(dyadic(2, 1), 2, id="generic"),
    pytest.param(dyadic(3, 2), 3, id="generic of qutrits"),
]


@pytest.mark.parametrize(("array", "d"), SHARED)
def test_each_divergence_is_that_of_the_state_that_is_named(array: NDArray[np.float64], d: int) -> None:
    found = {}
    with ctx.workprec(200), mpmath.workdps(40):
        rho = mpmath.matrix(array.tolist())
        for candidate in candidates(certified_state(array.astype(complex)), array.astype(complex), (d, d)):
            if candidate.name == "dephased in the Schmidt basis":
                continue
            sigma = named(candidate.name, candidate.parameters, rho, d)
            if candidate.name != "product of the marginals":
                admixture = mpmath.mpf(2) ** -50
                mixed = (1 - admixture) * sigma + admixture / d**2 * mpmath.eye(d * d)
                transposed = mpmath.matrix(d * d)
                for i in range(d * d):
                    for j in range(d * d):
                        transposed[i - i % d + j % d, j - j % d + i % d] = sigma[i, j]
                least = min(mpmath.eighe(transposed, eigvals_only=True))
                assert least > -(mpmath.mpf(10) ** -30), "not separable"
            else:
                mixed = sigma
            middle, radius = (
                mpmath.mpf(x.str(45, radius=False)) for x in (candidate.divergence.mid(), candidate.divergence.rad())
            )
            assert abs(middle - divergence(rho, mixed)) <= radius + mpmath.mpf(10) ** -30
            assert radius < mpmath.mpf(10) ** -13
            off = max(abs(candidate.matrix[i, j] - sigma[i, j]) for i in range(d * d) for j in range(d * d))
            assert off < 1e-15
            if "share" in candidate.parameters:
                largest, onto = (1 / d, 1) if candidate.name == "isotropic" else (1 / 2, d * (d - 1) // 2)
                onto_it = rho * named(candidate.name, {"share": "1"}, rho, d) * onto
                weight = float(mpmath.re(sum(onto_it[k, k] for k in range(d * d))))
                share = float(Fraction(candidate.parameters["share"]))
                assert share == pytest.approx(min(weight, largest), abs=1e-15), "the nearest of its family"
            found[candidate.name] = candidate
    assert set(found) == {"product of the marginals", "isotropic", "Werner"} | ({"Bell-diagonal"} if d == 2 else set())
