"""Certificates of semidefinite ceilings on channels, for any input and any public discussion.

With J the Choi operator, dA times the Choi state, Alice's input first:

- P_2 <= log2 ||tr_B Y|| for separable Y >= J [christandl2017]; for dA dB <= 6 that is Y^Γ >= 0 [horodecki1996];
- the quantum capacity is at most log2 ||tr_B (V + Y)|| for V, Y >= 0 with (V - Y)^Γ >= J [berta2018].

The matrices given need not be feasible: what is missing is added as a multiple of the identity. J is enlarged by
2^-44 dA, so that the ceiling holds for every channel whose Choi operator is that close to the one given.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import acb, acb_mat, arb

from .logarithms import log2
from .reading import fields, require
from .spectra import as_balls, eigenvalues, identity, read_hermitian, reduced, transposed
from .statement import PER_CHANNEL_USE, QUBITS, Derived, Scope
from .states import read_dims, require_choi_state

Table = list[list[tuple[Fraction, Fraction]]]

MOST_SEPARABLE = 6  # dA dB up to which PPT operators are separable


def max_relative_entropy(document: dict[str, Any]) -> Derived:
    """log2 ||tr_B Y|| for Y made positive under partial transposition and at least J."""
    dims, choi, (y,) = _read(document, ("Y",))
    require(
        dims[0] * dims[1] <= MOST_SEPARABLE, f"beyond {MOST_SEPARABLE} dimensions PPT operators need not be separable"
    )

    def value() -> arb:
        operator = as_balls(y)
        least = _least(operator - _enlarged(choi, dims)).min(_least(transposed(operator, dims)))
        return _log_norm(operator, dims, _missing(least))

    return _derived(Scope("device-dependent"), dims, value, "P_2 <= E_max [christandl2017]")


def max_rains_information(document: dict[str, Any]) -> Derived:
    """log2 ||tr_B (V + Y)||; the part that (V - Y)^Γ lacks of J is added to V."""
    dims, choi, (v, y) = _read(document, ("V", "Y"))

    def value() -> arb:
        first, second = as_balls(v), as_balls(y)
        shift_v, shift_y = _missing(_least(first)), _missing(_least(second))
        least = _least(transposed(first - second, dims) - _enlarged(choi, dims)) + shift_v - shift_y
        return _log_norm(first + second, dims, shift_v + shift_y + _missing(least)).max(arb(0))

    return _derived(Scope("device-dependent", quantity=QUBITS), dims, value, "max-Rains information [berta2018]")


def _read(document: dict[str, Any], names: tuple[str, ...]) -> tuple[tuple[int, int], Table, list[Table]]:
    found = fields(document, "data", ("dims", "choi", *names))
    dims = read_dims(found["dims"])
    size = dims[0] * dims[1]
    choi = read_hermitian(found["choi"], "the Choi state", size)
    require_choi_state(as_balls(choi), dims)
    return dims, choi, [read_hermitian(found[name], name, size) for name in names]


def _derived(scope: Scope, dims: tuple[int, int], value: Any, grounds: str) -> Derived:
    subject = (
        f"every channel whose Choi operator is within 2^-44 dA of that of the {dims[0]}x{dims[1]} Choi state with "
    )
    return Derived("upper", scope, PER_CHANNEL_USE, f"{subject}the digest below", value, grounds)


def _enlarged(choi: Table, dims: tuple[int, int]) -> acb_mat:
    """J + 2^-44 dA."""
    return (as_balls(choi) + identity(dims[0] * dims[1]) * acb(arb(2) ** -44)) * acb(dims[0])


def _least(matrix: acb_mat) -> arb:
    """The least eigenvalue."""
    least = arb("inf")
    for value in eigenvalues(matrix):
        least = least.min(value)
    return least


def _missing(least: arb) -> arb:
    """The multiple of the identity that makes a matrix with this least eigenvalue positive."""
    return (-least).max(arb(0))


def _log_norm(operator: acb_mat, dims: tuple[int, int], shift: arb) -> arb:
    """log2 ||tr_B (operator + shift)||, for a positive sum."""
    greatest = arb(0)
    for value in eigenvalues(reduced(operator, dims, 0)):
        greatest = greatest.max(value)
    greatest += shift * dims[1]
    require(bool(greatest > 0), "an operator without trace")
    return log2(greatest)
