"""Frames: one message each, four bytes of length and one of kind before it; and what is in them.

Every body but that of HELLO has a size that follows from the agreement, and a frame of another is refused unread.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass

from keybounds.errors import KeyboundsError

VERSION = 1
HEADER = 5
_HELLO_MOST = 4096


class Kind(enum.IntEnum):
    """What a frame is."""

    HELLO = 1
    STRINGS = 2
    VERDICT = 3
    ACTIVATE = 4
    ABORT = 5


class ProtocolError(KeyboundsError):
    """The other party, or whoever is on the line, sent what an honest party does not; the run is over."""


def frame(kind: Kind, body: bytes) -> bytes:
    """Put a header before a body."""
    return len(body).to_bytes(4, "big") + bytes([kind]) + body


def header(octets: bytes, sizes: dict[Kind, int]) -> tuple[Kind, int]:
    """Return kind and size of the body that follows.

    Raises
    ------
    ProtocolError
        An unknown kind, or a size that is not the kind's.
    """
    size, number = int.from_bytes(octets[:4], "big"), octets[4]
    try:
        kind = Kind(number)
    except ValueError:
        raise ProtocolError(f"a frame of unknown kind {number}") from None
    if size > _HELLO_MOST if kind is Kind.HELLO else size != sizes.get(kind):
        raise ProtocolError(f"a frame {kind.name} of {size} bytes, where it has {sizes.get(kind, 'no place')}")
    return kind, size


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame of both: who speaks, of which run, by what agreement, and how far its pool is used up."""

    role: str
    run: str
    agreement: str
    tests: str
    offset: int
    version: int = VERSION

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, sort_keys=True).encode()

    @classmethod
    def decode(cls, body: bytes) -> Hello:
        """Read what `encode` writes.

        Raises
        ------
        ProtocolError
            Anything else.
        """
        try:
            document = json.loads(body)
            found = cls(**document)
        except (ValueError, TypeError, RecursionError):
            raise ProtocolError("a greeting that cannot be read") from None
        texts = (found.role, found.run, found.agreement, found.tests)
        if not all(isinstance(text, str) for text in texts) or type(found.offset) is not int or found.offset < 0:
            raise ProtocolError("a greeting that cannot be read")
        return found
