"""The edges of the ceilings on states: a bipartite state checked with its cost in memory, and the `Bound` on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import ANY_PROTOCOL, Quantity, Scope, Trust
from keybounds.bounds.state.spectra import CertifiedState, as_pairs, certified_state, hermitian_from_lower
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import round_up
from keybounds.errors import DimensionError, UnsupportedError
from keybounds.states import density_matrix

if TYPE_CHECKING:
    import qutip
    from flint import arb
    from numpy.typing import NDArray

MEMORY_LIMIT = 2**31  # bytes
_BALL_BYTES = 256  # of one complex entry of a matrix of balls at the working precision, with its Python object


@dataclass(frozen=True, slots=True, eq=False)
class BipartiteState:
    """A checked state of AB.

    Attributes
    ----------
    array
        The density matrix, shape (N, N), exactly Hermitian, in the doubles that were given.
    dims
        (dA, dB).
    certified
        The exactly positive state that certified bounds speak about.
    """

    array: NDArray[np.complex128]
    dims: tuple[int, int]
    certified: CertifiedState

    @property
    def size(self) -> int:
        """N = dA dB."""
        return len(self.array)

    def to_dict(self) -> dict[str, Any]:
        """The certified state as plain data for JSON, exact: (H + shift)/trace, H in pairs [real, imaginary]."""
        return {"matrix": as_pairs(self.array), "shift": round_up(self.certified.shift)}


def bipartite_state(
    state: qutip.Qobj | NDArray[np.complex128], dims: tuple[int, int] | None, *, atol: float
) -> BipartiteState:
    """Check a bipartite state and certify its positivity.

    Raises
    ------
    UnsupportedError
        The computation would take more than `MEMORY_LIMIT` bytes; said before any of it is allocated.
    StateError, DimensionError
        Not a density matrix within `atol`; dims that do not multiply up or are not two.
    """
    require_memory(max(getattr(state, "shape", None) or np.shape(state), default=0))
    array, parties = density_matrix(state, dims, atol=atol)
    if len(parties) != 2:
        raise DimensionError("dims", "two subsystems (dA, dB)", f"{len(parties)}: {parties}")
    array = hermitian_from_lower(array)
    return BipartiteState(array, (parties[0], parties[1]), certified_state(array))


def ceiling_on(
    rho: BipartiteState,
    value: arb,
    *,
    subject: str | None,
    method: str,
    reference: str,
    certificate: Mapping[str, Any],
    diagnostics: Mapping[str, Any],
    quantity: Quantity = Quantity.KEY_RATE,
) -> Bound:
    """UPPER in bits per copy, for every public-discussion protocol on rho with trusted devices.

    `certificate` holds what the method adds to (or puts in place of) its name, the dims and the certified state.
    """
    return upper_bound(
        value,
        unit=Unit.PER_COPY,
        scope=Scope(
            subject=subject or subject_of("state", rho.array, dims=rho.dims),
            trust=Trust.DEVICE_DEPENDENT,
            protocol=ANY_PROTOCOL,
            quantity=quantity,
        ),
        method=method,
        reference=reference,
        provenance={"dims": list(rho.dims)},
        certificate={"kind": method, "dims": list(rho.dims), "state": rho.to_dict(), **certificate},
        diagnostics=diagnostics,
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
