"""Single edits of a JSON document: what the fuzzer and the campaign try on the verifier.

An edit replaces one place: a number by a near or an extreme one or by another way to write it, a word by another of the
format, a list by one reordered, cut or grown, a part by the part that another document has in that place. Places are
drawn by their kind, a path without its indices, so that a matrix does not drown the rest.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

Path = tuple[str | int, ...]

WORDS = (
    *(
        "lower",
        "upper",
        "device-independent",
        "device-dependent",
        "none",
        "one-way",
        "two-way",
        "completed rounds",
        "any",
    ),
    *("memory", "iid", "general attacks", "collective attacks", "CHSH value and key error", "full correlations"),
    *("secret-key rate", "entropy of Alice's key symbol given the adversary", "distillable entanglement"),
    *("entropy of Alice's key symbol given Bob's outcome", "quantum capacity"),
    *("bit/copy", "bit/herald", "bit/round", "bit/kept key round", "bit/channel use", "bit/s", "bit"),
    *("state", "channel", "forward", "reverse", "as given", "partial transpose", "alice", "bob"),
    *("trevisan", "toeplitz", "circulant", "eat-2019", "renyi"),
    *("product of the marginals", "ensemble", "isotropic", "Werner", "Bell-diagonal", "dephased in the Schmidt basis"),
)
EXTREMES = (
    *(0, 1, -1, 2, 3, 2**31, 2**63, 2**64, 2**64 + 1, 2**80, -(2**80), 10**18, 10**9, 10**3, 4096, 10_000, 144, 145),
    *("1/2", "1/3", "-1/2", "1p-1074", "1p-4096", "1p4096", "-1p4096", "0/1", "1/0", "1p0", "00/1", "-0"),
    *("1/" + "9" * 4000, "9" * 4000, "9" * 4001, "9999/10000", "1/1000000007", "1e5", "nan", "", "\ud800", "\x1b[2K\r"),
    *(None, [], {}, [0], [[]], [0, 0], [1, 2], {"kind": "ensemble"}, [[1, 0], [0, 1]]),
)


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place in a document and what stands there."""
    yield path, value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for k, part in enumerate(value):
            yield from places(part, (*path, k))


def kind_of(path: Path) -> Path:
    """A path without its indices."""
    return tuple("*" if isinstance(part, int) else part for part in path)


def at(document: Any, path: Path) -> Any:
    """What stands at a path."""
    for part in path:
        document = document[part]
    return document


def replaced(document: Any, path: Path, value: Any) -> Any:
    """A copy with `value` at `path`, sharing what lies off the path."""
    if not path:
        return value
    copied = copy.copy(document)
    copied[path[0]] = replaced(copied[path[0]], path[1:], value)
    return copied


def exact(value: Any) -> Fraction | None:
    """The number that an integer or a text stands for."""
    if type(value) is int:
        return Fraction(value)
    if type(value) is not str or len(value) > 400:
        return None
    try:
        if "p" in value:
            mantissa, exponent = value.split("p")
            return int(mantissa) * Fraction(2) ** int(exponent) if abs(int(exponent)) < 2000 else None
        return Fraction(value) if value.strip("-/0123456789") == "" else None
    except (ValueError, ZeroDivisionError):
        return None


def written(x: Fraction, rng: random.Random) -> int | str:
    """One of the ways to write a number."""
    if x.denominator == 1 and rng.random() < 0.8:
        return int(x)
    if x.denominator & (x.denominator - 1) == 0 and rng.random() < 0.5:
        return f"{x.numerator}p-{x.denominator.bit_length() - 1}"
    factor = rng.choice((1, 1, 1, 3))
    return f"{factor * x.numerator}/{factor * x.denominator}"


def other_number(x: Fraction, rng: random.Random) -> int | str:
    """A number near to x, or of its kind."""
    bit = 1 << rng.randrange(max(abs(x.numerator).bit_length(), 1))
    tiny = Fraction(1, 10 ** rng.choice((3, 6, 9, 15, 20, 30)))
    near = (
        *(Fraction(x.numerator ^ bit, x.denominator), Fraction(x.numerator ^ 1, x.denominator), -x, x + 1, x - 1),
        *(x * (1 + tiny), x * (1 - tiny), x + tiny, x - tiny, 2 * x, x / 2, 1 - x, x, Fraction(0), Fraction(1)),
        *(Fraction(rng.randrange(0, 65), 64), 1 / x if x else Fraction(1, 2), x * x),
    )
    return written(rng.choice(near), rng)


def other_value(value: Any, rng: random.Random) -> Any:
    """Something else for one place."""
    if rng.random() < 0.06:
        return rng.choice(EXTREMES)
    if isinstance(value, dict):
        names = list(value)
        if not names or rng.random() < 0.2:
            return {**value, rng.choice(("more", "repair", "mirrored", "scale", "pinching", "simulates", "devices")): 0}
        if rng.random() < 0.5:
            gone = rng.choice(names)
            return {name: value[name] for name in names if name != gone}
        one, other = rng.choice(names), rng.choice(names)
        return {**value, one: value[other], other: value[one]}
    if isinstance(value, list):
        if not value:
            return [0]
        i, j = rng.randrange(len(value)), rng.randrange(len(value))
        swapped = list(value)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        return rng.choice(
            (swapped, value[:-1], value[1:], value[::-1], [*value, value[i]], [value[i]] * len(value), value[:i])
        )
    number = exact(value)
    if number is not None:
        return other_number(number, rng)
    if value is None:
        return rng.choice((0, "1/2", [0, 2], [], {"communication": "none", "memory": "iid"}))
    return rng.choice(WORDS)


def groups_of(document: Any, *, numbers: bool = False) -> list[list[Path]]:
    """The places of a document by their kind; only those where a number stands, if asked."""
    groups: dict[Path, list[Path]] = {}
    for path, value in places(document):
        if not numbers or exact(value) is not None:
            groups.setdefault(kind_of(path), []).append(path)
    return list(groups.values())


def edit(
    document: Any, rng: random.Random, others: list[Any] | None = None, groups: list[list[Path]] | None = None
) -> tuple[Path, Any]:
    """A place in the document, and the document with something else there."""
    path = rng.choice(rng.choice(groups or groups_of(document)))
    if others and rng.random() < 0.15:
        donor = rng.choice(others)
        same = [place for place, _ in places(donor) if kind_of(place) == kind_of(path)]
        if same:
            return path, replaced(document, path, at(donor, rng.choice(same)))
    return path, replaced(document, path, other_value(at(document, path), rng))
