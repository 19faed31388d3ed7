"""Compiled kernels: the price of a two-qubit strategy with its analytic gradient, and the best pinching of its state.

A strategy is a real vector ψ in A ⊗ B ⊗ E, all qubits, and for each setting a direction n = (cos θ, sin θ) in the ZX
plane of the Bloch sphere and two probabilities f_s = sin²(χ_s/2) with which result s is printed as the other one.
Everything a price is made of is linear in Eve's nine matrices

    E_ij = Tr_AB[(σ_i ⊗ σ_j) ψψ^T],   σ = (1, Z, X),

symmetric 2x2 matrices: her conditional states are ρ^st = Σ_ij α_s,i β_t,j E_ij with α_s = (1, ±n)/2, and after
printing ρ^ab = Σ_st N(a|s) N(b|t) ρ^st. For a sum of unnormalised entropies of which the traces cancel,
F = Σ Tr M_ab ρ^ab with M the logarithms and dF = Σ Tr M_ab dρ^ab, so one pass gives value and gradient.

The relative entropy of the state to its pinching is Σ_s S(β_s) - S(ρ_E) with β_s = <v_s|ρ_AB|v_s> = (T_0 ± cos θ T_1 ±
sin θ T_2)/2, T_i = Tr_AE[σ_i ψψ^T] for Alice's qubit, likewise for Bob's. It is minimised over side and θ, and then its
gradient is that at fixed θ. Floating point: nothing here is a bound.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from keybounds.compiled import njit

_F = NDArray[np.float64]
_I = NDArray[np.int64]

_LEAST = 1e-300  # keeps the logarithm of a singular matrix finite; it is multiplied by the eigenvalue
_DIRECTIONS, _ROOT_STEPS = 8, 40  # pinching: angles tried a side, and most steps of the refinement
_FLAT = 1e-12  # the derivative, or the width of an angle, at which the refinement ends: its square is what is lost

INFORMATION, PRIVACY, RELATIVE_ENTROPY = 0, 1, 2
"""The costs of a strategy; see `costs`."""

_DEGENERATE = 1e-9  # relative splitting of two eigenvalues below which the divided difference is the derivative


@njit(error_model="numpy")
def _log(p: float, q: float, r: float) -> tuple[float, float, float]:
    """log2 of [[p, r], [r, q]], which is positive semidefinite: the entries (0,0), (1,1), (0,1)."""
    mean = 0.5 * (p + q)
    half = 0.5 * (p - q)
    split = math.sqrt(half * half + r * r)
    high = mean + split
    if high <= _LEAST:
        low = math.log2(_LEAST)
        return low, low, 0.0
    low = max((p * q - r * r) / high, _LEAST)
    log_high, log_low = math.log2(high), math.log2(low)
    slope = (log_high - log_low) / (2 * split) if split > _DEGENERATE * mean else 1.0 / (mean * math.log(2.0))
    centre = 0.5 * (log_high + log_low)
    return centre + slope * half, centre - slope * half, slope * r


@njit(error_model="numpy")
def _trace(M: _F, rho: _F) -> float:
    """Tr M rho of two symmetric matrices, given as (0,0), (1,1), (0,1)."""
    return float(M[0] * rho[0] + M[1] * rho[1] + 2 * M[2] * rho[2])


@njit(error_model="numpy")
def _printing(chi: _F, N: _F, slope: _F) -> None:
    """N[a, s], the probability that result s is printed as a, and the derivative of N[0, s] in χ_s."""
    for s in range(2):
        flip = math.sin(0.5 * chi[s]) ** 2
        N[s, s], N[1 - s, s] = 1.0 - flip, flip
        slope[s] = 0.5 * math.sin(chi[s]) * (-1.0 if s == 0 else 1.0)


@njit(error_model="numpy")
def _eve(psi: _F, u: _F, E: _F) -> None:
    """u[i, j] = (σ_i ⊗ σ_j ⊗ 1)ψ, shape (3, 3, 8), and Eve's matrices E[i, j] as (0,0), (1,1), (0,1)."""
    for i in range(3):
        for j in range(3):
            E[i, j, 0] = E[i, j, 1] = E[i, j, 2] = 0.0
            for a in range(2):
                a_from = 1 - a if i == 2 else a
                sign_a = -1.0 if i == 1 and a == 1 else 1.0
                for b in range(2):
                    b_from = 1 - b if j == 2 else b
                    sign = -sign_a if j == 1 and b == 1 else sign_a
                    to, source = 4 * a + 2 * b, 4 * a_from + 2 * b_from
                    u[i, j, to] = sign * psi[source]
                    u[i, j, to + 1] = sign * psi[source + 1]
                    E[i, j, 0] += psi[to] * u[i, j, to]
                    E[i, j, 1] += psi[to + 1] * u[i, j, to + 1]
                    E[i, j, 2] += 0.5 * (psi[to] * u[i, j, to + 1] + psi[to + 1] * u[i, j, to])


@njit(error_model="numpy")
def _direction(angle: float, alpha: _F, slope: _F) -> None:
    """alpha[s] = (1, ±cos, ±sin)/2, the coefficients of the projector of result s, and its derivative in the angle."""
    c, sine = math.cos(angle), math.sin(angle)
    for s in range(2):
        sign = 0.5 if s == 0 else -0.5
        alpha[s, 0], alpha[s, 1], alpha[s, 2] = 0.5, sign * c, sign * sine
        slope[s, 0], slope[s, 1], slope[s, 2] = 0.0, -sign * sine, sign * c


@njit(error_model="numpy")
def _conditional(E: _F, alice: float, bob: float, rho: _F) -> None:
    """rho[s, t] = Eve's unnormalised state with outcome s of Alice's direction and t of Bob's."""
    ca, sa, cb, sb = math.cos(alice), math.sin(alice), math.cos(bob), math.sin(bob)
    for m in range(3):
        one = E[0, 0, m]
        left = ca * E[1, 0, m] + sa * E[2, 0, m]
        right = cb * E[0, 1, m] + sb * E[0, 2, m]
        both = ca * (cb * E[1, 1, m] + sb * E[1, 2, m]) + sa * (cb * E[2, 1, m] + sb * E[2, 2, m])
        rho[0, 0, m] = 0.25 * (one + left + right + both)
        rho[0, 1, m] = 0.25 * (one + left - right - both)
        rho[1, 0, m] = 0.25 * (one - left + right - both)
        rho[1, 1, m] = 0.25 * (one - left - right + both)


@njit(error_model="numpy")
def _information(rho: _F, M: _F) -> float:
    """I(A:B|E) in bits, not normalised, from Eve's states; M its derivative in rho."""
    logs = np.empty((5, 3))  # of rho^0., rho^1., rho^.0, rho^.1, rho
    for m in range(3):
        logs[0, m] = rho[0, 0, m] + rho[0, 1, m]
        logs[1, m] = rho[1, 0, m] + rho[1, 1, m]
        logs[2, m] = rho[0, 0, m] + rho[1, 0, m]
        logs[3, m] = rho[0, 1, m] + rho[1, 1, m]
        logs[4, m] = logs[0, m] + logs[1, m]
    for k in range(5):
        logs[k, 0], logs[k, 1], logs[k, 2] = _log(logs[k, 0], logs[k, 1], logs[k, 2])
    value = 0.0
    for a in range(2):
        for b in range(2):
            M[a, b, 0], M[a, b, 1], M[a, b, 2] = _log(rho[a, b, 0], rho[a, b, 1], rho[a, b, 2])
            for m in range(3):
                M[a, b, m] += logs[4, m] - logs[a, m] - logs[2 + b, m]
            value += _trace(M[a, b], rho[a, b])
    return value


@njit(error_model="numpy")
def _privacy(rho: _F, q: float, hq: float, kept_a: _F, kept_b: _F, M: _F) -> float:
    """p_V [H(Â|E,V) - h(q)] in bits, not normalised; M its derivative in rho."""
    sigma = np.zeros((2, 3))
    for s in range(2):
        for t in range(2):
            for m in range(3):
                sigma[s, m] += kept_a[s] * kept_b[t] * rho[s, t, m]
    logs = np.empty((3, 3))
    for m in range(3):
        logs[0, m] = (1 - q) * sigma[0, m] + q * sigma[1, m]
        logs[1, m] = q * sigma[0, m] + (1 - q) * sigma[1, m]
        logs[2, m] = sigma[0, m] + sigma[1, m]
    for k in range(3):
        logs[k, 0], logs[k, 1], logs[k, 2] = _log(logs[k, 0], logs[k, 1], logs[k, 2])
    value = 0.0
    for s in range(2):
        for t in range(2):
            weight = kept_a[s] * kept_b[t]
            for m in range(3):
                own = logs[2, m] - (1 - q) * logs[s, m] - q * logs[1 - s, m] - (hq if m < 2 else 0.0)
                M[s, t, m] = weight * own
            value += _trace(M[s, t], rho[s, t])
    return value


@njit(error_model="numpy")
def _remaining(psi: _F, side: int, T: _F) -> None:
    """T[i] = Tr[σ_i ψψ^T] over the qubit of `side` (0: Alice) and Eve's, a matrix of the other party's qubit."""
    own, other = (4, 2) if side == 0 else (2, 4)
    T[:] = 0.0
    for e in range(2):
        for m in range(3):
            i, j = (0, 0) if m == 0 else ((1, 1) if m == 1 else (0, 1))
            zero_i, zero_j = psi[other * i + e], psi[other * j + e]
            one_i, one_j = psi[own + other * i + e], psi[own + other * j + e]
            T[0, m] += zero_i * zero_j + one_i * one_j
            T[1, m] += zero_i * zero_j - one_i * one_j
            T[2, m] += zero_i * one_j + one_i * zero_j


@njit(error_model="numpy")
def _pinched(T: _F, angle: float, beta: _F) -> float:
    """S(β_0) + S(β_1) in bits, not normalised; β written."""
    c, sine = math.cos(angle), math.sin(angle)
    value = 0.0
    for s in range(2):
        sign = 0.5 if s == 0 else -0.5
        for m in range(3):
            beta[s, m] = 0.5 * T[0, m] + sign * (c * T[1, m] + sine * T[2, m])
        mean, half = 0.5 * (beta[s, 0] + beta[s, 1]), 0.5 * (beta[s, 0] - beta[s, 1])
        high = mean + math.sqrt(half * half + beta[s, 2] * beta[s, 2])
        if high > _LEAST:
            low = max((beta[s, 0] * beta[s, 1] - beta[s, 2] * beta[s, 2]) / high, _LEAST)
            value -= high * math.log2(high) + low * math.log2(low)
    return value


@njit(error_model="numpy")
def _turned(T: _F, angle: float, beta: _F, L: _F) -> float:
    """The derivative of S(β_0) + S(β_1) in the angle; L[s] = log2 β_s written."""
    _pinched(T, angle, beta)
    c, sine = math.cos(angle), math.sin(angle)
    slope = 0.0
    for s in range(2):
        L[s, 0], L[s, 1], L[s, 2] = _log(beta[s, 0], beta[s, 1], beta[s, 2])
        slope += (-0.5 if s == 0 else 0.5) * (c * _trace(L[s], T[2]) - sine * _trace(L[s], T[1]))
    return slope


@njit(error_model="numpy")
def _best_angle(T: _F, beta: _F, L: _F) -> tuple[float, float]:
    """The angle of least S(β_0) + S(β_1), and that: a scan, then a root search for the derivative."""
    angle, least = 0.0, math.inf
    for k in range(_DIRECTIONS):  # θ and θ + π are the same pinching
        value = _pinched(T, math.pi * k / _DIRECTIONS, beta)
        if value < least:
            angle, least = math.pi * k / _DIRECTIONS, value
    low, high = angle - math.pi / _DIRECTIONS, angle + math.pi / _DIRECTIONS
    below, above = _turned(T, low, beta, L), _turned(T, high, beta, L)
    if not (below < 0.0 < above):
        return angle, least
    kept = 0  # which end the last step kept
    for _ in range(_ROOT_STEPS):  # regula falsi of Illinois
        middle = (low * above - high * below) / (above - below)
        if not low < middle < high:
            break
        slope = _turned(T, middle, beta, L)
        if abs(slope) < _FLAT or high - low < _FLAT:
            break
        if slope > 0.0:
            high, above = middle, slope
            below *= 0.5 if kept == -1 else 1.0
            kept = -1
        else:
            low, below = middle, slope
            above *= 0.5 if kept == 1 else 1.0
            kept = 1
    value = _pinched(T, middle, beta)
    return (middle, value) if value < least else (angle, least)


@njit(error_model="numpy")
def best_pinching(psi: _F) -> tuple[int, float]:
    """The side (0: Alice) and the Bloch angle of the pinching of least relative entropy."""
    T, beta, L = np.empty((3, 3)), np.empty((2, 3)), np.empty((2, 3))
    _remaining(psi, 0, T)
    alice, least = _best_angle(T, beta, L)
    _remaining(psi, 1, T)
    bob, other = _best_angle(T, beta, L)
    return (1, bob) if other < least else (0, alice)


@njit(error_model="numpy")
def _relative_entropy(psi: _F, gradient: _F) -> float:
    """D(ρ_AB || best pinching) in bits, not normalised; its derivative in ψ is added to `gradient`."""
    side, angle = best_pinching(psi)
    own, other = (4, 2) if side == 0 else (2, 4)
    T, beta, L, eve = np.empty((3, 3)), np.empty((2, 3)), np.empty((2, 3)), np.zeros(3)
    _remaining(psi, side, T)
    _turned(T, angle, beta, L)
    for k in range(0, 8, 2):
        eve[0] += psi[k] * psi[k]
        eve[1] += psi[k + 1] * psi[k + 1]
        eve[2] += psi[k] * psi[k + 1]
    p, q, r = _log(eve[0], eve[1], eve[2])
    value = p * eve[0] + q * eve[1] + 2 * r * eve[2]
    for k in range(0, 8, 2):
        gradient[k] += 2 * (p * psi[k] + r * psi[k + 1])
        gradient[k + 1] += 2 * (r * psi[k] + q * psi[k + 1])
    c, sine = math.cos(0.5 * angle), math.sin(0.5 * angle)
    for s in range(2):
        v_0, v_1 = (c, sine) if s == 0 else (-sine, c)
        value -= _trace(L[s], beta[s])
        for e in range(2):
            u_0 = v_0 * psi[e] + v_1 * psi[own + e]
            u_1 = v_0 * psi[other + e] + v_1 * psi[own + other + e]
            w_0, w_1 = L[s, 0] * u_0 + L[s, 2] * u_1, L[s, 2] * u_0 + L[s, 1] * u_1
            gradient[e] -= 2 * v_0 * w_0
            gradient[own + e] -= 2 * v_1 * w_0
            gradient[other + e] -= 2 * v_0 * w_1
            gradient[own + other + e] -= 2 * v_1 * w_1
    return float(value)


@njit(error_model="numpy")
def _some_setting_varies(labels: _I) -> bool:
    """Whether a party prints two outcomes at some setting."""
    return bool(np.any(labels[:, 0] != labels[:, 1]))


@njit(error_model="numpy")
def price(
    z: _F,
    labels_a: _I,
    labels_b: _I,
    prices: _F,
    weights: _F,
    cost: int,
    q: float,
    hq: float,
    kept: _F,
    gradient: _F,
) -> float:
    """Cost of a strategy minus what its table fetches at the given prices, and the gradient.

    Parameters
    ----------
    z
        ψ (8 numbers, index 4a + 2b + e), the angles θ of Alice's and of Bob's settings, then their χ, two a setting.
    labels_a, labels_b
        (nx, 2), (ny, 2): the outcomes that a setting prints for its two results; equal where it is deterministic.
    prices
        (na, nb, nx, ny): what a unit of P(a,b|x,y) fetches.
    weights
        (nx, ny): for the cost INFORMATION it is Σ weights · I(A:B|E) of the pairs, for PRIVACY Σ weights ·
        p_V[H(Â|E,V) - h(q)]; without meaning for RELATIVE_ENTROPY.
    q, hq, kept
        Noise, its binary entropy, and the probability with which a party keeps an outcome, by outcome: for PRIVACY.
    gradient
        Written; the shape of `z`.
    """
    nx, ny = labels_a.shape[0], labels_b.shape[0]
    psi = z[:8]
    chi_a, chi_b = 8 + nx + ny, 8 + 3 * nx + ny
    u, E = np.empty((3, 3, 8)), np.empty((3, 3, 3))
    _eve(psi, u, E)
    D = np.zeros((3, 3, 3))  # derivative of the numerator in E
    gradient[:] = 0.0
    rho, mixed = np.empty((2, 2, 3)), np.empty((2, 2, 3))
    M, pulled = np.empty((2, 2, 3)), np.empty((2, 2, 3))
    alpha, beta = np.empty((2, 3)), np.empty((2, 3))
    slope_a, slope_b = np.empty((2, 3)), np.empty((2, 3))
    kept_a, kept_b = np.ones(2), np.ones(2)
    Na, Nb, dNa, dNb = np.empty((2, 2)), np.empty((2, 2)), np.empty(2), np.empty(2)
    value = 0.0
    for x in range(nx):
        fixed_a = labels_a[x, 0] == labels_a[x, 1]
        _direction(z[8 + x], alpha, slope_a)
        _printing(z[chi_a + 2 * x : chi_a + 2 * x + 2], Na, dNa)
        for a in range(2):
            kept_a[a] = kept[labels_a[x, a]]
        for y in range(ny):
            fixed_b = labels_b[y, 0] == labels_b[y, 1]
            _direction(z[8 + nx + y], beta, slope_b)
            _printing(z[chi_b + 2 * y : chi_b + 2 * y + 2], Nb, dNb)
            for b in range(2):
                kept_b[b] = kept[labels_b[y, b]]
            _conditional(E, z[8 + x], z[8 + nx + y], rho)
            for a in range(2):
                for b in range(2):
                    for m in range(3):
                        mixed[a, b, m] = Na[a, 0] * (Nb[b, 0] * rho[0, 0, m] + Nb[b, 1] * rho[0, 1, m]) + Na[a, 1] * (
                            Nb[b, 0] * rho[1, 0, m] + Nb[b, 1] * rho[1, 1, m]
                        )
            M[:] = 0.0
            weight = weights[x, y]
            if cost == PRIVACY and weight != 0.0 and not fixed_a:
                value += weight * _privacy(mixed, q, hq, kept_a, kept_b, M)
                M *= weight
            elif cost == INFORMATION and weight != 0.0 and not fixed_a and not fixed_b:
                value += weight * _information(mixed, M)
                M *= weight
            for a in range(2):
                for b in range(2):
                    fetched = prices[labels_a[x, a], labels_b[y, b], x, y]
                    M[a, b, 0] -= fetched
                    M[a, b, 1] -= fetched
                    value -= fetched * (mixed[a, b, 0] + mixed[a, b, 1])
            for s in range(2):
                for t in range(2):
                    for m in range(3):
                        pulled[s, t, m] = Na[0, s] * (Nb[0, t] * M[0, 0, m] + Nb[1, t] * M[0, 1, m]) + Na[1, s] * (
                            Nb[0, t] * M[1, 0, m] + Nb[1, t] * M[1, 1, m]
                        )
                    if dNa[s] != 0.0:
                        for b in range(2):
                            inner = _trace(M[0, b], rho[s, t]) - _trace(M[1, b], rho[s, t])
                            gradient[chi_a + 2 * x + s] += dNa[s] * Nb[b, t] * inner
                    if dNb[t] != 0.0:
                        for a in range(2):
                            inner = _trace(M[a, 0], rho[s, t]) - _trace(M[a, 1], rho[s, t])
                            gradient[chi_b + 2 * y + t] += dNb[t] * Na[a, s] * inner
                    for i in range(3):
                        for j in range(3):
                            inner = _trace(pulled[s, t], E[i, j])
                            gradient[8 + x] += slope_a[s, i] * beta[t, j] * inner
                            gradient[8 + nx + y] += alpha[s, i] * slope_b[t, j] * inner
                            for m in range(3):
                                D[i, j, m] += alpha[s, i] * beta[t, j] * pulled[s, t, m]
    if cost == RELATIVE_ENTROPY and _some_setting_varies(labels_a) and _some_setting_varies(labels_b):
        value += _relative_entropy(psi, gradient[:8])
    norm = 0.0
    for k in range(8):
        norm += psi[k] * psi[k]
    value /= norm
    for i in range(3):
        for j in range(3):
            for k in range(0, 8, 2):
                gradient[k] += 2 * (D[i, j, 0] * u[i, j, k] + D[i, j, 2] * u[i, j, k + 1])
                gradient[k + 1] += 2 * (D[i, j, 2] * u[i, j, k] + D[i, j, 1] * u[i, j, k + 1])
    for k in range(8):
        gradient[k] -= 2 * value * psi[k]
    gradient /= norm
    return value


@njit(error_model="numpy")
def costs(
    parameters: _F,
    labels_a: _I,
    labels_b: _I,
    pairs: _I,
    cost: int,
    q: float,
    hq: float,
    kept: _F,
    out: _F,
) -> None:
    """out[k, j], the cost of strategy k at the setting pair pairs[j]; for RELATIVE_ENTROPY at whatever pair."""
    nx, ny = labels_a.shape[1], labels_b.shape[1]
    gradient = np.empty(parameters.shape[1])
    prices = np.zeros((kept.shape[0], kept.shape[0], nx, ny))
    weights = np.zeros((nx, ny))
    for k in range(parameters.shape[0]):
        for j in range(pairs.shape[0]):
            weights[pairs[j, 0], pairs[j, 1]] = 1.0
            value = price(parameters[k], labels_a[k], labels_b[k], prices, weights, cost, q, hq, kept, gradient)
            out[k, j] = max(value, 0.0)
            weights[pairs[j, 0], pairs[j, 1]] = 0.0
