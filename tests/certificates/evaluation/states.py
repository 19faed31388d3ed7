"""States and channels by their matrices, in doubles; what is nearly singular by 40 digits and more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from evaluation.common import ANY, KEY, LOOSE, QUBITS, Document, Matrix, Proven, exact, h, need, real, scoped, within


def matrix_of(rows: list[Any]) -> Matrix:
    return np.array([[complex(float(exact(re)), float(exact(im))) for re, im in row] for row in rows])


def entropy(matrix: Matrix) -> float:
    values = np.linalg.eigvalsh(matrix)
    return float(-sum(x * math.log2(x) for x in values if x > 0))


def part(rho: Matrix, dims: list[int], side: int) -> Matrix:
    tensor = rho.reshape(*dims, *dims)
    return np.asarray(np.trace(tensor, axis1=1, axis2=3) if side == 0 else np.trace(tensor, axis1=0, axis2=2))


def flipped(rho: Matrix, dims: list[int]) -> Matrix:
    """The partial transpose on Bob's side."""
    return rho.reshape(*dims, *dims).transpose(0, 3, 2, 1).reshape(rho.shape)


@dataclass
class State:
    """ω, its dimensions, and how far the states that are meant may be from it."""

    rho: Matrix
    dims: list[int]
    error: float

    def entropy(self, side: int | None = None) -> float:
        return entropy(self.rho if side is None else part(self.rho, self.dims, side))


def _state(data: Document) -> State:
    dims = data["dims"]
    H = matrix_of(data["state"]["matrix"])
    need(len(dims) == 2 and H.shape == (dims[0] * dims[1],) * 2 and min(dims) >= 1, "other dimensions")
    need(np.array_equal(H, H.conj().T), "not Hermitian")
    shift = float(exact(data["state"]["shift"]))
    need(shift >= 0, "a negative shift")
    lifted = H + shift * np.eye(len(H))
    trace = float(np.trace(lifted).real)
    need(trace > 0, "no trace")
    rho = lifted / trace
    need(np.linalg.eigvalsh(rho)[0] > -1e-12, "not positive")
    if "repair" not in data:
        return State(rho, dims, 0.0)
    repair = within(data["repair"], 0, 1, "repair")
    distance = np.abs(np.linalg.eigvalsh(H - rho)).sum() / 2  # of ω from the matrix given
    return State(rho, dims, float(repair) + float(distance))


def _continuity(x: float, bits: float) -> float:
    """x bits + (1+x) h(x/(1+x)) [winter2016]."""
    return x * bits + float((1 + x) * h(mp.mpf(x) / (1 + x))) if x > 0 else 0.0


def _of_state(document: Document, state: State, value: float) -> Proven:
    data = document["data"]
    if "state_is" not in data:
        return Proven("upper", value, "bit/copy", scoped("dependent"), LOOSE)
    need(data["state_is"] == "partial transpose", "is what?")
    if "repair" not in data:
        need(np.linalg.eigvalsh(flipped(state.rho, state.dims))[0] > -1e-12, "the transpose of no state")
    return Proven("upper", value, "bit/copy", scoped("independent"), LOOSE)


def relative_entropy_bound(document: Document) -> Proven:
    data = document["data"]
    need(data.keys() - {"state_is", "simulates", "repair"} == {"dims", "state", "separable_state"}, "other fields")
    state = _state(data)
    value = _divergence(state, data["separable_state"]) + _continuity(state.error, math.log2(min(state.dims)))
    _at_least_hashing(state, value)
    if "simulates" not in data:
        return _of_state(document, state, value)
    need("state_is" not in data, "both")
    e = float(within(data["simulates"], 0, Fraction(1, 1024), "simulates"))
    value += 2 * e * math.log2(state.dims[1]) + _continuity(e, 0)
    return Proven("upper", value, "bit/channel use", scoped("dependent"), LOOSE)


def _at_least_hashing(state: State, value: float) -> None:
    """A check of this evaluator as well: no ceiling lies below what hashing distils."""
    least = max(state.entropy(0), state.entropy(1)) - state.entropy()
    need(value >= least - LOOSE, "below the hashing rate")


def _divergence(state: State, given: Document) -> float:
    d_a, d_b = state.dims
    size, kind = d_a * d_b, given["kind"]
    if kind == "product of the marginals":
        return max(state.entropy(0) + state.entropy(1) - state.entropy(), 0.0)
    if kind == "ensemble":
        need(given.keys() == {"kind", "admixture", "alice", "bob"}, "other fields")
        alice, bob = matrix_of(given["alice"]), matrix_of(given["bob"])
        vectors = np.einsum("ka,kb->kab", alice, bob).reshape(len(alice), size)
        sigma = vectors.T @ vectors.conj()
    elif kind in ("isotropic", "Werner"):
        need(d_a == d_b and given.keys() == {"kind", "admixture", "share"}, "other dimensions")
        swap = np.eye(size).reshape(d_a, d_a, d_a, d_a).transpose(1, 0, 2, 3).reshape(size, size)
        vector = np.eye(d_a).ravel() / math.sqrt(d_a)
        projector = np.outer(vector, vector) if kind == "isotropic" else (np.eye(size) - swap) / 2
        rank, most = (1, Fraction(1, d_a)) if kind == "isotropic" else (d_a * (d_a - 1) // 2, Fraction(1, 2))
        share = float(within(given["share"], 0, most, "share"))
        sigma = share * projector / rank + (1 - share) * (np.eye(size) - projector) / (size - rank)
    elif kind == "Bell-diagonal":
        shares = [within(x, 0, Fraction(1, 2), "share") for x in given["shares"]]
        need(state.dims == [2, 2] and len(shares) == 4 and sum(shares) == 1, "no distribution")
        bell = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / math.sqrt(2)
        sigma = np.einsum("k,ki,kj->ij", np.array(shares, dtype=float), bell, bell)
    else:
        need(kind == "dephased in the Schmidt basis", "no separable state")
        shares = [within(x, 0, 1, "share") for x in given["shares"]]
        need(len(shares) == size and sum(shares) == 1, "no distribution")
        bases = [np.linalg.qr(matrix_of(given[party]))[0] for party in ("alice", "bob")]
        product = np.kron(*bases)
        sigma = product @ np.diag(np.array(shares, dtype=float)) @ product.conj().T
    admixture = float(within(given["admixture"], 0, 1, "admixture"))
    sigma = (1 - admixture) * sigma / np.trace(sigma).real + admixture * np.eye(size) / size
    return relative_entropy(state.rho, sigma)


def relative_entropy(rho: Matrix, sigma: Matrix) -> float:
    """D(ρ||σ), by 40 digits where σ is nearly singular."""
    values, vectors = np.linalg.eigh(sigma)
    weights = np.einsum("ik,ij,jk->k", vectors.conj(), rho, vectors).real
    if values[0] > 1e-6:
        return float(-(weights * np.log2(values)).sum()) - entropy(rho)
    precise, frame = mp.eighe(mp.matrix(sigma.tolist()))
    total = mp.mpf(0)
    for k, value in enumerate(precise):
        column = [frame[i, k] for i in range(len(rho))]
        weight = mp.fsum(
            (mp.conj(column[i]) * rho[i, j] * column[j]).real for i in range(len(rho)) for j in range(len(rho))
        )
        if value <= 0:
            need(weight < 1e-14, "an infinite divergence")
            continue
        total -= weight * mp.log(value, 2)
    return float(total) - entropy(rho)


def squashed_entanglement(document: Document) -> Proven:
    data = document["data"]
    state = _state(data)
    e, f = data["environment"]
    bits = math.log2(min(state.dims))
    if "isometry" not in data:
        need((e, f) == (1, len(state.rho)), "no isometry")
        value = (state.entropy(0) + state.entropy(1) - state.entropy()) / 2
        return _checked(document, state, value + _continuity(state.error, bits))
    V = matrix_of(data["isometry"])
    need(V.shape == (e * f, len(state.rho)), "another isometry")
    need(np.linalg.norm(V.conj().T @ V - np.eye(V.shape[1])) < 1e-3, "no isometry")
    left, _, right = np.linalg.svd(V, full_matrices=False)
    L = _triangle(document)
    psi = (L @ (left @ right).T).reshape(*state.dims, e, f)

    def s(*kept: int) -> float:
        rest = [axis for axis in range(4) if axis not in kept]
        rows = psi.transpose(*kept, *rest).reshape(math.prod(psi.shape[k] for k in kept), -1)
        return float(-sum(x * x * math.log2(x * x) for x in np.linalg.svd(rows, compute_uv=False) if x > 0))

    value = (s(0, 2) + s(1, 2) - s(2) - s(3)) / 2
    theta = _extension_error(state.error, L, V.reshape(e, f, -1))
    return _checked(document, state, value + _continuity(theta, bits))


def _checked(document: Document, state: State, value: float) -> Proven:
    _at_least_hashing(state, value)
    return _of_state(document, state, value)


def _triangle(document: Document) -> Matrix:
    """The Cholesky factor of ω, by 80 digits: its last pivots are as small as the shift."""
    given = document["data"]["state"]
    size = len(given["matrix"])
    with mp.workdps(80):
        shift = real(exact(given["shift"]))
        table = [[mp.mpc(*(real(exact(x)) for x in z)) for z in row] for row in given["matrix"]]
        trace = mp.fsum(table[k][k].real for k in range(size)) + size * shift
        L = [[mp.mpc(0)] * size for _ in range(size)]
        for j in range(size):
            pivot = table[j][j].real + shift - mp.fsum(abs(L[j][k]) ** 2 for k in range(j))
            need(pivot > 0, "not positive definite")
            L[j][j] = mp.mpc(mp.sqrt(pivot))
            for i in range(j + 1, size):
                inner = mp.fsum(L[i][k] * mp.conj(L[j][k]) for k in range(j))
                L[i][j] = (table[i][j] - inner) / L[j][j]
        return np.array([[complex(z / mp.sqrt(trace)) for z in row] for row in L])


def _extension_error(error: float, L: Matrix, V: NDArray[Any]) -> float:
    """How far the extension may be from one of a state at trace distance `error` from LL†; see the verifier's theorem.

    √(ε(2-ε)) by Uhlmann; or, for columns K that share no level of F with the rest, τ + 2 (√2 ε + √(2ετ))/√(γ-τ).
    """
    if error == 0:
        return 0.0
    best, count = math.sqrt(min(error, 1) * (2 - min(error, 1))), L.shape[1]
    touched = np.any(np.abs(V) > 0, axis=0)  # level of F by column
    groups: list[set[int]] = []
    for k in range(count):
        joined = [group for group in groups if any(np.any(touched[:, k] & touched[:, j]) for j in group)]
        groups = [group for group in groups if group not in joined] + [{k}.union(*joined)]
    gram = L.conj().T @ L
    for group in groups:
        kept = sorted(group)
        least = np.linalg.eigvalsh(gram[np.ix_(kept, kept)])[0]
        rest = max(1 - float(np.trace(gram[np.ix_(kept, kept)]).real), 0.0)
        if least > rest:
            best = min(best, rest + 2 * (math.sqrt(2) * error + math.sqrt(2 * error * rest)) / math.sqrt(least - rest))
    return best


def hashing(document: Document) -> Proven:
    data = document["data"]
    need(data.keys() - {"repair"} == {"dims", "state", "of", "direction"}, "other fields")
    state, forward, channel = _state(data), data["direction"] == "forward", data["of"] == "channel"
    need(data["direction"] in ("forward", "reverse") and data["of"] in ("state", "channel"), "of what?")
    need(forward or channel, "reverse hashing of a state")
    if channel:
        _choi(state.rho, state.dims)
    side = 1 if forward else 0
    error = state.error
    margin = 2 * error * math.log2(state.dims[1 - side]) + _continuity(error, 0)
    value = state.entropy(side) - state.entropy() - margin
    scope = scoped("dependent", {**ANY, "discussion": "one-way"} if forward else ANY)
    return Proven("lower", value, "bit/channel use" if channel else "bit/copy", scope, LOOSE)


def _choi(rho: Matrix, dims: list[int]) -> None:
    off = part(rho, dims, 0) - np.eye(dims[0]) / dims[0]
    need(bool(np.linalg.norm(off) < 2.0**-39), "no Choi state")


def semidefinite(document: Document) -> Proven:
    data = document["data"]
    dims, choi = data["dims"], matrix_of(data["choi"])
    need(choi.shape == (dims[0] * dims[1],) * 2 and np.array_equal(choi, choi.conj().T), "no Choi state")
    _choi(choi, dims)
    J = dims[0] * (choi + 2.0**-44 * np.eye(len(choi)))

    def least(matrix: Matrix) -> float:
        return float(np.linalg.eigvalsh(matrix)[0])

    if document["kind"] == "max-relative entropy":
        need(data.keys() == {"dims", "choi", "Y"} and len(choi) <= 6, "other fields")
        Y = matrix_of(data["Y"])
        need(Y.shape == choi.shape and np.array_equal(Y, Y.conj().T), "not Hermitian")
        lifted = Y + max(0.0, -min(least(Y - J), least(flipped(Y, dims)))) * np.eye(len(Y))
        quantity = KEY
    else:
        need(data.keys() == {"dims", "choi", "V", "Y"}, "other fields")
        V, Y = matrix_of(data["V"]), matrix_of(data["Y"])
        need(all(np.array_equal(M, M.conj().T) and M.shape == choi.shape for M in (V, Y)), "not Hermitian")
        one = np.eye(len(Y))
        V, Y = V + max(0.0, -least(V)) * one, Y + max(0.0, -least(Y)) * one
        lifted = V + Y + max(0.0, -least(flipped(V - Y, dims) - J)) * one
        quantity = QUBITS
    value = math.log2(np.linalg.eigvalsh(part(lifted, dims, 0))[-1])
    return Proven("upper", value, "bit/channel use", scoped("dependent", quantity=quantity), LOOSE)
