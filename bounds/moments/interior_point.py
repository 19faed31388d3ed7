"""A primal-dual interior-point method for the arrow problem.

HKM direction with Mehrotra's predictor and corrector, infeasible start. Each node's moments are eliminated by the
factorisation of a K x K matrix; what is left is one system in the free base moments. Every entry of Γ holds one moment,
so moving a dual iterate onto the dual equalities costs nothing: each iterate that stays positive definite is a proof up
to rounding, and the best of them is kept.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.moments.arrow import ArrowProblem, ArrowSolution, DualPoint, dual_residuals, onto_equalities
from keybounds.bounds.moments.relaxation import Relaxation

_Array = NDArray[np.float64]

_KEPT = 3  # candidates handed on: the best, and two to fall back on if rounding spoils it
_STALLED = 5  # iterations without a better candidate or a smaller gap after which the best candidate is final
_SOLVES, _ACCURACY = 3, 1e-10  # a solve and two refinements, fewer where the relative residual is small
_REGULARISATION = (1e-14, 1e-12, 1e-10)  # relative to the diagonal of a matrix that rounding made indefinite
_CENTRING = 1.5  # of the predictor's success; Mehrotra's 3 leaves the centre and takes a third more steps here
_BOUNDARY = 0.95  # fraction of the way to the boundary of the cone that a step may go


def solve_arrow(
    problem: ArrowProblem, *, tolerance: float = 3e-9, max_iterations: int = 60, seconds: float = 600.0
) -> ArrowSolution:
    """Solve the arrow problem; only the dual candidates are meant for use, after `certify`.

    Parameters
    ----------
    tolerance
        The duality gap, in units of the objective, at which the method stops.
    max_iterations, seconds
        Where to stop anyway. The candidates found by then are returned.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # threads cost more than they bring at these matrix sizes
        return _Solver(problem).run(tolerance, max_iterations, time.monotonic() + seconds)


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
        flat = relaxation.index.reshape(-1)
        order = np.argsort(flat, kind="stable")[: int(np.count_nonzero(flat < self.count))]
        self.rows, self.columns = np.divmod(order, self.size)
        self.complements = np.empty((2, self.nodes, self.count, self.count))
        self.node, self.coupled = np.empty_like(self.complements)
        self.factors: list[_Array] = [self.node[0]] * self.nodes
        self.starts = np.concatenate([[0], np.cumsum(relaxation.multiplicities())]).astype(np.intp)

    def run(self, tolerance: float, max_iterations: int, deadline: float) -> ArrowSolution:
        n, N = self.nodes, self.size
        eye = np.broadcast_to(np.eye(N), (2, n, N, N))
        S, Z = eye * 0.3, eye * 1.0  # costs and moments are at most 1
        y = self.y0.copy()
        z = np.tile(y / 2, (n, 1))
        kept: list[DualPoint] = []
        best, least, stalled, primal, ended = -np.inf, np.inf, 0, np.nan, "iterations"
        iterations = 0
        while iterations < max_iterations:
            iterations += 1
            primal = float(np.sum(self.c * z) + self.d @ y)
            mu = float(np.sum(S * Z)) / (2 * n * N)
            slack_residual = self.slacks(y, z) - S
            distance = mu + float(np.abs(slack_residual).max())
            stalled = 0 if distance < 0.9 * least else stalled + 1
            least = min(distance, least)
            point = self.feasible_dual(Z)
            if point is not None:
                Z, value = point
                if value > best:
                    best, stalled = value, 0
                    kept = [DualPoint(Z[0] * self.scale, Z[1] * self.scale, value * self.scale), *kept][:_KEPT]
            if mu * 2 * n * N * self.scale < tolerance:
                ended = "converged"
                break
            if stalled >= _STALLED:
                ended = "no further progress"
                break
            if time.monotonic() > deadline:
                ended = "time"
                break
            step = self.step(S, Z, y, z, mu, slack_residual)
            if step is None:
                ended = "numerical breakdown"
                break
            S, Z, y, z = step
        if np.all(np.isfinite(Z)):  # the last iterate too: it need not be inside the cone to be worth a repair
            kept.append(
                DualPoint(Z[0] * self.scale, Z[1] * self.scale, float(self.dual_residuals(Z)[1] @ self.y0) * self.scale)
            )
        return ArrowSolution(tuple(kept), y, z, primal * self.scale, iterations, ended)

    def slacks(self, y: _Array, z: _Array) -> _Array:
        """Γ(z_i) and Γ(y) - Γ(z_i): shape (2, n, N, N)."""
        return np.stack([self.relaxation.matrix(z), self.relaxation.matrix(y - z)])

    def dual_residuals(self, Z: _Array) -> tuple[_Array, _Array]:
        return dual_residuals(self.relaxation, self.c, self.d, Z)

    def feasible_dual(self, Z: _Array) -> tuple[_Array, float] | None:
        """Move Z onto the dual equalities by the least change; with its objective, or None if that leaves the cone."""
        Z = onto_equalities(self.relaxation, self.c, self.d, self.off_known, Z)
        if not np.all(np.isfinite(Z)):
            return None
        try:
            np.linalg.cholesky(Z)
        except np.linalg.LinAlgError:
            return None
        _, base = self.dual_residuals(Z)
        return Z, float(base @ self.y0)

    def step(
        self, S: _Array, Z: _Array, y: _Array, z: _Array, mu: float, slack_residual: _Array
    ) -> tuple[_Array, _Array, _Array, _Array] | None:
        """One predictor-corrector step; None where the arithmetic gives out."""
        from scipy.linalg import lapack

        from keybounds.bounds.moments.kernels import schur_complements

        n, N, K = self.nodes, self.size, self.count
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
        for i in range(n):
            factor = _factor(node[i])
            if factor is None:
                return None
            self.factors[i] = factor
            # dpotrs works on columns; base is symmetric, and the transpose of a solution is as good as the solution
            self.coupled[i] = lapack.dpotrs(factor, base[i], lower=1)[0]
        # Q - Q (P+Q)^-1 Q, written as P (P+Q)^-1 Q: nothing cancels
        reduced = node_part.transpose(1, 0, 2).reshape(K, n * K) @ self.coupled.reshape(n * K, K)
        reduced = self.free.T @ ((reduced + reduced.T) / 2) @ self.free
        reduced_factor = _factor(reduced)
        if reduced_factor is None:
            return None
        node_residual, base_residual = self.dual_residuals(Z)

        def direction(target: _Array) -> tuple[_Array, _Array, _Array, _Array]:
            """Solve for the step whose complementarity equation has the right-hand side `target`."""
            h = self.relaxation.sums(target)
            right_node = h[0] - h[1] - node_residual
            right_base = self.free.T @ (h[1].sum(axis=0) - base_residual)
            dz, dy = np.zeros_like(z), np.zeros_like(y)
            wanted = _ACCURACY * max(float(np.abs(right_node).max()), float(np.abs(right_base).max(initial=0.0)))
            for _ in range(_SOLVES):
                left_node = right_node - (node @ dz[..., None])[..., 0] + base @ dy
                left_base = right_base - self.free.T @ np.einsum("nij,nj->i", base, dy - dz, optimize=True)
                if max(float(np.abs(left_node).max()), float(np.abs(left_base).max(initial=0.0))) <= wanted:
                    break
                eliminated = np.stack(
                    [lapack.dpotrs(f, row, lower=1)[0] for f, row in zip(self.factors, left_node, strict=True)]
                )
                shared = left_base + self.free.T @ np.einsum("nij,nj->i", base, eliminated, optimize=True)
                ddy = self.free @ lapack.dpotrs(reduced_factor, shared, lower=1)[0] if shared.size else np.zeros_like(y)
                dy = dy + ddy
                dz = dz + eliminated + self.coupled @ ddy
            dS = self.slacks(dy, dz) + slack_residual
            dZ = target - _symmetric(Z @ (dS - slack_residual) @ R)
            # what the solve left of the dual equalities goes into complementarity, where it does no harm
            return dy, dz, dS, onto_equalities(self.relaxation, node_residual, base_residual, self.off_known, dZ)

        constant = -Z - _symmetric(Z @ slack_residual @ R)
        dy, dz, dS, dZ = direction(constant)
        primal, dual = _longest(S_root, dS), _longest(Z_root, dZ)
        ahead = float(np.sum((S + min(primal, 1.0) * dS) * (Z + min(dual, 1.0) * dZ))) / (2 * n * N)
        sigma = min(max(ahead / mu, 0.0) ** _CENTRING, 1.0)
        dy, dz, dS, dZ = direction(constant + sigma * mu * R - _symmetric(dZ @ dS @ R))
        primal, dual = min(_BOUNDARY * _longest(S_root, dS), 1.0), min(_BOUNDARY * _longest(Z_root, dZ), 1.0)
        if not (primal > 1e-8 and dual > 1e-8 and np.isfinite(primal + dual)):
            return None
        return S + primal * dS, Z + dual * dZ, y + primal * dy, z + primal * dz


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


def _longest(root: _Array, change: _Array) -> float:
    """The largest t with M + t·change ⪰ 0, where root M rootᵀ = 1."""
    scaled = root @ change @ np.swapaxes(root, -1, -2)
    if not np.all(np.isfinite(scaled)):
        return 0.0
    least = float(np.linalg.eigvalsh(scaled).min())
    return 1.0 / -least if least < 0 else 1e3
