"""Certificates about a bipartite state, what they have in common, and hashing.

What is computed is a property of the state ω = (H + shift 1)/trace, for an exactly given Hermitian H. Without a
"repair" the statement is about ω. With one, a distance r, it is about every state ρ within trace distance r of H, and
allows for what these may have other than ω, from which they are no further than ε = r + ½||H - ω||_1. With
g(x) = (1+x) h(x/(1+x)), by the method of [winter2016]:

- E_r is at most ε log2 min(dA,dB) + g(ε) greater;
- S(B) - S(AB) is at most 2ε log2 dA + g(ε) less, S(A) - S(AB) so much with dB;
- ½ I(A;B|E') is at most θ log2 min(dA,dB) + g(θ) greater in an extension at trace distance θ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import acb, acb_mat, arb

from .logarithms import binary_entropy, log2
from .reading import ball, fields, integer, number, one_of, require, sequence
from .spectra import (
    LARGEST,
    as_balls,
    eigenvalues,
    entropy,
    entropy_of,
    identity,
    norm,
    positive,
    read_hermitian,
    reduced,
)
from .statement import ANY, ONE_WAY, PER_CHANNEL_USE, PER_COPY, Derived, Scope, decimal

Table = list[list[tuple[Fraction, Fraction]]]


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

    def spectrum(self) -> list[arb]:
        """The eigenvalues of ω; rejects a matrix that is not certainly positive."""
        values = eigenvalues(self.matrix())
        require(all(x >= 0 for x in values) or self._positive, "a matrix that is no state")
        return values

    def entropy(self) -> arb:
        """S(ω) in bits."""
        return entropy_of(self.spectrum())

    def marginal_entropy(self, side: int) -> arb:
        """S of Alice's part of ω for side 0, of Bob's for side 1."""
        return entropy(reduced(self.matrix(), self.dims, side))

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
        within = decimal(self.repair, "lower")  # about no more states than are meant
        return f"{quantifier} state within the trace distance {within} of the {what} matrix with the digest below"


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


def ceiling(rho: State, found: dict[str, Any], value: Callable[[], arb], grounds: str) -> Derived:
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
            State(rho.dims, _transposed_table(rho), rho.shift).spectrum()  # which a matrix that is no state has not
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


def require_choi_state(matrix: acb_mat, dims: tuple[int, int]) -> None:
    """Reject a state whose Alice's side is not maximally mixed, up to rounding: it is no Choi state."""
    off = norm((reduced(matrix, dims, 0) - identity(dims[0]) * acb(1 / arb(dims[0]))).entries())
    require(bool(off < arb(2) ** -40), "Alice's side of the Choi state is not maximally mixed")


def entanglement_margin(x: arb, dims: tuple[int, int]) -> arb:
    """x log2 min(dA,dB) + g(x)."""
    return arb(0) if x.is_zero() else x * log2(arb(min(dims))) + mixing(x)


def _conditional_entropy_margin(x: arb, dimension: int) -> arb:
    """2x log2 d + g(x)."""
    return arb(0) if x.is_zero() else 2 * x * log2(arb(dimension)) + mixing(x)


def mixing(x: arb) -> arb:
    """g(x) = (1+x) h(x/(1+x))."""
    return (1 + x) * binary_entropy(x / (1 + x))


def mutual_information(rho: State) -> arb:
    """S(A) + S(B) - S(AB), exactly 0 of a product."""
    whole = rho.entropy()
    return arb(0) if rho.is_product else rho.marginal_entropy(0) + rho.marginal_entropy(1) - whole
