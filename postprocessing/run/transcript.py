"""What was said in a run, saved, and checked again by a third party that is given the keys of its tags."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from keybounds.errors import DataFileError, InputError
from keybounds.postprocessing.authentication import SEED_BITS, TAG_BITS, HashSeed, is_authentic
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import HEADER, Hello, Kind, ProtocolError

_TAG = TAG_BITS // 8
_MAGIC = b"keybounds transcript 1\n"
_KEYS = "keybounds run keys 1"
_ORDER = (Kind.HELLO, Kind.HELLO, Kind.STRINGS, Kind.VERDICT, Kind.ACTIVATE)
_COVERED = {
    Kind.STRINGS: "alice: inputs X, syndrome M, hash of A",
    Kind.VERDICT: "bob: {verdict}",
    Kind.ACTIVATE: "alice: her key is active",
}


@dataclass(frozen=True, slots=True)
class RunKeys:
    """The secrets of a run's tags: who has them can check the tags, and could have made them.

    Attributes
    ----------
    run
        Name of the run.
    seed
        The hash's, which serves for no other run once it is here.
    pads
        One-time bits of the tags of STRINGS, VERDICT and ACTIVATE, as rows.
    """

    run: str
    seed: Bits = field(repr=False)
    pads: Bits = field(repr=False)

    def save(self, path: Path) -> None:
        """Write a new file of JSON, for its owner alone."""
        document = {
            "format": _KEYS,
            "run": self.run,
            "seed": np.packbits(self.seed).tobytes().hex(),
            "pads": [np.packbits(pad).tobytes().hex() for pad in self.pads],
        }
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(document, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> RunKeys:
        """Read what `save` writes.

        Raises
        ------
        DataFileError
            Another file.
        """
        try:
            document = json.loads(Path(path).read_bytes())
            if document["format"] != _KEYS:
                raise ValueError(f"format {document['format']!r}")
            seed = _bits(document["seed"], SEED_BITS)
            pads = np.array([_bits(pad, TAG_BITS) for pad in document["pads"]], dtype=np.uint8)
            if pads.shape != (3, TAG_BITS) or not isinstance(document["run"], str):
                raise ValueError("other sizes")
            return cls(document["run"], seed, pads)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataFileError("keys", f"{path} to be the keys of a run", str(error)) from None


@dataclass(frozen=True, slots=True)
class CheckedTag:
    """A tag that is right, and what it is about besides the agreement, the run's name, T and the frames before it."""

    frame: str
    covers: str


@dataclass(frozen=True, slots=True, eq=False)
class Transcript:
    """T and the frames of a run that count for its tags, in order: two greetings, STRINGS, VERDICT, ACTIVATE.

    Nothing of it is secret.
    """

    tests: Bits
    frames: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """A file's content: a line of text, T after its number of rounds, and the frames."""
        rounds = len(self.tests).to_bytes(8, "big")
        return b"".join((_MAGIC, rounds, np.packbits(self.tests).tobytes(), *self.frames))

    @classmethod
    def load(cls, path: Path) -> Transcript:
        """Read a file of what `to_bytes` gives.

        Raises
        ------
        DataFileError
            Another file, or one that ends within a frame.
        """
        try:
            return cls.from_bytes(Path(path).read_bytes())
        except OSError as error:
            raise DataFileError("transcript", f"{path} to be one of a run", error.strerror or str(error)) from None
        except ValueError as error:
            raise DataFileError("transcript", f"{path} to be one of a run", str(error)) from None

    @classmethod
    def from_bytes(cls, octets: bytes) -> Transcript:
        """Read what `to_bytes` gives.

        Raises
        ------
        ValueError
            Something else, or less.
        """
        if not octets.startswith(_MAGIC):
            raise ValueError("another first line")
        rest = octets[len(_MAGIC) :]
        rounds = int.from_bytes(rest[:8], "big")
        size = -(-rounds // 8)
        if len(rest) < 8 + size:
            raise ValueError("an end within T")
        packed, rest = np.frombuffer(rest[8 : 8 + size], dtype=np.uint8), rest[8 + size :]
        tests = np.unpackbits(packed, count=rounds)
        if np.packbits(tests).tobytes() != packed.tobytes():
            raise ValueError("bits behind the last round of T")
        frames = []
        for kind in _ORDER:
            if not rest:
                break
            end = HEADER + int.from_bytes(rest[:4], "big")
            if len(rest) < end:
                raise ValueError(f"an end within {kind.name}")
            if rest[4] != kind:
                raise ValueError(f"a frame of kind {rest[4]} in the place of {kind.name}")
            frames.append(rest[:end])
            rest = rest[end:]
        if rest:
            raise ValueError(f"{len(rest)} bytes behind the last frame")
        if len(frames) < 3:
            raise ValueError(f"{len(frames)} frames, none with a tag")
        return cls(tests, tuple(frames))

    def checked(self, agreement: Agreement, keys: RunKeys) -> list[CheckedTag]:
        """Compute every tag again; what each covers.

        Raises
        ------
        InputError
            A tag is wrong: a bit of the transcript, the agreement or the keys is another than in the run. Names the
            first.
        """
        hello = self._greeting()
        for name, said, given in (("run", hello.run, keys.run), ("agreement", hello.agreement, agreement.digest)):
            if said != given:
                raise InputError("transcript", f"{name} {given!r}, as given", f"{said!r}")
        view, tests = HashSeed.of_bits(keys.seed), np.packbits(self.tests).tobytes()
        found = []
        for number, (octets, pad) in enumerate(zip(self.frames[2:], keys.pads, strict=False), 2):
            kind, content, claimed = Kind(octets[4]), octets[HEADER:-_TAG], octets[-_TAG:]
            about = tagged_message(agreement, keys.run, tests, self.frames[:number], kind, content)
            if len(octets) < HEADER + _TAG or not is_authentic(claimed, about, view, pad):
                earlier = "T, the agreement, the keys or a frame up to this one"
                raise InputError(
                    "transcript", f"the tag of {kind.name} to be right", f"a bit that differs, of {earlier}"
                )
            verdict = "accept" if content == b"\1" else "abort"
            found.append(CheckedTag(kind.name, _COVERED[kind].format(verdict=verdict)))
        return found

    def _greeting(self) -> Hello:
        try:
            return Hello.decode(self.frames[0][HEADER:])
        except ProtocolError as error:
            raise InputError("transcript", "greetings that can be read", str(error)) from None


def tagged_message(
    agreement: Agreement, run: str, tests: bytes, frames: Sequence[bytes], kind: Kind, body: bytes
) -> bytes:
    """What the tag of a frame is about; each part after its length, so that no two runs give the same."""
    parts = (agreement.text, run.encode(), tests, *frames, bytes([kind]), body)
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _bits(text: str, length: int) -> Bits:
    octets = bytes.fromhex(text)
    if 8 * len(octets) != length:
        raise ValueError(f"{8 * len(octets)} bits where there are {length}")
    return np.unpackbits(np.frombuffer(octets, dtype=np.uint8))
