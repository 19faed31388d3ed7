"""The protocol of `keybounds.bounds.state.pair_parity` run on sampled bits, with real linear hashes.

Given which copies are bad, Alice's bits are uniform and independent, and all that Eve knows of them are values of
linear functions over GF(2): the bits of the bad copies, the announced parities, the hashes. So a function of Alice's
bits is exactly uniform given all that Eve knows if and only if no part of it lies in the span of hers, and the length
of the key is a difference of ranks. The ranks are those of the functions that this run drew: nothing is averaged.

Bits and parities of two bits are merged into classes first (two bits with a known sum are one unknown; bad copies and
a constant 0 are one class); the hashes that are left are dense in the remaining classes, and are eliminated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.state.pair_parity import PairParityProtocol
from keybounds.enclosure import nearest
from keybounds.errors import InputError
from keybounds.states.arguments import dimension

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """What happened on one level.

    Attributes
    ----------
    pairs, mismatches, unknown
        Pairs; those whose parities differ; those whose parity Eve does not know beforehand, not both ends being bad.
    announced
        Bits that Alice announces: the length of the hash, or as many as pairs.
    nominal
        What S(p) charges for that: pairs · h(Q_k) for a level to be hashed, else `unknown`.
    log2_decoding_failure
        Log2 of the probability, over the random hash, that some other string with at most as many mismatches has the
        hash that Bob received: a union bound. Minus infinity where the parities themselves are announced.
    """

    pairs: int
    mismatches: int
    unknown: int
    announced: int
    nominal: float
    log2_decoding_failure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairParityRun:
    """One run of the protocol.

    Attributes
    ----------
    copies, bad
        Copies of the state, and how many of them were bad.
    stages
        The levels that had pairs.
    eve_rank
        Rank of Eve's knowledge on the copies' bits.
    secret_bits
        Rank of the hashed parities modulo Eve's knowledge: the longest key that is exactly uniform for her.
    key_bits, key_is_uniform
        Length of the key that random linear extraction was asked for, and whether its functions are independent of one
        another and of Eve's knowledge, which makes the key exactly uniform given what she knows.
    """

    copies: int
    bad: int
    stages: tuple[StageRun, ...]
    eve_rank: int
    secret_bits: int
    key_bits: int
    key_is_uniform: bool

    @property
    def decodes(self) -> bool:
        """Whether Bob finds every hashed string but for a probability below 2^-20."""
        return all(stage.log2_decoding_failure < -20 for stage in self.stages)

    @property
    def overhead(self) -> float:
        """Bits of Eve's uncertainty given up beyond `nominal`: what a finite run pays for Bob's decoding.

        A level too small for its hash is announced whole, and tells Eve no more than she did not know.
        """
        return sum(min(stage.announced, stage.unknown) - stage.nominal for stage in self.stages)

    @property
    def asymptotic_rate(self) -> float:
        """(`secret_bits` + `overhead`) / `copies`: what this run says about S(p), with the hashes at their limit."""
        return (self.secret_bits + self.overhead) / self.copies


def simulate_pair_parity(
    protocol: PairParityProtocol,
    copies: SupportsIndex,
    *,
    seed: int,
    deviations: float = 4.0,
    slack: SupportsIndex = 40,
) -> PairParityRun:
    """Run the protocol once on sampled bits.

    Parameters
    ----------
    protocol
        Error rate and number of levels.
    copies
        N, at least 2. Memory grows as the square of the number of hashed parities.
    seed
        Of the random generator: the same seed gives the same run.
    deviations
        The hash of a level with n pairs has n h(Q) bits, and as many more as this number of standard deviations of the
        number of mismatches call for: deviations · √(n Q (1-Q)) · log2((1-Q)/Q).
    slack
        Bits of hash beyond that, and bits of key given up, so that random matrices fail with probability 2^-slack.

    Raises
    ------
    DimensionError, InputError
        `copies` below 2, negative `slack`; `deviations` negative or not finite.
    """
    number, extra = dimension("copies", copies), dimension("slack", slack, least=0)
    if not 0 <= deviations < math.inf:
        raise InputError("deviations", "a finite number of at least 0", repr(deviations))
    generator = np.random.default_rng(seed)
    bad = generator.random(number) < _sampled_error(protocol)
    alice = generator.integers(0, 2, number, dtype=np.uint8)
    bob = alice ^ bad.astype(np.uint8)

    known = _Classes(number, np.flatnonzero(bad))
    roots = np.arange(number)
    stages: list[StageRun] = []
    hashed: list[tuple[Indices, Indices, NDArray[np.uint8]]] = []
    for stage in protocol.stages():
        pairs = len(roots) // 2
        if pairs == 0:
            break
        shuffled = generator.permutation(roots)
        first, second = shuffled[:pairs], shuffled[pairs : 2 * pairs]
        differ = (alice[first] ^ alice[second]) != (bob[first] ^ bob[second])
        mismatches = int(differ.sum())
        unknown = int((~(bad[first] & bad[second])).sum())
        announced, nominal, failure = pairs, float(unknown), -math.inf
        if stage.hashed:
            q = nearest(stage.mismatch)
            nominal = pairs * _binary_entropy(q)
            spread = deviations * math.sqrt(pairs * q * (1 - q)) * math.log2((1 - q) / q) if q > 0 else 0.0
            length = math.ceil(nominal + spread) + extra
            if length < pairs:
                announced, failure = length, log2_ball(pairs, mismatches) - length
                hashed.append((first, second, generator.integers(0, 2, (length, pairs), dtype=np.uint8)))
        if announced == pairs:
            known.merge(first, second)
        stages.append(
            StageRun(
                pairs=pairs,
                mismatches=mismatches,
                unknown=unknown,
                announced=announced,
                nominal=nominal,
                log2_decoding_failure=failure,
            )
        )
        roots = first[~differ]

    edges = known.edges(hashed)
    span = _Span()
    for matrix, ends in zip((m for _, _, m in hashed), edges, strict=True):
        span.extend(_functionals(matrix, ends))
    hash_rank = span.rank
    total = _Span(span)
    for ends in edges:
        total.extend(_functionals(np.eye(len(ends[0]), dtype=np.uint8), ends))
    secret = total.rank - hash_rank

    key = max(secret - extra, 0)
    drawn = [generator.integers(0, 2, (key, len(ends[0])), dtype=np.uint8) for ends in edges]
    rows = [0] * key
    for matrix, ends in zip(drawn, edges, strict=True):
        rows = [row ^ part for row, part in zip(rows, _functionals(matrix, ends), strict=True)]
    span.extend(rows)
    return PairParityRun(
        copies=number,
        bad=int(bad.sum()),
        stages=tuple(stages),
        eve_rank=known.rank + hash_rank,
        secret_bits=secret,
        key_bits=key,
        key_is_uniform=span.rank == hash_rank + key,
    )


def _sampled_error(protocol: PairParityProtocol) -> float:
    """Error rate of the copies as a double, for sampling."""
    return nearest(protocol.stages()[0].error)


def log2_ball(length: int, radius: int) -> float:
    """Log2 of the number of binary strings of `length` with at most `radius` ones."""
    terms = [
        (math.lgamma(length + 1) - math.lgamma(w + 1) - math.lgamma(length - w + 1)) / math.log(2)
        for w in range(min(radius, length) + 1)
    ]
    top = max(terms)
    return top + math.log2(math.fsum(2.0 ** (term - top) for term in terms))


def _binary_entropy(q: float) -> float:
    return 0.0 if q in (0.0, 1.0) else -q * math.log2(q) - (1 - q) * math.log2(1 - q)


class _Classes:
    """The copies' bits up to what Eve knows of sums of two of them; class 0 holds the bits that she knows."""

    def __init__(self, copies: int, bad: Indices) -> None:
        self._parent = list(range(copies + 1))  # the constant 0 stands at the end
        self._constant = copies
        self.rank = 0
        self.merge(bad, np.full(len(bad), copies))

    def merge(self, first: Indices, second: Indices) -> None:
        """Eve learns the sum of each pair; pairs that she knew already do not raise the rank."""
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            left, right = self._find(a), self._find(b)
            if left != right:
                self._parent[left] = right
                self.rank += 1

    def edges(self, hashed: Iterable[tuple[Indices, Indices, NDArray[np.uint8]]]) -> list[tuple[Indices, Indices]]:
        """The ends of each hashed parity as numbered classes, 0 being the known one."""
        numbers = {self._find(self._constant): 0}

        def numbered(copies: Indices) -> Indices:
            return np.array([numbers.setdefault(self._find(c), len(numbers)) for c in copies.tolist()], dtype=np.intp)

        return [(numbered(first), numbered(second)) for first, second, _ in hashed]

    def _find(self, copy: int) -> int:
        parent = self._parent
        while parent[copy] != copy:
            parent[copy] = parent[parent[copy]]
            copy = parent[copy]
        return copy


class _Span:
    """A subspace over GF(2), vectors as the bits of Python integers."""

    def __init__(self, other: _Span | None = None) -> None:
        self._basis: dict[int, int] = dict(other._basis) if other else {}

    @property
    def rank(self) -> int:
        return len(self._basis)

    def extend(self, vectors: Iterable[int]) -> None:
        for vector in vectors:
            rest = vector
            while rest:
                pivot = rest.bit_length()
                if pivot not in self._basis:
                    self._basis[pivot] = rest
                    break
                rest ^= self._basis[pivot]


def _functionals(matrix: NDArray[np.uint8], ends: tuple[Indices, Indices]) -> list[int]:
    """Rows of `matrix` on the parities with these ends, as functions of the classes; class 0 is dropped."""
    first, second = ends
    columns = np.zeros((int(max(first.max(), second.max())) + 1, len(matrix)), dtype=np.uint8)
    np.bitwise_xor.at(columns, first, matrix.T)
    np.bitwise_xor.at(columns, second, matrix.T)
    columns[0] = 0
    packed = np.packbits(columns.T, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]
