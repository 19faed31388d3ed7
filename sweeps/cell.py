"""One number of a campaign: what determines it, as a text; its address; and the text made into the number.

    photonic rate
    efficiency=0.95,0.95
    key=0,2
    ...

Equal numbers are computed of equal texts. The address is the digest of this text and of the code's fingerprint.

A line ``near=efficiency:0.95,0.95`` says that the computation starts from the point with that value, which changes its
last digits. Where that point is not at hand it is computed again: so a number depends on its text alone, and never on
what a process has computed before.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from keybounds.errors import KeyboundsError
from keybounds.sweeps.fingerprint import fingerprint
from keybounds.sweeps.quantities import Quantity, quantities
from keybounds.sweeps.subjects import Subject, subject_named

if TYPE_CHECKING:
    from keybounds.bounds.lower import EntropySweep

ADDRESS_BYTES = 16
_KEPT = 8  # starts of a process: its points come in their order, so that few are in use
_QUICK = 1  # level of compression: the certificates of closed forms are short, and come by the thousand


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one cell.

    Attributes
    ----------
    numbers
        JSON of the numbers of the quantity's parts by name; empty where there are none.
    status
        How the bounds are established, in the words of `keybounds.bounds.Status`; or ``"failed"``.
    reason
        Why there is no number; empty where there is.
    documents
        The bounds as plain data with their certificates, JSON, compressed.
    seconds
        What it took: for estimates, and no part of what is compared or exported.
    """

    numbers: str
    status: str
    reason: str
    documents: bytes
    seconds: float

    @classmethod
    def failed(cls, reason: str, seconds: float = 0.0) -> Outcome:
        """There is no number, for this reason."""
        return cls("", "failed", " ".join(reason.split()), b"", seconds)


def address_of(code: str = "") -> Callable[[str], bytes]:
    """A function from the text of a cell to its address, with this code or with the one that runs."""
    start = hashlib.sha256((code or fingerprint()).encode() + b"\n\n")

    def address(inputs: str) -> bytes:
        digest = start.copy()
        digest.update(inputs.encode())
        return digest.digest()[:ADDRESS_BYTES]

    return address


def written(subject: str, quantity: str, settings: dict[str, str]) -> str:
    """The text of a cell."""
    return "\n".join([f"{subject} {quantity}", *(f"{name}={text}" for name, text in sorted(settings.items()))])


def read(inputs: str) -> tuple[Subject, Quantity, dict[str, str]]:
    """Subject, quantity and settings of the text of a cell."""
    head, *lines = inputs.split("\n")
    name, _, asked = head.partition(" ")
    subject = subject_named("subject", name)
    settings = dict(line.split("=", 1) for line in lines)
    return subject, quantities(subject.kind, name)[asked], settings


def evaluate(inputs: str) -> Outcome:
    """Compute a cell. Whatever a routine raises becomes an outcome with its reason."""
    started = time.perf_counter()
    try:
        subject, quantity, settings = read(inputs)
        near = settings.pop("near", None)
        start = None if near is None else _begun(_moved(subject, quantity, settings, near))
        thing = _thing(subject, settings)
        if start is None or quantity.follow is None:
            found = quantity.compute(thing, settings)
        else:
            found = quantity.follow(copy(start), thing, settings)  # a copy, for the start itself moves on
        documents = json.dumps([proof.to_dict() for proof in found.proofs], separators=(",", ":"))
    except KeyboundsError as error:
        return Outcome.failed(str(error), time.perf_counter() - started)
    except Exception as error:  # a fault of ours or of a library: one number is lost, not the campaign
        return Outcome.failed(f"{type(error).__name__}: {error}", time.perf_counter() - started)
    return Outcome(
        numbers=json.dumps(dict(found.numbers)),
        status="; ".join(dict.fromkeys(proof.status.value for proof in found.proofs)),
        reason="",
        documents=zlib.compress(documents.encode(), _QUICK),
        seconds=time.perf_counter() - started,
    )


def _thing(subject: Subject, settings: dict[str, str]) -> Any:
    return subject.make({name: settings[name] for name in subject.settings if name in settings})


def _moved(subject: Subject, quantity: Quantity, settings: dict[str, str], near: str) -> str:
    """The text of the point that a line ``near`` speaks of."""
    name, _, value = near.partition(":")
    return written(subject.name, quantity.name, {**settings, name: value})


@lru_cache(maxsize=_KEPT)
def _begun(inputs: str) -> EntropySweep | None:
    """Where those near a point start; None where its own number cannot be computed, and they start from nothing."""
    subject, quantity, settings = read(inputs)
    assert quantity.begin is not None
    try:
        return quantity.begin(_thing(subject, settings), settings)
    except KeyboundsError:
        return None


def evaluate_some(cells: Sequence[str], seconds: float) -> list[Outcome]:
    """Compute cells until some seconds have passed, at least one: the outcomes of the first ones, in order."""
    end = time.perf_counter() + seconds
    found = []
    for inputs in cells:
        found.append(evaluate(inputs))
        if time.perf_counter() >= end:
            break
    return found
