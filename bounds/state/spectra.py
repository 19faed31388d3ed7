"""Certified spectra: enclosures of the eigenvalues of an exactly given Hermitian matrix, and of entropies of states.

Floating-point eigenvectors are only a guess here. With V that guess taken as an exact matrix, G = V†V and M = V†HV in
ball arithmetic: by Ostrowski's theorem each sorted eigenvalue of H is the one of M divided by a number within ||G - 1||
of 1, and by Weyl's inequality each sorted eigenvalue of M is within the norm of M's off-diagonal part of the sorted
diagonal. Nothing rests on the eigensolver.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.enclosure import ball, round_up, shannon_entropy
from keybounds.errors import BoundNotEstablishedError

PRECISION = 128  # bits; the entries are doubles, and the loss over sums of at most a few hundred of them is small
_CLEARLY = 2.0**-30  # by so much of itself a shift is enlarged, for others to see that the state is positive


def exact_matrix(array: NDArray[np.complex128]) -> acb_mat:
    """The matrix with exactly the doubles of `array` as entries."""
    rows = [[acb(float(z.real), float(z.imag)) for z in row] for row in array]
    return acb_mat(rows)


def as_pairs(array: NDArray[np.complex128]) -> list[Any]:
    """Nested lists with a pair [real, imaginary] for each entry."""
    pairs: list[Any] = np.stack([array.real, array.imag], axis=-1).tolist()
    return pairs


def eigenvalue_enclosures(matrix: acb_mat) -> list[arb]:
    """Enclosures of the eigenvalues, ascending, of every Hermitian matrix that lies in the balls of `matrix`.

    Raises
    ------
    BoundNotEstablishedError
        The floating-point eigenvectors are far from orthonormal.
    """
    size = matrix.nrows()
    vectors = np.linalg.eigh(centre(matrix))[1]
    with ctx.workprec(PRECISION):
        v = exact_matrix(vectors)
        gram, rotated = adjoint(v) * v, adjoint(v) * matrix * v
        skew = frobenius_norm(gram[i, j] - (1 if i == j else 0) for i in range(size) for j in range(size))
        if not skew < 0.5:
            raise BoundNotEstablishedError(f"eigenvectors of a {size}x{size} matrix are not orthonormal: off by {skew}")
        mixing = frobenius_norm(rotated[i, j] for i in range(size) for j in range(size) if i != j)
        diagonal = sorted((rotated[k, k].real for k in range(size)), key=lambda b: float(b.mid()))
        margin = arb(0, mixing + max(d.rad() for d in diagonal))
        scale = arb(1, skew)
        return [(d.mid() + margin) / scale for d in diagonal]


def hermitian_from_lower(array: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return the exactly Hermitian matrix with the lower triangle of `array` and a real diagonal."""
    lower = np.tril(np.asarray(array, dtype=complex), -1)
    hermitian: NDArray[np.complex128] = lower + lower.conj().T + np.diag(np.real(np.diag(array)))
    return hermitian


@dataclass(frozen=True, slots=True)
class CertifiedState:
    """A density matrix near the one given, exactly positive and normalised: (H + shift) / trace(H + shift).

    H is the Hermitian matrix of the given doubles; `shift` is 0 where H is certainly positive, and otherwise the small
    multiple of the identity that makes it so.

    Attributes
    ----------
    matrix, eigenvalues
        H as an exact matrix, and enclosures of its eigenvalues, ascending.
    shift, trace
        The shift, exactly, and the trace of H + shift.
    distance
        No less than half the trace norm of the difference between H and the state; exact, and 0 if H is the state.
    spectrum
        Enclosures of the eigenvalues of the state.
    """

    matrix: acb_mat
    eigenvalues: tuple[arb, ...]
    shift: arb
    trace: arb
    distance: Fraction
    spectrum: tuple[arb, ...]

    def lifted(self, shift: float) -> CertifiedState:
        """The state of the same H with a greater shift."""
        diagonal = [_exact(self.matrix[k, k].real) for k in range(self.dimension)]
        return _shifted(self.matrix, self.eigenvalues, diagonal, max(shift, float(self.shift)))

    @property
    def dimension(self) -> int:
        """N."""
        return len(self.spectrum)

    @property
    def entropy(self) -> arb:
        """S(rho) in bits."""
        with ctx.workprec(PRECISION):
            return shannon_entropy(self.spectrum)

    def weight(self, vectors: acb_mat) -> arb:
        """Tr rho sum_k |v_k><v_k|, for the columns v_k of `vectors`."""
        with ctx.workprec(PRECISION):
            inner, norms = adjoint(vectors) * self.matrix * vectors, adjoint(vectors) * vectors
            total = sum((inner[k, k].real + self.shift * norms[k, k].real for k in range(vectors.ncols())), arb(0))
            return total / self.trace

    def marginal_entropy(self, dims: tuple[int, ...], side: int) -> arb:
        """S(rho_A) for side 0, S(rho_B) for side 1, in bits; dims = (dA, dB)."""
        d_a, d_b = dims
        with ctx.workprec(PRECISION):
            h = self.matrix
            if side == 0:
                rows = [[_sum(h[i * d_b + k, j * d_b + k] for k in range(d_b)) for j in range(d_a)] for i in range(d_a)]
            else:
                rows = [[_sum(h[k * d_b + i, k * d_b + j] for k in range(d_a)) for j in range(d_b)] for i in range(d_b)]
            added = self.shift * (d_b if side == 0 else d_a)
            eigenvalues = eigenvalue_enclosures(acb_mat(rows))
            return shannon_entropy(((e + added) / self.trace).nonnegative_part() for e in eigenvalues)

    def mutual_information(self, dims: tuple[int, ...]) -> arb:
        """I(A:B) = S(rho_A) + S(rho_B) - S(rho), in bits; dims = (dA, dB)."""
        with ctx.workprec(PRECISION):
            return self.marginal_entropy(dims, 0) + self.marginal_entropy(dims, 1) - self.entropy


def certified_state(array: NDArray[np.complex128]) -> CertifiedState:
    """Make the state near `array` that the certified bounds speak about; see `CertifiedState`."""
    hermitian = hermitian_from_lower(array)
    matrix = exact_matrix(hermitian)
    eigenvalues = tuple(eigenvalue_enclosures(matrix))
    with ctx.workprec(PRECISION):
        least = min(eigenvalues, key=lambda b: float(b.lower()))
        if least >= 0 or (not least < 0 and exactly_positive(hermitian)):
            shift = 0.0
        else:
            shift = round_up(-least.lower() * (1 + _CLEARLY))
    diagonal = [Fraction(float(entry)) for entry in np.real(np.diag(hermitian))]
    return _shifted(matrix, eigenvalues, diagonal, shift)


def exactly_positive(hermitian: NDArray[np.complex128]) -> bool:
    """Whether no eigenvalue of an exactly Hermitian matrix of doubles is negative, decided without rounding.

    Elimination without fractions on the Gaussian integers 2^e H: of a positive matrix every pivot is positive, or 0 in
    a row of zeros. It ends at the first that is not, so that only singular positive matrices are gone through to
    their rank.
    """
    size = len(hermitian)
    ratios = [[(float(z.real).as_integer_ratio(), float(z.imag).as_integer_ratio()) for z in row] for row in hermitian]
    unit = max(below for row in ratios for pair in row for _, below in pair)
    rows = [[tuple(top * (unit // below) for top, below in pair) for pair in row] for row in ratios]
    previous = 1
    for k in range(size):
        pivot = rows[k][k][0]
        if pivot < 0 or (pivot == 0 and any(z != (0, 0) for z in rows[k][k + 1 :])):
            return False
        if pivot == 0:
            continue
        for i in range(k + 1, size):
            a, b = rows[i][k]
            for j in range(k + 1, i + 1):
                (re, im), (c, d) = rows[i][j], rows[j][k]  # minus (a + ib)(c - id)
                new = (pivot * re - a * c - b * d) // previous, (pivot * im - b * c + a * d) // previous
                rows[i][j], rows[j][i] = new, (new[0], -new[1])
        previous = pivot
    return True


def _shifted(matrix: acb_mat, eigenvalues: tuple[arb, ...], diagonal: list[Fraction], shift: float) -> CertifiedState:
    """(H + shift)/trace, for an H with no eigenvalue below -shift.

    With t = tr(H + shift), H less the state is ((t-1) H - shift)/t, and ‖H‖_1 <= t + N shift.
    """
    lifting = len(diagonal) * Fraction(shift)
    exact_trace = sum(diagonal, lifting)
    off = (abs(exact_trace - 1) * (exact_trace + lifting) + lifting) / (2 * exact_trace)
    with ctx.workprec(PRECISION):
        trace = ball(exact_trace)
        spectrum = tuple(((e + shift) / trace).nonnegative_part() for e in eigenvalues)
    return CertifiedState(matrix, eigenvalues, ball(shift), trace, off, spectrum)


def _exact(number: arb) -> Fraction:
    mantissa, exponent = number.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _sum(entries: Iterable[acb]) -> acb:
    return sum(entries, acb(0))


def adjoint(matrix: acb_mat) -> acb_mat:
    """M†."""
    return matrix.transpose().conjugate()


def centre(matrix: acb_mat) -> NDArray[np.complex128]:
    """The centres of the balls, rounded to doubles."""
    rows = [[complex(float(z.real), float(z.imag)) for z in row] for row in matrix.tolist()]
    return np.array(rows, dtype=np.complex128)


def frobenius_norm(entries: Iterable[acb]) -> arb:
    """Upper bound on the Frobenius norm of a matrix with these entries, at the working precision."""
    return sum((abs(z).abs_upper() ** 2 for z in entries), arb(0)).sqrt().abs_upper()
