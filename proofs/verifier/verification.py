"""From a document to a verdict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from .channels import max_rains_information, max_relative_entropy
from .devices import entropy_bound
from .effort import NotCheckedError, afford_numbers
from .extensions import squashed_entanglement
from .finite import finite_key
from .formulas import closed_form
from .local import local_weight
from .mixtures import ceiling
from .reading import RejectedError, ball, canonical, check_plain, fields, one_of, parse, printable, require
from .separable import relative_entropy
from .statement import Derived, Finding, check_scope, decimal, read_statement
from .states import hashing

FORMAT = "keybounds certificate"
VERSION = 2
PRECISIONS = (128, 256, 512, 1024)  # bits; a value that the last does not decide is rejected
_ABOUT = {
    "relative entropy": ("dims", "state", "repair", "state_is", "simulates"),
    "squashed entanglement": ("dims", "state", "repair", "state_is"),
    "hashing": ("dims", "state", "repair", "of"),
    "max-relative entropy": ("dims", "choi"),
    "max-Rains information": ("dims", "choi"),
    "mixture": ("scenario", "measured", "table"),
    "local weight": ("outcomes", "settings", "tables"),
    "finite key": ("rounds", "gamma", "key", "test", "accepted_losses", "score", "syndrome_length", "extractor"),
}
"""By kind: the data that say what the sentence is about; the rest is the proof, or stands in the sentence."""
_PROOF = {"noise", "protocol", "points", "chord_end", "tangent_at", "copies", "levels"}
"""The inputs of closed forms that do not say it."""
KINDS = (
    "closed form",
    "relative entropy",
    "squashed entanglement",
    "hashing",
    "max-relative entropy",
    "max-Rains information",
    "entropy",
    "mixture",
    "finite key",
    "local weight",
)


@dataclass(frozen=True)
class Verification:
    """The verdict on a certificate.

    Attributes
    ----------
    accepted
        Whether the statement is proven.
    reason
        Why it is not; empty if it is.
    statement
        What is proven, in the verifier's own words: it names what the data say, not what the writer calls it.
    about
        Digest of what the statement is about: the thing and its scenario.
    digest
        Digest of the whole statement: of `about`, scope, unit, rate, direction and value.
    enclosure
        A ball that holds what the data prove, in the statement's unit.
    grounds
        The theorems that the proof rests on beside the data.
    readable
        Whether there was a document at all: False for a text that is no JSON of the allowed form and size.
    checked
        Whether it was gone through: False for a document that asks for more than the verifier takes, which may be
        right or wrong.
    """

    accepted: bool
    reason: str = ""
    statement: str = ""
    about: str = ""
    digest: str = ""
    enclosure: str = ""
    grounds: str = ""
    readable: bool = True
    checked: bool = True

    @property
    def status(self) -> int:
        """Exit status: 0 accepted, 1 rejected, 2 unreadable, 3 not checked."""
        return 0 if self.accepted else 2 if not self.readable else 1 if self.checked else 3

    def __str__(self) -> str:
        if not self.accepted:
            return f"{('', 'REJECTED', 'UNREADABLE', 'NOT CHECKED')[self.status]}: {self.reason}"
        lines = [self.statement, f"about: {self.about}", f"statement: {self.digest}"]
        return "\n".join([*lines, f"derived: {self.enclosure}", f"rests on: {self.grounds}", "ACCEPTED"])


def verify_text(text: str) -> Verification:
    """Verify a certificate in JSON; whatever is wrong with it is a rejection, never an error."""
    try:
        document = parse(text)
    except RejectedError as rejection:
        return unreadable(str(rejection))
    except MemoryError:
        return not_checked("out of memory")
    return verify(document)


def unreadable(reason: str) -> Verification:
    """The verdict on what is no document."""
    return Verification(False, printable(reason), readable=False)


def not_checked(reason: str) -> Verification:
    """The verdict on a document that was not gone through."""
    return Verification(False, printable(reason), checked=False)


def verify(document: Any) -> Verification:
    """Verify a certificate in plain Python objects; whatever is wrong with it is a rejection, never an error."""
    precision = ctx.prec
    try:
        check_plain(document)
        afford_numbers(document)
        return _verified(document)
    except RejectedError as rejection:
        return Verification(False, printable(str(rejection)))
    except NotCheckedError as refusal:
        return not_checked(str(refusal))
    except MemoryError:
        return not_checked("out of memory")
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, AssertionError) as error:
        return Verification(False, printable(f"malformed: {type(error).__name__}: {str(error)[:200]}"))
    finally:
        ctx.prec = precision


def _verified(document: Any) -> Verification:
    require(isinstance(document, dict), "the document is not an object")
    require(document.get("format") == FORMAT, f"the format is not {FORMAT!r}")
    version = document.get("version")
    require(version != 1, f"this is a version 1 certificate; version {VERSION} says more, so make it anew")
    require(version == VERSION, f"the version is not {VERSION}")
    found = fields(document, "the document", ("format", "version", "statement", "kind", "data"))
    require(isinstance(found["data"], dict), "data is not an object")
    kind, data = one_of(found["kind"], "kind", KINDS), found["data"]
    finding = _finding(kind, data, found["statement"])
    about = _digest([finding.subject, _about(kind, data)])
    enclosures = [_decide(*end) for end in finding.ends]
    return Verification(
        True,
        statement=finding.text,
        about=about,
        digest=_digest([about, *finding.content]),
        enclosure=" and ".join(enclosures),
        grounds=finding.grounds,
    )


def _finding(kind: str, data: dict[str, Any], statement: Any) -> Finding:
    """What the data prove of the statement; rejects one that does not follow, whatever its numbers."""
    if kind == "finite key":
        return finite_key(statement, data)
    if kind == "local weight":
        return local_weight(statement, data)
    stated = read_statement(statement)
    derived = _DERIVE[kind](data) if kind in _DERIVE else entropy_bound(data, stated.scope.quantity)
    check_scope(stated, derived)
    rate = stated.scale.rate if stated.scale is not None else Fraction(1)
    return Finding(
        derived.subject,
        stated.about(derived.subject),
        stated.content,
        ((stated.direction, stated.value, lambda: derived.value() * ball(rate)),),
        derived.grounds,
    )


_DERIVE: dict[str, Callable[[dict[str, Any]], Derived]] = {
    "closed form": closed_form,
    "relative entropy": relative_entropy,
    "squashed entanglement": squashed_entanglement,
    "hashing": hashing,
    "max-relative entropy": max_relative_entropy,
    "max-Rains information": max_rains_information,
    "mixture": ceiling,
}


def _about(kind: str, data: dict[str, Any]) -> Any:
    """The part of the data that says what the statement is about, each number in one form."""
    if kind == "closed form":
        return canonical({name: part for name, part in data["inputs"].items() if name not in _PROOF})
    if kind == "entropy":  # a mirrored table is what its known values follow from
        return canonical([data["outcomes"], data.get("mirrored", data["known"])])
    names = _ABOUT[kind]
    return canonical({name: data[name] for name in names if name in data})


def _digest(content: Any) -> str:
    """The first 128 bits of SHA-256."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _decide(direction: str, value: Fraction, evaluate: Callable[[], arb]) -> str:
    """Compare a value with what is derived, at rising precision; return what is derived."""
    lower = direction == "lower"
    if not lower:
        require(value >= 0, "an upper bound below 0")
    for precision in PRECISIONS:
        with ctx.workprec(precision):
            derived = evaluate()
            if not derived.is_finite():
                continue
            given = ball(value)
            if (value <= 0 or given <= derived) if lower else given >= derived:  # nothing that is bounded is negative
                return str(derived.str(25))
            if given > derived if lower else given < derived:
                raise RejectedError(f"the value {decimal(value)} is not proven: the data give {derived.str(25)}")
    raise RejectedError("the data do not decide the value")
