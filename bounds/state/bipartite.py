"""The edges of the bounds on states: a bipartite state checked with its cost in memory, and the ceiling on it.

What is given is hardly ever exactly a state, so that a bound speaks about every state within a trace distance of it,
`BipartiteState.repair`, and pays for that; see `keybounds.bounds.state.continuity`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, acb_mat, arb, ctx

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import Quantity
from keybounds.bounds.state.continuity import entanglement_margin
from keybounds.bounds.state.scopes import trusted
from keybounds.bounds.state.spectra import (
    PRECISION,
    CertifiedState,
    as_pairs,
    certified_state,
    exact_matrix,
    frobenius_norm,
    hermitian_from_lower,
)
from keybounds.enclosure import ball, round_up
from keybounds.errors import UnsupportedError
from keybounds.states.density import MIDDLE, bipartite_matrix, given_array
from keybounds.thing import Thing

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

    from keybounds.proofs.certificates.data import Certificate

MEMORY_LIMIT = 2**31  # bytes
VERIFIABLE = 144  # rows of the largest matrix whose spectrum the verifier takes, seconds each
_BALL_BYTES = 256  # of one complex entry of a matrix of balls at the working precision, with its Python object


@dataclass(frozen=True, slots=True, eq=False)
class BipartiteState:
    """A checked state of AB.

    Attributes
    ----------
    array
        The density matrix H, shape (N, N), exactly Hermitian, in the doubles that were given.
    dims
        (dA, dB).
    subsystems
        The dimensions before the state was cut in two: those of A B, or of A A' B B'.
    thing
        What bounds on it are about.
    certified
        The exactly positive state ω near H that is computed with.
    repair
        Bounds are stated for every state within this trace distance of H, which holds every state that rounds to it; 0
        only if H is a state exactly, and then meant.
    """

    array: NDArray[np.complex128]
    dims: tuple[int, int]
    subsystems: tuple[int, ...]
    thing: Thing
    certified: CertifiedState
    repair: float

    @property
    def size(self) -> int:
        """N = dA dB."""
        return len(self.array)

    @property
    def distance(self) -> Fraction:
        """ε: no less than the trace distance of ω to each of the states that bounds are stated for."""
        return Fraction(self.repair) + self.certified.distance

    @property
    def provenance(self) -> dict[str, Any]:
        """The dimensions, and how the state was cut."""
        if len(self.subsystems) == len(self.dims):
            return {"dims": list(self.dims)}
        return {"dims": list(self.dims), "subsystems": list(self.subsystems), "cut": MIDDLE}

    def lifted(self, shift: float) -> BipartiteState:
        """The same with a greater shift in ω."""
        return replace(self, certified=self.certified.lifted(shift))

    def to_dict(self) -> dict[str, Any]:
        """ω as plain data for JSON, exact: (H + shift)/trace, H in pairs [real, imaginary]."""
        return {"matrix": as_pairs(self.array), "shift": float(self.certified.shift)}

    def proof(self) -> dict[str, Any]:
        """What every certificate about the state has; no repair where ω is H itself."""
        repair = {"repair": self.repair} if self.distance else {}
        return {"dims": list(self.dims), "state": self.to_dict(), **repair}


def bipartite_state(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    shields: bool = False,
    atol: float = 1e-10,
) -> BipartiteState:
    """Check a bipartite state and certify its positivity; four subsystems as by `bipartite_matrix`.

    Raises
    ------
    UnsupportedError
        The computation would take more than `MEMORY_LIMIT` bytes; said before any of it is allocated.
    StateError, DimensionError
        Not a density matrix within `atol`; dims that do not multiply up, or neither two nor four.
    """
    require_memory(max(getattr(state, "shape", None) or np.shape(state), default=0))
    matrix, parties, subsystems = bipartite_matrix(state, dims, shields=shields, atol=atol)
    array = hermitian_from_lower(matrix)
    certified = certified_state(array)
    thing = Thing.of_array("state", array, parties)
    return BipartiteState(array, parties, subsystems, thing, certified, _repair(given_array(state), array, certified))


def ceiling_on(
    rho: BipartiteState,
    value: arb,
    *,
    method: str,
    reference: str,
    certificate: Certificate | None,
    diagnostics: Mapping[str, Any],
    margin: arb | None = None,
    quantity: Quantity = Quantity.KEY_RATE,
) -> Bound:
    """UPPER in bits per copy, for every public-discussion protocol on rho with trusted devices.

    `value` is the ceiling for ω; the margin, by default that of entropies relative to separable states, is added to it.
    A certificate on more than the verifier's `VERIFIABLE` dimensions is left out, and that noted.
    """
    notes = {"shift": float(rho.certified.shift), "repair": rho.repair, **diagnostics}
    with ctx.workprec(PRECISION):
        charge = entanglement_margin(rho.distance, rho.dims) if margin is None else margin
        total = value + charge
    notes["margin"] = round_up(charge)
    if certificate is not None and rho.size > VERIFIABLE:
        certificate, notes["no_certificate"] = None, f"the verifier takes no more than {VERIFIABLE} dimensions"
    return upper_bound(
        total,
        unit=Unit.PER_COPY,
        scope=trusted(rho.thing, quantity=quantity),
        method=method,
        reference=reference,
        provenance=rho.provenance,
        certificate=certificate,
        diagnostics=notes,
    )


def require_memory(size: int, environment: int = 1) -> None:
    """Refuse a state of dimension N = `size` whose certified ceiling would take more than `MEMORY_LIMIT` bytes.

    The evaluation holds about eight matrices of balls, two of them with eight rows for each dimension of AB. With a
    squashing isometry to an `environment` E' it holds the vector of ABE'F, with up to N + e dimensions of E'F, twice,
    and five matrices on one of the parties and E'.
    """
    entries = size * size * (6 + 2 * 8)
    if environment > 1:
        entries += 2 * size * (size + environment) * environment + 5 * size * environment * environment
    needed = _BALL_BYTES * entries
    if needed > MEMORY_LIMIT:
        size_of = f"dimension {size}" + (f" with an environment of dimension {environment}" if environment > 1 else "")
        raise UnsupportedError(
            "state",
            f"a dimension whose ceiling takes at most {MEMORY_LIMIT / 2**30:g} GiB of memory",
            f"{size_of}, for which it takes about {needed / 2**30:.3g} GiB",
        )


def _repair(given: NDArray[np.complex128], hermitian: NDArray[np.complex128], certified: CertifiedState) -> float:
    """Trace distance from H within which there are ω and, if H is no state, every state that rounds to what was given.

    A state at some distance from what was given is no further than that, and `_departure`, from H. Rounding moves each
    entry z of a matrix by at most u |z|, a matrix by √N/2 times as much of its Frobenius norm in trace distance, and a
    ket by u; u = 2^-53, or 2^-24 if all entries are numbers of single precision. H that is exactly a state, as one
    written down in binary fractions is, is taken as meant.
    """
    departure = _departure(given, hermitian)
    if certified.distance == 0 and departure.is_zero():
        return 0.0
    with np.errstate(over="ignore"):
        unit = 2.0**-24 if np.array_equal(given.astype(np.complex64), given) else 2.0**-53
    with ctx.workprec(PRECISION):
        norm = frobenius_norm(z for row in exact_matrix(np.atleast_2d(given)).tolist() for z in row)
        rounding = unit * norm * (arb(len(hermitian)).sqrt() / 2 if given.ndim == 2 else 1)
        return round_up(ball(certified.distance) + 2 * departure + rounding)


def _departure(given: NDArray[np.complex128], hermitian: NDArray[np.complex128]) -> arb:
    """No less than half the trace norm of H less the matrix given, or less the normalised projector on the ket given.

    √N/2 times the Frobenius norm.
    """
    if given.ndim == 2 and np.array_equal(given, hermitian):
        return arb(0)
    size = len(hermitian)
    with ctx.workprec(PRECISION):
        exact = exact_matrix(hermitian)
        if given.ndim == 2:
            meant = exact_matrix(given)
        else:
            ket = [acb(float(z.real), float(z.imag)) for z in given]
            square = sum((z.real * z.real + z.imag * z.imag for z in ket), arb(0))
            meant = acb_mat([[a * b.conjugate() / square for b in ket] for a in ket])
        norm = frobenius_norm(exact[i, j] - meant[i, j] for i in range(size) for j in range(size))
        return (arb(size).sqrt() * norm / 2).abs_upper()
