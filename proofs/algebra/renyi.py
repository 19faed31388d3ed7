"""Sandwiched Rényi quantities of dense matrices at 50 digits: Q(tau|sigma) = Tr[(sigma^s tau sigma^s)^alpha].

Here s = (1-alpha)/(2 alpha) and 1 < alpha <= 2; -1/(alpha-1) log2 of the sum of Q over the values of a classical
register is its conditional Rényi entropy given sigma's system.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def power(matrix: Any, exponent: Any) -> Any:
    """`matrix`, Hermitian and not negative, to a real power on its support; eigenvalues below 10^-40 count as zero."""
    import mpmath as mp

    values, vectors = mp.eighe(matrix)
    powers = [value**exponent if value > mp.mpf(10) ** -40 else mp.mpf(0) for value in values]
    return vectors * mp.diag(powers) * vectors.H


def sandwiched(tau: Any, sigma: Any, alpha: Any) -> Any:
    """Q(tau|sigma) for tau supported where sigma is."""
    import mpmath as mp

    side = power(sigma, (1 - alpha) / (2 * alpha))
    inner = side * tau * side
    values = mp.eighe((inner + inner.H) / 2, eigvals_only=True)
    return mp.fsum(value**alpha for value in values if value > 0)


def pseudorandom(rows: int, columns: int, seed: int) -> Any:
    """A complex matrix of digits without pattern, the same for the same `seed`."""
    import mpmath as mp

    def entry(row: int, column: int, part: int) -> Any:
        phase = mp.mpf((row + 1) * 7919 + (column + 1) * 104729 + seed * 1299709 + part * 15485863)
        return mp.sin(phase)

    return mp.matrix([[entry(i, j, 0) + mp.j * entry(i, j, 1) for j in range(columns)] for i in range(rows)])


def pure_state(rows: int, columns: int, seed: int) -> Any:
    """Return the amplitudes psi[device, Eve] of a normalised pure state without pattern."""
    import mpmath as mp

    matrix = pseudorandom(rows, columns, seed)
    return matrix / mp.sqrt(mp.fsum(abs(matrix[i, j]) ** 2 for i in range(rows) for j in range(columns)))


def eve_state(amplitudes: Any, effect: Any) -> Any:
    """Return Eve's unnormalised state once the device has found `effect`: Tr_D[(effect x 1) |psi><psi|]."""
    return amplitudes.T * effect.T * amplitudes.conjugate()


def projector(angle: Any, outcome: int) -> Any:
    """(1 + (-1)^outcome (cos Z + sin X))/2, a qubit's measurement in the plane of Z and X."""
    import mpmath as mp

    sign = 1 - 2 * outcome
    c, s = sign * mp.cos(angle), sign * mp.sin(angle)
    return mp.matrix([[1 + c, s], [s, 1 - c]]) / 2


def total(matrices: Sequence[Any]) -> Any:
    """Return their sum."""
    result = matrices[0].copy()
    for matrix in matrices[1:]:
        result = result + matrix
    return result
