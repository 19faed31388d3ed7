"""The states of the claims as dense mpmath matrices, built entry by entry from their definitions.

The second witness of the claims: nothing here uses their closed forms or `proofs.algebra.family`. Order of the
factors: A, A', B, B'. Work inside ``mpmath.workdps``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def fourier(d: int) -> Any:
    """u_jk = e^{2 pi i jk/d} / sqrt d."""
    import mpmath as mp

    return mp.matrix([[mp.expjpi(mp.mpf(2 * j * k) / d) / mp.sqrt(d) for k in range(d)] for j in range(d)])


def position(d: int, a: int, i: int, b: int, j: int) -> int:
    """Row of |a>_A |i>_A' |b>_B |j>_B'."""
    return ((a * d + i) * 2 + b) * d + j


def ppt_private_state(d: int, p: Any) -> Any:
    """rho_{d,p} for the Fourier matrix, from the published block form."""
    import mpmath as mp

    u = fourier(d)
    rho = mp.zeros(4 * d * d)
    good = (1 - mp.mpf(p)) / 2
    for i, j in itertools.product(range(d), repeat=2):
        x = u[i, j] / (d * mp.sqrt(d))  # <ij|X|ji>, the only entry of X in its row and its column
        upper, lower = position(d, 0, i, 0, j), position(d, 1, j, 1, i)
        rho[upper, upper] += good * abs(x)
        rho[lower, lower] += good * abs(x)
        rho[upper, lower] += good * x
        rho[lower, upper] += good * mp.conj(x)
    for a, i in itertools.product((0, 1), range(d)):
        k = position(d, a, i, 1 - a, i)
        rho[k, k] += mp.mpf(p) / (2 * d)
    return rho


def partial_transpose(matrix: Any, alice: int, bob: int) -> Any:
    """Transpose on the second of two factors of dimensions `alice` and `bob`."""
    import mpmath as mp

    result = mp.zeros(alice * bob)
    for a, c in itertools.product(range(alice), repeat=2):
        for b, e in itertools.product(range(bob), repeat=2):
            result[a * bob + b, c * bob + e] = matrix[a * bob + e, c * bob + b]
    return result


def separable_ensemble(d: int, p: Any) -> Any:
    """Return sigma, summed from weight * |x><x| tensor |y><y| over product vectors; phases 0, 2 pi/3, 4 pi/3."""
    import mpmath as mp

    u = fourier(d)
    p = mp.mpf(p)
    sigma = mp.zeros(4 * d * d)
    for i, j, k in itertools.product(range(d), range(d), range(3)):
        alpha = mp.expjpi(mp.mpf(2 * k) / 3)
        beta = alpha * u[i, j] * mp.sqrt(d)
        alice = {(0, i): mp.mpf(1), (1, j): alpha}
        bob = {(0, j): mp.mpf(1), (1, i): beta}
        vector = {position(d, *x, *y): f * g / 2 for x, f in alice.items() for y, g in bob.items()}
        for (row, f), (column, g) in itertools.product(vector.items(), repeat=2):
            sigma[row, column] += 2 * p / (3 * d * d) * f * mp.conj(g)
    for a, i, j in itertools.product((0, 1), range(d), range(d)):
        k = position(d, a, i, a, j)
        sigma[k, k] += (1 - 2 * p) / (2 * d * d)
    return sigma


def blocks(matrix: Any) -> Iterator[tuple[list[int], Any]]:
    """The blocks of a Hermitian matrix, and the rows of each; entries below 10^-50 count as zero."""
    import mpmath as mp

    zero = mp.mpf(10) ** -50
    left = set(range(matrix.rows))
    while left:
        rows, pending = set(), [min(left)]
        while pending:
            row = pending.pop()
            rows.add(row)
            left.discard(row)
            pending += [other for other in left if abs(matrix[row, other]) > zero]
        order = sorted(rows)
        yield order, mp.matrix([[matrix[j, k] for k in order] for j in order])


def eigenvalues(matrix: Any) -> list[Any]:
    """Ascending eigenvalues of a Hermitian matrix."""
    import mpmath as mp

    return sorted(value for _, block in blocks(matrix) for value in mp.eighe(block, eigvals_only=True))


def eigenvectors(matrix: Any) -> Iterator[tuple[Any, dict[int, Any]]]:
    """Eigenvalues of a Hermitian matrix with normalised eigenvectors, by row where these are not zero."""
    import mpmath as mp

    for rows, block in blocks(matrix):
        values, vectors = mp.eighe(block)
        for k, value in enumerate(values):
            yield value, {row: vectors[j, k] for j, row in enumerate(rows)}


def entropy(weights: Sequence[Any]) -> Any:
    """-sum w log2 w; weights below 10^-40 count as zero."""
    import mpmath as mp

    return -mp.fsum(w * mp.log(w, 2) for w in weights if w > mp.mpf(10) ** -40)


def relative_entropy(rho: Any, sigma: Any) -> Any:
    """D(rho || sigma) in bits; infinite if rho is not supported where sigma is."""
    import mpmath as mp

    total = -entropy(eigenvalues(rho))
    for value, vector in eigenvectors(sigma):
        weight = mp.re(mp.fsum(mp.conj(f) * rho[j, k] * g for j, f in vector.items() for k, g in vector.items()))
        if value > mp.mpf(10) ** -40:
            total -= weight * mp.log(value, 2)
        elif weight > mp.mpf(10) ** -40:
            return mp.inf
    return total


def purify(rho: Any) -> list[tuple[Any, dict[int, Any]]]:
    """Eigenvalues above 10^-40 with eigenvectors: Eve's purification has one basis state for each."""
    import mpmath as mp

    return [(value, vector) for value, vector in eigenvectors(rho) if value > mp.mpf(10) ** -40]


def eve_states(rho: Any, outcomes: Sequence[Callable[[int], bool]]) -> list[Any]:
    """Eve's unnormalised states, on a purification of `rho`, for each outcome of a measurement diagonal in the basis.

    An outcome is given by the rows that belong to it; its probability is the trace of Eve's state.
    """
    import mpmath as mp

    branches = purify(rho)
    states = []
    for outcome in outcomes:
        rows = {k for k in range(rho.rows) if outcome(k)}
        state = mp.zeros(len(branches))
        for e, (value, vector) in enumerate(branches):
            for f, (other, second) in enumerate(branches):
                overlap = mp.fsum(vector[k] * mp.conj(second[k]) for k in vector.keys() & second.keys() & rows)
                state[e, f] = mp.sqrt(value * other) * overlap
        states.append(state)
    return states


def keys(d: int, a: int, b: int) -> Callable[[int], bool]:
    """Whether a row belongs to the keys a and b: an outcome for `eve_states`."""
    rows = {position(d, a, i, b, j) for i in range(d) for j in range(d)}
    return rows.__contains__


def trace(matrix: Any) -> Any:
    """Sum of the diagonal."""
    import mpmath as mp

    return mp.fsum(matrix[k, k] for k in range(matrix.rows))


def kron(left: Any, right: Any) -> Any:
    """Tensor product."""
    import mpmath as mp

    n, m = left.rows, right.rows
    result = mp.zeros(n * m)
    for i, j in itertools.product(range(n), repeat=2):
        if left[i, j] != 0:
            for k, q in itertools.product(range(m), repeat=2):
                result[i * m + k, j * m + q] = left[i, j] * right[k, q]
    return result


def ratio(rho: Any, sigma: Any) -> Any:
    """Return rho sigma^-1 on the support of sigma, for commuting rho and sigma."""
    import mpmath as mp

    inverse = mp.zeros(sigma.rows)
    for value, vector in purify(sigma):
        for (j, f), (k, g) in itertools.product(vector.items(), repeat=2):
            inverse[j, k] += f * mp.conj(g) / value
    product = rho * inverse
    return (product + product.H) / 2


def largest_on_products(operator: Any, alice: int, bob: int, seed: int, rounds: int = 12) -> Any:
    """Largest <xy|operator|xy> found by maximising over x and y in turn, from a start that `seed` fixes."""
    import mpmath as mp

    x = mp.matrix(
        [mp.cos(mp.mpf(7 * (seed + 1) * (k + 1))) + mp.j * mp.sin(mp.mpf(3 * k + seed)) for k in range(alice)]
    )
    best = mp.mpf(0)
    for _ in range(rounds):
        for fixed_is_alice, first, second in ((True, alice, bob), (False, bob, alice)):
            x = x / mp.sqrt(mp.re((x.H * x)[0]))
            reduced = mp.zeros(second)
            for i, k in itertools.product(range(first), repeat=2):
                for j, m in itertools.product(range(second), repeat=2):
                    place = (i * bob + j, k * bob + m) if fixed_is_alice else (j * bob + i, m * bob + k)
                    if operator[place] != 0:
                        reduced[j, m] += mp.conj(x[i]) * operator[place] * x[k]
            values, vectors = mp.eighe(reduced)
            best, x = values[second - 1], vectors[:, second - 1]
    return best
