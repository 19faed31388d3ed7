"""The statement of a certificate, and when it follows from what was derived.

A bound speaks about a scope: a subject, a quantity, and a class of protocols and adversaries. Classes are ordered, and
the best rate grows with the class. A lower bound derived for one scope therefore holds for every wider one, and an
upper bound for every narrower one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flint import arb

from .reading import fields, integer, number, one_of, require, sequence, text

# each from the narrow class to the wide one
TRUST = ("device-independent", "device-dependent")
ADVERSARY = ("general attacks", "collective attacks")
STATISTICS = ("CHSH value and key error", "full correlations")
DISCUSSION = ("none", "one-way", "two-way", "any")
COMMUNICATION = ("two-way", "one-way", "none")
MEMORY = ("memory", "iid")

KEY, ENTROPY = "secret-key rate", "entropy of Alice's key symbol given the adversary"
RECONCILIATION = "entropy of Alice's key symbol given Bob's outcome"
EBITS, QUBITS = "distillable entanglement", "quantum capacity"
QUANTITY = (KEY, ENTROPY, RECONCILIATION, EBITS, QUBITS)

STATE_UNITS = ("bit/copy", "bit/herald")
ROUND_UNITS = ("bit/round", "bit/herald")
KEPT_UNITS = ("bit/kept key round",)
CHANNEL_UNITS = ("bit/channel use",)
PER_SECOND = "bit/s"


@dataclass(frozen=True)
class Scope:
    """What a bound speaks about, but for its subject."""

    trust: str
    quantity: str = KEY
    discussion: str = "any"
    key: tuple[int, int] | None = None
    noise: Fraction = Fraction(0)
    keep: Fraction = Fraction(1)
    statistics: str = "full correlations"
    adversary: str = "collective attacks"
    devices: tuple[str, str] | None = None

    def within(self, other: Scope) -> bool:
        """Whether every protocol of this scope is one of `other`, so that its best rate is at most the other's."""
        if self.quantity != other.quantity and not (self.quantity in (EBITS, QUBITS) and other.quantity == KEY):
            return False  # entanglement makes key; nothing else is comparable
        ordered = ((TRUST, "trust"), (ADVERSARY, "adversary"), (STATISTICS, "statistics"))
        if not all(order.index(getattr(self, k)) <= order.index(getattr(other, k)) for order, k in ordered):
            return False
        return self._devices_within(other) and self._protocol_within(other)

    def _protocol_within(self, other: Scope) -> bool:
        if other.discussion == "any":
            return True
        if DISCUSSION.index(self.discussion) > DISCUSSION.index(other.discussion) or self.key != other.key:
            return False
        return other.discussion == "two-way" or (self.noise, self.keep) == (other.noise, other.keep)

    def _devices_within(self, other: Scope) -> bool:
        if other.trust == "device-dependent" or self.devices == other.devices:
            return True
        if self.devices is None or other.devices is None:
            return False
        pairs = zip((COMMUNICATION, MEMORY), self.devices, other.devices, strict=True)
        return all(order.index(mine) <= order.index(theirs) for order, mine, theirs in pairs)

    def __str__(self) -> str:
        protocol = {"none": "no public discussion", "any": "any public discussion"}.get(
            self.discussion, self.discussion
        )
        if self.key is not None:
            protocol += f" with key setting {self.key[0]},{self.key[1]}"
        if self.noise != 0 or self.keep != 1:
            protocol += f", noise {self.noise}, keep {self.keep}"
        against = (
            f" by {self.devices[1]} devices with {self.devices[0].replace('none', 'no')} communication"
            if self.devices
            else ""
        )
        return f"{self.trust}, {protocol}, {self.adversary}{against}, from {self.statistics}"


@dataclass(frozen=True)
class Statement:
    """What a certificate says that it proves; subject, method and reference are the writer's names for things."""

    direction: str
    value: Fraction
    unit: str
    scope: Scope
    subject: str
    scale: Fraction
    scaled_from: str | None


@dataclass(frozen=True)
class Derived:
    """What the data of a certificate prove.

    Attributes
    ----------
    direction, scope, units
        As in a statement; every one of `units` counts the same thing.
    subject
        What it is about, in the verifier's words.
    value
        Evaluates the proven bound as a ball, at the working precision.
    grounds
        The published theorems or the claims of the project that it rests on.
    name
        The subject's canonical name, if it has one that a statement must not contradict.
    """

    direction: str
    scope: Scope
    units: tuple[str, ...]
    subject: str
    value: Callable[[], arb]
    grounds: str
    name: str | None = None

    def per(self, units: tuple[str, ...]) -> Derived:
        """The same, counted per `units`."""
        return replace(self, units=units)


@dataclass(frozen=True)
class Finding:
    """A statement that is no bound on a rate, as derived.

    Attributes
    ----------
    text
        The statement, in the verifier's words.
    ends
        For each number in it: the direction of the bound that it is, its value, and what evaluates the proven one.
    grounds
        As in `Derived`.
    """

    text: str
    ends: tuple[tuple[str, Fraction, Callable[[], arb]], ...]
    grounds: str


def read_source(found: dict[str, Any]) -> None:
    """Check the form of the names that the writer gives to method and reference."""
    for name in ("method", "reference"):
        text(found[name], name)


def read_statement(document: Any) -> Statement:
    """Read and check the form of a statement."""
    names = ("direction", "value", "unit", "scope", "method", "reference")
    found = fields(document, "statement", names, ("scale",))
    read_source(found)
    scale, scaled_from = Fraction(1), None
    if "scale" in found:
        given = fields(found["scale"], "scale", ("factor", "from"))
        scale = number(given["factor"], "factor", Fraction(1, 10**30), 10**30)
        scaled_from = text(given["from"], "unit scaled from")
    subject = text(fields(found["scope"], "scope", ("subject",), _SCOPE_FIELDS)["subject"], "subject")
    return Statement(
        direction=one_of(found["direction"], "direction", ("lower", "upper")),
        value=number(found["value"], "value"),
        unit=text(found["unit"], "unit"),
        scope=_scope(found["scope"]),
        subject=subject,
        scale=scale,
        scaled_from=scaled_from,
    )


_SCOPE_FIELDS = ("subject", "trust", "protocol", "quantity", "statistics", "adversary", "devices")


def _scope(document: Any) -> Scope:
    found = fields(document, "scope", _SCOPE_FIELDS[:-1], ("devices",))
    protocol = fields(found["protocol"], "protocol", ("discussion", "key", "noise", "keep"))
    key = protocol["key"]
    if key is not None:
        x, y = sequence(key, "key setting", least=2, most=2)
        key = integer(x, "key setting", 0, 1000), integer(y, "key setting", 0, 1000)
    devices = found.get("devices")
    if devices is not None:
        given = fields(devices, "devices", ("communication", "memory"))
        devices = (
            one_of(given["communication"], "communication of the devices", COMMUNICATION),
            one_of(given["memory"], "memory of the devices", MEMORY),
        )
    scope = Scope(
        trust=one_of(found["trust"], "trust", TRUST),
        quantity=one_of(found["quantity"], "quantity", QUANTITY),
        discussion=one_of(protocol["discussion"], "discussion", DISCUSSION),
        key=key,
        noise=number(protocol["noise"], "noise", 0, Fraction(1, 2)),
        keep=number(protocol["keep"], "keep", 0, 1),
        statistics=one_of(found["statistics"], "statistics", STATISTICS),
        adversary=one_of(found["adversary"], "adversary", ADVERSARY),
        devices=devices,
    )
    require(scope.discussion in ("one-way", "two-way") or key is None, "a key setting where there is none")
    processed = scope.noise != 0 or scope.keep != 1
    require(scope.discussion == "one-way" or not processed, "preprocessing beyond one-way")
    require(scope.trust == "device-dependent" or scope.quantity != QUBITS, "a quantum capacity of untrusted devices")
    require(scope.trust == "device-independent" or devices is None, "devices of the adversary where they are trusted")
    return scope


def check_scope(stated: Statement, derived: Derived) -> None:
    """Reject a statement that does not follow from what was derived, whatever its value."""
    require(stated.direction == derived.direction, f"this certificate proves {derived.direction} bounds only")
    require(stated.scope.quantity == derived.scope.quantity, f"this certificate is about the {derived.scope.quantity}")
    unit = stated.unit
    if stated.scaled_from is not None:
        require(unit == PER_SECOND, f"only {PER_SECOND} is made by a factor")
        unit = stated.scaled_from
    require(unit in derived.units, f"the unit is not one of: {', '.join(derived.units)}")
    narrow, wide = stated.scope, derived.scope
    if derived.direction == "lower":
        narrow, wide = wide, narrow
    require(
        narrow.within(wide),
        f"the stated scope ({stated.scope}) does not follow from the derived one ({derived.scope})",
    )
    if derived.name is not None and stated.subject[:2] == derived.name[:2]:
        require(stated.subject == derived.name, f"the subject is {derived.name}")
