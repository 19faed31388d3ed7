"""The hashing rate of a state: key with trusted devices and one message from Alice to Bob."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flint import arb, ctx

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.state.bipartite import VERIFIABLE, BipartiteState, bipartite_state
from keybounds.bounds.state.continuity import conditional_entropy_margin
from keybounds.bounds.state.scopes import trusted
from keybounds.bounds.state.spectra import PRECISION
from keybounds.enclosure import round_up
from keybounds.proofs.certificates.data import Hashing
from keybounds.protocol import one_way

if TYPE_CHECKING:
    import numpy as np
    import qutip
    from numpy.typing import NDArray

HashingDirection = Literal["forward", "reverse"]


def coherent_information(
    state: qutip.Qobj | NDArray[np.complex128], dims: Sequence[int] | None = None, *, atol: float = 1e-10
) -> Bound:
    """Lower bound on the secret-key rate of a state with trusted devices: I(A>B) = S(B) - S(AB).

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems, or with four, which are A A' B B'
        and cut in the middle.
    atol
        Largest anti-Hermitian entry, negative eigenvalue and deviation of the trace from 1 that counts as rounding.

    Returns
    -------
    Bound
        LOWER, in bits per copy, one-way with trusted devices, on every state within the trace distance
        ``diagnostics["repair"]`` of the given matrix; 0 with NO_KEY where it is not positive. The entropies are
        enclosed for such a state, to which ``["shift"]`` times the identity was added and normalised away, and
        ``["margin"]`` is what the others cost.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up, or neither two nor four.
    UnsupportedError
        The state is too large for the memory that the evaluation needs.

    Notes
    -----
    devetak2005, Theorem 10 (hashing inequality): I(A>B) <= D_1 <= K_1; winter2016 for the margin.
    """
    rho = bipartite_state(state, dims, atol=atol)
    value, margin = hashed(rho, "forward")
    certificate, note = hashing_certificate(rho, of="state", direction="forward")
    return lower_bound(
        value,
        unit=Unit.PER_COPY,
        scope=trusted(rho.thing, one_way()),
        method="coherent information",
        reference="devetak2005, Theorem 10",
        provenance=rho.provenance,
        certificate=certificate,
        diagnostics={"shift": float(rho.certified.shift), "repair": rho.repair, "margin": round_up(margin), **note},
    )


def hashed(rho: BipartiteState, direction: HashingDirection) -> tuple[arb, arb]:
    """S(B) - S(AB) forward, S(A) - S(AB) in reverse, less the margin for the states that bounds on rho are about."""
    side = 1 if direction == "forward" else 0
    with ctx.workprec(PRECISION):
        margin = conditional_entropy_margin(rho.distance, rho.dims[1 - side])
        return rho.certified.marginal_entropy(rho.dims, side) - rho.certified.entropy - margin, margin


def hashing_certificate(
    rho: BipartiteState, *, of: Literal["state", "channel"], direction: HashingDirection
) -> tuple[Hashing | None, dict[str, str]]:
    """The certificate of `hashed`, for the state or the channels with such Choi states; or None, and the note why."""
    if rho.size > VERIFIABLE:
        return None, {"no_certificate": f"the verifier takes no more than {VERIFIABLE} dimensions"}
    return Hashing(**rho.proof(), of=of, direction=direction), {}
