"""The partial-transpose bound: a PPT state has no more device-independent key than its partial transpose has key.

Transposing Bob's measurements along with his side of the state changes no probability, so no protocol that goes by
its devices' outputs can tell rho from rho^Γ, if rho^Γ is a state: K_DI(rho) <= K(rho^Γ), for which
`key_ceiling` has a ceiling, E_r(rho^Γ) among others [christandl2021, Eq. (3); claim ``transpose-invariance``].
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import ANY_PROTOCOL, Scope, Trust
from keybounds.bounds.state.key_ceiling import key_ceiling
from keybounds.bounds.state.private_states import PrivateState, provenance
from keybounds.bounds.state.private_states import subject as family_subject
from keybounds.bounds.state.spectra import certified_state, hermitian_from_lower
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import round_up
from keybounds.errors import DimensionError, StateError, UnknownNameError
from keybounds.states import PPTPrivateFamily, UnequalSectors, density_matrix

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

_METHOD = "partial transpose"


def partial_transpose_bound(
    state: PrivateState | qutip.Qobj | NDArray[np.complex128],
    dims: tuple[int, int] | None = None,
    *,
    method: Literal["exact", "published"] = "exact",
    subject: str | None = None,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on the device-independent key of a PPT state: K_DI(rho) <= K(rho^Γ) <= E_r(rho^Γ).

    Parameters
    ----------
    state
        A `PPTPrivateFamily`, in closed form: E_r(rho^Γ) = p D2((1+c)/2 || (1+1/√d)/2), which is p (1 + log(1-p)) at the
        PPT edge. `UnequalSectors`: D(rho^Γ||sigma) = p m D(A_r||A_1) ≥ E_r(rho^Γ). Or a bipartite density matrix:
        `key_ceiling` of its transpose.
    dims
        (dA, dB) of a density matrix; not needed for a Qobj with two subsystems.
    method
        For a `PPTPrivateFamily` only: ``"published"`` gives the weaker ceiling p of christandl2021 instead.
    subject
        What the bound is about; a `PPTPrivateFamily` names itself.
    atol
        Eigenvalues of rho^Γ down to -atol count as rounding of a PPT state; the ceiling is then that of the state made
        exactly PPT by `exactly_ppt`.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with untrusted devices. For a density matrix
        ``diagnostics["shift"]`` times the identity was added to the state, and normalised away.

    Raises
    ------
    StateError
        Not PPT; the message gives the eigenvalue. Not a density matrix.
    DimensionError
        `dims` that do not multiply up or are not two.
    InputError
        An unknown `method`.

    Notes
    -----
    christandl2021, Eq. (3); the closed forms this project, claims ``er-exact-transpose`` and ``unequal-sectors``.
    """
    if isinstance(state, UnequalSectors):
        if method != "exact":
            raise UnknownNameError.among("method", method, ("exact",))
        return upper_bound(
            state.transpose_ceiling,
            unit=Unit.PER_COPY,
            scope=Scope(
                subject=subject or family_subject(state), trust=Trust.DEVICE_INDEPENDENT, protocol=ANY_PROTOCOL
            ),
            method=f"{_METHOD}, p m D(A_r||A_1)",
            reference="this project, claim unequal-sectors",
            provenance=provenance(state),
        )
    if isinstance(state, PPTPrivateFamily):
        if method not in ("exact", "published"):
            raise UnknownNameError.among("method", method, ("exact", "published"))
        published = method == "published"
        return upper_bound(
            state.published_transpose_ceiling if published else state.transpose_ceiling,
            unit=Unit.PER_COPY,
            scope=Scope(
                subject=subject or family_subject(state), trust=Trust.DEVICE_INDEPENDENT, protocol=ANY_PROTOCOL
            ),
            method=f"{_METHOD}, p" if published else f"{_METHOD}, E_r",
            reference=_reference(state, published=published),
            provenance=provenance(state),
        )
    matrix, parties = density_matrix(state, dims)
    if len(parties) != 2:
        raise DimensionError("dims", "two subsystems (dA, dB)", f"{len(parties)}: {parties}")
    both = (parties[0], parties[1])
    least = float(np.linalg.eigvalsh(partially_transposed(matrix, both))[0])
    if not least >= -atol:
        raise StateError("state", "a PPT state (only its partial transpose is a device)", f"eigenvalue {least:.6g}")
    lifted, shift = exactly_ppt(matrix, both)
    ceiling = key_ceiling(
        partially_transposed(lifted, both),
        both,
        subject=subject or subject_of("state", matrix, dims=parties),
        atol=atol + 2 * shift * len(matrix),
    )
    return replace(
        ceiling,
        scope=replace(ceiling.scope, trust=Trust.DEVICE_INDEPENDENT),
        method=f"{_METHOD}, {ceiling.method}",
        reference="christandl2021, Eq. (3)",
        certificate={**(ceiling.certificate or {}), "state_is": "partial transpose of Bob's side"},
        diagnostics={**ceiling.diagnostics, "shift": shift + float(ceiling.diagnostics["shift"])},
    )


def partially_transposed(matrix: NDArray[np.complex128], dims: tuple[int, int]) -> NDArray[np.complex128]:
    """Transpose on Bob's side; dims = (dA, dB)."""
    d_a, d_b = dims
    return matrix.reshape(d_a, d_b, d_a, d_b).transpose(0, 3, 2, 1).reshape(matrix.shape)


def exactly_ppt(matrix: NDArray[np.complex128], dims: tuple[int, int]) -> tuple[NDArray[np.complex128], float]:
    """An exactly Hermitian matrix of doubles that is certainly positive, as is its partial transpose; and the shift.

    The matrix is `matrix` with a multiple `shift` of the identity added. Adding it commutes with the partial transpose,
    so the two matrices are *one* state, up to the trace, and its partial transpose: with Bob's effects transposed they
    have exactly the same table. Lifting each on its own would give two devices that can be told apart.
    """
    hermitian = hermitian_from_lower(matrix)
    shift = _shift(hermitian, dims)
    total = 0.0
    while shift > 0:
        total += max(2 * shift, 2.0**-50)  # below 2^-53 an addition to entries of order 1 would be lost
        lifted = hermitian + total * np.eye(len(hermitian))
        shift = _shift(lifted, dims)
        if shift == 0:
            return lifted, total
    return hermitian, total


def _shift(matrix: NDArray[np.complex128], dims: tuple[int, int]) -> float:
    """The multiple of the identity that makes the matrix and its partial transpose certainly positive."""
    return max(round_up(certified_state(m).shift) for m in (matrix, partially_transposed(matrix, dims)))


def _reference(family: PPTPrivateFamily, *, published: bool) -> str:
    if not published:
        return "this project, claim er-ceiling-transpose"
    if family.at_edge:
        return "christandl2021, p. 3"
    return "this project, after christandl2021, p. 3"  # printed at the PPT edge only; see published_transpose_ceiling
