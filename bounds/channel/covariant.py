"""What the ceilings on covariant channels share: the requirement, and the margin for what a test cannot see.

If a channel is covariant under an irreducible representation, teleportation through the Choi state J simulates it,
whatever the parties do between its uses; so P_2(Λ) = K(J), and likewise for the quantum capacity [pirandola2017;
wilde2017]. A channel given in doubles is covariant only nearly, and the ceilings do not presume more. Teleportation
through any state ω with any corrections simulates *some* channel Λ'. If half the diamond distance of Λ to Λ' is ε, then
(claim ``nearly-covariant``)

    P_2(Λ) <= E_r(ω) + 2ε log2 dB + (1+ε) h(ε/(1+ε)),

and the same holds for the quantum capacity with the Rains bound in place of E_r. Here ω is the certified state, ε is
enclosed in ball arithmetic, and Λ is every channel whose Choi state lies within a stated trace distance of the given
one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq
from numpy.typing import NDArray

from keybounds.bounds.channel.scopes import ROUNDING
from keybounds.bounds.state.orthonormal import orthonormal_columns
from keybounds.bounds.state.spectra import PRECISION, CertifiedState, adjoint, frobenius_norm
from keybounds.channels import Covariance, covariance
from keybounds.channels.choi import Choi
from keybounds.enclosure import ball, binary_entropy, enclose, log2, round_down, round_up
from keybounds.errors import BoundNotEstablishedError, ChannelError


def teleportation_covariance(choi: Choi) -> Covariance:
    """Test the channel, with the built-in representations and tolerance; return a result that shows it covariant.

    Raises
    ------
    ChannelError
        It does not; the message gives the measured defect.
    """
    test = covariance(choi)
    if not test.teleportation:
        raise ChannelError(
            "channel",
            f"a covariant channel (its Choi state moves by at most {test.tolerance:g} in trace distance)",
            f"{test.defect:.6g} under the representations that were tried",
        )
    return test


@dataclass(frozen=True, slots=True)
class Simulation:
    """How well teleportation through the certified state simulates the channel.

    Attributes
    ----------
    distance
        The simulated channel is compared with *every* channel whose Choi state lies within this trace distance of the
        given one. At least one does.
    error
        Upper bound on half the diamond distance between any of these and the simulated channel.
    """

    distance: float
    error: float


def simulation(choi: Choi, test: Covariance, state: CertifiedState) -> Simulation:
    """Bound the error of teleportation through `state`, certified for `choi`, with the corrections of `test`.

    `test` is one of the built-in representations. Each unitary of its one-design is, up to a phase, a product of at
    most 2(dA-1) generators, so that averaging over the design moves the state by at most as many times the distance by
    which a generator and its correction move it. A channel that has the state's Choi state but for its marginal lies
    within twice the deviation of dA times that marginal from 1.

    Raises
    ------
    BoundNotEstablishedError
        A correction is not near a unitary, or the marginal of the state far from maximally mixed.
    """
    d_a, d_b = choi.dims
    size = d_a * d_b
    with ctx.workprec(PRECISION):
        shifted = [[state.matrix[i, j] + (state.shift if i == j else 0) for j in range(size)] for i in range(size)]
        omega = acb_mat(shifted) / state.trace
        given = state.matrix - omega
        moved = _trace_distance(given)
        leak = marginal_defect(state, choi.dims)
        if not leak < 0.5:
            raise BoundNotEstablishedError(f"the marginal of the certified state is off by {leak}")
        defect = max((_defect(omega, u, v) for u, v in _exact_pairs(test)), key=lambda b: float(b.upper()))
        around = 2 * leak + 2 * moved + arb(ROUNDING)  # of the certified state
        error = d_a * (around + 2 * (d_a - 1) * defect)
        if not error.is_finite():
            raise BoundNotEstablishedError("the corrections of the covariance test are not near unitary matrices")
        return Simulation(round_down(around - moved), round_up(error))


def marginal_defect(state: CertifiedState, dims: tuple[int, int]) -> arb:
    """No less than the deviation of dA times Alice's marginal from 1, in operator norm, at the working precision.

    Up to 1/2, some channel has a Choi state within twice as much, in trace distance, of the state.
    """
    d_a, d_b = dims
    traced = [
        [sum((state.matrix[i * d_b + k, j * d_b + k] for k in range(d_b)), acb(0)) for j in range(d_a)]
        for i in range(d_a)
    ]
    lift = state.shift * d_b
    return frobenius_norm(
        d_a * (traced[i][j] + (lift if i == j else 0)) / state.trace - (1 if i == j else 0)
        for i in range(d_a)
        for j in range(d_a)
    )


def margin(error: float, outputs: int) -> arb:
    """2ε log2 dB + (1+ε) h(ε/(1+ε)) for ε = `error` and dB = `outputs`."""

    def formula() -> arb:
        e = ball(error)
        return 2 * e * log2(arb(outputs)) + (1 + e) * binary_entropy(e / (1 + e))

    return enclose(formula)


def _defect(omega: acb_mat, u: acb_mat, v: acb_mat) -> arb:
    """Upper bound on ½‖ω - (Ū⊗V) ω (Ū⊗V)†‖_1."""
    d_a, d_b = u.nrows(), v.nrows()
    transformation = acb_mat(
        [
            [u[i, k].conjugate() * v[j, m] for k in range(d_a) for m in range(d_b)]
            for i in range(d_a)
            for j in range(d_b)
        ]
    )
    return _trace_distance(omega - transformation * omega * adjoint(transformation))


def _trace_distance(difference: acb_mat) -> arb:
    """Upper bound on half the trace norm: √N/2 times the Frobenius norm."""
    n = difference.nrows()
    norm = frobenius_norm(difference[i, j] for i in range(n) for j in range(n))
    return (arb(n).sqrt() * norm / 2).abs_upper()


def _exact_pairs(test: Covariance) -> list[tuple[acb_mat, acb_mat]]:
    """The generators as the exact unitaries that their doubles stand for, and exactly unitary corrections near V.

    All entries of the built-in generators are 0 or dA-th roots of unity.
    """
    return [
        (_roots_of_unity(u), orthonormal_columns(v)) for u, v in zip(test.generators, test.corrections, strict=True)
    ]


def _roots_of_unity(unitary: NDArray[np.complex128]) -> acb_mat:
    d = len(unitary)
    turns = np.rint(np.angle(unitary) * d / (2 * np.pi)).astype(int)
    rows = []
    for i in range(d):
        phases = [acb(arb(fmpq(2 * int(turns[i, j]), d))).exp_pi_i() for j in range(d)]
        rows.append([phase if abs(unitary[i, j]) > 0.5 else acb(0) for j, phase in enumerate(phases)])
    exact = acb_mat(rows)
    off = max(float(abs(exact[i, j] - acb(complex(unitary[i, j]))).upper()) for i in range(d) for j in range(d))
    if off > 1e-12:
        raise BoundNotEstablishedError(f"a generator is off from a matrix of roots of unity by {off:.3g}")
    return exact
