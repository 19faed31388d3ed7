"""The squashed entanglement of a channel from above: an explicit squashing isometry, and a ceiling over all inputs.

With Kraus operators K_e, Λ sends Alice's system to Bob's B and the environment E. An isometry W from E to E'F squashes;
for every W [takeoka2014]

    P_2(Λ) <= max over inputs ρ of ½ [S(B|E') + S(B|F)].

The maximum is bounded, not sampled. For any positive operator ω on BX, X being E' or F, with marginal ω_X,

    S(B|X)_ρ <= -tr ρ_BX log ω_BX + tr ρ_X log ω_X,

as the difference of the two sides is D(ρ_BX||ω_BX) - D(ρ_X||ω_X) >= 0 (monotonicity). The right side is linear in ρ,
so its greatest value over inputs is the largest eigenvalue of an operator G on A. It is tight for ω made of an optimal
input. Neither W nor ω need be optimal: both are found by descent in floating point, taken as exact matrices, and the
largest eigenvalue of G is enclosed, with operator-monotone bounds on the logarithms.

This is for one exact channel Λ0 with Kraus operators near those of the channel in doubles. Let the Choi state of Λ be
within trace distance ε of that of Λ0, whose least positive eigenvalue is γ. With L L† = J0, the columns of L being Λ0's
Kraus operators, J has a purification L' that differs from L by at most √2 ε/√γ on these columns (see
`continuity.extension_distance`), and so Λ and Λ0 have dilations whose difference has norm at most η = √dA √2 ε/√γ on
the levels of E that Λ0 uses. Squash these by W and send the others, of weight at most 2η, to further levels of F: for
every input the state of B and E', with a reference of Alice's, is within θ = 2η of Λ0's, and ½ I(A;B|E') changes by at
most θ log2 min(dA,dB) + (1+θ) h(θ/(1+θ)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.scopes import ROUNDING, channel_thing, private
from keybounds.bounds.state.continuity import entanglement_margin
from keybounds.bounds.state.orthonormal import orthonormal_columns
from keybounds.bounds.state.spectra import (
    PRECISION,
    adjoint,
    centre,
    eigenvalue_enclosures,
    exact_matrix,
    frobenius_norm,
    hermitian_from_lower,
)
from keybounds.channels import as_choi
from keybounds.channels.choi import Channel, Choi, kraus_arrays
from keybounds.enclosure import log2, round_up
from keybounds.errors import BoundNotEstablishedError, UnsupportedError
from keybounds.states.arguments import dimension

_FULL_RANK = 2.0**-40  # of the identity in ω: its logarithm exists; costs about as many bits
_LARGEST = 64  # dB · dim E'; the descent's eigenproblems and the certificate's ball matrices have this size
_SPLITTABLE = 6  # Kraus operators up to which E' and F are as large as E by default; W has rank³ entries then
_STEPS, _PATIENCE = 400, 20  # of the descent: at most, and without a gain of 1e-10 bits

Array = NDArray[np.complex128]


def channel_squashed_entanglement(
    channel: Channel,
    dims: Sequence[int] | None = None,
    *,
    environment: SupportsIndex | None = None,
    starts: SupportsIndex = 4,
) -> Bound:
    """Ceiling on the key through any channel: ½ [S(B|E') + S(B|F)] for a squashing found by descent, over all inputs.

    Parameters
    ----------
    channel, dims
        See `keybounds.channels.as_choi`.
    environment
        Dimension of E' and of F; its square is at least the number of Kraus operators. By default that number, and as
        little of it as that allows, from 7 on.
    starts
        Number of starting points: the even splitting of E first, then random ones from a fixed seed.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2, of every channel whose Choi state lies within
        ``diagnostics["trace_distance"]`` of the given one. The ceiling is enclosed for an exact one of these, with the
        Kraus operators of `best_squashing`, and ``["margin"]`` is what the others cost. No certificate: the verifier
        does not know this method.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; an `environment` that is too small, no `starts`.
    UnsupportedError
        dB · dim E' > 64.
    BoundNotEstablishedError
        The descent ended in something that is not finite.

    Notes
    -----
    takeoka2014; the ceiling over inputs this project; winter2016 for the margin.
    """
    choi = as_choi(channel, dims)
    tries = dimension("starts", starts, least=1)
    found = best_squashing(choi, environment, tries)
    value = certified_ceiling(found.kraus, found.isometry, found.input, found.environment)
    distance, added = margin(found.kraus, choi)
    with ctx.workprec(PRECISION):
        total = value + added
    return upper_bound(
        total,
        unit=Unit.PER_CHANNEL_USE,
        scope=private(channel_thing(choi)),
        method="squashed entanglement, optimised squashing",
        reference="takeoka2014",
        provenance={"dims": list(choi.dims), "environment": found.environment, "starts": tries},
        diagnostics={
            "uncertified_objective": found.objective,
            "trace_distance": distance,
            "margin": round_up(added),
        },
    )


@dataclass(frozen=True, slots=True, eq=False)
class Squashing:
    """What a descent ended in: all that the ceiling follows from.

    Attributes
    ----------
    kraus
        Shape (K, dB, dA), in doubles; the channel meant has them exactly orthonormal as columns of one stack. Those of
        weight below 1e-14 are left out.
    isometry
        W, shape (e², K), for the dimension e of E' and of F; meant exactly isometric.
    input
        Shape (dA, dA), from which ω is made.
    environment
        e.
    objective
        The ceiling in floating point.
    """

    kraus: Array
    isometry: Array
    input: Array
    environment: int
    objective: float


def best_squashing(choi: Choi, environment: SupportsIndex | None, starts: int) -> Squashing:
    """Descend from each start; arguments and errors as `channel_squashed_entanglement`."""
    kraus = kraus_arrays(choi)
    rank, d_b, _ = kraus.shape
    least = int(np.ceil(np.sqrt(rank)))
    usual = rank if rank <= _SPLITTABLE else least
    size = dimension("environment", usual if environment is None else environment, least=least)
    if d_b * size > _LARGEST:
        raise UnsupportedError("environment", f"dB · dim E' of at most {_LARGEST}", f"{d_b} · {size}")
    problem = _Problem(kraus, size)
    best = min(
        (_descend(problem, start) for start in _starts(rank, size, starts)),
        key=lambda point: problem.ceiling(*point),
    )
    return Squashing(kraus, *best, size, problem.ceiling(*best))


def margin(kraus: Array, choi: Choi) -> tuple[float, arb]:
    """The distance from the given Choi state within which channels are meant, and what it costs; see the module.

    It reaches as far as Λ0 and `ROUNDING` beyond.

    Raises
    ------
    BoundNotEstablishedError
        The Kraus operators are not certainly linearly independent.
    """
    rank, d_b, d_a = kraus.shape
    size = d_a * d_b
    with ctx.workprec(PRECISION):
        stacked = orthonormal_columns(kraus.reshape(rank * d_b, d_a))
        vectors = acb_mat([[stacked[e * d_b + b, a] for e in range(rank)] for a in range(d_a) for b in range(d_b)])
        difference = vectors * adjoint(vectors) / d_a - exact_matrix(choi.matrix)
        norm = frobenius_norm(difference[i, j] for i in range(size) for j in range(size))
        off = (arb(size).sqrt() * norm / 2).abs_upper()  # of Λ0
        least = min((e.lower() for e in eigenvalue_enclosures(adjoint(vectors) * vectors / d_a)), key=float)
        if not least > 0:
            raise BoundNotEstablishedError("the Kraus operators are linearly dependent up to rounding")
        apart = 2 * off + arb(ROUNDING)
        theta = 2 * (2 * d_a / least).sqrt() * apart
        return round_up(off + arb(ROUNDING)), entanglement_margin(theta, choi.dims)


@dataclass(frozen=True, slots=True)
class _Problem:
    """Kraus operators (r, dB, dA) and the dimension of E' and F; W has shape (size², r), its rows being E'F."""

    kraus: Array
    size: int

    def spread(self, w: Array, root: Array) -> list[Array]:
        """The isometry A -> E'FB times `root`, with rows BE' and columns FA, and with rows BF and columns E'A."""
        rank, d_b, d_a = self.kraus.shape
        whole = ((w @ self.kraus.reshape(rank, -1)).reshape(-1, d_a) @ root).reshape(self.size, self.size, d_b, d_a)
        rows = d_b * self.size
        return [whole.transpose(2, 0, 1, 3).reshape(rows, -1), whole.transpose(2, 1, 0, 3).reshape(rows, -1)]

    def gathered(self, first: Array, second: Array) -> Array:
        """The sum of two arrays arranged as by `spread`, back in the order E'F, B, A; shape (size², dB, dA)."""
        _, d_b, d_a = self.kraus.shape
        shape = (d_b, self.size, self.size, d_a)
        whole = first.reshape(shape).transpose(1, 2, 0, 3) + second.reshape(shape).transpose(2, 1, 0, 3)
        return whole.reshape(self.size * self.size, d_b, d_a)

    def operator(self, half: Array) -> Array:
        """-log ω_BX + 1 ⊗ log ω_X in bits, for ω the product of `half` with its adjoint."""
        d_b, size = self.kraus.shape[1], self.size
        omega = half @ half.conj().T + _FULL_RANK * np.eye(d_b * size)
        marginal = np.einsum("bxbz->xz", omega.reshape(d_b, size, d_b, size))
        return np.asarray(np.kron(np.eye(d_b), _log2(marginal)) - _log2(omega))

    def input_operator(self, w: Array, rho: Array) -> Array:
        """G, with tr ρG the value at ρ."""
        d_a = len(rho)
        operators = [self.operator(half) for half in self.spread(w, _root(rho))]
        plain = self.spread(w, np.eye(d_a, dtype=np.complex128))
        raised = self.gathered(*(o @ m for o, m in zip(operators, plain, strict=True))).reshape(-1, d_a)
        g = (w @ self.kraus.reshape(len(self.kraus), -1)).reshape(-1, d_a).conj().T @ raised / 2
        return np.asarray((g + g.conj().T) / 2)

    def ceiling(self, w: Array, rho: Array) -> float:
        """Largest eigenvalue of G in floating point; infinite for a point that is not finite."""
        if not (np.all(np.isfinite(w)) and np.all(np.isfinite(rho))):
            return float("inf")
        return float(np.linalg.eigvalsh(self.input_operator(w, rho))[-1])

    def value_and_slope(self, w: Array, rho: Array) -> tuple[float, Array]:
        """½ [S(B|E') + S(B|F)] at the input ρ and its gradient in W."""
        root = _root(rho)
        halves = self.spread(w, root)
        raised = [self.operator(half) @ half for half in halves]
        value = sum(float(np.vdot(half, up).real) for half, up in zip(halves, raised, strict=True)) / 2
        rooted = (self.kraus @ root).reshape(len(self.kraus), -1)
        slope = self.gathered(*raised).reshape(self.size * self.size, -1) @ rooted.conj().T
        return value, np.asarray(slope)


def _log2(matrix: Array) -> Array:
    weights, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.log2(np.maximum(weights, 1e-300))) @ vectors.conj().T)


def _root(rho: Array) -> Array:
    weights, vectors = np.linalg.eigh(rho)
    return np.asarray((vectors * np.sqrt(np.maximum(weights, 0.0))) @ vectors.conj().T)


def _starts(rank: int, size: int, starts: int) -> list[Array]:
    """The even splitting |0> -> |00>, |k> -> (|k0> + |0k>)/√2 where it fits, then random isometries."""
    found: list[Array] = []
    rng = np.random.default_rng(0)
    if size >= rank:
        even = np.zeros((size, size, rank), dtype=np.complex128)
        even[0, 0, 0] = 1
        for k in range(1, rank):
            even[k, 0, k] = even[0, k, k] = 1 / np.sqrt(2)
        found.append(even.reshape(size * size, rank))
    while len(found) < starts:
        z = rng.normal(size=(size * size, rank)) + 1j * rng.normal(size=(size * size, rank))
        found.append(np.linalg.qr(z)[0])
    return found


def _descend(problem: _Problem, start: Array) -> tuple[Array, Array]:
    """Alternate descent in W and ascent in ρ from one start; steps after Barzilai and Borwein, shortened as needed."""
    d_a = problem.kraus.shape[2]
    rho = np.eye(d_a, dtype=np.complex128) / d_a
    w, step = start, 0.3
    before: tuple[Array, Array] | None = None
    least, since = np.inf, 0
    for _ in range(_STEPS):
        rho, settled = _best_input(problem, w, rho)
        value, slope = problem.value_and_slope(w, rho)
        least, since = (value, 0) if value < least - 1e-10 else (least, since + 1)
        if since > _PATIENCE and settled:
            break
        tangent = slope - w @ (w.conj().T @ slope + slope.conj().T @ w) / 2
        if before is not None:
            moved, turned = w - before[0], tangent - before[1]
            overlap = abs(float(np.vdot(moved, turned).real))
            step = min(float(np.vdot(moved, moved).real) / overlap, 10.0) if overlap > 0 else step
        size = float(np.vdot(tangent, tangent).real)
        before = (w, tangent)
        while size > 1e-18 and step > 1e-8:
            candidate = _polar(w - step * tangent)
            if problem.value_and_slope(candidate, rho)[0] <= value - 1e-4 * step * size:
                w = candidate
                break
            step /= 2
        if w is before[0] and settled:
            break
        step = max(step, 1e-6)
    return w, _best_input(problem, w, rho, rounds=500)[0]


def _polar(matrix: Array) -> Array:
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left @ right)


def _best_input(problem: _Problem, w: Array, rho: Array, *, rounds: int = 2) -> tuple[Array, bool]:
    """Maximise the concave value over inputs by ρ <- exp(log ρ + G)/tr; also, whether ρ has stopped moving."""
    change = np.inf
    for _ in range(rounds):
        weights, vectors = np.linalg.eigh(_log2(rho) + problem.input_operator(w, rho))
        raised = np.exp2(weights - weights[-1])
        after = (vectors * (raised / raised.sum())) @ vectors.conj().T
        after = (after + after.conj().T) / 2
        change = float(np.abs(after - rho).max())
        rho = after
        if change < 1e-11:
            break
    return rho, change < 1e-8


def certified_ceiling(kraus: Array, w: Array, rho: Array, size: int) -> arb:
    """Upper bound on λ_max(G) in balls, for the exact isometries near the given Kraus operators and W.

    Any W of shape (size², r) and any positive ρ, from which ω is made, give a ceiling.

    Raises
    ------
    BoundNotEstablishedError
        W or ρ is not finite, or ω made of it is not positive.
    """
    if not (np.all(np.isfinite(w)) and np.all(np.isfinite(rho))):
        raise BoundNotEstablishedError("the descent ended in an isometry or an input that is not finite")
    with ctx.workprec(PRECISION):
        return _largest_eigenvalue(kraus, w, rho, size)


def _largest_eigenvalue(kraus: Array, w: Array, rho: Array, size: int) -> arb:
    rank, d_b, d_a = kraus.shape
    stacked = orthonormal_columns(kraus.reshape(rank * d_b, d_a))  # rows (e, b)
    squash = orthonormal_columns(w.reshape(size * size, rank))  # rows (x, y)
    # The isometry A -> E' F B as maps A -> B ⊗ X, one for each basis vector of the other part.
    whole = [
        [
            [
                [
                    sum((squash[x * size + y, e] * stacked[e * d_b + b, a] for e in range(rank)), acb(0))
                    for a in range(d_a)
                ]
                for b in range(d_b)
            ]
            for y in range(size)
        ]
        for x in range(size)
    ]
    kept = [
        [acb_mat([whole[x][y][b] for b in range(d_b) for x in range(size)]) for y in range(size)],
        [acb_mat([whole[x][y][b] for b in range(d_b) for y in range(size)]) for x in range(size)],
    ]
    floating = [[centre(m) for m in part] for part in kept]
    total = acb_mat(d_a, d_a)
    for maps, guesses in zip(kept, floating, strict=True):
        mixture = np.sum([m @ rho @ m.conj().T for m in guesses], axis=0)
        omega = hermitian_from_lower(np.asarray(mixture + _FULL_RANK * np.eye(d_b * size), dtype=np.complex128))
        operator = _log_difference(omega, d_b, size)
        for m in maps:
            total = total + adjoint(m) * operator * m
    return max((e.upper() for e in eigenvalue_enclosures(total)), key=float) / 2


def _log_difference(omega: Array, d_b: int, size: int) -> acb_mat:
    """An operator certainly at least -log2 ω + 1 ⊗ log2 ω_X, for the exact matrix ω on B ⊗ X."""
    exact = exact_matrix(omega)
    marginal = acb_mat(
        [
            [sum((exact[b * size + i, b * size + j] for b in range(d_b)), acb(0)) for j in range(size)]
            for i in range(size)
        ]
    )
    local = _log_bound(marginal, upper=True)
    bound = -_log_bound(exact, upper=False)
    return acb_mat(
        [
            [
                bound[b * size + i, c * size + j] + (local[i, j] if b == c else acb(0))
                for c in range(d_b)
                for j in range(size)
            ]
            for b in range(d_b)
            for i in range(size)
        ]
    )


def _log_bound(matrix: acb_mat, *, upper: bool) -> acb_mat:
    """An operator certainly above (or below) log2 of a positive matrix: V log2(diag(V†MV) ± δ) V†."""
    n = matrix.nrows()
    vectors = orthonormal_columns(np.linalg.eigh(centre(matrix))[1])
    rotated = adjoint(vectors) * matrix * vectors
    off = frobenius_norm(rotated[i, j] for i in range(n) for j in range(n) if i != j)
    delta = off if upper else -off
    logs = []
    for k in range(n):
        eigenvalue = rotated[k, k].real + delta
        if not eigenvalue > 0:
            raise BoundNotEstablishedError(f"no positive bound on an eigenvalue of ω: {eigenvalue}")
        logs.append(log2(eigenvalue))
    diagonal = acb_mat([[acb(logs[i]) if i == j else acb(0) for j in range(n)] for i in range(n)])
    return vectors * diagonal * adjoint(vectors)
