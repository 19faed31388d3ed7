"""Sources of bits that Alice and Bob share and of which Eve knows part, as finite tables, exactly.

``bits(p)`` is what measuring the key of a private state leaves: Alice's uniform bit x, Bob's y = x + e with e = 1 with
probability p, and Eve's z, which is e, and x as well where e = 1. ``pair(q, p)`` is one copy of bits(q) and one of
bits(p). ``dimmed(p, w)`` is a copy of bits(p) of which Alice tells x with probability w; Bob then takes the other bit.
A part of a source is named by a word; what it shows of each outcome is in `_BITS`, `_PAIR` and `_DIMMED`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from keybounds.proofs.logic import equality
from keybounds.proofs.logic.propositions import UndecidedError
from keybounds.proofs.logic.terms import expanded


@dataclass(frozen=True, slots=True)
class Copy:
    """One outcome of one copy."""

    x: int
    e: int

    @property
    def y(self) -> int:
        """Bob's bit."""
        return self.x ^ self.e

    @property
    def z(self) -> tuple[int, ...]:
        """What Eve knows: whether the bits differ, and then Alice's."""
        return (1, self.x) if self.e else (0,)


Outcome = tuple[Any, ...]
"""Copies; of `dimmed` a copy and whether x is told."""
Table = list[tuple[Any, Outcome]]


def _matched(copies: Outcome) -> bool:
    return bool(copies[0].e == copies[1].e)


def _left(copies: Outcome) -> tuple[int, ...]:
    """The first copy's bits, of a pair whose parities match; that they do not, of another."""
    return (copies[0].x, copies[0].y) if _matched(copies) else ()


def _parity(copies: Outcome) -> int:
    return int(copies[0].x ^ copies[1].x)


def _known(copies: Outcome) -> tuple[tuple[int, ...], ...]:
    return tuple(copy.z for copy in copies)


def _told(outcome: Outcome) -> Any:
    """What Eve knows of a dimmed copy."""
    copy, told = outcome
    return copy.z, told, copy.x if told else None


Parts = Mapping[str, Callable[[Outcome], Any]]

_BITS: Parts = {"x": lambda c: c[0].x, "y": lambda c: c[0].y, "z": lambda c: c[0].z}
_PAIR: Parts = {
    "s": _parity,
    "t": lambda c: c[0].y ^ c[1].y,
    "st": lambda c: (_parity(c), c[0].y ^ c[1].y),
    "m": _matched,
    "z": _known,
    "zs": lambda c: (_known(c), _parity(c)),
    "zv": lambda c: (_known(c), _left(c)),
}
_DIMMED: Parts = {"zx": _told}


def _copy(p: Any) -> list[tuple[Any, Copy]]:
    return [((p if e else 1 - p) / 2, Copy(x, e)) for x, e in itertools.product((0, 1), repeat=2)]


def table(source: Any) -> tuple[Table, Parts]:
    """Return the outcomes with their probabilities, and the parts that have a name."""
    kind = type(source).__name__
    if kind == "bits":
        return [(weight, (copy,)) for weight, copy in _copy(source.args[0])], _BITS
    if kind == "pair":
        both = itertools.product(*(_copy(argument) for argument in source.args))
        return [(v * w, (first, second)) for (v, first), (w, second) in both], _PAIR
    if kind == "dimmed":
        p, w = source.args
        return [(v * u, (copy, told)) for v, copy in _copy(p) for u, told in ((w, True), (1 - w, False))], _DIMMED
    raise UndecidedError(f"{source} is no source of bits")


def _kept(source: Any, outcome: Outcome) -> Copy | None:
    """The copy that is left of an outcome, None of a pair that does not match."""
    if type(source).__name__ == "dimmed":
        copy, told = outcome
        return Copy(copy.x, 1) if told else copy
    return outcome[0] if _matched(outcome) else None


_POINT = sp.Rational(2, 7)  # of every probability
_FAR = sp.Rational(1, 10**20)


def vanishes(difference: Any) -> bool:
    """Whether it is zero for all values; what is not at one point inside the domain is refused without more ado."""
    difference = expanded(difference)
    point = {one: sp.Integer(3) if one.is_integer else _POINT for one in difference.free_symbols}
    value = sp.N(difference.subs(point), 30)
    if value.is_number and value.is_finite and abs(value) > _FAR:
        return False
    return equality.vanishes(difference)


def _part(parts: Parts, name: Any) -> Callable[[Outcome], Any]:
    word = type(name).__name__
    if word not in parts:
        raise UndecidedError(f"{name} is no part of the source")
    return parts[word]


def _weights(rows: Table, *views: Callable[[Outcome], Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for weight, outcome in rows:
        label = tuple(view(outcome) for view in views)
        found[label] = found.get(label, 0) + weight
    return found


def has_conditional_entropy(first: Any, second: Any, source: Any, value: Any) -> bool:
    """Whether H(first|second) of the source, in bits, is `value`, by its probabilities."""
    rows, parts = table(source)
    a, b = _part(parts, first), _part(parts, second)
    joint, given = _weights(rows, b, a), _weights(rows, b)
    found = -sum(w * sp.log(w / given[label[:1]]) for label, w in joint.items()) / sp.log(2)
    return vanishes(found - value)


def determines(first: Any, second: Any, source: Any) -> bool:
    """Whether `second` is a function of `first`."""
    rows, parts = table(source)
    a, b = _part(parts, first), _part(parts, second)
    return len(_weights(rows, a, b)) == len(_weights(rows, a))


def leaves(source: Any, eve: Any, weight: Any, error: Any) -> bool:
    """Whether a copy is left with probability `weight`, and its x, y and the part `eve` are then those of bits(error).

    The last means that (x, y, z) has the probabilities of bits(error), and that Eve's part, given these, depends on z
    only: so that it can be made of z, and tells of x and y no more than z does.
    """
    rows, parts = table(source)
    view = _part(parts, eve)
    kept = [(w, outcome) for w, outcome in rows if _kept(source, outcome) is not None]
    total = sum(w for w, _ in kept)
    left = _weights(kept, lambda c: _kept(source, c))
    wanted = {copy: w for w, copy in _copy(error)}
    same = all(vanishes(left[(copy,)] / total - w) for copy, w in wanted.items())
    seen: dict[Any, dict[Any, Any]] = {}
    for (copy, label), w in _weights(kept, lambda c: _kept(source, c), view).items():
        seen.setdefault(label, {})[copy] = w / left[(copy,)]
    by_z = all(
        vanishes(likelihood.get(one, 0) - likelihood.get(other, 0))
        for likelihood in seen.values()
        for one, other in itertools.combinations(wanted, 2)
        if one.z == other.z
    )
    return vanishes(total - weight) and same and by_z
