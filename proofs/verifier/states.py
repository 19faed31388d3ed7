"""Certificates about a bipartite state: relative entropy to a separable one, an explicit extension, hashing.

What is computed is a property of the state ω = (H + shift 1)/trace, for an exactly given Hermitian H. Without a
"repair" the statement is about ω. With one, a distance r, it is about every state ρ within trace distance r of H, and
allows for what these may have other than ω, from which they are no further than ε = r + ½||H - ω||_1. With
g(x) = (1+x) h(x/(1+x)), by the method of [winter2016]:

- E_r is at most ε log2 min(dA,dB) + g(ε) greater;
- S(B) - S(AB) is at most 2ε log2 dA + g(ε) less, S(A) - S(AB) so much with dB;
- ½ I(A;B|E') is at most θ log2 min(dA,dB) + g(θ) greater in an extension at trace distance θ, and there is one with a θ
  that `_extension_distance` finds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import acb, acb_mat, arb, ctx

from .logarithms import binary_entropy, log2
from .reading import RejectedError, ball, fields, integer, number, one_of, require, sequence
from .spectra import (
    LARGEST,
    adjoint,
    as_balls,
    cross_entropy_above,
    eigenvalues,
    entropy,
    entropy_of,
    identity,
    norm,
    positive,
    read_hermitian,
    read_matrix,
    reduced,
)
from .statement import ANY, ONE_WAY, PER_CHANNEL_USE, PER_COPY, Derived, Scope, decimal

Table = list[list[tuple[Fraction, Fraction]]]
Build = Callable[[], acb_mat]


@dataclass(frozen=True)
class State:
    """ω = (H + shift 1)/trace(H + shift 1), with the dimensions of its parties, and r, or None if ω itself is meant."""

    dims: tuple[int, int]
    table: Table
    shift: Fraction
    repair: Fraction | None = None

    @property
    def size(self) -> int:
        """dA dB."""
        return self.dims[0] * self.dims[1]

    @property
    def trace(self) -> Fraction:
        """Trace of H + shift 1."""
        return sum((row[i][0] for i, row in enumerate(self.table)), Fraction(0)) + self.size * self.shift

    @property
    def distance(self) -> Fraction:
        """ε, 0 if ω itself is meant.

        With t the trace and s the shift, H - ω = ((t-1) H - s)/t, and ||H||_1 <= t + N s as H + s is positive.
        """
        if self.repair is None:
            return Fraction(0)
        trace, lifting = self.trace, self.size * self.shift
        return self.repair + (abs(trace - 1) * (trace + lifting) + lifting) / (2 * trace)

    def matrix(self) -> acb_mat:
        """ω at the working precision."""
        return (as_balls(self.table) + identity(self.size) * acb(ball(self.shift))) * acb(1 / ball(self.trace))

    def entropy(self) -> arb:
        """S(ω) in bits; rejects a matrix that is not certainly positive."""
        values = eigenvalues(self.matrix())
        require(all(x >= 0 for x in values) or self._positive, "a matrix that is no state")
        return entropy_of(values)

    def marginal_entropy(self, side: int) -> arb:
        """S of Alice's part of ω for side 0, of Bob's for side 1."""
        return entropy(reduced(self.matrix(), self.dims, side))

    def require_state(self) -> None:
        """Reject a matrix that is not certainly positive."""
        require(all(x >= 0 for x in eigenvalues(self.matrix())) or self._positive, "a matrix that is no state")

    @cached_property
    def is_product(self) -> bool:
        """Whether ω is exactly the product of its parts."""
        (d_a, d_b), table = self.dims, self._lifted

        def traced(places: list[tuple[int, int]]) -> tuple[Fraction, Fraction]:
            entries = [table[i][j] for i, j in places]
            return sum((re for re, _ in entries), Fraction(0)), sum((im for _, im in entries), Fraction(0))

        alice = [[traced([(i * d_b + k, j * d_b + k) for k in range(d_b)]) for j in range(d_a)] for i in range(d_a)]
        bob = [[traced([(k * d_b + i, k * d_b + j) for k in range(d_a)]) for j in range(d_b)] for i in range(d_b)]
        for i, row in enumerate(table):
            for j, (re, im) in enumerate(row):
                (a, b), (c, d) = alice[i // d_b][j // d_b], bob[i % d_b][j % d_b]
                if (self.trace * re, self.trace * im) != (a * c - b * d, a * d + b * c):
                    return False
        return True

    @cached_property
    def _positive(self) -> bool:
        return positive(self._lifted)

    @cached_property
    def _lifted(self) -> Table:
        """H + shift 1."""
        return [
            [(re + self.shift if i == j else re, im) for j, (re, im) in enumerate(row)]
            for i, row in enumerate(self.table)
        ]

    def named(self, quantifier: str) -> str:
        """What a statement is about: "every", or "a", state around H; or ω."""
        what = f"{self.dims[0]}x{self.dims[1]}"
        if self.repair is None:
            return f"the {what} state with the digest below"
        return (
            f"{quantifier} state within the trace distance {decimal(self.repair)} of the {what} matrix with the digest "
            "below"
        )


def read_state(document: dict[str, Any]) -> State:
    """`dims`, `state` and, where there is one, `repair` of a certificate."""
    d_a, d_b = read_dims(document["dims"])
    found = fields(document["state"], "state", ("matrix", "shift"))
    table = read_hermitian(found["matrix"], "the state's matrix", d_a * d_b)
    repair = number(document["repair"], "repair", 0, 1) if "repair" in document else None
    state = State((d_a, d_b), table, number(found["shift"], "shift", 0, 1), repair)
    require(state.trace > 0, "the state's trace is not positive")
    return state


def read_dims(value: Any) -> tuple[int, int]:
    """(dA, dB) of at most `LARGEST` dimensions together."""
    d_a, d_b = (integer(d, "dimension", 1, LARGEST) for d in sequence(value, "dims", least=2, most=2))
    require(d_a * d_b <= LARGEST, f"more than {LARGEST} dimensions")
    return d_a, d_b


def relative_entropy(document: dict[str, Any]) -> Derived:
    """K(ρ) <= E_r(ρ) <= D(ρ||σ) for an explicit separable σ.

    With "state_is": "partial transpose", ρ is the partial transpose of the subject, which nobody can tell from it by
    devices' outputs: K_DI <= K(ρ). With "simulates": ε, teleportation through ρ simulates some channel, and the bound
    is about every channel at half the diamond distance ε from that: P_2 <= E_r(ρ) + 2ε log2 dB + (1+ε) h(ε/(1+ε)).
    """
    found = fields(document, "data", ("dims", "state", "separable_state"), ("state_is", "simulates", "repair"))
    rho = read_state(found)
    divergence = _divergence(found["separable_state"], rho)
    grounds = "K <= E_r [horodecki2005]; E_r <= D(rho||sigma) for every separable sigma"

    def cost() -> arb:
        return divergence() + _entanglement_margin(ball(rho.distance), rho.dims)

    if "simulates" in found:
        require("state_is" not in found, "a certificate for a channel and for the partial transpose of a state")
        distance = number(found["simulates"], "simulates", 0, Fraction(1, 2**10))
        return Derived(
            "upper",
            Scope("device-dependent"),
            PER_CHANNEL_USE,
            f"every channel at half the diamond distance {float(distance):.3g} or less from a channel that "
            f"teleportation simulates through {rho.named('a')}",
            lambda: cost() + _margin(distance, rho.dims[1]),
            f"{grounds}; simulation by teleportation [pirandola2017; wilde2017]; claim nearly-covariant",
        )
    return _ceiling(rho, found, cost, grounds)


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
        value = lambda: _mutual_information(rho) / 2 + _entanglement_margin(ball(rho.distance), rho.dims)  # noqa: E731
    grounds = "K <= E_sq [christandl2007]; E_sq <= I(A;B|E')/2 for every extension"
    return _ceiling(rho, found, value, grounds)


def _ceiling(rho: State, found: dict[str, Any], value: Callable[[], arb], grounds: str) -> Derived:
    """The ceiling for the state itself, or for the state whose partial transpose it is, which must be one."""
    if rho.repair is not None:
        grounds += "; continuity [winter2016]"
    if "state_is" not in found:
        return Derived("upper", Scope("device-dependent"), PER_COPY, rho.named("every"), value, grounds)
    one_of(found["state_is"], "state_is", ("partial transpose",))
    subject = f"the state whose partial transpose is {rho.named('every')}"
    if rho.repair is not None:
        subject = f"every state whose partial transpose is {rho.named('a')}"

    def of_state() -> arb:
        if rho.repair is None:
            State(rho.dims, _transposed_table(rho), rho.shift).require_state()
        return value()

    return Derived(
        "upper",
        Scope("device-independent"),
        PER_COPY,
        subject,
        of_state,
        f"K_DI(rho) <= K(rho^Γ) [christandl2021]; {grounds}",
    )


def _transposed_table(rho: State) -> Table:
    """H^Γ, transposed on Bob's side."""
    d_a, d_b = rho.dims
    rows = [(i, k) for i in range(d_a) for k in range(d_b)]
    return [[rho.table[i * d_b + m][j * d_b + k] for j, m in rows] for i, k in rows]


def hashing(document: dict[str, Any]) -> Derived:
    """K >= S(B) - S(AB), with one-way communication from Alice; from Bob, with S(A), for a channel's Choi state."""
    found = fields(document, "data", ("dims", "state", "of", "direction"), ("repair",))
    rho = read_state(found)
    forward = one_of(found["direction"], "direction", ("forward", "reverse")) == "forward"
    channel = one_of(found["of"], "of", ("state", "channel")) == "channel"
    if channel:
        require_choi_state(rho.matrix(), rho.dims)
    require(forward or channel, "reverse hashing of a state")
    side = 1 if forward else 0

    def value() -> arb:
        margin = _conditional_entropy_margin(ball(rho.distance), rho.dims[1 - side])
        found = rho.marginal_entropy(side) - rho.entropy() - margin
        return arb(0) if found.contains(0) and found.upper() < arb(2) ** -64 else found  # no key is negative

    subject = rho.named("every")
    if channel:
        of = "the channel whose Choi state is" if rho.repair is None else "every channel whose Choi state is"
        subject = f"{of} {rho.named('a')}"
    return Derived(
        "lower",
        Scope("device-dependent", ONE_WAY if forward else ANY),
        PER_CHANNEL_USE if channel else PER_COPY,
        subject,
        value,
        "hashing inequality [devetak2005]"
        + ("" if forward else ", from Bob to Alice [garciapatron2009]")
        + ("" if rho.repair is None else "; continuity [winter2016]"),
    )


def require_choi_state(matrix: acb_mat, dims: tuple[int, int]) -> None:
    """Reject a state whose Alice's side is not maximally mixed, up to rounding: it is no Choi state."""
    off = norm((reduced(matrix, dims, 0) - identity(dims[0]) * acb(1 / arb(dims[0]))).entries())
    require(bool(off < arb(2) ** -40), "Alice's side of the Choi state is not maximally mixed")


def _margin(error: Fraction, outputs: int) -> arb:
    e = ball(error)
    return 2 * e * log2(arb(outputs)) + _mixing(e)


def _entanglement_margin(x: arb, dims: tuple[int, int]) -> arb:
    """x log2 min(dA,dB) + g(x)."""
    return arb(0) if x.is_zero() else x * log2(arb(min(dims))) + _mixing(x)


def _conditional_entropy_margin(x: arb, dimension: int) -> arb:
    """2x log2 d + g(x)."""
    return arb(0) if x.is_zero() else 2 * x * log2(arb(dimension)) + _mixing(x)


def _mixing(x: arb) -> arb:
    """g(x) = (1+x) h(x/(1+x))."""
    return (1 + x) * binary_entropy(x / (1 + x))


def _mutual_information(rho: State) -> arb:
    """S(A) + S(B) - S(AB), exactly 0 of a product."""
    whole = rho.entropy()
    return arb(0) if rho.is_product else rho.marginal_entropy(0) + rho.marginal_entropy(1) - whole


# --- separable states ------------------------------------------------------------------------------------------------


def _divergence(document: Any, rho: State) -> Callable[[], arb]:
    """D(ρ||σ) from above, for a σ that is separable by its description."""
    require(isinstance(document, dict), "separable_state is not an object")
    kind = one_of(document.get("kind"), "kind of the separable state", _SEPARABLE)
    if kind == "product of the marginals":
        fields(document, "separable_state", ("kind", "admixture"))
        return lambda: _mutual_information(rho)
    names, read = _SEPARABLE[kind]
    found = fields(document, "separable_state", ("kind", "admixture", *names))
    admixture = number(found["admixture"], "admixture", 0, 1)
    build = read(found, rho)

    def value() -> arb:
        eta = ball(admixture)
        sigma = build() * acb(1 - eta) + identity(rho.size) * acb(eta / rho.size)
        return cross_entropy_above(rho.matrix(), sigma) - rho.entropy()

    return value


def _ensemble(found: dict[str, Any], rho: State) -> Build:
    """Σ_k |a_k b_k><a_k b_k| over its trace."""
    count = len(sequence(found["alice"], "alice", least=1))
    alice = read_matrix(found["alice"], "alice", count, rho.dims[0])
    bob = read_matrix(found["bob"], "bob", count, rho.dims[1])

    def build() -> acb_mat:
        rows = [
            [x * y for x in left for y in right]
            for left, right in zip(as_balls(alice).tolist(), as_balls(bob).tolist(), strict=True)
        ]
        products = acb_mat(rows)
        sigma = products.transpose() * products.conjugate()
        trace = sum((sigma[i, i].real for i in range(rho.size)), arb(0))
        require(bool(trace > 0), "an ensemble without weight")
        return sigma * acb(1 / trace)

    return build


def _isotropic(found: dict[str, Any], rho: State) -> Build:
    """s Φ + (1-s)(1-Φ)/(d²-1): separable for s <= 1/d."""
    d = _square(rho)
    share = number(found["share"], "share", 0, Fraction(1, d))
    diagonal = [i * d + i for i in range(d)]
    phi = [[Fraction(int(i in diagonal and j in diagonal), d) for j in range(d * d)] for i in range(d * d)]
    return _two_levels(phi, share, 1)


def _werner(found: dict[str, Any], rho: State) -> Build:
    """s P/rank + (1-s)(1-P)/rest, P on the antisymmetric vectors: separable for s <= 1/2."""
    d = _square(rho)
    share = number(found["share"], "share", 0, Fraction(1, 2))
    pairs = [(i, j) for i in range(d) for j in range(d)]
    antisymmetric = [[Fraction((r == c) - (r == c[::-1]), 2) for c in pairs] for r in pairs]
    return _two_levels(antisymmetric, share, d * (d - 1) // 2)


def _two_levels(projector: list[list[Fraction]], share: Fraction, rank: int) -> Build:
    size = len(projector)
    inside, outside = share / rank, (1 - share) / (size - rank)
    table = [
        [((inside - outside) * entry + outside * (i == j), Fraction(0)) for j, entry in enumerate(row)]
        for i, row in enumerate(projector)
    ]
    return lambda: as_balls(table)


def _bell_diagonal(found: dict[str, Any], rho: State) -> Build:
    """A mixture of the Bell states: separable if no weight is above 1/2."""
    require(rho.dims == (2, 2), "Bell-diagonal states are of two qubits")
    shares = _distribution(found["shares"], 4)
    require(max(shares) <= Fraction(1, 2), "a Bell-diagonal state with a weight above 1/2 is entangled")
    vectors = ((1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0), (0, 1, -1, 0))
    table = [
        [
            (sum((s * v[i] * v[j] / 2 for s, v in zip(shares, vectors, strict=True)), Fraction(0)), Fraction(0))
            for j in range(4)
        ]
        for i in range(4)
    ]
    return lambda: as_balls(table)


def _dephased(found: dict[str, Any], rho: State) -> Build:
    """Diagonal in the product of two bases, each made orthonormal by Gram-Schmidt from the columns given."""
    d_a, d_b = rho.dims
    shares = _distribution(found["shares"], d_a * d_b)
    alice = read_matrix(found["alice"], "alice", d_a, d_a)
    bob = read_matrix(found["bob"], "bob", d_b, d_b)

    def build() -> acb_mat:
        left, right = _gram_schmidt(as_balls(alice)), _gram_schmidt(as_balls(bob))
        basis = acb_mat(
            [[left[i, k] * right[j, m] for k in range(d_a) for m in range(d_b)] for i in range(d_a) for j in range(d_b)]
        )
        weights = acb_mat(
            [[acb(ball(s)) if i == j else acb(0) for j in range(d_a * d_b)] for i, s in enumerate(shares)]
        )
        return basis * weights * adjoint(basis)

    return build


_SEPARABLE: dict[str, tuple[tuple[str, ...], Any]] = {
    "product of the marginals": ((), None),
    "ensemble": (("alice", "bob"), _ensemble),
    "isotropic": (("share",), _isotropic),
    "Werner": (("share",), _werner),
    "Bell-diagonal": (("shares",), _bell_diagonal),
    "dephased in the Schmidt basis": (("alice", "bob", "shares"), _dephased),
}


def _square(rho: State) -> int:
    require(rho.dims[0] == rho.dims[1] > 1, "this separable state needs dA = dB > 1")
    return rho.dims[0]


def _distribution(value: Any, count: int) -> list[Fraction]:
    shares = [number(s, "share", 0, 1) for s in sequence(value, "shares", least=count, most=count)]
    require(sum(shares) == 1, "shares that do not sum to 1")
    return shares


def _gram_schmidt(matrix: acb_mat) -> acb_mat:
    size = matrix.nrows()
    done: list[acb_mat] = []
    for k in range(size):
        column = acb_mat([[matrix[i, k]] for i in range(size)])
        for earlier in done:
            column = column - earlier * (adjoint(earlier) * column)[0, 0]
        length = (adjoint(column) * column)[0, 0].real
        require(bool(length > 0), "a basis that is not one")
        done.append(column * acb(1 / length.sqrt()))
    return acb_mat([[column[i, 0] for column in done] for i in range(size)])


# --- extensions ------------------------------------------------------------------------------------------------------


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
    return value + _entanglement_margin(theta, rho.dims)


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
    power, series, factor, rest = identity(size), identity(size), arb(1), arb(1)
    for k in range(1, 1 + ctx.prec):
        power, factor, rest = power * defect, factor * (1 - 2 * k) / (2 * k), rest * small
        series = series + power * acb(factor)
        if rest < arb(2) ** -ctx.prec:
            break
    else:
        raise RejectedError("the isometry is not one")
    error = arb(0, 2 * rest * small)  # the remainder of the series, at most Σ_(j>k) ||D||^j
    blurred = [[z + acb(error, error) for z in row] for row in series.tolist()]
    return v * acb_mat(blurred)
