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
from .finite import finite_key
from .formulas import closed_form
from .local import local_weight
from .mixtures import ceiling
from .reading import RejectedError, ball, check_plain, fields, one_of, parse, require
from .statement import Derived, Finding, Statement, check_scope, read_statement
from .states import hashing, relative_entropy, squashed_entanglement

FORMAT = "keybounds certificate"
VERSION = 1
PRECISIONS = (128, 256, 512, 1024)  # bits; a value that the last does not decide is rejected
_SUBJECT = {
    "entropy": ("outcomes", "known", "mirrored"),
    "closed form": ("inputs",),
    "mixture": ("measured", "table"),
    "local weight": ("tables",),
    "finite key": ("rounds", "gamma", "accepted_losses", "parameters", "score", "syndrome_length", "extractor"),
}
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
    enclosure
        A ball that holds what the data prove, in the statement's unit.
    grounds
        The theorems that the proof rests on beside the data.
    readable
        Whether there was a document at all: False for a text that is no JSON of the allowed form and size.
    """

    accepted: bool
    reason: str = ""
    statement: str = ""
    enclosure: str = ""
    grounds: str = ""
    readable: bool = True

    def __str__(self) -> str:
        if not self.accepted:
            return f"{'REJECTED' if self.readable else 'UNREADABLE'}: {self.reason}"
        lines = [self.statement, f"derived: {self.enclosure}", f"rests on: {self.grounds}"]
        return "\n".join([*lines, "ACCEPTED"])


def verify_text(text: str) -> Verification:
    """Verify a certificate in JSON; whatever is wrong with it is a rejection, never an error."""
    try:
        document = parse(text)
    except RejectedError as rejection:
        return Verification(False, str(rejection), readable=False)
    return verify(document)


def verify(document: Any) -> Verification:
    """Verify a certificate in plain Python objects; whatever is wrong with it is a rejection, never an error."""
    precision = ctx.prec
    try:
        check_plain(document)
        return _verified(document)
    except RejectedError as rejection:
        return Verification(False, str(rejection))
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError, AssertionError) as error:
        return Verification(False, f"malformed: {type(error).__name__}: {str(error)[:200]}")
    finally:
        ctx.prec = precision


def _verified(document: Any) -> Verification:
    found = fields(document, "the document", ("format", "version", "statement", "kind", "data"))
    require(found["format"] == FORMAT, f"the format is not {FORMAT!r}")
    require(found["version"] == VERSION and type(found["version"]) is int, f"the version is not {VERSION}")
    require(isinstance(found["data"], dict), "data is not an object")
    kind, data = one_of(found["kind"], "kind", KINDS), found["data"]
    finding = _finding(kind, data, found["statement"])
    enclosures = [_decide(*end) for end in finding.ends]
    return Verification(
        True,
        statement=f"{finding.text}\nsubject digest: {_digest(kind, data)}",
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
    derived = _derive(kind, data, stated)
    check_scope(stated, derived)
    sign = ">=" if stated.direction == "lower" else "<="
    return Finding(
        f"{stated.scope.quantity} of {derived.subject} {sign} {_decimal(stated.value)} {stated.unit}\n"
        f"scope: {stated.scope}",
        ((stated.direction, stated.value, lambda: derived.value() * ball(stated.scale)),),
        derived.grounds,
    )


def _derive(kind: str, data: dict[str, Any], stated: Statement) -> Derived:
    if kind == "closed form":
        return closed_form(data)
    if kind == "relative entropy":
        return relative_entropy(data)
    if kind == "max-relative entropy":
        return max_relative_entropy(data)
    if kind == "max-Rains information":
        return max_rains_information(data)
    if kind == "mixture":
        return ceiling(data)
    if kind == "squashed entanglement":
        return squashed_entanglement(data)
    if kind == "hashing":
        return hashing(data)
    return entropy_bound(data, stated.scope.quantity)


def _digest(kind: str, data: dict[str, Any]) -> str:
    """SHA-256 of the part of the data that says what the bound is about."""
    names = _SUBJECT.get(kind, ("dims", "state", "choi"))
    content = json.dumps([data.get(name) for name in names], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


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
            proven = derived.max(arb(0)) if lower else derived
            if given <= proven if lower else given >= proven:
                return str(derived.str(25))
            if given > proven if lower else given < proven:
                raise RejectedError(f"the value {_decimal(value)} is not proven: the data give {derived.str(25)}")
    raise RejectedError("the data do not decide the value")


def _decimal(value: Fraction) -> str:
    return repr(float(value)) if abs(value) < 10**300 else "beyond any double"
