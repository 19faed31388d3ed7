"""Ceilings on key from squashed entanglement, each the value of an explicit squashing isometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb_mat, arb, ctx

from keybounds.bounds.bound import Bound
from keybounds.bounds.state.bipartite import VERIFIABLE, BipartiteState, bipartite_state, ceiling_on, require_memory
from keybounds.bounds.state.continuity import entanglement_margin, extension_distance
from keybounds.bounds.state.spectra import PRECISION, CertifiedState, adjoint, as_pairs, centre, eigenvalue_enclosures
from keybounds.bounds.state.squashing import Squashing, best_squashing, certified_value, cholesky, separate_levels
from keybounds.enclosure import ball, round_up
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.proofs.certificates.data import SquashedEntanglement
from keybounds.states.arguments import dimension

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

METHOD = "squashed entanglement"

_DEFINITE = 2.0**-80  # of the identity, added to the state so that its Cholesky decomposition exists
_PRECISION = 512  # bits for that decomposition, whose pivots may be as small as _DEFINITE
_NEGLIGIBLE = 1e-13  # squared norm of a column of the purification that the search leaves out


def squashed_entanglement(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    environment: int | None = None,
    starts: int = 4,
    iterations: int = 300,
    seed: int = 0,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on the secret-key rate of a bipartite state: the least ½ I(A;B|E') found over extensions rho_ABE'.

    K(rho) <= E_sq(rho) = inf over extensions of ½ I(A;B|E') [christandl2004; christandl2007; wilde2016]. The extensions
    are made by isometries E -> E'F of a purifying system E, searched with an exact Riemannian gradient from random
    starts; and the trivial one, ½ I(A;B). The best is evaluated in ball arithmetic and rounded up.

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems, or with four, which are A A' B B'
        and cut in the middle.
    environment
        Dimension of E', by default the larger of dA and dB. F has the rank of rho, or more where E' is small.
    starts, iterations, seed
        Random starts, the most steps of L-BFGS for each, and the seed; 0 starts give ½ I(A;B).
    atol
        As in `relative_entropy_of_entanglement`.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with trusted devices, on every state within the
        trace distance ``diagnostics["repair"]`` of the given matrix, which is 0 if that is exactly a state. The value
        is enclosed for (rho + shift)/trace with ``["shift"]``, at least 2^-80, and ``["margin"]`` is what the others
        cost. ``certificate`` holds that state and the isometry: the purification is the Cholesky factor L,
        sum_k L|k> |k>_E.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up, or neither two nor four; `environment` below 1.
    UnsupportedError
        The state is too large for the memory that the evaluation needs.
    InputError
        `starts` or `iterations` out of range.

    Notes
    -----
    christandl2012 for the values at antisymmetric states, ½ log2((d+3)/(d-1)) for odd d and log2((d+2)/d) for even d;
    the margin this project, after winter2016, see `keybounds.bounds.state.continuity`.
    """
    if starts < 0 or iterations < 1:
        raise InputError("starts, iterations", "at least 0 starts of at least 1 step", f"{starts}, {iterations}")
    rho = bipartite_state(state, dims, atol=atol)
    size = None if environment is None else dimension("environment", environment, least=1)
    return squashed_ceiling(rho, size, starts=starts, iterations=iterations, seed=seed)


def squashed_ceiling(
    rho: BipartiteState, environment: int | None = None, *, starts: int = 4, iterations: int = 300, seed: int = 0
) -> Bound:
    """`squashed_entanglement` of a state that is already checked."""
    size = max(rho.dims) if environment is None else environment
    if starts:
        require_memory(rho.size, size)
    with ctx.workprec(PRECISION):
        trivial = rho.certified.mutual_information(rho.dims) / 2
        margin = entanglement_margin(rho.distance, rho.dims)
    best = _Extension(rho, "trivial: half the mutual information", (1, rho.size), trivial, margin)
    notes: dict[str, Any] = {}
    if starts:
        try:
            found = _searched(rho, size, starts=starts, iterations=iterations, seed=seed)
        except (BoundNotEstablishedError, np.linalg.LinAlgError) as error:
            notes["search_failure"] = str(error)  # the trivial extension stands
        else:
            best = min(best, found, key=lambda one: one.charged)
    certificate = None
    if best.isometry is None or max(max(rho.dims) * best.environment[0], best.environment[1]) <= VERIFIABLE:
        certificate = SquashedEntanglement(
            **best.state.proof(),
            environment=list(best.environment),
            isometry=None if best.isometry is None else as_pairs(best.isometry),
        )
    else:
        notes["no_certificate"] = f"the verifier takes no environment of more than {VERIFIABLE} dimensions with a party"
    return ceiling_on(
        best.state,
        best.value,
        margin=best.margin,
        method=METHOD,
        reference="christandl2007",
        certificate=certificate,
        diagnostics={"extension": best.name, **notes},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Extension:
    """An extension of the certified state: its dimensions (e, f), ½ I(A;B|E'), and what other states may add."""

    state: BipartiteState
    name: str
    environment: tuple[int, int]
    value: arb
    margin: arb
    isometry: NDArray[np.complex128] | None = None

    @property
    def charged(self) -> float:
        """Value and margin, for comparison."""
        return float((self.value + self.margin).upper())


def _searched(rho: BipartiteState, environment: int, *, starts: int, iterations: int, seed: int) -> _Extension:
    """The extension by the isometry found, on all of E, of a state that is certainly positive definite."""
    lifted = rho.lifted(round_up(rho.certified.shift + ball(_DEFINITE)))
    purification = _purification(lifted.certified)
    columns = centre(purification)
    large = np.sum(np.abs(columns) ** 2, axis=0) > _NEGLIGIBLE
    rank, rest = int(large.sum()), int((~large).sum())
    f = max(rank, -(-rank // environment))
    found = best_squashing(
        columns[:, large], rho.dims, (environment, f), starts=starts, iterations=iterations, seed=seed
    )
    # what the search left out goes to new levels of F, where it costs next to nothing
    levels = f + -(-rest // environment)
    isometry = np.zeros((environment, levels, rho.size), dtype=np.complex128)
    isometry[:, :f, large] = found.isometry.reshape(environment, f, rank)
    for count, k in enumerate(np.flatnonzero(~large)):
        isometry[count % environment, f + count // environment, k] = 1.0
    full = Squashing(isometry.reshape(-1, rho.size), (environment, levels), found.value)
    value = certified_value(purification, full.isometry, rho.dims, full.environment)
    return _Extension(
        lifted,
        f"isometry to {environment} x {levels} dimensions",
        full.environment,
        value,
        _margin(lifted, purification, full),
        full.isometry,
    )


def _margin(rho: BipartiteState, purification: acb_mat, squashing: Squashing) -> arb:
    """What the states that bounds on `rho` are about may have more than the extension of the certified one."""
    weights = np.sum(np.abs(centre(purification)) ** 2, axis=0)
    kept = max(separate_levels(squashing), key=lambda columns: float(weights[columns].sum()))
    with ctx.workprec(PRECISION):
        part = acb_mat([[row[k] for k in kept] for row in purification.tolist()])
        gram = adjoint(part) * part
        least = min((e.lower() for e in eigenvalue_enclosures(gram)), key=float)
        rest = (1 - sum((gram[k, k].real for k in range(len(kept))), arb(0))).abs_upper()
        return entanglement_margin(extension_distance(rho.distance, least, rest), rho.dims)


def _purification(rho: CertifiedState) -> acb_mat:
    """L with L L† = (H + shift)/trace(H + shift), enclosed."""
    with ctx.workprec(_PRECISION):
        rows = [
            [(z + rho.shift if i == j else z) / rho.trace for j, z in enumerate(row)]
            for i, row in enumerate(rho.matrix.tolist())
        ]
        return cholesky(acb_mat(rows))
