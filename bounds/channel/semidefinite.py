"""Semidefinite ceilings on the capacities of general channels, for any input and any public discussion.

With J here the unnormalised Choi operator Σ_ij |i><j| ⊗ Λ(|i><j|):

- E_max(Λ) = log2 min ‖tr_B Y‖ over Y >= J with Y in the separable cone: a ceiling on P_2 [christandl2017]. Where
  separable is PPT (dA·dB <= 6) this is a semidefinite program. Beyond, PPT operators are more than the separable ones
  and the program would not give a ceiling on key, so it is refused.
- R_max(Λ) = log2 min ‖tr_B (V + Y)‖ over V, Y >= 0 with (V - Y)^Γ >= J: a ceiling on the *quantum* capacity with any
  classical communication, in any dimension, and not on key [berta2018]; for completely copositive channels it is 0
  while their key need not be.

The solver's word is not taken: its matrices are read as exact ones, shifted by the multiple of the identity that makes
every constraint hold in ball arithmetic, and their objective enclosed. J is enlarged by 2^-44 dA first, so that the
ceiling holds for every channel whose Choi operator is that close (in operator norm) to the doubles given.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.scopes import ROUNDING, channel_thing, private, quantum, verifiable
from keybounds.bounds.scope import Scope
from keybounds.bounds.state.spectra import (
    PRECISION,
    as_pairs,
    eigenvalue_enclosures,
    exact_matrix,
    hermitian_from_lower,
)
from keybounds.channels import as_choi, copositivity
from keybounds.channels.choi import Channel, Choi
from keybounds.enclosure import log2, round_up
from keybounds.errors import BoundNotEstablishedError, UnsupportedError
from keybounds.proofs.certificates.data import Certificate, MaxRains, MaxRelativeEntropy
from keybounds.solvers import SECONDS, asked
from keybounds.states.transposition import transpose_subsystems

if TYPE_CHECKING:
    import cvxpy

_LARGEST = 25  # dA·dB; beyond, the interior-point solver takes minutes
_GREATEST = 2.0**62  # entries of a matrix that is worth anything; the verifier reads no others
_LIMITS = {"CLARABEL": {"time_limit": SECONDS}, "SCS": {"time_limit_secs": SECONDS}}  # as each solver calls it


def max_relative_entropy(channel: Channel, dims: Sequence[int] | None = None, *, solver: str = "CLARABEL") -> Bound:
    """Ceiling on the key through a channel with dA·dB <= 6: the max-relative entropy of entanglement E_max(Λ).

    Parameters
    ----------
    channel, dims
        See `keybounds.channels.as_choi`.
    solver
        cvxpy's name of the solver that proposes Y.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2. The certificate holds the Choi state and Y;
        ``diagnostics["uncertified_objective"]`` is the solver's own value.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel.
    UnsupportedError
        dA·dB > 6, where PPT operators need not be separable.
    BoundNotEstablishedError
        The solver returned no matrix.

    Notes
    -----
    christandl2017 for P_2 <= E_max; horodecki1996 for PPT = separable.
    """
    choi = as_choi(channel, dims)
    d_a, d_b = choi.dims
    if d_a * d_b > 6:
        raise UnsupportedError(
            "channel",
            "dA·dB <= 6, where PPT operators are separable (minimising over PPT beyond is no ceiling on key)",
            f"dA·dB = {d_a * d_b}",
        )
    (y,), objective = _solve_separable(choi, solver)
    with ctx.workprec(PRECISION):
        operator = exact_matrix(y)
        least = _least(operator - _choi_operator(choi)).min(_least(exact_matrix(transpose_subsystems(y, choi.dims))))
        shift = (-least).max(arb(0))
        value = _log_norm(operator, choi.dims, shift)
    return _ceiling(
        choi,
        value,
        private(channel_thing(choi)),
        "max-relative entropy of entanglement",
        "christandl2017",
        MaxRelativeEntropy(dims=choi.dims, choi=_entries(choi), Y=as_pairs(y)),
        objective,
    )


def max_rains_information(channel: Channel, dims: Sequence[int] | None = None, *, solver: str = "CLARABEL") -> Bound:
    """Ceiling on the quantum capacity of a channel with any classical communication: the max-Rains information.

    Not a ceiling on key: its scope is the quantum capacity, and no key rate compares with it. For a completely
    copositive channel V = J^Γ, Y = 0 is optimal and no solver is asked.

    Parameters
    ----------
    channel, dims
        See `keybounds.channels.as_choi`.
    solver
        cvxpy's name of the solver that proposes V, Y.

    Returns
    -------
    Bound
        UPPER, in bits per channel use. The certificate holds the Choi state, V and Y;
        ``diagnostics["uncertified_objective"]`` is the solver's own value.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel.
    UnsupportedError
        dA·dB > 25 and not completely copositive: too large for the interior-point solver.
    BoundNotEstablishedError
        The solver returned no matrix.

    Notes
    -----
    berta2018; the program is due to wang2019.
    """
    choi = as_choi(channel, dims)
    d_a, d_b = choi.dims
    if copositivity(choi) >= -ROUNDING:
        v, y = hermitian_from_lower(d_a * transpose_subsystems(choi.matrix, choi.dims)), np.zeros_like(choi.matrix)
        objective = None
    elif d_a * d_b <= _LARGEST:
        (v, y), objective = _solve_rains(choi, solver)
    else:
        raise UnsupportedError("channel", f"dA·dB <= {_LARGEST} for the semidefinite program", f"{d_a * d_b}")
    with ctx.workprec(PRECISION):
        first, second = exact_matrix(v), exact_matrix(y)
        shift_v, shift_y = ((-_least(m)).max(arb(0)) for m in (first, second))
        difference = exact_matrix(transpose_subsystems(v, choi.dims)) - exact_matrix(transpose_subsystems(y, choi.dims))
        least = _least(difference - _choi_operator(choi)) + shift_v - shift_y
        missing = (-least).max(arb(0))  # added to V, which is then positive all the more
        value = _log_norm(first + second, choi.dims, shift_v + shift_y + missing)
    return _ceiling(
        choi,
        value.max(arb(0)),
        quantum(channel_thing(choi)),
        "max-Rains information",
        "berta2018",
        MaxRains(dims=choi.dims, choi=_entries(choi), V=as_pairs(v), Y=as_pairs(y)),
        objective,
    )


def _ceiling(
    choi: Choi,
    value: arb,
    scope: Scope,
    method: str,
    reference: str,
    certificate: Certificate,
    objective: float | None,
) -> Bound:
    held, note = verifiable(certificate, choi)
    return upper_bound(
        value,
        unit=Unit.PER_CHANNEL_USE,
        scope=scope,
        method=method,
        reference=reference,
        provenance={"dims": list(choi.dims)},
        certificate=held,
        diagnostics={"uncertified_objective": objective, "channel_radius": round_up(_radius(choi)), **note},
    )


def _entries(choi: Choi) -> list[Any]:
    return as_pairs(hermitian_from_lower(choi.matrix))


def _radius(choi: Choi) -> arb:
    return arb(ROUNDING) * choi.dims[0]


def _choi_operator(choi: Choi) -> acb_mat:
    """J + 2^-44 dA, J with exactly dA times the doubles of the Choi state."""
    d_a, size = choi.dims[0], len(choi.matrix)
    one = acb_mat([[acb(int(i == j)) for j in range(size)] for i in range(size)])
    return exact_matrix(hermitian_from_lower(choi.matrix)) * acb(d_a) + one * acb(_radius(choi))


def _least(matrix: acb_mat) -> arb:
    """A lower bound on the smallest eigenvalue."""
    return min((e.lower() for e in eigenvalue_enclosures(matrix)), key=float)


def _log_norm(operator: acb_mat, dims: tuple[int, int], shift: arb) -> arb:
    """An upper bound on log2 ‖tr_B (operator + shift·1)‖, the operator being positive."""
    d_a, d_b = dims
    marginal = acb_mat(
        [
            [sum((operator[i * d_b + k, j * d_b + k] for k in range(d_b)), acb(0)) for j in range(d_a)]
            for i in range(d_a)
        ]
    )
    norm = max((e.upper() for e in eigenvalue_enclosures(marginal)), key=float).max(arb(0)) + shift * d_b
    return log2(norm)


def _solve_separable(choi: Choi, solver: str) -> tuple[list[NDArray[np.complex128]], float | None]:
    import cvxpy as cp

    d_a, d_b = choi.dims
    y = cp.Variable((d_a * d_b, d_a * d_b), hermitian=True)
    constraints = [y >> d_a * choi.matrix, cp.partial_transpose(y, (d_a, d_b), 1) >> 0]
    return _minimised(cp.lambda_max(cp.partial_trace(y, (d_a, d_b), 1)), constraints, [y], solver)


def _solve_rains(choi: Choi, solver: str) -> tuple[list[NDArray[np.complex128]], float | None]:
    import cvxpy as cp

    d_a, d_b = choi.dims
    v, y = (cp.Variable((d_a * d_b, d_a * d_b), hermitian=True) for _ in range(2))
    constraints = [v >> 0, y >> 0, cp.partial_transpose(v - y, (d_a, d_b), 1) >> d_a * choi.matrix]
    return _minimised(cp.lambda_max(cp.partial_trace(v + y, (d_a, d_b), 1)), constraints, [v, y], solver)


def _minimised(
    norm: Any, constraints: list[Any], variables: list[cvxpy.Variable], solver: str
) -> tuple[list[NDArray[np.complex128]], float | None]:
    """The minimising matrices, exactly Hermitian, and log2 of the solver's optimum."""
    import cvxpy as cp

    with asked(solver), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about accuracy, which the certificate measures
        problem = cp.Problem(cp.Minimize(norm), constraints)
        problem.solve(solver=solver, **_LIMITS.get(solver, {}))
    values = [variable.value for variable in variables]
    if any(value is None or not np.all(np.abs(value) < _GREATEST) for value in values):
        raise BoundNotEstablishedError(f"{solver} returned no usable matrix; its status is {problem.status}")
    return [hermitian_from_lower(np.asarray(value)) for value in values], _log2(problem.value)


def _log2(value: float | None) -> float | None:
    return math.log2(value) if value is not None and value > 0 else None
