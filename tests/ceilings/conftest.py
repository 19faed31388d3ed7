"""States with known ceilings, and what an independent reader makes of a certificate, at 50 digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

Complex = NDArray[np.complex128]


def random_state(seed: int, size: int, rank: int) -> Complex:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
    rho = g @ g.conj().T
    return rho / np.trace(rho).real


def random_unitary(seed: int, size: int) -> Complex:
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


def isotropic(n: int, f: float) -> Complex:
    phi = np.outer(np.eye(n).ravel(), np.eye(n).ravel()) / n
    return (f * phi + (1 - f) * (np.eye(n * n) - phi) / (n * n - 1)).astype(complex)


def werner(n: int, w: float) -> Complex:
    swap = np.eye(n * n).reshape(n, n, n, n).transpose(0, 1, 3, 2).reshape(n * n, n * n)
    one = np.eye(n * n)
    return (w * (one - swap) / (n * (n - 1)) + (1 - w) * (one + swap) / (n * (n + 1))).astype(complex)


def pure(seed: int, dims: tuple[int, int]) -> Complex:
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=dims) + 1j * rng.normal(size=dims)
    psi = psi.ravel() / np.linalg.norm(psi)
    return np.outer(psi, psi.conj())


def private(d: int, *, transposed: bool) -> Complex:
    from keybounds.states.ppt_private import complex_hadamard, ppt_private_matrix
    from keybounds.states.transposition import transpose_subsystems

    rho = ppt_private_matrix(complex_hadamard(d), 1 / (math.sqrt(d) + 1))
    return transpose_subsystems(rho, (2 * d, 2 * d)) if transposed else rho


def h(x: float) -> float:
    return 0.0 if x in (0, 1) else -x * math.log2(x) - (1 - x) * math.log2(1 - x)


def isotropic_entanglement(n: int, f: float) -> float:
    if f <= 1 / n:
        return 0.0
    return math.log2(n) + f * math.log2(f) + ((1 - f) * math.log2((1 - f) / (n - 1)) if f < 1 else 0)


def private_entanglement(d: int, *, transposed: bool) -> float:
    p = 1 / (math.sqrt(d) + 1)
    return p * (1 + math.log2(1 - p)) if transposed else 1 - h(p)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The builders of this module."""
    return SimpleNamespace(
        random_state=random_state,
        random_unitary=random_unitary,
        isotropic=isotropic,
        werner=werner,
        pure=pure,
        private=private,
        h=h,
        isotropic_entanglement=isotropic_entanglement,
        private_entanglement=private_entanglement,
    )


def exact(value: Any) -> Any:
    """A number of a certificate: a double, or a fraction or m 2^e as text."""
    if isinstance(value, str) and "p" in value:
        mantissa, _, exponent = value.partition("p")
        return mp.ldexp(mp.mpf(int(mantissa)), int(exponent))
    if isinstance(value, str):
        fraction = Fraction(value)
        return mp.mpf(fraction.numerator) / fraction.denominator
    return mp.mpf(value)


def exact_rows(pairs: list[Any]) -> Any:
    return mp.matrix([[mp.mpc(exact(re), exact(im)) for re, im in row] for row in pairs])


def state_of(document: dict[str, Any]) -> Any:
    """(H + shift)/trace of a certificate."""
    matrix = exact_rows(document["matrix"])
    matrix += mp.eye(matrix.rows) * exact(document["shift"])
    return matrix / mp.fsum(matrix[i, i].real for i in range(matrix.rows))


def entropy(matrix: Any) -> Any:
    return -mp.fsum(e * mp.log(e, 2) for e in mp.eighe(matrix, eigvals_only=True) if e > mp.mpf(10) ** -45)


def separable_state(document: dict[str, Any], dims: list[int], rho: Any) -> Any:
    """The separable state of a certificate, built from its definition."""
    d_a, d_b = dims
    size = d_a * d_b
    kind = document["kind"]
    one = mp.eye(size)
    if kind == "ensemble":
        sigma = mp.zeros(size)
        alice, bob = exact_rows(document["alice"]), exact_rows(document["bob"])
        rows = mp.matrix(alice.rows, size)
        for k in range(alice.rows):
            for i in range(d_a):
                for j in range(d_b):
                    rows[k, i * d_b + j] = alice[k, i] * bob[k, j]
        sigma = rows.T * rows.apply(mp.conj)
        sigma /= mp.fsum(sigma[i, i].real for i in range(size))
    elif kind == "product of the marginals":
        a = mp.matrix(d_a, d_a)
        b = mp.matrix(d_b, d_b)
        for i in range(d_a):
            for j in range(d_a):
                a[i, j] = mp.fsum(rho[i * d_b + k, j * d_b + k] for k in range(d_b))
        for i in range(d_b):
            for j in range(d_b):
                b[i, j] = mp.fsum(rho[k * d_b + i, k * d_b + j] for k in range(d_a))
        sigma = mp.matrix(size, size)
        for i in range(size):
            for j in range(size):
                sigma[i, j] = a[i // d_b, j // d_b] * b[i % d_b, j % d_b]
    elif kind in ("isotropic", "Werner"):
        projector = mp.zeros(size)
        for i in range(d_a):
            for j in range(d_a):
                if kind == "isotropic":
                    projector[i * d_a + i, j * d_a + j] += mp.mpf(1) / d_a
                else:
                    projector[i * d_a + j, i * d_a + j] += mp.mpf(1) / 2
                    projector[i * d_a + j, j * d_a + i] -= mp.mpf(1) / 2
        rank = 1 if kind == "isotropic" else d_a * (d_a - 1) // 2
        share = exact(document["share"])
        assert share <= (mp.mpf(1) / d_a if kind == "isotropic" else mp.mpf(1) / 2), "separable"
        sigma = share / rank * projector + (1 - share) / (size - rank) * (one - projector)
    elif kind == "Bell-diagonal":
        shares = [exact(s) for s in document["shares"]]
        assert max(shares) <= mp.mpf(1) / 2, "separable"
        assert mp.almosteq(mp.fsum(shares), 1)
        sigma = mp.zeros(4)
        for s, v in zip(shares, ([1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]), strict=True):
            sigma += s / 2 * mp.matrix(v) * mp.matrix(v).T
    else:
        assert kind == "dephased in the Schmidt basis"
        left, right = gram_schmidt(exact_rows(document["alice"])), gram_schmidt(exact_rows(document["bob"]))
        sigma = mp.zeros(size)
        shares = iter(exact(s) for s in document["shares"])
        for i in range(d_a):
            for j in range(d_b):
                v = mp.matrix([left[k, i] * right[m, j] for k in range(d_a) for m in range(d_b)])
                sigma += next(shares) * v * v.H
    eta = exact(document["admixture"])
    if kind == "product of the marginals":
        return sigma
    return (1 - eta) * sigma + eta / size * one


def gram_schmidt(matrix: Any) -> Any:
    q = matrix.copy()
    for k in range(q.cols):
        for j in range(k):
            overlap = mp.fsum(mp.conj(q[i, j]) * q[i, k] for i in range(q.rows))
            for i in range(q.rows):
                q[i, k] -= overlap * q[i, j]
        norm = mp.sqrt(mp.fsum(abs(q[i, k]) ** 2 for i in range(q.rows)))
        for i in range(q.rows):
            q[i, k] /= norm
    return q


def relative_entropy(rho: Any, sigma: Any) -> Any:
    values, vectors = mp.eighe(sigma)
    rotated = vectors.H * rho * vectors
    cross = mp.mpf(0)
    for i in range(sigma.rows):
        weight = rotated[i, i].real
        if abs(weight) > mp.mpf(10) ** -40:
            cross -= weight * mp.log(values[i], 2)
    return cross - entropy(rho)


def squashed_value(certificate: dict[str, Any]) -> Any:
    """½ I(A;B|E') of the isometry in a certificate."""
    d_a, d_b = certificate["dims"]
    rho = state_of(certificate["state"])
    e, f = certificate["environment"]
    if "isometry" not in certificate:
        e, f, isometry = 1, rho.rows, mp.eye(rho.rows)
    else:
        isometry = exact_rows(certificate["isometry"])
        squares, basis = mp.eighe(isometry.H * isometry)
        isometry = isometry * basis * mp.diag([1 / mp.sqrt(s) for s in squares]) * basis.H
    columns = mp.cholesky(rho)
    psi = columns * isometry.T

    def reduced(keep: Callable[[int, int, int, int], tuple[int, int]], rows: int, rest: int) -> Any:
        table = mp.zeros(rows, rest)
        for a in range(d_a):
            for b in range(d_b):
                for x in range(e):
                    for y in range(f):
                        table[keep(a, b, x, y)] = psi[a * d_b + b, x * f + y]
        return table * table.H

    ae = reduced(lambda a, b, x, y: (a * e + x, b * f + y), d_a * e, d_b * f)
    be = reduced(lambda a, b, x, y: (b * e + x, a * f + y), d_b * e, d_a * f)
    only_e = reduced(lambda a, b, x, y: (x, (a * d_b + b) * f + y), e, d_a * d_b * f)
    only_f = reduced(lambda a, b, x, y: (y, (a * d_b + b) * e + x), f, d_a * d_b * e)
    return (entropy(ae) + entropy(be) - entropy(only_e) - entropy(only_f)) / 2


@pytest.fixture(scope="session")
def reread() -> Callable[[dict[str, Any]], float]:
    """Value of a certificate, re-derived from its data alone with mpmath at 50 digits, in bits; without the margin."""

    def value(certificate: dict[str, Any]) -> float:
        data = certificate["data"]
        with mp.workdps(50):
            if certificate["kind"] == "squashed entanglement":
                return float(squashed_value(data))
            rho = state_of(data["state"])
            sigma = separable_state(data["separable_state"], data["dims"], rho)
            return float(relative_entropy(rho, sigma))

    return value
