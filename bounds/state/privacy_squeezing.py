"""Key of a state with key qubits and shields: Devetak–Winter after privacy squeezing.

Let ρ on A A' B B' have the shield blocks R_{ab,a'b'} = (<ab| ⊗ 1) ρ (|a'b'> ⊗ 1). Both parties measure their key qubit,
x for Alice and y for Bob, and Eve holds the purification: K >= H(X|E) - H(X|Y) [devetak2005, Theorem 1]. Three steps
lower H(X|E) to a number that depends on few entries of ρ, and none of them changes x and y:

- a twisting Σ_ab |ab><ab| ⊗ U_ab commutes with the measurement and acts on systems that Eve does not have;
- handing her the shields A'B' only helps her; what is left is the two-qubit state with the entries
  tr U_a'b'† U_ab R_{ab,a'b'}, which is purified by what she holds;
- handing her the parity x + y as well takes the coherences between even and odd parity away.

With the twisting of the polar decompositions of R_{00,11} and R_{01,10} this is the privacy-squeezed state σ
[horodecki2009]: p_ab = tr R_{ab,ab} on the diagonal, u = ‖R_{00,11}‖_1 between 00 and 11, v = ‖R_{01,10}‖_1 between 01
and 10, nothing else. It has H(X|E) = H(p) - S(σ), and so

    K >= H(X|E) - H(X|Y) = H(Y) - S(σ),

which grows with u and v: lower bounds on the two trace norms are enough. |tr W R| <= ‖W‖ ‖R‖_1 is one for any W.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from flint import acb, arb, ctx

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.continuity import conditional_entropy_margin
from keybounds.bounds.state.private_states import closed_form, provenance, state_thing
from keybounds.bounds.state.scopes import trusted
from keybounds.bounds.state.spectra import PRECISION, CertifiedState, adjoint, exact_matrix, frobenius_norm
from keybounds.enclosure import round_up, shannon_entropy
from keybounds.errors import DimensionError
from keybounds.protocol import P_1
from keybounds.states import PPTPrivateFamily

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

_METHOD = "Devetak-Winter after privacy squeezing"


def privacy_squeezing(
    state: PPTPrivateFamily | qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    atol: float = 1e-10,
) -> Bound:
    """Lower bound on the key of a state with key qubits and shields: H(Y) - S(σ) of the privacy-squeezed σ.

    For a PPT private state it is 1 - h(p) - p: with weight 1-p the key bits are perfectly correlated and secret; with
    weight p they differ and Eve knows them. See the module for any other state.

    Parameters
    ----------
    state
        A `PPTPrivateFamily`, in closed form; or a density matrix of A A' B B', key qubits A and B, in this order.
    dims
        (2, dA', 2, dB') of a density matrix given as an array; not needed for a `Qobj` with these dims.
    atol
        Largest anti-Hermitian entry, negative eigenvalue and deviation of the trace from 1 that counts as rounding.

    Returns
    -------
    Bound
        LOWER, in bits per copy, one-way with trusted devices; 0 with NO_KEY where it is not positive. Of a density
        matrix, for every state within the trace distance ``diagnostics["repair"]`` of it, which costs
        ``diagnostics["margin"]``; and without a certificate: the verifier does not know this method.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims other than (2, dA', 2, dB').
    UnsupportedError
        The state is too large for the memory that its certified spectrum needs.

    Notes
    -----
    christandl2021, p. 3, and claim ``privacy-squeezing-key`` for the family; horodecki2009 and devetak2005 in general,
    winter2016 for the margin, as H(Y) - S(σ) is the coherent information of σ.
    """
    if isinstance(state, PPTPrivateFamily):
        return lower_bound(
            state.devetak_winter,
            unit=Unit.PER_COPY,
            scope=trusted(state_thing(state), P_1),
            method=_METHOD,
            reference="christandl2021, p. 3",
            provenance=provenance(state),
            certificate=closed_form(state, "advantage distillation", copies=1),
        )
    rho = bipartite_state(state, dims, shields=True, atol=atol)
    parts = rho.subsystems
    if len(parts) != 4 or (parts[0], parts[2]) != (2, 2):
        raise DimensionError("dims", "(2, dA', 2, dB'), key qubits with shields", str(parts))
    with ctx.workprec(PRECISION):
        margin = conditional_entropy_margin(rho.distance, 2)
        value = squeezed_rate(rho.certified, rho.array, (parts[1], parts[3])) - margin
    return lower_bound(
        value,
        unit=Unit.PER_COPY,
        scope=trusted(rho.thing, P_1),
        method=_METHOD,
        reference="horodecki2009",
        provenance=rho.provenance,
        diagnostics={"shift": float(rho.certified.shift), "repair": rho.repair, "margin": round_up(margin)},
    )


def squeezed_rate(rho: CertifiedState, array: NDArray[np.complex128], shields: tuple[int, int]) -> arb:
    """A lower bound on H(Y) - S(σ) of the certified state near `array`; `shields` = (dA', dB')."""
    left, right = shields
    size = left * right
    # blocks[a, b, a', b'] is R_{ab,a'b'} but for the trace and, on the diagonal, the shift
    blocks = array.reshape(2, left, 2, right, 2, left, 2, right).transpose(0, 2, 4, 6, 1, 3, 5, 7)
    blocks = blocks.reshape(2, 2, 2, 2, size, size)
    with ctx.workprec(PRECISION):

        def weight(a: int, b: int) -> arb:
            trace = sum((arb(float(x)) for x in np.diag(blocks[a, b, a, b]).real), arb(0))
            return (trace + rho.shift * size) / rho.trace

        even, odd = (weight(0, 0), weight(1, 1)), (weight(0, 1), weight(1, 0))
        u, v = (trace_norm_below(block) / rho.trace for block in (blocks[0, 0, 1, 1], blocks[0, 1, 1, 0]))
        bob = (even[0] + odd[1], even[1] + odd[0])
        return shannon_entropy(bob) - shannon_entropy((*_eigenvalues(*even, u), *_eigenvalues(*odd, v)))


def trace_norm_below(block: NDArray[np.complex128]) -> arb:
    """A lower bound on ‖R‖_1: |tr W R| / ‖W‖ for the W of a polar decomposition in floating point."""
    left, _, right = np.linalg.svd(block)
    w, r = exact_matrix((left @ right).conj().T), exact_matrix(block)
    size = len(block)
    overlap = sum((w[i, k] * r[k, i] for i in range(size) for k in range(size)), acb(0))
    gram = adjoint(w) * w
    excess = frobenius_norm(gram[i, j] - (1 if i == j else 0) for i in range(size) for j in range(size))
    return (abs(overlap) / (1 + excess).sqrt()).abs_lower()


def _eigenvalues(first: arb, second: arb, coherence: arb) -> tuple[arb, arb]:
    """Of [[first, c], [c, second]], a positive matrix."""
    total, difference = first + second, first - second
    root = (difference * difference + 4 * coherence * coherence).nonnegative_part().sqrt()
    return (total + root) / 2, ((total - root) / 2).nonnegative_part()
