"""A primal-dual interior-point method for the arrow problem.

HKM direction with Mehrotra's predictor and corrector, infeasible start. Each node's moments are eliminated by the
factorisation of a K x K matrix; what is left is one system in the free base moments. Every entry of Γ holds one moment,
so moving a dual iterate onto the dual equalities costs nothing: each iterate that stays positive definite is a proof up
to rounding, and the best of them is kept.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.arrow import (
    ArrowProblem,
    ArrowSolution,
    DualPoint,
    Iterate,
    dual_residuals,
    onto_equalities,
    require_memory,
)
from keybounds.bounds.correlations.moments.relaxation import Relaxation

_Array = NDArray[np.float64]

_KEPT = 3  # candidates handed on: the best, and two to fall back on if rounding spoils it
_STALLED = 5  # iterations without a better candidate or a smaller gap after which the best candidate is final
_SHORTEST = 1e-8  # a shorter step is no step
_SOLVES, _ACCURACY = 3, 1e-10  # a solve and two refinements, fewer where the relative residual is small
_REGULARISATION = (1e-14, 1e-12, 1e-10)  # relative to the diagonal of a matrix that rounding made indefinite
_CENTRING = 1.5  # of the predictor's success; Mehrotra's 3 leaves the centre and takes a third more steps here
_RESUME = 3e-5  # the gap of the iterate kept for a warm start: nearer the boundary only small changes are survived
_RECENTRINGS, _MET = 4, 1e-9  # steps after which a warm start is given up, unless its slacks miss no more than this
_BOUNDARY = 0.95  # fraction of the way to the boundary of the cone that a step may go


def solve_arrow(
    problem: ArrowProblem,
    *,
    tolerance: float = 3e-9,
    max_iterations: int = 60,
    seconds: float = 600.0,
    start: Iterate | None = None,
) -> ArrowSolution:
    """Solve the arrow problem; only the dual candidates are meant for use, after `certify`.

    Parameters
    ----------
    tolerance
        The duality gap, in units of the objective, at which the method stops.
    max_iterations, seconds
        Where to stop anyway. The candidates found by then are returned.
    start
        `ArrowSolution.resume` of a problem with the same relaxation, number of nodes and number of ranges and nearby
        data. A start that does not fit, or leads nowhere, costs its time and is replaced by a cold one.

    Raises
    ------
    UnsupportedError
        The problem is too large for the memory; said before any is allocated.
    """
    from threadpoolctl import threadpool_limits

    require_memory(problem.relaxation, problem.nodes, arrow_memory(problem.relaxation, problem.nodes))
    with threadpool_limits(1, user_api="blas"):  # threads cost more than they bring at these matrix sizes
        solver, deadline = _Solver(problem), time.monotonic() + seconds
        near = solver.recentred(start) if start is not None else None
        if near is not None:
            warm = solver.run(near, tolerance, max_iterations, deadline)
            if warm.ended == "converged":
                return warm
        return solver.run(solver.cold(), tolerance, max_iterations, deadline)


def arrow_memory(relaxation: Relaxation, nodes: int) -> int:
    """Bytes that a solve takes: five matrices on the moments a node, and some forty the size of the moment matrix."""
    N, K = relaxation.size, len(relaxation.moments)
    return 8 * (5 * nodes * K * K + 40 * nodes * N * N + 5 * K * K)


class _Solver:
    """The fixed data of one solve, and its iterations."""

    def __init__(self, problem: ArrowProblem) -> None:
        relaxation = problem.relaxation
        self.relaxation: Relaxation = relaxation
        self.nodes, self.size, self.count = problem.nodes, relaxation.size, len(relaxation.moments)
        costs, base_cost = problem.float_costs()
        self.scale = float(np.abs(costs).max(initial=0.0)) or 1.0
        self.c, self.d = costs / self.scale, base_cost / self.scale
        self.y0, self.free = problem.known_space()
        self.off_known: _Array = self.free @ self.free.T
        ranges = ~problem.exact
        V = problem.known_rows[ranges]
        self.A: _Array = np.concatenate([V, -V])  # the ranges as A y ≥ b
        self.b: _Array = np.concatenate([problem.known_low[ranges], -problem.known_high[ranges]])
        self.degree = 2 * self.nodes * self.size + len(self.b)
        flat = relaxation.index.reshape(-1)
        order = np.argsort(flat, kind="stable")[: int(np.count_nonzero(flat < self.count))]
        self.rows, self.columns = np.divmod(order, self.size)
        self.complements = np.empty((2, self.nodes, self.count, self.count))
        self.node, self.coupled = np.empty_like(self.complements)
        self.factors: list[_Array] = [self.node[0]] * self.nodes
        self.starts = np.concatenate([[0], np.cumsum(relaxation.multiplicities())]).astype(np.intp)

    def cold(self) -> Iterate:
        """Where to start when nothing is known: costs and moments are at most 1."""
        n, N, ranges = self.nodes, self.size, len(self.b)
        eye = np.broadcast_to(np.eye(N), (2, n, N, N))
        y = self.y0.copy()
        return Iterate(eye * 0.3, eye * 1.0, np.full(ranges, 0.3), np.ones(ranges), y, np.tile(y / 2, (n, 1)))

    def recentred(self, start: Iterate) -> Iterate | None:
        """An iterate of another problem on this one's central path; None if it does not fit or is too far.

        Its moments are moved onto the known values, its slacks stay in the cone; a few steps of pure centring then take
        up what the slacks miss. Without them a chain of warm starts would creep towards the boundary.
        """
        fits = (start.S.shape, start.u.shape) == ((2, self.nodes, self.size, self.size), self.b.shape)
        if not fits or start.y.shape != self.y0.shape:
            return None
        at: Iterate | None = replace(start, y=self.y0 + self.off_known @ (start.y - self.y0))
        for _ in range(_RECENTRINGS):
            at = self.step(at, math.nan, centring=_RESUME / (self.degree * self.scale)) if at is not None else None
            if at is None or float(np.abs(self.slacks(at.y, at.z) - at.S).max()) < _MET:
                break
        else:
            return None
        return at

    def run(self, at: Iterate, tolerance: float, max_iterations: int, deadline: float) -> ArrowSolution:
        resume: Iterate | None = None
        kept: list[DualPoint] = []
        best, stalled, primal, ended = -np.inf, 0, np.nan, "iterations"
        least_mu, least_missed = np.inf, np.inf
        iterations = 0
        while iterations < max_iterations:
            iterations += 1
            primal = float(np.sum(self.c * at.z) + self.d @ at.y)
            mu = (float(np.sum(at.S * at.Z)) + float(at.u @ at.a)) / self.degree
            missed = float(np.abs(self.slacks(at.y, at.z) - at.S).max())
            # while the slacks are off, a small μ may well rise; so either of the two counts as progress
            stalled = 0 if mu < 0.9 * least_mu or missed < 0.9 * least_missed else stalled + 1
            least_mu, least_missed = min(mu, least_mu), min(missed, least_missed)
            feasible = self.feasible_dual(at.Z, at.a)
            if feasible is not None:
                at = replace(at, Z=feasible)
                value = self.dual_objective(at)
                if value > best:
                    best, stalled = value, 0
                    kept = [self.candidate(at), *kept][:_KEPT]
            gap = mu * self.degree * self.scale
            if resume is None and gap < 2 * _RESUME:
                resume = at
            if gap < tolerance:
                ended = "converged"
                break
            if stalled >= _STALLED:
                ended = "no further progress"
                break
            if time.monotonic() > deadline:
                ended = "time"
                break
            ahead = self.step(at, mu)
            if ahead is None:
                ended = "numerical breakdown"
                break
            at = ahead
        if np.all(np.isfinite(at.Z)):  # the last iterate too: it need not be inside the cone to be worth a repair
            kept.append(self.candidate(at))
        return ArrowSolution(tuple(kept), at.y, at.z, primal * self.scale, iterations, ended, resume)

    def candidate(self, at: Iterate) -> DualPoint:
        """The dual point in the problem's own units."""
        return DualPoint(at.Z[0] * self.scale, at.Z[1] * self.scale, self.dual_objective(at) * self.scale)

    def dual_objective(self, at: Iterate) -> float:
        return float(self.dual_residuals(at.Z, at.a)[1] @ self.y0 + at.a @ self.b)

    def slacks(self, y: _Array, z: _Array) -> _Array:
        """Γ(z_i) and Γ(y) - Γ(z_i): shape (2, n, N, N)."""
        return np.stack([self.relaxation.matrix(z), self.relaxation.matrix(y - z)])

    def dual_residuals(self, Z: _Array, a: _Array) -> tuple[_Array, _Array]:
        return dual_residuals(self.relaxation, self.c, self.d - a @ self.A, Z)

    def feasible_dual(self, Z: _Array, a: _Array) -> _Array | None:
        """Move Z onto the dual equalities by the least change; None if that leaves the cone."""
        Z = onto_equalities(self.relaxation, self.c, self.d - a @ self.A, self.off_known, Z)
        if not np.all(np.isfinite(Z)):
            return None
        try:
            np.linalg.cholesky(Z)
        except np.linalg.LinAlgError:
            return None
        return Z

    def step(self, at: Iterate, mu: float, centring: float | None = None) -> Iterate | None:
        """One predictor-corrector step, or one to the central path at μ = `centring`; None if the arithmetic fails."""
        from scipy.linalg import lapack

        from keybounds.bounds.correlations.moments.kernels import schur_complements

        n, N, K = self.nodes, self.size, self.count
        S, Z, u, a, y, z = at.S, at.Z, at.u, at.a, at.y, at.z
        slack_residual, range_residual = self.slacks(y, z) - S, self.A @ y - self.b - u
        try:
            S_root = np.linalg.inv(np.linalg.cholesky(S))
            Z_root = np.linalg.inv(np.linalg.cholesky(Z))
        except np.linalg.LinAlgError:
            return None
        R = np.swapaxes(S_root, -1, -2) @ S_root
        schur_complements(
            Z.reshape(2 * n, N, N), R.reshape(2 * n, N, N), self.starts, self.rows, self.columns,
            self.complements.reshape(2 * n, K, K),
        )  # fmt: skip
        node_part, base = self.complements
        node = np.add(node_part, base, out=self.node)
        reduced = np.zeros((K, K))
        for i in range(n):
            factor = _factor(node[i])
            if factor is None:
                return None
            self.factors[i] = factor
            # dpotrs works on columns; base is symmetric, and the transpose of a solution is as good as the solution
            self.coupled[i] = lapack.dpotrs(factor, base[i], lower=1)[0]
            reduced += node_part[i] @ self.coupled[i]  # Q - Q (P+Q)^-1 Q = P (P+Q)^-1 Q, where nothing cancels
        ranges = (self.A.T * (a / u)) @ self.A
        reduced = self.free.T @ ((reduced + reduced.T) / 2 + ranges) @ self.free
        reduced_factor = _factor(reduced)
        if reduced_factor is None:
            return None
        node_residual, base_residual = self.dual_residuals(Z, a)

        def direction(target: _Array, range_target: _Array) -> Iterate:
            """Solve for the step whose complementarity equations have these right-hand sides."""
            h = self.relaxation.sums(target)
            right_node = h[0] - h[1] - node_residual
            right_base = self.free.T @ (h[1].sum(axis=0) + range_target @ self.A - base_residual)
            dz, dy = np.zeros_like(z), np.zeros_like(y)
            wanted = _ACCURACY * max(float(np.abs(right_node).max()), float(np.abs(right_base).max(initial=0.0)))
            for _ in range(_SOLVES):
                left_node = right_node - (node @ dz[..., None])[..., 0] + base @ dy
                met = _applied(base, dy - dz) + ranges @ dy
                left_base = right_base - self.free.T @ met
                if max(float(np.abs(left_node).max()), float(np.abs(left_base).max(initial=0.0))) <= wanted:
                    break
                eliminated = np.stack(
                    [lapack.dpotrs(f, row, lower=1)[0] for f, row in zip(self.factors, left_node, strict=True)]
                )
                shared = left_base + self.free.T @ _applied(base, eliminated)
                ddy = self.free @ lapack.dpotrs(reduced_factor, shared, lower=1)[0] if shared.size else np.zeros_like(y)
                dy = dy + ddy
                dz = dz + eliminated + self.coupled @ ddy
            moved = self.slacks(dy, dz)
            dZ = target - _symmetric(Z @ moved @ R)
            da = range_target - a / u * (self.A @ dy)
            # what the solve left of the dual equalities goes into complementarity, where it does no harm
            dZ = onto_equalities(self.relaxation, node_residual, base_residual - da @ self.A, self.off_known, dZ)
            return Iterate(moved + slack_residual, dZ, self.A @ dy + range_residual, da, dy, dz)

        def lengths(d: Iterate) -> tuple[float, float]:
            """How far the primal and the dual may go along `d`, at most 1e3."""
            return min(_longest(S_root, d.S), _ratio(u, d.u)), min(_longest(Z_root, d.Z), _ratio(a, d.a))

        constant = -Z - _symmetric(Z @ slack_residual @ R)
        range_constant = -a - a * range_residual / u
        if centring is not None:
            d = direction(constant + centring * R, range_constant + centring / u)
        else:
            d = direction(constant, range_constant)
            primal, dual = (min(length, 1.0) for length in lengths(d))
            left = float(np.sum((S + primal * d.S) * (Z + dual * d.Z))) + float((u + primal * d.u) @ (a + dual * d.a))
            sigma = min(max(left / self.degree / mu, 0.0) ** _CENTRING, 1.0)
            d = direction(
                constant + sigma * mu * R - _symmetric(d.Z @ d.S @ R), range_constant + (sigma * mu - d.a * d.u) / u
            )
        primal, dual = (min(_BOUNDARY * length, 1.0) for length in lengths(d))
        if not (primal > _SHORTEST and dual > _SHORTEST):
            return None
        return Iterate(
            S + primal * d.S, Z + dual * d.Z, u + primal * d.u, a + dual * d.a, y + primal * d.y, z + primal * d.z
        )


def _applied(matrices: _Array, vectors: _Array) -> _Array:
    """Σ_i M_i v_i."""
    return np.asarray((matrices @ vectors[..., None]).sum(axis=0)[:, 0])


def _symmetric(M: _Array) -> _Array:
    return (M + np.swapaxes(M, -1, -2)) / 2


def _factor(M: _Array) -> _Array | None:
    """The Cholesky factor of M, a little more definite where rounding asks for it: refinement makes up for that."""
    from scipy.linalg import lapack

    for excess in (0.0, *_REGULARISATION):
        shifted = M + np.diag(excess * np.diagonal(M)) if excess else M
        factor, failed = lapack.dpotrf(shifted, lower=1, clean=0) if M.size else (M, 0)
        if not failed:
            return np.asarray(factor)
    return None


def _ratio(values: _Array, change: _Array) -> float:
    """The largest t with values + t·change ≥ 0, at most 1e3."""
    falling = change < 0
    return float(np.min(values[falling] / -change[falling], initial=1e3)) if np.all(np.isfinite(change)) else 0.0


def _longest(root: _Array, change: _Array) -> float:
    """The largest t with M + t·change ⪰ 0, where root M rootᵀ = 1."""
    scaled = root @ change @ np.swapaxes(root, -1, -2)
    if not np.all(np.isfinite(scaled)):
        return 0.0
    least = float(np.linalg.eigvalsh(scaled).min())
    return 1.0 / -least if least < 0 else 1e3
