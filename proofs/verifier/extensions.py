"""Certificates of squashed entanglement: ½ I(A;B|E') of an explicit extension of a state.

The extension is made from a purification of ω by an isometry E -> E'F, of which F is lost. For the states around H it
is no further than a θ that `_extension_distance` finds from an extension of each of them.
"""

from __future__ import annotations

from typing import Any

from flint import acb, acb_mat, arb, ctx

from .reading import ball, fields, integer, require, sequence
from .spectra import LARGEST, adjoint, as_balls, eigenvalues, entropy, identity, norm, read_matrix
from .statement import Derived
from .states import State, Table, ceiling, entanglement_margin, mutual_information, read_state


def squashed_entanglement(document: dict[str, Any]) -> Derived:
    """K(ρ) <= ½ I(A;B|E') of an explicit extension: an isometry E -> E'F on a purification, or none at all."""
    found = fields(document, "data", ("dims", "state", "environment"), ("isometry", "state_is", "repair"))
    rho = read_state(found)
    e, f = (integer(d, "environment", 1, 4096) for d in sequence(found["environment"], "environment", least=2, most=2))
    require(max(rho.dims) * e <= LARGEST and f <= LARGEST, f"an environment of more than {LARGEST} dimensions")
    if "isometry" in found:
        table = read_matrix(found["isometry"], "the isometry", e * f, rho.size)
        value = lambda: _half_conditional_information(rho, table, e, f)  # noqa: E731
    else:
        require((e, f) == (1, rho.size), "an environment without an isometry")
        value = lambda: mutual_information(rho) / 2 + entanglement_margin(ball(rho.distance), rho.dims)  # noqa: E731
    grounds = "K <= E_sq [christandl2007]; E_sq <= I(A;B|E')/2 for every extension"
    return ceiling(rho, found, value, grounds)


def _half_conditional_information(rho: State, isometry: Table, e: int, f: int) -> arb:
    """½ [S(AE') + S(BE') - S(E') - S(F)] of the vector Σ_k L|k> W|k>, LL† = ρ, W = V (V†V)^(-1/2) for the V given.

    S(ABE') = S(F), as the whole is pure. To this is added what extensions of the states around H may have more.
    """
    d_a, d_b = rho.dims
    with ctx.workprec(ctx.prec + 256):  # the least pivots of the Cholesky factor are as small as the shift
        columns = _cholesky(rho.matrix())
        psi = (columns * _isometry(as_balls(isometry)).transpose()).tolist()
    theta = _extension_distance(ball(rho.distance), columns, _columns_apart(isometry, e, f))
    places = [(a, b, x, y) for a in range(d_a) for b in range(d_b) for x in range(e) for y in range(f)]

    def marginal(kept: tuple[int, ...]) -> arb:
        sizes = (d_a, d_b, e, f)
        rest = [k for k in range(4) if k not in kept]
        rows = _product(sizes[k] for k in kept)
        columns = _product(sizes[k] for k in rest)
        table = [[acb(0)] * columns for _ in range(rows)]
        for place in places:
            a, b, x, y = place
            table[_index(place, kept, sizes)][_index(place, rest, sizes)] = psi[a * d_b + b][x * f + y]
        flat = acb_mat(table)
        return entropy(flat * adjoint(flat))

    value = (marginal((0, 2)) + marginal((1, 2)) - marginal((2,)) - marginal((3,))) / 2
    return value + entanglement_margin(theta, rho.dims)


def _extension_distance(epsilon: arb, columns: acb_mat, groups: list[list[int]]) -> arb:
    """θ: no less than the distance from this extension to the nearest one of any state within ε of ω = LL†.

    √(ε(2-ε)) always, by Uhlmann's theorem. Let V take the columns K of L and the rest Q to different levels of F, with
    γ the least eigenvalue of (L†L)_KK and τ the trace of (L†L)_QQ. A state ρ has the purification L' = √ρ W, W unitary
    with L = √ω W, and Y = L' - L solves √ρ Y + Y √(L†L) = (ρ-ω) W. On K, with ||ρ-ω||_2 <= √2 ε, ||Y||_2 <= √(2ε) and
    the off-diagonal block of √(L†L) at most √τ, its part YK has ||YK||_2 <= η = (√2 ε + √(2ετ))/√(γ-τ). F keeps no
    coherence between K and Q, and Q has at most the weights τ and τ + 2η: θ = τ + 2η.
    """
    if epsilon.is_zero():
        return arb(0)
    capped = epsilon.min(arb(1))
    always = (capped * (2 - capped)).sqrt()
    inner = adjoint(columns) * columns
    weights = [float(inner[k, k].real.mid()) for k in range(columns.ncols())]
    kept = max(groups, key=lambda group: sum(weights[k] for k in group))  # any choice is right
    least = arb("inf")
    for x in eigenvalues(acb_mat([[inner[i, j] for j in kept] for i in kept])):
        least = least.min(x.lower())
    rest = (1 - sum((inner[k, k].real for k in kept), arb(0))).abs_upper()
    if not least > rest:
        return always
    eta = (2 * epsilon * epsilon).sqrt() + (2 * epsilon * rest).sqrt()
    return always.min(rest + 2 * eta / (least - rest).sqrt())


def _columns_apart(isometry: Table, e: int, f: int) -> list[list[int]]:
    """The columns of the isometry in groups that have no level of F in common."""
    groups: list[tuple[set[int], list[int]]] = []
    for k in range(len(isometry[0])):
        levels = {y for x in range(e) for y in range(f) if any(isometry[x * f + y][k])}
        columns = [k]
        for other in [group for group in groups if group[0] & levels]:
            groups.remove(other)
            levels, columns = levels | other[0], other[1] + columns
        groups.append((levels, columns))
    return [columns for _, columns in groups]


def _index(place: tuple[int, ...], axes: Any, sizes: tuple[int, ...]) -> int:
    index = 0
    for k in axes:
        index = index * sizes[k] + place[k]
    return index


def _product(sizes: Any) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _cholesky(matrix: acb_mat) -> acb_mat:
    """Lower triangular L with L L† = M."""
    size = matrix.nrows()
    rows = [[acb(0)] * size for _ in range(size)]
    for j in range(size):
        pivot = matrix[j, j].real - sum((_square_modulus(rows[j][k]) for k in range(j)), arb(0))
        require(bool(pivot > 0), "the state is not positive definite, so that it has no Cholesky factor")
        rows[j][j] = acb(pivot.sqrt())
        for i in range(j + 1, size):
            inner = sum((rows[i][k] * rows[j][k].conjugate() for k in range(j)), acb(0))
            rows[i][j] = (matrix[i, j] - inner) / rows[j][j]
    return acb_mat(rows)


def _square_modulus(z: acb) -> arb:
    return z.real * z.real + z.imag * z.imag


def _isometry(v: acb_mat) -> acb_mat:
    """V (V†V)^(-1/2) by the binomial series in D = V†V - 1, whose terms fall like ||D||^k."""
    size = v.ncols()
    defect = adjoint(v) * v - identity(size)
    small = norm(defect.entries())
    require(bool(small < arb(2) ** -10), "the isometry is not one")
    power, series, factor, rest, k = identity(size), identity(size), arb(1), arb(1), 0
    while not rest < arb(2) ** -ctx.prec:
        k += 1
        power, factor, rest = power * defect, factor * (1 - 2 * k) / (2 * k), rest * small
        series = series + power * acb(factor)
    error = arb(0, 2 * rest * small)  # the remainder of the series, at most Σ_(j>k) ||D||^j
    blurred = [[z + acb(error, error) for z in row] for row in series.tolist()]
    return v * acb_mat(blurred)
