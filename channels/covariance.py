"""Covariance of channels, tested: correction unitaries are found, or shown not to exist within a tolerance.

A channel Λ is covariant under a unitary U of its input if there is a unitary V of its output, the correction, with
Λ(UρU†) = VΛ(ρ)V† for every ρ; its Choi state is then invariant under Ū ⊗ V. If the U's generate a group that acts
irreducibly, teleportation through the Choi state followed by the corrections *is* the channel, so that its private
capacity with public discussion is the key of its Choi state [pirandola2017; wilde2017]. Covariance under generators is
covariance under the group.

For given U the corrections are the unitaries among the T with TΛ(X) = Λ(UXU†)T for all X, a linear space. If it holds
an invertible T, then the unitary part of its polar decomposition is a correction, and a generic T is invertible. So the
space is computed, a fixed generic T taken, and what comes of it judged by what it does to the Choi state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.channels.choi import Channel, Choi, as_choi
from keybounds.errors import DimensionError, StateError
from keybounds.states.arguments import dimension as whole_dimension

ATOL = 1e-10
_KERNEL = 1e-8  # relative size below which an eigenvalue of T -> |TΛ(X) - Λ(UXU†)T|² counts as 0; the defect judges


@dataclass(frozen=True, slots=True)
class Covariance:
    """The result of a covariance test.

    Attributes
    ----------
    generators, corrections
        U of shape (K, dA, dA), and V of shape (K, dB, dB) with Λ(UρU†) ≈ VΛ(ρ)V†.
    defect
        Largest trace distance ½‖J - (Ū⊗V) J (Ū⊗V)†‖_1 over the generators.
    irreducible
        Whether the generators commute with nothing but multiples of 1.
    tolerance
        The defect up to which the channel counts as covariant.
    """

    generators: NDArray[np.complex128]
    corrections: NDArray[np.complex128]
    defect: float
    irreducible: bool
    tolerance: float

    @property
    def covariant(self) -> bool:
        """Whether the corrections reproduce every generator within the tolerance."""
        return self.defect <= self.tolerance

    @property
    def teleportation(self) -> bool:
        """Whether teleportation through the Choi state simulates the channel: covariant and irreducible."""
        return self.covariant and self.irreducible


def covariance(
    channel: Channel,
    generators: ArrayLike | None = None,
    dims: Sequence[int] | None = None,
    *,
    atol: float = ATOL,
) -> Covariance:
    """Test a channel for covariance under the group that unitaries of its input generate.

    Parameters
    ----------
    channel, dims
        See `as_choi`.
    generators
        Unitaries of shape (K, dA, dA): a projective representation of the group's generators. By default each of
        `representations` in turn, until one shows the channel to be teleportation-covariant; else the last one's
        result.
    atol
        Trace distance up to which the transformed Choi state counts as the same.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; generators of another shape.
    StateError
        A generator is not unitary.
    """
    choi = as_choi(channel, dims)
    candidates = representations(choi.inputs)
    if generators is not None:
        candidates = (_checked_unitaries(generators, choi.dims[0]),)
    result: Covariance | None = None
    for unitaries in candidates:
        result = _tested(choi, unitaries, atol)
        if result.teleportation:
            break
    assert result is not None
    return result


def is_covariant(
    channel: Channel,
    generators: ArrayLike | None = None,
    dims: Sequence[int] | None = None,
    *,
    atol: float = ATOL,
) -> bool:
    """Whether a channel is covariant under the group that unitaries of its input generate; see `covariance`.

    With `generators` given, covariance under them alone decides. Without, whether some irreducible representation of
    `representations` makes the channel teleportation-covariant; False then says that none of these does.
    """
    result = covariance(channel, generators, dims, atol=atol)
    return result.teleportation if generators is None else result.covariant


def weyl(dimension: SupportsIndex) -> NDArray[np.complex128]:
    """Generators X|j> = |j+1>, Z|j> = e^{2πij/d}|j> of the Heisenberg–Weyl group; shape (2, d, d).

    Raises
    ------
    DimensionError
        Not a whole number of at least 1.
    """
    d = whole_dimension("dimension", dimension, least=1)
    shift = np.roll(np.eye(d), 1, axis=0)
    clock = np.diag(np.exp(2j * np.pi * np.arange(d) / d))
    return np.array([shift, clock], dtype=np.complex128)


def local_weyl(dimensions: Sequence[int]) -> NDArray[np.complex128]:
    """Generators of the Weyl groups of each tensor factor; shape (2n, d, d) for n factors."""
    found = []
    for k, d in enumerate(dimensions):
        before, after = (np.eye(int(np.prod(part))) for part in (dimensions[:k], dimensions[k + 1 :]))
        found += [np.kron(np.kron(before, w), after) for w in weyl(d)]
    return np.array(found, dtype=np.complex128)


def key_controlled_weyl(d: SupportsIndex) -> NDArray[np.complex128]:
    """Generators on a key qubit and a shield of dimension d under which `ppt_private_channel` (Fourier) is covariant.

    Weyl operators of the shield controlled by the key, a phase of the key, and a key flip that inverts the shield,
    |0,i> -> |1,i>, |1,i> -> |0,-i>; shape (6, 2d, 2d), key before shield. The group acts irreducibly.

    Raises
    ------
    DimensionError
        Not a whole number of at least 2.
    """
    size = whole_dimension("d", d)
    one = np.eye(size)
    inversion = one[(-np.arange(size)) % size]
    zero = np.zeros((size, size))
    found = [np.block([[w, zero], [zero, one]]) for w in weyl(size)]
    found += [np.block([[one, zero], [zero, w]]) for w in weyl(size)]
    found += [np.block([[one, zero], [zero, -one]]), np.block([[zero, inversion], [one, zero]])]
    return np.array(found, dtype=np.complex128)


def representations(inputs: Sequence[int]) -> Iterable[NDArray[np.complex128]]:
    """The irreducible representations that are tried: Weyl, its products over prime factors, key-controlled Weyl.

    `inputs` are the dimensions of the input's subsystems.
    """
    d = int(np.prod(inputs))
    yield weyl(d)
    factors = [q for part in inputs for q in _prime_factors(part)]
    if len(factors) > 1:
        yield local_weyl(factors)
    if d % 2 == 0 and d > 2:
        yield key_controlled_weyl(d // 2)


def _tested(choi: Choi, unitaries: NDArray[np.complex128], atol: float) -> Covariance:
    corrections = np.array([_correction(choi.blocks, u) for u in unitaries])
    defect = max(_defect(choi, u, v) for u, v in zip(unitaries, corrections, strict=True))
    return Covariance(unitaries, corrections, defect, _irreducible(unitaries), atol)


def _correction(blocks: NDArray[np.complex128], u: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The unitary part of a generic T with TΛ(X) = Λ(UXU†)T, or of the T that is nearest to such."""
    d_b = blocks.shape[-1]
    turned = np.einsum("ki,lj,klab->ijab", u, u.conj(), blocks, optimize=True)  # Λ(U|i><j|U†)
    a, b = blocks.reshape(-1, d_b, d_b), turned.reshape(-1, d_b, d_b)
    # Σ |TA - BT|² over the matrix units as a form in the entries of T, row by row: TA is (1 ⊗ A^T)T, BT is (B ⊗ 1)T.
    one = np.eye(d_b)
    cross = np.einsum("kae,kbd->abed", b, a.conj(), optimize=True).reshape(d_b * d_b, d_b * d_b)
    form = np.kron(one, np.einsum("kbc,kdc->bd", a.conj(), a)) + np.kron(np.einsum("kca,kce->ae", b.conj(), b), one)
    weights, vectors = np.linalg.eigh(form - cross - cross.conj().T)
    kernel = vectors[:, weights <= _KERNEL * weights[-1]]
    if kernel.shape[1] == 0:
        kernel = vectors[:, :1]
    generic = np.random.default_rng(0).normal(size=(2, kernel.shape[1]))
    t = (kernel @ (generic[0] + 1j * generic[1])).reshape(d_b, d_b)
    left, _, right = np.linalg.svd(t)
    return np.asarray(left @ right, dtype=np.complex128)


def _defect(choi: Choi, u: NDArray[np.complex128], v: NDArray[np.complex128]) -> float:
    transformation = np.kron(u.conj(), v)
    difference = choi.matrix - transformation @ choi.matrix @ transformation.conj().T
    return float(np.abs(np.linalg.eigvalsh((difference + difference.conj().T) / 2)).sum() / 2)


def _irreducible(unitaries: NDArray[np.complex128]) -> bool:
    """Whether only multiples of 1 commute with all unitaries.

    The commutant is the kernel of Σ |UX - XU|², a form whose entries are algebraic numbers of order 1; the eigenvalue
    above its kernel is of the order of an inverse square of the group's longest cycle, far above 1e-9.
    """
    d = unitaries.shape[-1]
    one = np.eye(d)
    form = np.zeros((d * d, d * d), dtype=np.complex128)
    for u in unitaries:
        commutator = np.kron(u, one) - np.kron(one, u.T)
        form += commutator.conj().T @ commutator
    weights = np.linalg.eigvalsh(form)
    return bool(d == 1 or weights[1] > 1e-9)


def _checked_unitaries(generators: ArrayLike, d_a: int) -> NDArray[np.complex128]:
    unitaries = np.asarray(generators, dtype=np.complex128)
    if unitaries.ndim != 3 or unitaries.shape[1:] != (d_a, d_a) or not len(unitaries):
        raise DimensionError("generators", f"unitaries of shape (K, {d_a}, {d_a})", f"shape {unitaries.shape}")
    gram = unitaries.conj().swapaxes(1, 2) @ unitaries
    off = float(np.abs(gram - np.eye(d_a)).max())
    if not off <= 1e-12:  # also refuses NaN; a representation is exact but for rounding
        raise StateError("generators", "unitary matrices within 1e-12", f"|U†U - 1| up to {off:.3g}")
    return unitaries


def _prime_factors(n: int) -> list[int]:
    factors, q = [], 2
    while q * q <= n:
        while n % q == 0:
            factors.append(q)
            n //= q
        q += 1
    return [*factors, n] if n > 1 else factors
