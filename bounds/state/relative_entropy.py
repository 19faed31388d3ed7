"""Ceilings on key from the relative entropy of entanglement, each the value of an explicit separable state.

K(rho) <= E_r(rho) = min over separable sigma of D(rho||sigma) [horodecki2005]; so D(rho||sigma) is a ceiling for *any*
separable sigma. Minimising over PPT states instead would not be one: PPT is not separable beyond 2x2 and 2x3, and for
the PPT private states of this package the PPT minimum is 0 while the key is not. That minimum bounds another quantity,
see `distillable_entanglement_ceiling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.bounds.bound import Bound
from keybounds.bounds.state.bipartite import BipartiteState, bipartite_state, ceiling_on
from keybounds.bounds.state.separable.candidates import ADMIXTURE, candidates
from keybounds.bounds.state.separable.evaluation import certified_divergence
from keybounds.bounds.state.separable.search import nearest_separable
from keybounds.bounds.state.separable.twirl import LocalUnitaries, Twirl, declared_twirl, trivial_twirl
from keybounds.bounds.state.separable.witness import witness_gap
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.proofs.certificates.data import RelativeEntropy

if TYPE_CHECKING:
    import qutip
    from flint import arb
    from numpy.typing import NDArray

METHOD = "relative entropy of entanglement"


def relative_entropy_of_entanglement(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    symmetry: LocalUnitaries | None = None,
    tolerance: float = 1e-9,
    iterations: int = 4000,
    seed: int = 0,
    ppt_estimate: bool = False,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on the secret-key rate of a bipartite state: the least D(rho||sigma) found over explicit separable sigma.

    First come separable states with exactly known eigenvectors:

    - the isotropic and the Werner state nearest to rho that are separable (dA = dB);
    - for two qubits the Bell-diagonal one [vedral1997];
    - the dephasing of rho in the Schmidt basis of its leading eigenvector;
    - rho_A x rho_B, whose value is the mutual information.

    One of them is optimal for Bell-diagonal, isotropic, Werner [vollbrecht2001] and pure states. Unless the best is
    optimal by the test below, ensembles sigma = sum_k |a_k b_k><a_k b_k| are searched with analytic gradients. Either
    way the value is that of an explicit sigma, enclosed in ball arithmetic and rounded up: a failed search makes the
    ceiling loose, never wrong.

    How far the ceiling may be from E_r is estimated from the product vector along which D falls fastest
    (`witness_gap`); an estimate, because that vector is found by a local search.

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems, or with four, which are A A' B B'
        and cut in the middle.
    symmetry
        Pairs (U_g, V_g) of local unitaries, all elements of a finite group, with U_g x V_g commuting with rho: sigma is
        averaged over them. Makes the search smaller; the ensemble in the certificate is the averaged one.
    tolerance
        In bits; the search ends when the estimated distance from E_r is below it, or a round of 500 steps gains less
        than a tenth of it.
    iterations
        The most steps of the search; 0 evaluates only the states with known eigenvectors.
    seed
        Of the starting vectors.
    ppt_estimate
        Also minimise over PPT states (slow: seconds at 4x4); at least that much is E_r, up to the solver's accuracy.
    atol
        Largest anti-Hermitian entry, negative eigenvalue and deviation of the trace from 1 that counts as rounding.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with trusted devices, on every state within the
        trace distance ``diagnostics["repair"]`` of the given matrix, which is 0 if that is exactly a state. D is
        enclosed for such a state, to which ``["shift"]`` times the identity was added and normalised away, and
        ``["margin"]`` is what the others cost. ``certificate`` holds that state and sigma exactly;
        ``diagnostics["separable_state"]`` names sigma, and ``["lower_estimate"]`` (with ``"ppt_lower_estimate"`` on
        request) brackets E_r from below. The latter are estimates, not bounds.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up, or neither two nor four; a declared symmetry that rho does
        not have.
    UnsupportedError
        The state is too large for the memory that the evaluation needs.
    InputError
        `tolerance` or `iterations` out of range.

    Notes
    -----
    horodecki2005 for K <= E_r; winter2016 for the margin.
    """
    if not tolerance > 0:
        raise InputError("tolerance", "a positive number of bits", repr(tolerance))
    if iterations < 0:
        raise InputError("iterations", "a number of steps of at least 0", repr(iterations))
    rho = bipartite_state(state, dims, atol=atol)
    twirl = trivial_twirl(rho.dims) if symmetry is None else declared_twirl(symmetry, rho.array, rho.dims, atol=atol)
    found = nearest(rho, twirl, tolerance=tolerance, iterations=iterations, seed=seed)
    diagnostics = found.diagnostics
    if ppt_estimate:
        from keybounds.bounds.state.distillable import ppt_estimate as over_ppt

        diagnostics = {**diagnostics, "ppt_lower_estimate": over_ppt(rho)}
    return _ceiling(rho, found, diagnostics)


def relative_entropy_ceiling(rho: BipartiteState) -> Bound:
    """`relative_entropy_of_entanglement` of a state that is already checked, with its defaults."""
    found = nearest(rho, trivial_twirl(rho.dims))
    return _ceiling(rho, found, found.diagnostics)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The separable state of least divergence that was found.

    Attributes
    ----------
    divergence
        D(ω||sigma) in bits, enclosed, for the certified state ω.
    separable
        sigma, as certificates have it.
    diagnostics
        Its name, how it was found, and the estimate of how far it is from the nearest one.
    """

    divergence: arb
    separable: dict[str, Any]
    diagnostics: dict[str, Any]


def nearest(
    rho: BipartiteState, twirl: Twirl, *, tolerance: float = 1e-9, iterations: int = 4000, seed: int = 0
) -> Nearest:
    """The separable state nearest to `rho`: the best with known eigenvectors, and what the search finds beyond it."""
    finite = [c for c in candidates(rho.certified, rho.array, rho.dims) if c.divergence.is_finite()]
    best = min(finite, key=lambda c: float(c.divergence.upper()))  # the mutual information is always among them
    name, value = best.name, best.divergence
    separable: dict[str, Any] = {"kind": best.name, "admixture": ADMIXTURE, **best.parameters}
    gap = min(witness_gap(rho.array, best.matrix, rho.dims, seed=seed), max(float(value.upper()), 0.0))
    notes: dict[str, Any] = {"search_iterations": 0}
    if gap > tolerance and iterations > 0:
        try:
            found = nearest_separable(rho.array, rho.dims, twirl, tolerance=tolerance, iterations=iterations, seed=seed)
            notes["search_iterations"] = found.iterations
            cost, admixture = certified_divergence(rho.certified, found.ensemble)
        except (BoundNotEstablishedError, np.linalg.LinAlgError) as error:
            notes["search_failure"] = str(error)  # the best candidate stands
        else:
            if cost.upper() < value.upper():
                name, value, gap = f"ensemble of {len(found.ensemble)} product vectors", cost, found.gap
                separable = {"kind": "ensemble", "admixture": admixture, **found.ensemble.to_dict()}
    diagnostics = {
        "separable_state": name,
        "lower_estimate": max(float(value.mid()) - gap, 0.0),
        "lower_estimate_method": "steepest product vector found; an estimate, not a bound",
        **notes,
    }
    return Nearest(value, separable, diagnostics)


def _ceiling(rho: BipartiteState, found: Nearest, diagnostics: dict[str, Any]) -> Bound:
    return ceiling_on(
        rho,
        found.divergence,
        method=METHOD,
        reference="horodecki2005",
        certificate=RelativeEntropy(**rho.proof(), separable_state=found.separable),
        diagnostics=diagnostics,
    )
