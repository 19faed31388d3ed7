"""The partial-transpose bound: a PPT state has no more device-independent key than its partial transpose has key.

Transposing Bob's measurements along with his side of the state changes no probability, so no protocol that goes by
its devices' outputs can tell rho from rho^Γ, if rho^Γ is a state: K_DI(rho) <= K(rho^Γ), for which
`key_ceiling` has a ceiling, E_r(rho^Γ) among others [christandl2021, Eq. (3); claim ``transpose-invariance``].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import Scope, Trust
from keybounds.bounds.state.bipartite import BipartiteState, bipartite_state
from keybounds.bounds.state.key_ceiling import METHODS, Method, least_ceiling
from keybounds.bounds.state.private_states import closed_form, provenance, state_thing
from keybounds.bounds.state.spectra import certified_state
from keybounds.enclosure import ball, round_up
from keybounds.errors import StateError, UnknownNameError
from keybounds.proofs.certificates.data import RelativeEntropy, SquashedEntanglement
from keybounds.protocol import any_discussion
from keybounds.states import PPTPrivateFamily
from keybounds.states.transposition import transpose_subsystems

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

_METHOD = "partial transpose"


def partial_transpose_bound(
    state: PPTPrivateFamily | qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    method: Literal["exact", "published"] = "exact",
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on the device-independent key of a PPT state: K_DI(rho) <= K(rho^Γ) <= E_r(rho^Γ).

    Parameters
    ----------
    state
        A `PPTPrivateFamily`, in closed form: E_r(rho^Γ) = p D2((1+c)/2 || (1+1/√d)/2), which is p (1 + log(1-p)) at the
        PPT edge; with unequal sectors D(rho^Γ||sigma) = p m D(A_r||A_1) ≥ E_r(rho^Γ). Or a bipartite density matrix:
        `key_ceiling` of its transpose.
    dims
        (dA, dB) of a density matrix; not needed for a Qobj with two subsystems, or with four, which are A A' B B' and
        cut in the middle.
    method
        For a `PPTPrivateFamily` with equal sectors: ``"published"`` gives the weaker ceiling p of christandl2021
        instead.
    atol
        As in `relative_entropy_of_entanglement`; eigenvalues of rho^Γ down to -atol count as rounding of a PPT state.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with untrusted devices. For a density matrix: on
        every PPT state whose transpose is within the trace distance ``diagnostics["repair"]`` of rho^Γ, which is
        min(dA,dB) times the distance of the given matrix to a PPT state, and 0 if it is one exactly.

    Raises
    ------
    StateError
        Not PPT; the message gives the eigenvalue. Not a density matrix.
    DimensionError
        `dims` that do not multiply up, or neither two nor four.
    UnknownNameError
        An unknown `method`.

    Notes
    -----
    christandl2021, Eq. (3); the closed forms this project, claims ``er-exact-transpose`` and ``unequal-sectors``.
    """
    if isinstance(state, PPTPrivateFamily):
        return _family_bound(state, method)
    rho = bipartite_state(state, dims, atol=atol)
    least = least_transposed_eigenvalue(rho)
    if not least >= -atol:
        raise StateError("state", "a PPT state (only its partial transpose is a device)", f"eigenvalue {least:.6g}")
    bound = transposed_ceiling(exactly_ppt(rho)[1], METHODS)
    return replace(bound, method=f"{_METHOD}, {bound.method}", reference="christandl2021, Eq. (3)")


def least_transposed_eigenvalue(rho: BipartiteState) -> float:
    """Of rho^Γ, in floating point."""
    return float(np.linalg.eigvalsh(transpose_subsystems(rho.array, rho.dims))[0])


def exactly_ppt(rho: BipartiteState) -> tuple[BipartiteState, BipartiteState]:
    """A state that is nearly PPT, and its partial transpose, with one shift by which both are certainly positive.

    Adding a multiple of the identity commutes with the partial transpose, so the two certified states are *one* state
    and its partial transpose: with Bob's effects transposed they have exactly the same table. Lifting each on its own
    would give two devices that can be told apart.

    Both speak about the same states, those within `repair` of H, which now reaches to the PPT state. Under the partial
    transpose a trace norm grows by no more than min(dA,dB), so that their transposes are within so much times that of
    H^Γ.
    """
    turned = certified_state(transpose_subsystems(rho.array, rho.dims))
    shift = max(float(rho.certified.shift), float(turned.shift))
    lifted = rho.lifted(shift)
    further = lifted.certified.distance - rho.certified.distance
    given = replace(lifted, repair=round_up(ball(Fraction(rho.repair) + further)))
    reach = round_up(ball(min(rho.dims) * Fraction(given.repair)))
    array = transpose_subsystems(rho.array, rho.dims)
    return given, replace(given, array=array, certified=turned.lifted(shift), repair=reach)


def transposed_ceiling(turned: BipartiteState, methods: Sequence[Method]) -> Bound:
    """`key_ceiling` of a partial transpose, as a ceiling on the device-independent key of what it is the transpose of.

    `turned` comes from `exactly_ppt`.
    """
    bound = least_ceiling(turned, methods)
    certificate = bound.certificate
    if certificate is not None:
        assert isinstance(certificate, (RelativeEntropy, SquashedEntanglement))
        certificate = replace(certificate, state_is="partial transpose")
    return replace(bound, scope=replace(bound.scope, trust=Trust.DEVICE_INDEPENDENT), certificate=certificate)


def _family_bound(family: PPTPrivateFamily, method: str) -> Bound:
    known = ("exact", "published") if family.equal_sectors else ("exact",)
    if method not in known:
        raise UnknownNameError.among("method", method, known)
    published = method == "published"
    if published:
        name = f"{_METHOD}, p"
        # printed at the PPT edge only; see published_transpose_ceiling
        reference = "christandl2021, p. 3" if family.at_edge else "this project, after christandl2021, p. 3"
    elif family.equal_sectors:
        name, reference = f"{_METHOD}, E_r", "this project, claim er-ceiling-transpose"
    else:
        name, reference = f"{_METHOD}, p m D(A_r||A_1)", "this project, claim unequal-sectors"
    return upper_bound(
        family.published_transpose_ceiling if published else family.transpose_ceiling,
        unit=Unit.PER_COPY,
        scope=Scope(thing=state_thing(family), trust=Trust.DEVICE_INDEPENDENT, protocol=any_discussion()),
        method=name,
        reference=reference,
        provenance=provenance(family),
        certificate=closed_form(
            family, "published partial-transpose ceiling" if published else "partial-transpose ceiling"
        ),
    )
