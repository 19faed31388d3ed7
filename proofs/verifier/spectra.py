"""Hermitian matrices in ball arithmetic: eigenvalues, entropies, and the logarithm from below.

Eigenvectors are guessed at the working precision and proven afterwards. V is exact with ||V†V - 1|| <= s. With
V†HV = diag(d) + E, ||E|| <= e, the sorted eigenvalues of H are within e of the sorted d (Weyl), each divided by a
number in [1-s, 1+s] (Ostrowski). The guess is made at a slightly different matrix, whose eigenvalues are all simple.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

from flint import acb, acb_mat, arb, ctx, fmpz

from .logarithms import log2, shannon
from .reading import ball, number, require, sequence

LARGEST = 144  # rows of a matrix whose spectrum is asked for; one takes some ten seconds
MOST_BITS = 40_000  # rows times bits of the integers in an exact elimination


def adjoint(matrix: acb_mat) -> acb_mat:
    """M†."""
    return matrix.transpose().conjugate()


def identity(size: int) -> acb_mat:
    """The identity matrix."""
    return acb_mat(size, size, 1)


def norm(entries: Iterable[acb]) -> arb:
    """An exact number not below the Frobenius norm of these entries."""
    total = arb(0)
    for z in entries:
        re, im = z.real.abs_upper(), z.imag.abs_upper()
        total = (total + re * re + im * im).abs_upper()
    return total.sqrt().abs_upper()


def read_matrix(value: Any, what: str, rows: int, columns: int) -> list[list[tuple[Fraction, Fraction]]]:
    """Rows of pairs (real, imaginary) of exact numbers."""
    table = []
    for row in sequence(value, what, least=rows, most=rows):
        entries = [
            sequence(z, f"entry of {what}", least=2, most=2) for z in sequence(row, what, least=columns, most=columns)
        ]
        table.append([(number(re, what, -(2**64), 2**64), number(im, what, -(2**64), 2**64)) for re, im in entries])
    return table


def read_hermitian(value: Any, what: str, size: int) -> list[list[tuple[Fraction, Fraction]]]:
    """An exactly Hermitian matrix."""
    table = read_matrix(value, what, size, size)
    for i in range(size):
        for j in range(i + 1):
            (re, im), (other_re, other_im) = table[i][j], table[j][i]
            require(re == other_re and im == -other_im, f"{what} is not Hermitian")
    return table


def as_balls(table: list[list[tuple[Fraction, Fraction]]]) -> acb_mat:
    """The matrix at the working precision."""
    return acb_mat([[acb(ball(re), ball(im)) for re, im in row] for row in table])


@dataclass(frozen=True)
class Frame:
    """V†MV for a proven frame V: its diagonal, the norm of the rest, and s >= ||V†V - 1||."""

    vectors: acb_mat
    diagonal: list[arb]
    mixing: arb
    skew: arb


def frame_of(matrix: acb_mat) -> Frame:
    """A frame that nearly diagonalises every Hermitian matrix in the balls of `matrix`."""
    size = matrix.nrows()
    require(1 <= size <= LARGEST, f"a matrix of {size} rows; at most {LARGEST}")
    guess = matrix.mid()
    tiny = norm(guess.entries()) * arb(2) ** (-(ctx.prec // 2) - 16)
    simple = (guess + _generic(size) * acb(tiny)).mid()
    vectors = _guessed_eigenvectors(simple)
    gram, turned = adjoint(vectors) * vectors, adjoint(vectors) * matrix * vectors
    skew = norm((gram - identity(size)).entries())
    require(bool(skew < 0.1), "no eigenvectors were found for a matrix")
    off = norm(turned[i, j] for i in range(size) for j in range(size) if i != j)
    return Frame(vectors, [turned[i, i].real for i in range(size)], off, skew)


def eigenvalues(matrix: acb_mat) -> list[arb]:
    """Enclosures of the eigenvalues of every Hermitian matrix in the balls of `matrix`, in any order."""
    frame = frame_of(matrix)
    # sorting balls by their centres is right up to the largest radius
    blur = arb(0, frame.mixing + max((d.rad() for d in frame.diagonal), default=arb(0)))
    return [(d.mid() + blur) / arb(1, frame.skew) for d in frame.diagonal]


def positive(table: list[list[tuple[Fraction, Fraction]]]) -> bool:
    """Whether a Hermitian matrix is certainly positive, which need not be definite; decided exactly.

    Elimination on integers, each entry a minor of the matrix: every pivot must be positive, or 0 in a row of zeros.
    """
    unit = lcm(*(part.denominator for row in table for z in row for part in z))
    rows = [[(fmpz(int(re * unit)), fmpz(int(im * unit))) for re, im in row] for row in table]
    bits = max(int(part.bit_length()) for row in rows for z in row for part in z)
    require(bits * len(rows) <= MOST_BITS, "a matrix with numbers too long to decide whether it is singular")
    minor = fmpz(1)
    while rows:
        (pivot, _), others = rows[0][0], rows[0][1:]
        if pivot < 0 or (pivot == 0 and any(re != 0 or im != 0 for re, im in others)):
            return False
        rest = [row[1:] for row in rows[1:]]
        if pivot > 0:
            for i, (a, b) in enumerate(others):
                for j, (c, d) in enumerate(others):  # entry (i, j) less conj(row 0, i) (row 0, j)
                    re, im = rest[i][j]
                    rest[i][j] = (pivot * re - a * c - b * d) // minor, (pivot * im - a * d + b * c) // minor
            minor = pivot
        rows = rest
    return True


def entropy(matrix: acb_mat) -> arb:
    """S of a state in bits. Eigenvalues certainly below 0 are refused: then it is none."""
    return entropy_of(eigenvalues(matrix))


def entropy_of(values: list[arb]) -> arb:
    """S of a state with these eigenvalues, in bits."""
    require(not any(value < 0 for value in values), "a matrix with a negative eigenvalue is no state")
    return shannon(value.nonnegative_part() for value in values)


def cross_entropy_above(rho: acb_mat, sigma: acb_mat) -> arb:
    """A ball whose upper end is not below -tr ρ log2 σ, for states ρ and σ in the balls.

    With U = V (V†V)^(-1/2) unitary, U†MU is within 3s of V†MV for a state M, so that U†σU >= diag(d) - δ with
    δ = e + 3s; the logarithm is operator monotone, hence -tr ρ log σ <= -Σ_i (U†ρU)_ii log(d_i - δ).
    """
    frame = frame_of(sigma)
    slack = 3 * frame.skew
    weights = adjoint(frame.vectors) * rho * frame.vectors
    total = arb(0)
    for i, d in enumerate(frame.diagonal):
        least = (d - frame.mixing - slack).lower()
        if not least > 0:
            return arb("nan")
        total -= (weights[i, i].real + arb(0, slack)) * log2(least)
    return total


def reduced(matrix: acb_mat, dims: tuple[int, int], side: int) -> acb_mat:
    """The state of Alice for side 0, of Bob for side 1."""
    d_a, d_b = dims
    if side == 0:
        return acb_mat(
            [
                [sum((matrix[i * d_b + k, j * d_b + k] for k in range(d_b)), acb(0)) for j in range(d_a)]
                for i in range(d_a)
            ]
        )
    return acb_mat(
        [[sum((matrix[k * d_b + i, k * d_b + j] for k in range(d_a)), acb(0)) for j in range(d_b)] for i in range(d_b)]
    )


def transposed(matrix: acb_mat, dims: tuple[int, int]) -> acb_mat:
    """The partial transpose on Bob's side."""
    d_a, d_b = dims
    rows = [(i, k) for i in range(d_a) for k in range(d_b)]
    return acb_mat([[matrix[i * d_b + m, j * d_b + k] for j, m in rows] for i, k in rows])


def _guessed_eigenvectors(matrix: acb_mat) -> acb_mat:
    """Approximate eigenvectors as the columns of an exact matrix, nearly unitary; nothing is proven about it."""
    size = matrix.nrows()
    vectors = matrix.eig(right=True, algorithm="approx")[1].mid()
    lengths = [norm(vectors[i, j] for i in range(size)).mid() for j in range(size)]
    require(all(length.is_finite() and length > 0 for length in lengths), "no eigenvectors were found for a matrix")
    vectors = acb_mat([[vectors[i, j] / lengths[j] for j in range(size)] for i in range(size)]).mid()
    for _ in range(3):  # Newton steps towards the nearest unitary
        vectors = (vectors * (acb_mat(size, size, 3) - adjoint(vectors) * vectors) / 2).mid()
    return vectors


@lru_cache
def _generic(size: int) -> acb_mat:
    """A fixed Hermitian matrix without any structure, entries about 1."""
    state, rows = 1, [[acb(0)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            parts = []
            for _ in range(2):
                state = (state * 1103515245 + 12345) % 2**31
                parts.append(arb(state % 65536 - 32768) / 32768)
            rows[i][j] = acb(parts[0], 0 if i == j else parts[1])
            rows[j][i] = rows[i][j].conjugate()
    return acb_mat(rows)
