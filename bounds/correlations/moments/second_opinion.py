"""The arrow problem in other people's solvers: independent second opinions, and peers for the benchmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.arrow import ArrowProblem, ArrowSolution, DualPoint, require_memory
from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.errors import BoundNotEstablishedError, UnsupportedError
from keybounds.solvers import SECONDS

_Array = NDArray[np.float64]


def _require_exact(problem: ArrowProblem) -> None:
    if not problem.exact.all():
        raise UnsupportedError("solver", "'interior-point' for moments known within a range", "a second opinion")


def clarabel_memory(relaxation: Relaxation, nodes: int) -> int:
    """Bytes, about: of each cone a matrix on its entries."""
    return 8 * 2 * nodes * (relaxation.size * (relaxation.size + 1) // 2) ** 2


def qics_memory(relaxation: Relaxation, nodes: int) -> int:
    """Bytes, about: a matrix on all moments, its factors and a copy."""
    return 8 * 3 * ((nodes + 1) * len(relaxation.moments)) ** 2


def solve_with_clarabel(problem: ArrowProblem, *, tolerance: float = 1e-9) -> ArrowSolution:
    """Solve with Clarabel (optional dependency ``clarabel``).

    Raises
    ------
    UnsupportedError
        Clarabel is not installed, a known moment has a range, or the problem is too large for the memory.
    """
    try:
        import clarabel
    except ImportError as error:
        raise UnsupportedError("solver", "an installed solver", "'clarabel', which is not installed") from error
    from scipy import sparse

    _require_exact(problem)
    n, N, K = problem.nodes, problem.relaxation.size, len(problem.relaxation.moments)
    require_memory(problem.relaxation, n, clarabel_memory(problem.relaxation, n))
    costs, base_cost = problem.float_costs()
    upper = [(i, j) for j in range(N) for i in range(j + 1)]  # Clarabel's order: upper triangle by columns
    weights = np.array([1.0 if i == j else np.sqrt(2.0) for i, j in upper])
    ids = np.array([problem.relaxation.index[i, j] for i, j in upper])
    held = ids < K
    gamma = sparse.csc_matrix((weights[held], (np.flatnonzero(held), ids[held])), shape=(len(upper), K))
    eye = sparse.identity(n, format="csc")
    node_rows = sparse.hstack([sparse.csc_matrix((n * len(upper), K)), -sparse.kron(eye, gamma)])
    base_rows = sparse.hstack([-sparse.kron(sparse.csr_matrix(np.ones((n, 1))), gamma), sparse.kron(eye, gamma)])
    known = sparse.hstack([sparse.csc_matrix(problem.known_rows), sparse.csc_matrix((len(problem.known_rows), n * K))])
    A = sparse.vstack([known, node_rows, base_rows], format="csc")
    b = np.concatenate([problem.known_low, np.zeros(2 * n * len(upper))])
    cones = [clarabel.ZeroConeT(len(problem.known_low))] + [clarabel.PSDTriangleConeT(N)] * (2 * n)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = SECONDS
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = tolerance
    objective = np.concatenate([base_cost, costs.reshape(-1)])
    solution = clarabel.DefaultSolver(
        sparse.csc_matrix((K * (n + 1), K * (n + 1))), objective, A, b, cones, settings
    ).solve()
    duals = np.array(solution.z)[len(problem.known_low) :].reshape(2, n, len(upper)) / weights
    rows, columns = np.array(upper).T
    blocks = np.zeros((2, n, N, N))
    blocks[..., rows, columns] = duals
    blocks[..., columns, rows] = duals
    moments = np.array(solution.x)
    return ArrowSolution(
        (DualPoint(blocks[0], blocks[1], float(solution.obj_val_dual)),),
        moments[:K],
        moments[K:].reshape(n, K),
        float(solution.obj_val),
        int(solution.iterations),
        str(solution.status),
    )


def solve_with_qics(problem: ArrowProblem, *, tolerance: float = 1e-8) -> ArrowSolution:
    """Solve with QICS through its native interface (optional dependency ``qics``).

    Raises
    ------
    UnsupportedError
        QICS is not installed, a known moment has a range, or the problem is too large for the memory.
    BoundNotEstablishedError
        QICS stopped without a point.
    """
    try:
        import qics
    except ImportError as error:
        raise UnsupportedError("solver", "an installed solver", "'qics', which is not installed") from error
    from scipy import sparse

    _require_exact(problem)
    n, N, K = problem.nodes, problem.relaxation.size, len(problem.relaxation.moments)
    require_memory(problem.relaxation, n, qics_memory(problem.relaxation, n))
    costs, base_cost = problem.float_costs()
    start, free = problem.known_space()
    flat = problem.relaxation.index.reshape(-1)
    held = flat < K
    gamma = sparse.csr_matrix((np.ones(int(held.sum())), (np.flatnonzero(held), flat[held])), shape=(N * N, K))
    eye = sparse.identity(n, format="csr")
    base = np.asarray(gamma @ free)
    node_rows = sparse.hstack([sparse.csr_matrix((n * N * N, free.shape[1])), -sparse.kron(eye, gamma)])
    base_rows = sparse.hstack([-sparse.kron(sparse.csr_matrix(np.ones((n, 1))), base), sparse.kron(eye, gamma)])
    G = sparse.vstack([node_rows, base_rows], format="csr")
    h = np.concatenate([np.zeros(n * N * N), np.tile(np.asarray(gamma @ start), n)])[:, None]
    c = np.concatenate([free.T @ base_cost, costs.reshape(-1)])[:, None]
    model = qics.Model(c=c, G=G, h=h, cones=[qics.cones.PosSemidefinite(N) for _ in range(2 * n)])
    info = qics.Solver(model, verbose=0, tol_gap=tolerance, tol_feas=tolerance, max_time=SECONDS).solve()
    if info["z_opt"] is None or info["x_opt"] is None:
        raise BoundNotEstablishedError(f"QICS stopped without a point: {info['exit_status']}")
    blocks = np.array([matrix[0] for matrix in info["z_opt"].mats], dtype=np.float64).reshape(2, n, N, N)
    x = np.asarray(info["x_opt"]).reshape(-1)
    y = start + free @ x[: free.shape[1]]
    z = x[free.shape[1] :].reshape(n, K)
    offset = float(base_cost @ start)
    return ArrowSolution(
        (DualPoint(blocks[0], blocks[1], float(info["d_obj"]) + offset),),
        y,
        z,
        float(info["p_obj"]) + offset,
        int(info["num_iter"]),
        str(info["sol_status"]),
    )
