"""The Rains bound on the quantum capacity of covariant channels: R(J) = min D(J||τ) over τ >= 0 with ‖τ^Γ‖_1 <= 1.

The quantum capacity of a teleportation-covariant channel, with any classical communication, is the distillable
entanglement of its Choi state J, which is at most R(J) [rains2001; tomamichel2017]. R is 0 for PPT states, whose key
need not be: it is no ceiling on key, and its scope says so.

QICS proposes τ. What counts is D(J||τ/‖τ^Γ‖_1) for that τ, read as an exact matrix with a little of the identity added
and evaluated as the ceilings on states are (`separable.evaluation`; tr τ <= ‖τ^Γ‖_1, so it is at most a state).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.covariant import margin, simulation, teleportation_covariance
from keybounds.bounds.channel.scopes import channel_thing, quantum
from keybounds.bounds.state.separable.evaluation import divergence_from
from keybounds.bounds.state.spectra import (
    PRECISION,
    CertifiedState,
    certified_state,
    eigenvalue_enclosures,
    exact_matrix,
    hermitian_from_lower,
)
from keybounds.channels import as_choi
from keybounds.channels.choi import Channel, Choi
from keybounds.enclosure import round_up
from keybounds.errors import BoundNotEstablishedError, UnsupportedError
from keybounds.solvers import SECONDS, asked
from keybounds.states.transposition import transpose_subsystems

_ADMIXTURE = (
    2.0**-36
)  # of the identity in τ, relative to its trace: keeps the logarithm finite, costs about as many bits
_LARGEST = 16  # dA·dB; the solver's Newton systems have 2 (dA·dB)² unknowns


def rains_information(channel: Channel, dims: Sequence[int] | None = None) -> Bound:
    """Ceiling on the quantum capacity of a teleportation-covariant channel, with any classical communication: R(J).

    Not a ceiling on key: its scope is the quantum capacity, and no key rate compares with it.

    Parameters
    ----------
    channel, dims
        As `choi_relative_entropy`.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, with `diagnostics` as `choi_relative_entropy`; also
        ``["uncertified_objective"]``, the solver's own value, which tends to lie a little too low.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel, or not found to be teleportation-covariant; `max_rains_information` needs no covariance.
    UnsupportedError
        dA·dB > 16: too large for the solver; or the solver, QICS (extra ``solvers``), is not installed.
    BoundNotEstablishedError
        The solver returned no matrix.

    Notes
    -----
    rains2001 for the bound on states, tomamichel2017 for channels; the margin this project, claim
    ``nearly-covariant``.
    """
    choi = as_choi(channel, dims)
    d_a, d_b = choi.dims
    test = teleportation_covariance(choi)
    if d_a * d_b > _LARGEST:
        raise UnsupportedError("channel", f"dA·dB <= {_LARGEST} for the relative-entropy program", f"{d_a * d_b}")
    tau, objective = _solve(choi)
    rho = certified_state(choi.matrix)
    simulated = simulation(choi, test, rho)
    added = margin(simulated.error, d_b)
    with ctx.workprec(PRECISION):
        value = divergence_ceiling(rho, tau, choi.dims) + added
    return upper_bound(
        value,
        unit=Unit.PER_CHANNEL_USE,
        scope=quantum(channel_thing(choi)),
        method="Rains bound of the Choi state",
        reference="tomamichel2017",
        provenance={"dims": [d_a, d_b]},
        diagnostics={
            "uncertified_objective": objective,
            "covariance_defect": test.defect,
            "trace_distance": simulated.distance,
            "simulation_error": simulated.error,
            "margin": round_up(added),
        },
    )


def divergence_ceiling(rho: CertifiedState, tau: NDArray[np.complex128], dims: tuple[int, int]) -> arb:
    """Upper bound on D(rho||τ/‖τ^Γ‖_1) in bits, for τ made positive by a multiple of the identity.

    Raises
    ------
    BoundNotEstablishedError
        τ is not finite or not near a positive matrix of positive trace.
    """
    if not np.all(np.isfinite(tau)):
        raise BoundNotEstablishedError("the solver returned a matrix that is not finite")
    size = len(tau)
    with ctx.workprec(PRECISION):
        exact = exact_matrix(hermitian_from_lower(tau))
        least = min((e.lower() for e in eigenvalue_enclosures(exact)), key=float)
        added = (-least).max(arb(0)) + arb(_ADMIXTURE) * max(float(np.trace(tau).real), 0.0) / size
        exact = exact + acb_mat([[acb(added) if i == j else acb(0) for j in range(size)] for i in range(size)])
        norm = sum((e.abs_upper() for e in eigenvalue_enclosures(_transposed(exact, dims))), arb(0))
        value = divergence_from(rho, exact / norm)
    if not value.is_finite():
        raise BoundNotEstablishedError("no positive lower bound on the eigenvalues of τ")
    return value


def _transposed(matrix: acb_mat, dims: tuple[int, int]) -> acb_mat:
    d_a, d_b = dims
    return acb_mat(
        [
            [matrix[i * d_b + m, j * d_b + k] for j in range(d_a) for m in range(d_b)]
            for i in range(d_a)
            for k in range(d_b)
        ]
    )


def _solve(choi: Choi) -> tuple[NDArray[np.complex128], float]:
    """Minimise D(J||τ) over τ >= 0, N >= 0, τ^Γ + N >= 0, tr τ + 2 tr N <= 1, which is ‖τ^Γ‖_1 <= 1."""
    try:
        import qics
    except ImportError as error:
        raise UnsupportedError("channel", "an installed solver", "no package qics (extra: solvers)") from error

    size = len(choi.matrix)
    basis = _hermitian_basis(size)
    to_vector = qics.vectorize.mat_to_vec
    plain = np.array([to_vector(b).ravel() for b in basis]).T
    turned = np.array([to_vector(transpose_subsystems(b, choi.dims)).ravel() for b in basis]).T
    traces = np.array([np.trace(b).real for b in basis])
    m, length = len(basis), len(plain)
    blocks = np.zeros((2 + 4 * length, 1 + 2 * m))  # unknowns: the objective, τ, N
    blocks[0, 0] = -1
    tau, negative = slice(1, 1 + m), slice(1 + m, 1 + 2 * m)
    rows = [slice(1 + k * length, 1 + (k + 1) * length) for k in range(4)]
    blocks[rows[1], tau] = -plain
    blocks[rows[2], negative] = -plain
    blocks[rows[3], tau], blocks[rows[3], negative] = -turned, -plain
    blocks[-1, tau], blocks[-1, negative] = traces, 2 * traces
    right = np.zeros((2 + 4 * length, 1))
    right[rows[0], 0] = to_vector(choi.matrix).ravel()
    right[-1, 0] = 1
    objective = np.zeros((1 + 2 * m, 1))
    objective[0, 0] = 1
    positive = [qics.cones.PosSemidefinite(size, iscomplex=True) for _ in range(2)]
    cones = [qics.cones.QuantRelEntr(size, iscomplex=True), *positive, qics.cones.NonNegOrthant(1)]
    model = qics.Model(c=objective, G=blocks, h=right, cones=cones)
    with asked("QICS"):
        solution = qics.Solver(model, verbose=0, max_time=SECONDS).solve()
    if solution["x_opt"] is None:
        raise BoundNotEstablishedError(f"QICS stopped without a point: {solution['exit_status']}")
    point = np.asarray(solution["x_opt"], dtype=float).ravel()
    matrix = np.einsum("k,kij->ij", point[tau], basis)
    return matrix, float(solution["p_obj"]) / float(np.log(2))


def _hermitian_basis(size: int) -> NDArray[np.complex128]:
    """An orthonormal basis of the Hermitian matrices, shape (size², size, size)."""
    found = []
    for i in range(size):
        for j in range(i + 1):
            for value in (1.0,) if i == j else (1 / np.sqrt(2), 1j / np.sqrt(2)):
                matrix = np.zeros((size, size), dtype=np.complex128)
                matrix[i, j], matrix[j, i] = value, np.conj(value)
                found.append(matrix)
    return np.array(found)
