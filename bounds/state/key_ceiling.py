"""The least ceiling on the key of a state over the methods of this package, and which one it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from keybounds.bounds.state.bipartite import BipartiteState, bipartite_state
from keybounds.bounds.state.distillable import refuse_as_key_ceiling
from keybounds.bounds.state.relative_entropy import relative_entropy_ceiling
from keybounds.bounds.state.squashed import squashed_ceiling
from keybounds.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    import numpy as np
    import qutip
    from numpy.typing import NDArray

    from keybounds.bounds.bound import Bound

Method: TypeAlias = Literal["relative-entropy", "squashed"]
METHODS: tuple[Method, ...] = ("relative-entropy", "squashed")


def key_ceiling(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    methods: Sequence[Method] = METHODS,
    atol: float = 1e-10,
) -> Bound:
    """Least ceiling on the secret-key rate of a bipartite state: the minimum over methods.

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems, or with four, which are A A' B B'
        and cut in the middle.
    methods
        Any of ``"relative-entropy"`` (`relative_entropy_of_entanglement`; closed forms are its first candidates) and
        ``"squashed"`` (`squashed_entanglement`), each with its defaults.
    atol
        As in `relative_entropy_of_entanglement`.

    Returns
    -------
    Bound
        The winner's, so that ``method`` and ``certificate`` are its own; ``diagnostics["ceilings"]`` has every value.

    Raises
    ------
    UnsupportedError
        ``"ppt-relative-entropy"`` among the methods: the minimum over PPT states is no ceiling on key. A state too
        large for the memory that the evaluation needs.
    InputError, StateError, DimensionError
        No method or an unknown one; not a density matrix; dims that do not multiply up, or neither two
        nor four.

    Notes
    -----
    horodecki2005 and christandl2007 for the two methods.
    """
    return least_ceiling(bipartite_state(state, dims, atol=atol), methods)


def least_ceiling(rho: BipartiteState, methods: Sequence[Method] = METHODS) -> Bound:
    """`key_ceiling` of a state that is already checked."""
    if not methods:
        raise InputError("methods", "at least one of " + ", ".join(METHODS), "none")
    for method in methods:
        if method not in METHODS:
            if "ppt" in str(method).lower():
                refuse_as_key_ceiling("methods", rho)
            raise UnknownNameError.among("methods", str(method), METHODS)
    found = {name: _CEILINGS[name](rho) for name in METHODS if name in methods}
    best = min(found.values(), key=lambda bound: bound.value)
    ceilings = {name: bound.value for name, bound in found.items()}
    return replace(best, diagnostics={**best.diagnostics, "ceilings": ceilings})


_CEILINGS: dict[Method, Callable[[BipartiteState], Bound]] = {
    "relative-entropy": relative_entropy_ceiling,
    "squashed": squashed_ceiling,
}
