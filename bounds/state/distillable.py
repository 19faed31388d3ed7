"""The relative entropy over PPT states: a ceiling on distillable entanglement, and not on key.

Teleportation and repeaterless quantum communication run on distillable entanglement, which is at most the minimum over
PPT sigma of D(rho||sigma) [rains1999]. Key is not: a PPT state has no distillable entanglement and a minimum of 0, and
may have key all the same [horodecki2005]. So the bound's quantity is distillable entanglement, which no comparison
holds against a key rate; and a key rate is refused except where PPT states are separable.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from flint import acb_mat, arb, ctx

from keybounds.bounds.bound import Bound
from keybounds.bounds.scope import Quantity
from keybounds.bounds.state.bipartite import MEMORY_LIMIT, BipartiteState, bipartite_state, ceiling_on
from keybounds.bounds.state.separable.evaluation import divergence_from, mixed
from keybounds.bounds.state.spectra import PRECISION, eigenvalue_enclosures, exact_matrix, hermitian_from_lower
from keybounds.errors import BoundNotEstablishedError, UnsupportedError
from keybounds.solvers import SECONDS, asked
from keybounds.states.transposition import transpose_subsystems

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

METHOD = "relative entropy over PPT states"

_INTERIOR = 1e-9  # of the maximally mixed state in rho for the solver, which needs a state of full rank
_ADMIXTURE = 2.0**-37  # the least part of it in sigma; costs about as many bits
# times N |least eigenvalue|: the ratios of it to sigma that are tried; 1 would lift that eigenvalue to 0
_FACTORS = (1.1, 2.0, 10.0, 1000.0)


def distillable_entanglement_ceiling(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    quantity: Quantity = Quantity.DISTILLABLE_ENTANGLEMENT,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on distillable entanglement: D(rho||sigma) for an explicit PPT sigma near the minimum.

    The program min D(rho||sigma) over sigma of positive partial transpose is solved by QICS; its sigma is mixed with
    enough of the identity to be PPT for certain, and its cost enclosed in ball arithmetic and rounded up.

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems, or with four, which are A A' B B'
        and cut in the middle.
    quantity
        What is to be bounded. KEY_RATE is accepted where PPT states are separable (dA dB <= 6) and refused elsewhere.
    atol
        As in `relative_entropy_of_entanglement`.

    Returns
    -------
    Bound
        UPPER, in bits per copy, on distillable entanglement with two-way classical communication, of every state within
        the trace distance ``diagnostics["repair"]`` of the given matrix, which is 0 if that is exactly a state. It has
        no certificate.

    Raises
    ------
    UnsupportedError
        A key rate where PPT is not separable; dimensions too large for the solver's memory, said before it is
        allocated.
    BoundNotEstablishedError
        The solver failed.
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up, or neither two nor four.

    Notes
    -----
    rains1999; winter2016 for the margin.
    """
    rho = bipartite_state(state, dims, atol=atol)
    if quantity not in (Quantity.DISTILLABLE_ENTANGLEMENT, Quantity.KEY_RATE):
        raise UnsupportedError("quantity", "distillable entanglement", quantity.value)
    if quantity is Quantity.KEY_RATE and not _ppt_is_separable(rho.dims):
        refuse_as_key_ceiling("quantity", rho)
    value = _certified(rho, _near_minimum(rho))
    if value is None:
        raise BoundNotEstablishedError("no PPT state near the solver's answer could be certified")
    return ceiling_on(
        rho, value, quantity=quantity, method=METHOD, reference="rains1999", certificate=None, diagnostics={}
    )


def refuse_as_key_ceiling(argument: str, rho: BipartiteState) -> None:
    """Raise the error that says why a minimum over PPT states is no ceiling on the key of `rho`."""
    least = float(np.linalg.eigvalsh(transpose_subsystems(rho.array, rho.dims))[0])
    found = f"a key rate at dimensions {rho.dims[0]}x{rho.dims[1]}"
    if least > -1e-10:
        found += ", for a PPT state: the minimum over PPT states is 0 for it, while its key may be positive"
    raise UnsupportedError(
        argument,
        "distillable entanglement, for beyond 2x2 and 2x3 some PPT states are entangled and hold key, so that the "
        "minimum over PPT states is no ceiling on key (relative_entropy_of_entanglement is)",
        found,
    )


def ppt_estimate(rho: BipartiteState) -> float:
    """The solver's dual objective for min over PPT sigma of D(rho||sigma), in bits: an estimate from below of E_r.

    Raises
    ------
    UnsupportedError, BoundNotEstablishedError
        As `distillable_entanglement_ceiling`.
    """
    return max(_solve(rho)[1], 0.0)


def _ppt_is_separable(dims: tuple[int, int]) -> bool:
    return dims[0] * dims[1] <= 6 or min(dims) == 1


def _near_minimum(rho: BipartiteState) -> NDArray[np.complex128]:
    """A matrix near a PPT state of nearly least divergence: rho itself where it is PPT, else the solver's answer."""
    if float(np.linalg.eigvalsh(transpose_subsystems(rho.array, rho.dims))[0]) > -1e-12:
        return rho.array
    return _solve(rho)[0]


def _certified(rho: BipartiteState, sigma: NDArray[np.complex128]) -> arb | None:
    """D(ω||sigma') for a mixture sigma' of sigma with the least part of the identity that makes it certainly PPT.

    None where no part of `_FACTORS` will do.
    """
    sigma = hermitian_from_lower(sigma)
    transposed = hermitian_from_lower(transpose_subsystems(sigma, rho.dims))
    negative = len(sigma) * max(-float(np.linalg.eigvalsh(transposed)[0]), -float(np.linalg.eigvalsh(sigma)[0]), 0.0)
    with ctx.workprec(PRECISION):
        trace = sum((arb(float(t)) for t in np.diag(sigma).real), arb(0))
        for factor in _FACTORS:
            admixture = max(_ADMIXTURE, factor * negative / (1 + factor * negative))
            mirrored = mixed(_over(transposed, trace), admixture)
            if not all(e >= 0 for e in eigenvalue_enclosures(mirrored)):
                continue
            value = divergence_from(rho.certified, mixed(_over(sigma, trace), admixture))
            if value.is_finite():  # then sigma' is positive, too
                return value
    return None


def _over(matrix: NDArray[np.complex128], trace: arb) -> acb_mat:
    return exact_matrix(matrix) / trace


def _solve(rho: BipartiteState) -> tuple[NDArray[np.complex128], float]:
    """The solver's sigma, not exactly PPT nor normalised, and its dual objective in bits."""
    size, is_complex = rho.size, bool(np.any(rho.array.imag))
    entries = (2 if is_complex else 1) * size * size
    needed = 6 * 8 * entries * entries  # the Hessian of the cone and its factors, the scaled constraints
    if needed > MEMORY_LIMIT:
        raise UnsupportedError(
            "state",
            f"a dimension for which the solver takes at most {MEMORY_LIMIT / 2**30:g} GiB of memory",
            f"dimension {size}, for which it takes about {needed / 2**30:.3g} GiB",
        )
    import qics
    from qics.vectorize import get_full_to_compact_op, mat_to_vec, vec_to_mat
    from scipy import sparse

    state = rho.array if is_complex else rho.array.real
    state = (1 - _INTERIOR) * state / np.trace(state).real + _INTERIOR / size * np.eye(size)
    expand = sparse.csr_matrix(get_full_to_compact_op(size, iscomplex=is_complex).T)
    axes = np.arange(entries).reshape(*rho.dims, *rho.dims, -1)
    turned = axes.transpose(0, 3, 2, 1, 4).ravel()
    free = expand.shape[1]
    # variables (t, sigma); t, rho, sigma in the cone of relative entropy, and sigma's partial transpose positive
    on_sigma = sparse.vstack(
        [sparse.csr_matrix((1 + entries, free)), -expand, -expand[turned]],
    )
    on_t = sparse.csr_matrix(([-1.0], ([0], [0])), shape=(1 + 3 * entries, 1))
    right = np.zeros((1 + 3 * entries, 1))
    right[1 : 1 + entries] = mat_to_vec(state)
    unit = mat_to_vec(np.eye(size, dtype=state.dtype))
    model = qics.Model(
        c=np.vstack([np.ones((1, 1)), np.zeros((free, 1))]),
        A=sparse.csr_matrix(np.hstack([np.zeros((1, 1)), (expand.T @ unit).T])),
        b=np.ones((1, 1)),
        G=sparse.hstack([on_t, on_sigma]).tocsr(),
        h=right,
        cones=[
            qics.cones.QuantRelEntr(size, iscomplex=is_complex),
            qics.cones.PosSemidefinite(size, iscomplex=is_complex),
        ],
    )
    with asked("QICS"), warnings.catch_warnings():  # the solver's own divisions near its boundary
        warnings.simplefilter("ignore")
        info = qics.Solver(model, verbose=0, max_time=SECONDS).solve()
    if info["sol_status"] not in ("optimal", "near_optimal") or not np.all(np.isfinite(info["x_opt"])):
        raise BoundNotEstablishedError(f"QICS ended with {info['sol_status']}, {info['exit_status']}")
    sigma = vec_to_mat(expand @ info["x_opt"][1:], iscomplex=is_complex)
    return np.asarray(sigma, dtype=np.complex128), float(info["d_obj"]) / math.log(2)
