"""Certificates of relative entropy: D(ρ||σ) to an explicit state σ that is separable by its description.

σ is (1-η) σ' + η 1/(dA dB), for a stated admixture η and a σ' of one of the families in `_SEPARABLE`; or it is the
product of the marginals of ρ.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import acb, acb_mat, arb

from .logarithms import log2
from .reading import ball, fields, number, one_of, require, sequence
from .spectra import adjoint, as_balls, cross_entropy_above, identity, read_matrix
from .statement import PER_CHANNEL_USE, Derived, Scope, decimal
from .states import State, ceiling, entanglement_margin, mixing, mutual_information, read_state

Build = Callable[[], acb_mat]


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
        return divergence() + entanglement_margin(ball(rho.distance), rho.dims)

    if "simulates" in found:
        require("state_is" not in found, "a certificate for a channel and for the partial transpose of a state")
        distance = number(found["simulates"], "simulates", 0, Fraction(1, 2**10))
        return Derived(
            "upper",
            Scope("device-dependent"),
            PER_CHANNEL_USE,
            f"every channel at half the diamond distance {decimal(distance, 'lower')} or less from a channel that "
            f"teleportation simulates through {rho.named('a')}",
            lambda: cost() + _margin(distance, rho.dims[1]),
            f"{grounds}; simulation by teleportation [pirandola2017; wilde2017]; claim nearly-covariant",
        )
    return ceiling(rho, found, cost, grounds)


def _margin(error: Fraction, outputs: int) -> arb:
    e = ball(error)
    return 2 * e * log2(arb(outputs)) + mixing(e)


def _divergence(document: Any, rho: State) -> Callable[[], arb]:
    """D(ρ||σ) from above, for a σ that is separable by its description."""
    require(isinstance(document, dict), "separable_state is not an object")
    kind = one_of(document.get("kind"), "kind of the separable state", _SEPARABLE)
    if kind == "product of the marginals":
        fields(document, "separable_state", ("kind", "admixture"))
        return lambda: mutual_information(rho)
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
