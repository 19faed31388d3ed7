"""Certificates of ceilings on device-independent key: an explicit mixture of attacks that has the device's table.

Eve's device draws a strategy k with probability w_k and tells her which. If Σ_k w_k P_k is the table of the measured
pairs of settings, no protocol tells it from the honest one [christandl2021], so what it leaves to the parties is a
ceiling for every device with that table:

- one-way with fixed preprocessing: Σ_k w_k p_V^k H(Â|E,V)_k - p_V H(Â|B,V);
- two-way on one key setting: I(A:B|E) = Σ_k w_k I(A:B|E)_k at that setting [christandl2007];
- any discussion: Σ_k w_k D(ρ_k || σ_k) with ρ_k the state of strategy k and σ_k separable, for using the devices is
  local operations on ρ_k [horodecki2009]; 0 where a party prints one outcome at all its settings, as a product state
  has the same table then;
- discussion of completed rounds: the greatest Σ_k w_k I(A:B|E)_k over all pairs of settings, measured or not; or the
  last, for it holds here too, if the states σ_k are given.

A strategy is deterministic, or it is a real vector ψ_abe of three qubits, given by integers, of which Eve holds the
last, with a measurement for each setting: onto v_0 = (c, s) and v_1 = (-s, c), printed as outcome i and j, but each
with some probability, given on a dyadic grid, as the other one. The separable state is that of ρ_AB measured at one
side onto vectors v_0, v_1 such as these: then D(ρ||σ) = S(σ) - S(ρ), where S(σ) = Σ_s S(<v_s|ρ|v_s>), and S(ρ) is the
entropy of Eve's qubit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpz

from .devices import post_selected, unnormalised_entropy
from .effort import MOST_DENOMINATOR, afford, afford_time, common_denominator, sum_cost
from .logarithms import binary_entropy, root, xlog2x
from .reading import ball, fields, integer, number, one_of, require, sequence
from .statement import PER_ROUND, Derived, Protocol, Scope, decimal, read_protocol, scenario

Matrix = tuple[Fraction, Fraction, Fraction]  # symmetric 2x2: the entries (0,0), (1,1), (0,1)
Blocks = dict[tuple[int, int], Matrix]  # Eve's unnormalised state for each pair of printed outcomes
Pair = tuple[int, int]

HALF = Fraction(1, 2)
MOST_OUTCOMES, MOST_SETTINGS, MOST_STRATEGIES = 8, 8, 5_000
ZERO: Matrix = (Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Measurement:
    """A direction, what is printed for its two results, and how often it is misprinted."""

    direction: Pair
    labels: Pair
    misprints: tuple[Fraction, Fraction]

    def printed(self, result: int) -> dict[int, Fraction]:
        """The probability of each printed outcome for a result."""
        wrong = self.misprints[result]
        table = dict.fromkeys(self.labels, Fraction(0))
        table[self.labels[result]] += 1 - wrong
        table[self.labels[1 - result]] += wrong
        return table

    @property
    def vectors(self) -> tuple[Pair, Pair]:
        """v_0 and v_1."""
        return _basis(self.direction)

    @property
    def size(self) -> int:
        """<v|v> of both vectors."""
        return sum(z * z for z in self.direction)

    @property
    def fixed(self) -> bool:
        """Whether it prints one outcome, whatever the result."""
        return self.labels[0] == self.labels[1]


@dataclass(frozen=True)
class Pinching:
    """A side, 0 for Alice, and the first of two orthogonal vectors onto which it is measured."""

    side: int
    direction: Pair


@dataclass(frozen=True)
class Strategy:
    """A vector of three qubits and measurements of the first two; and a separable state, if one is given."""

    weight: Fraction
    state: list[int]
    alice: list[Measurement]
    bob: list[Measurement]
    pinching: Pinching | None

    @property
    def size(self) -> int:
        """<ψ|ψ>."""
        return sum(z * z for z in self.state)

    @property
    def separable(self) -> bool:
        """Whether a separable state is at hand: the given one, or a product where one party's outcomes are fixed."""
        return self.pinching is not None or self._local

    @property
    def _local(self) -> bool:
        return all(m.fixed for m in self.alice) or all(m.fixed for m in self.bob)

    def distance(self) -> tuple[list[Matrix], Matrix] | None:
        """The matrices <v_s|ρ_AB|v_s>, and Eve's state; None where ρ_AB is separable itself, exactly."""
        if self._local:
            return None
        assert self.pinching is not None
        size = self.size
        amplitude = {(k >> 2, k >> 1 & 1, k & 1): z for k, z in enumerate(self.state)}
        if self.pinching.side == 1:
            amplitude = {(b, a, e): z for (a, b, e), z in amplitude.items()}
        parts = [
            [[v[0] * amplitude[0, k, e] + v[1] * amplitude[1, k, e] for e in (0, 1)] for k in (0, 1)]
            for v in _basis(self.pinching.direction)
        ]
        if all(sum(x * y for x, y in zip(left, right, strict=True)) == 0 for left in parts[0] for right in parts[1]):
            return None  # <v_0|ρ|v_1> = 0
        length = sum(z * z for z in self.pinching.direction)
        eve = [self.state[0::2], self.state[1::2]]
        return [_products(part, size * length) for part in parts], _products(eve, size)

    def blocks(self, x: int, y: int) -> Blocks:
        """Eve's states ρ^ab, unnormalised, of this strategy."""
        alice, bob = self.alice[x], self.bob[y]
        size = self.size * alice.size * bob.size
        found: Blocks = {}
        for s, v in enumerate(alice.vectors):
            for t, w in enumerate(bob.vectors):
                u = [sum(v[a] * w[b] * self.state[4 * a + 2 * b + e] for a in (0, 1) for b in (0, 1)) for e in (0, 1)]
                entries = (u[0] * u[0], u[1] * u[1], u[0] * u[1])
                for a, p in alice.printed(s).items():
                    for b, q in bob.printed(t).items():
                        part = tuple(p * q * Fraction(entry, size) for entry in entries)
                        found[a, b] = _sum([found.get((a, b), ZERO), part])  # type: ignore[list-item]
        return found


@dataclass(frozen=True)
class Point:
    """A deterministic strategy: the outcome for each setting."""

    weight: Fraction
    alice: list[int]
    bob: list[int]


@dataclass(frozen=True)
class Mixture:
    """Strategies whose weights sum to 1, in a scenario."""

    outcomes: Pair
    settings: Pair
    points: list[Point]
    strategies: list[Strategy]

    def table(self, x: int, y: int) -> list[list[Fraction]]:
        """P(a,b|x,y), exact."""
        table = [[Fraction(0)] * self.outcomes[1] for _ in range(self.outcomes[0])]
        for point in self.points:
            table[point.alice[x]][point.bob[y]] += point.weight
        for strategy in self.strategies:
            for (a, b), block in strategy.blocks(x, y).items():
                table[a][b] += strategy.weight * (block[0] + block[1])
        return table


def ceiling(document: dict[str, Any]) -> Derived:
    """Derive the ceiling of a mixture for the protocols it is made for."""
    names = ("scenario", "measured", "collins_gisin", "table", "distance", "protocol", "mixture")
    found = fields(document, "data", names)
    mixture = _mixture(found)
    measured = _measured(found["measured"], mixture)
    protocol = read_protocol(found["protocol"])
    _afford(mixture, measured, protocol)
    distance = _check_tables(found, mixture, measured)
    value, grounds = _value(mixture, measured, protocol)
    subject = f"devices with the tables with the digest below: {scenario(mixture.outcomes, mixture.settings, measured)}"
    if distance:
        subject += f"; the tables are within {decimal(distance, 'upper')} of the ones given"
    grounds = f"devices with the same table [christandl2021]; {grounds}; claim flagged-mixtures"
    return Derived(
        "upper", Scope("device-independent", protocol), PER_ROUND, subject, lambda: value().max(arb(0)), grounds
    )


def _value(mixture: Mixture, measured: list[Pair], protocol: Protocol) -> tuple[Callable[[], arb], str]:
    """What the mixture leaves to protocols of this class, and what that rests on."""
    if protocol.discussion in ("one-way", "two-way"):
        key, noise = protocol.single.pair, protocol.single.noise
        require(key in measured, "the key setting was not measured")
        require(all(s.pinching is None for s in mixture.strategies), "a separable state where none is needed")
        if protocol.discussion == "two-way":
            return _greatest(mixture, [key]), "K <= I(A:B|E) [christandl2007]"
        require(noise == 0 or mixture.outcomes[0] == 2, "noise on what is not a bit")
        require(protocol.keep == 1 or mixture.outcomes == (2, 2), "post-selection of what is not click and no-click")
        return _one_way(mixture, key, noise, protocol.keep), "Devetak-Winter rate [devetak2005]"
    require(protocol.discussion in ("completed rounds", "any"), "a class without public discussion")
    separable = all(strategy.separable for strategy in mixture.strategies)
    if protocol.discussion == "any":
        require(separable, "a strategy without a separable state")
        return _entangled(mixture), "K <= E_r [horodecki2009]"
    nx, ny = mixture.settings
    greatest = _greatest(mixture, [(x, y) for x in range(nx) for y in range(ny)])
    if not separable:
        return greatest, "K <= I(A:B|E) [christandl2007]"
    entangled = _entangled(mixture)
    return lambda: greatest().min(entangled()), "K <= I(A:B|E) [christandl2007], K <= E_r [horodecki2009]"


def _greatest(mixture: Mixture, pairs: list[Pair]) -> Callable[[], arb]:
    """Σ_k w_k I(A:B|E)_k, the greatest over these pairs of settings."""
    blocks = {pair: [(s.weight, s.blocks(*pair)) for s in mixture.strategies] for pair in pairs}
    costs = {pair: [(w, block) for w, block in found if not _independent(block)] for pair, found in blocks.items()}

    def value() -> arb:
        most = arb(0)
        for found in costs.values():
            most = most.max(sum((ball(weight) * _information(block) for weight, block in found), arb(0)))
        return most

    return value


def _entangled(mixture: Mixture) -> Callable[[], arb]:
    """Σ_k w_k D(ρ_k || σ_k)."""
    costs = [(s.weight, distance) for s in mixture.strategies if (distance := s.distance()) is not None]

    def value() -> arb:
        total = arb(0)
        for weight, (parts, eve) in costs:
            total += ball(weight) * (sum(map(_entropy, parts), arb(0)) - _entropy(eve))
        return total

    return value


def _one_way(mixture: Mixture, key: Pair, noise: Fraction, keep: Fraction) -> Callable[[], arb]:
    """Σ_k w_k p_V^k H(Â|E,V)_k - p_V H(Â|B,V), as Σ_k w_k p_V^k [H(Â|E,V)_k - h(q)] + Σ_b p_V p(b) [h(q) - H(Â|b,V)].

    The first brackets are exactly 0 where a strategy prints one symbol, the second where one goes with Bob's outcome.
    """
    share = (Fraction(1), keep)
    costs = []
    for strategy in mixture.strategies:
        kept = [ZERO] * mixture.outcomes[0]
        for (a, b), block in strategy.blocks(*key).items():
            kept[a] = _sum([kept[a], _scaled(share[a == 1] * share[b == 1], block)])
        if sum(any(block) for block in kept) < 2:
            continue
        if noise:
            kept = [_sum([_scaled(1 - noise, kept[c]), _scaled(noise, kept[1 - c])]) for c in (0, 1)]
        costs.append((strategy.weight, kept))
    joint = mixture.table(*key)
    weighed = post_selected(joint, keep)
    require(sum(map(sum, weighed)) > 0, "no key round survives")
    undecided = [sum(map(bool, column)) > 1 for column in zip(*joint, strict=True)]
    table = [[p if unclear else Fraction(0) for p, unclear in zip(row, undecided, strict=True)] for row in joint]
    left = sum((p for row in post_selected(table, keep) for p in row), Fraction(0))

    def value() -> arb:
        if noise == HALF:
            return arb(0)  # the symbol is a fresh coin to everyone
        floor = binary_entropy(ball(noise)) if noise else arb(0)
        total = ball(left) * floor - unnormalised_entropy(table, noise, keep) if any(undecided) else arb(0)
        for weight, kept in costs:
            whole = _sum(kept)
            total += ball(weight) * (sum(map(_entropy, kept), arb(0)) - _entropy(whole))
            total -= ball(weight * (whole[0] + whole[1])) * floor
        return total

    return value


def _information(blocks: Blocks) -> arb:
    """I(A:B|E) = Σ_a S(ρ^a.) + Σ_b S(ρ^.b) - S(ρ) - Σ_ab S(ρ^ab)."""
    total = -_entropy(_sum(list(blocks.values()))) - sum(map(_entropy, blocks.values()), arb(0))
    for side in (0, 1):
        for outcome in {pair[side] for pair in blocks}:
            total += _entropy(_sum([block for pair, block in blocks.items() if pair[side] == outcome]))
    return total


def _independent(blocks: Blocks) -> bool:
    """Whether one party's outcome is independent of all else, exactly: ρ^ab = β_b ρ^a., or the like for Alice."""
    whole = sum((block[0] + block[1] for block in blocks.values()), Fraction(0))
    for side in (0, 1):
        share: dict[int, Fraction] = {}
        rest: dict[int, Matrix] = {}
        for pair, block in blocks.items():
            share[pair[side]] = share.get(pair[side], Fraction(0)) + block[0] + block[1]
            rest[pair[1 - side]] = _sum([rest.get(pair[1 - side], ZERO), block])
        if all(_scaled(whole, block) == _scaled(share[p[side]], rest[p[1 - side]]) for p, block in blocks.items()):
            return True
    return False


def _entropy(matrix: Matrix) -> arb:
    """-Tr ρ log2 ρ of a positive 2x2 matrix of trace at most 1."""
    trace, determinant = matrix[0] + matrix[1], matrix[0] * matrix[1] - matrix[2] * matrix[2]
    if trace == 0:
        return arb(0)
    large = (ball(trace) + root(ball(trace * trace - 4 * determinant))) / 2
    return -xlog2x(large) - (xlog2x(ball(determinant) / large) if determinant else arb(0))


def _sum(matrices: list[Matrix]) -> Matrix:
    one, two, three = (sum((matrix[k] for matrix in matrices), Fraction(0)) for k in range(3))
    return one, two, three


def _scaled(factor: Fraction, matrix: Matrix) -> Matrix:
    return factor * matrix[0], factor * matrix[1], factor * matrix[2]


def _products(vectors: list[list[int]], scale: int) -> Matrix:
    """The inner products of two vectors, divided by `scale`."""
    one, two = vectors
    p, q, r = (sum(x * y for x, y in zip(u, v, strict=True)) for u, v in ((one, one), (two, two), (one, two)))
    return Fraction(p, scale), Fraction(q, scale), Fraction(r, scale)


def _basis(direction: Pair) -> tuple[Pair, Pair]:
    """(c, s) and (-s, c)."""
    c, s = direction
    return (c, s), (-s, c)


def _afford(mixture: Mixture, measured: list[Pair], protocol: Protocol) -> None:
    """Refuse strategies whose blocks are too many, or have no denominator in common over which to add them."""
    every = mixture.settings[0] * mixture.settings[1] if protocol.discussion == "completed rounds" else 1
    blocks = len(mixture.strategies) * (len(measured) + every)
    what = f"{len(mixture.strategies)} strategies at {len(measured)} pairs of settings"
    afford_time(1_500.0 * blocks, what)
    longest = 1
    for x, y in measured:
        sizes = {
            fmpz(strategy.size) * strategy.alice[x].size * strategy.bob[y].size * strategy.weight.denominator
            for strategy in mixture.strategies
        }
        longest = max(longest, common_denominator(sizes, 16 * MOST_DENOMINATOR))
        afford(longest <= 16 * MOST_DENOMINATOR, f"{what} have no denominator in common")
    afford_time(sum_cost(8 * blocks, longest, 1_000), what)


# --- reading ---------------------------------------------------------------------------------------------------------


def _mixture(found: dict[str, Any]) -> Mixture:
    sizes = fields(found["scenario"], "scenario", ("outcomes", "settings"))
    na, nb = (
        integer(n, "outcomes", 2, MOST_OUTCOMES) for n in sequence(sizes["outcomes"], "outcomes", least=2, most=2)
    )
    nx, ny = (
        integer(n, "settings", 1, MOST_SETTINGS) for n in sequence(sizes["settings"], "settings", least=2, most=2)
    )
    given = fields(found["mixture"], "mixture", ("grid_bits", "points", "strategies"))
    grid = 1 << integer(given["grid_bits"], "grid_bits", 1, 100)
    points = []
    for entry in sequence(given["points"], "points", most=MOST_STRATEGIES):
        point = fields(entry, "a point", ("weight", "alice", "bob"))
        alice = [integer(a, "outcome", 0, na - 1) for a in sequence(point["alice"], "alice", least=nx, most=nx)]
        bob = [integer(b, "outcome", 0, nb - 1) for b in sequence(point["bob"], "bob", least=ny, most=ny)]
        points.append(Point(number(point["weight"], "weight", 0, 1), alice, bob))
    strategies = []
    for entry in sequence(given["strategies"], "strategies", most=MOST_STRATEGIES):
        one = fields(entry, "a strategy", ("weight", "state", "alice", "bob"), ("pinching",))
        state = [integer(z, "amplitude", -(2**64), 2**64) for z in sequence(one["state"], "state", least=8, most=8)]
        require(any(state), "a state that is 0")
        alice_side = [_measurement(m, na, grid) for m in sequence(one["alice"], "alice", least=nx, most=nx)]
        bob_side = [_measurement(m, nb, grid) for m in sequence(one["bob"], "bob", least=ny, most=ny)]
        pinching = _pinching(one["pinching"]) if "pinching" in one else None
        strategies.append(Strategy(number(one["weight"], "weight", 0, 1), state, alice_side, bob_side, pinching))
    total = sum((p.weight for p in points), Fraction(0)) + sum((s.weight for s in strategies), Fraction(0))
    require(total == 1, "weights that do not sum to 1")
    return Mixture((na, nb), (nx, ny), points, strategies)


def _measurement(value: Any, outcomes: int, grid: int) -> Measurement:
    given = fields(value, "a measurement", ("direction", "labels", "misprints"))
    direction = _direction(given["direction"])
    i, j = (integer(k, "label", 0, outcomes - 1) for k in sequence(given["labels"], "labels", least=2, most=2))
    f, g = (integer(k, "misprint", 0, grid) for k in sequence(given["misprints"], "misprints", least=2, most=2))
    return Measurement(direction, (i, j), (Fraction(f, grid), Fraction(g, grid)))


def _pinching(value: Any) -> Pinching:
    given = fields(value, "a pinching", ("side", "direction"))
    side = one_of(given["side"], "side", ("alice", "bob"))
    return Pinching(0 if side == "alice" else 1, _direction(given["direction"]))


def _direction(value: Any) -> Pair:
    c, s = (integer(z, "direction", -(2**64), 2**64) for z in sequence(value, "direction", least=2, most=2))
    require(c != 0 or s != 0, "a direction that is 0")
    return c, s


def _pair(value: Any, what: str, settings: Pair) -> Pair:
    x, y = sequence(value, what, least=2, most=2)
    return integer(x, what, 0, settings[0] - 1), integer(y, what, 0, settings[1] - 1)


def _measured(value: Any, mixture: Mixture) -> list[Pair]:
    pairs = [_pair(pair, "measured pair", mixture.settings) for pair in sequence(value, "measured", least=1, most=64)]
    require(len(set(pairs)) == len(pairs), "the same pair of settings twice")
    return pairs


def _check_tables(found: dict[str, Any], mixture: Mixture, measured: list[Pair]) -> Fraction:
    """Check that the mixture has the table, and return its distance from the doubles given (Collins-Gisin)."""
    (na, nb), (nx, ny) = mixture.outcomes, mixture.settings
    own = {pair: mixture.table(*pair) for pair in measured}
    for pair, table in zip(
        measured, sequence(found["table"], "table", least=len(measured), most=len(measured)), strict=True
    ):
        stated = [
            [number(p, "probability", 0, 1) for p in sequence(row, "row of the table", least=nb, most=nb)]
            for row in sequence(table, "table of a pair", least=na, most=na)
        ]
        require(stated == own[pair], f"the mixture has another table at the settings {pair}")
    rows, columns = 1 + nx * (na - 1), 1 + ny * (nb - 1)
    given = [
        sequence(row, "row", least=columns, most=columns)
        for row in sequence(found["collins_gisin"], "collins_gisin", least=rows, most=rows)
    ]
    furthest = Fraction(0)

    def compare(row: int, column: int, value: Fraction) -> None:
        nonlocal furthest
        if given[row][column] is not None:
            furthest = max(furthest, abs(number(given[row][column], "entry of collins_gisin") - value))

    compare(0, 0, Fraction(1))
    for (x, y), table in own.items():
        for a in range(na - 1):
            compare(1 + x * (na - 1) + a, 0, sum(table[a], Fraction(0)))
            for b in range(nb - 1):
                compare(1 + x * (na - 1) + a, 1 + y * (nb - 1) + b, table[a][b])
        for b in range(nb - 1):
            compare(0, 1 + y * (nb - 1) + b, sum((row[b] for row in table), Fraction(0)))
    distance = number(found["distance"], "distance", 0, Fraction(1, 2**30))
    require(furthest <= distance, f"the mixture's table is {decimal(furthest)} from the one given")
    return distance
