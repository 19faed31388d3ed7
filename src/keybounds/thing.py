"""What a number is about: a state, a channel, a link, a table of correlations, told apart by what they are.

Two bounds speak about the same thing if, and only if, their things have the same digest. The digest is made of the
thing's exact numbers and its scenario; a caller can choose how a thing is called in print, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

DIGEST_LENGTH = 32
"""Hexadecimal digits of SHA-256 that are kept: 128 bits."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that numbers are about.

    Attributes
    ----------
    kind
        ``"state"``, ``"channel"``, ``"source"``, ``"link"``, ``"correlations"``, ``"publication"`` or ``"run"``.
    digest
        Of kind, numbers and scenario: equal for equal objects.
    maker
        Digest of the state or source whose measurement makes these correlations, or None: what bounds the maker's key
        from above bounds the key of its table too.
    name
        How it is called where nobody gives another name; no part of equality.
    """

    kind: str
    digest: str
    maker: str | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)

    @classmethod
    def of_array(cls, kind: str, array: ArrayLike, dims: Sequence[int] = (), *, maker: Thing | None = None) -> Thing:
        """A thing given by the exact doubles of an array; `dims` cut it into parties and are part of it."""
        entries = np.ascontiguousarray(array, dtype=np.complex128) + 0.0  # -0.0 and 0.0 are the same number
        head = repr((kind, entries.shape, [int(d) for d in dims])).encode()
        digest = _digest(head + entries.tobytes())
        return cls(kind, digest, None if maker is None else maker.digest, f"{kind} {digest[:12]}")

    @classmethod
    def of_numbers(cls, kind: str, name: str, **numbers: Any) -> Thing:
        """A thing given by named exact numbers or texts, whose ``repr`` tells them apart, such as a family's (d, p)."""
        content = repr((kind, sorted((key, repr(value)) for key, value in numbers.items())))
        return cls(kind, _digest(content.encode()), None, name)

    def within(self, other: Thing) -> bool:
        """Whether a key of this thing is one of `other`: they are the same, or `other` makes this thing's table."""
        return self.digest == other.digest or (self.maker is not None and self.maker == other.digest)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"kind": self.kind, "digest": self.digest, "maker": self.maker, "name": self.name}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Thing:
        """Read what `to_dict` writes."""
        return cls(document["kind"], document["digest"], document["maker"], document["name"])

    def __str__(self) -> str:
        return self.name


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]
