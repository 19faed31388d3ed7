"""Private states with unequal sectors as dense mpmath matrices, built entry by entry; see `proofs.algebra.dense`.

Alice's basis is |0,i> for i < m, then |1,j> for j < n; Bob's |0,j> for j < n, then |1,i> for i < m. Alice comes first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from keybounds.proofs.algebra import dense


def _positions(m: int, n: int) -> tuple[Callable[[int, int], int], Callable[[int, int], int]]:
    return (lambda key, k: key * m + k), (lambda key, k: key * n + k)


def _row(m: int, n: int, a: int, x: int, b: int, y: int) -> int:
    alice, bob = _positions(m, n)
    return alice(a, x) * (m + n) + bob(b, y)


def state(m: int, n: int, p: Any) -> Any:
    """Density matrix for the first m rows of the Fourier matrix."""
    import mpmath as mp

    u = dense.fourier(n)
    rho = mp.zeros((m + n) ** 2)
    for i, j in itertools.product(range(m), range(n)):
        upper, lower = _row(m, n, 0, i, 0, j), _row(m, n, 1, j, 1, i)
        rho[upper, upper] = rho[lower, lower] = (1 - p) / (2 * m * n)
        rho[upper, lower] = (1 - p) / (2 * m * n) * mp.sqrt(n) * u[i, j]
        rho[lower, upper] = mp.conj(rho[upper, lower])
    for i in range(m):
        k = _row(m, n, 0, i, 1, i)
        rho[k, k] = p / (2 * m)
    for j in range(n):
        k = _row(m, n, 1, j, 0, j)
        rho[k, k] = p / (2 * n)
    return rho


def partial_transpose(rho: Any) -> Any:
    """Transpose on Bob's side, of the same dimension as Alice's."""
    side = round(rho.rows**0.5)
    return dense.partial_transpose(rho, side, side)


def separable_ensemble(m: int, n: int, p: Any) -> Any:
    """Return sigma, summed from its product vectors; phases 0, 2 pi/3, 4 pi/3."""
    import mpmath as mp

    u = dense.fourier(n)
    sigma = mp.zeros((m + n) ** 2)
    for i, j, k in itertools.product(range(m), range(n), range(3)):
        alpha = mp.expjpi(mp.mpf(2 * k) / 3)
        beta = alpha * u[i, j] * mp.sqrt(n)
        alice = {(0, i): mp.mpf(1), (1, j): alpha}
        bob = {(0, j): mp.mpf(1), (1, i): beta}
        vector = {_row(m, n, *x, *y): f * g / 2 for x, f in alice.items() for y, g in bob.items()}
        for (row, f), (column, g) in itertools.product(vector.items(), repeat=2):
            sigma[row, column] += 2 * p / (3 * m * n) * f * mp.conj(g)
    for i, j in itertools.product(range(m), range(n)):
        for k in (_row(m, n, 0, i, 0, j), _row(m, n, 1, j, 1, i)):
            sigma[k, k] += (1 - 2 * p) / (2 * m * n)
    return sigma


def divergence(rho: Any, sigma: Any) -> Any:
    """D(rho || sigma) in bits."""
    return dense.relative_entropy(rho, sigma)


def least_eigenvalue(matrix: Any) -> Any:
    """Least eigenvalue of a Hermitian matrix."""
    return dense.eigenvalues(matrix)[0]


def devetak_winter(m: int, n: int, p: Any) -> Any:
    """I(A:B) - I(A:E) for the sectors as key bits, from a purification."""
    import mpmath as mp

    sizes = ((m, n), (n, m))  # of the sectors 0 and 1: Alice's, Bob's
    rho = state(m, n, p)

    def outcome(a: int, b: int) -> Callable[[int], bool]:
        alice, bob = range(sizes[0][a]), range(sizes[1][b])
        return {_row(m, n, a, x, b, y) for x in alice for y in bob}.__contains__

    labels = list(itertools.product((0, 1), repeat=2))
    eve = dict(zip(labels, dense.eve_states(rho, [outcome(a, b) for a, b in labels]), strict=True))
    given = [eve[a, 0] + eve[a, 1] for a in (0, 1)]
    holevo = dense.entropy(dense.eigenvalues(given[0] + given[1]))
    holevo -= mp.fsum(dense.entropy(dense.eigenvalues(2 * each)) for each in given) / 2
    return 2 - dense.entropy([mp.re(dense.trace(each)) for each in eve.values()]) - holevo
