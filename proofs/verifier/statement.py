"""The statement of a certificate, and when it follows from what was derived.

A bound speaks about a scope: a quantity, and a class of protocols and adversaries. Classes are ordered, each from
narrow to wide, but what the order says depends on the quantity, and stands in one table, `ORDER`. A best rate grows
with the class. An entropy given the adversary is the least over all devices: it grows with what is known of them and
falls with what the adversary may do, and at another protocol it is another number. An entropy given Bob is a property
of one table. A lower bound derived for one scope holds for every wider one, and an upper bound for every narrower one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from .reading import fields, integer, number, one_of, require, sequence, text

# each from the narrow class to the wide one
TRUST = ("device-independent", "device-dependent")
ADVERSARY = ("general attacks", "collective attacks")
STATISTICS = ("CHSH value and key error", "full correlations")
DISCUSSION = ("none", "one-way", "two-way", "completed rounds", "any")
COMMUNICATION = ("two-way", "one-way", "none")
MEMORY = ("memory", "iid")

KEY, ENTROPY = "secret-key rate", "entropy of Alice's key symbol given the adversary"
RECONCILIATION = "entropy of Alice's key symbol given Bob's outcome"
EBITS, QUBITS = "distillable entanglement", "quantum capacity"
QUANTITY = (KEY, ENTROPY, RECONCILIATION, EBITS, QUBITS)

PER_COPY, PER_ROUND, PER_CHANNEL_USE = "bit/copy", "bit/round", "bit/channel use"
PER_KEPT_ROUND = "bit/kept key round"
PER_HERALD, PER_SECOND = "bit/herald", "bit/s"
SCALES = {
    PER_ROUND: (PER_HERALD, PER_SECOND),
    PER_COPY: (PER_HERALD, PER_SECOND),
    PER_CHANNEL_USE: (PER_SECOND,),
}
"""The units that a stated rate makes of others; entropies are never scaled."""
_COUNTED = {
    PER_ROUND: ("round", "rounds"),
    PER_COPY: ("copy", "copies"),
    PER_CHANNEL_USE: ("channel use", "channel uses"),
}
"""What these count, one and several."""

Pair = tuple[int, int]
HALF = Fraction(1, 2)


@dataclass(frozen=True, order=True)
class KeySetting:
    """A setting pair whose outputs become key, its share of the key rounds, and how often Alice flips her bit there."""

    pair: Pair
    weight: Fraction = Fraction(1)
    noise: Fraction = Fraction(0)


@dataclass(frozen=True)
class Protocol:
    """A class of protocols: its public discussion, its key settings, and how often a party keeps outcome 1."""

    discussion: str
    settings: tuple[KeySetting, ...] = ()
    keep: Fraction = Fraction(1)

    @property
    def processed(self) -> bool:
        """Whether there is noise or post-selection."""
        return self.keep != 1 or any(one.noise for one in self.settings)

    @property
    def single(self) -> KeySetting:
        """The one key setting; rejects a class with none or several."""
        require(len(self.settings) == 1, "not one key setting, which this certificate is for")
        return self.settings[0]

    @property
    def of_rounds(self) -> bool:
        """Whether only correlations, which have settings and rounds to complete, have this class."""
        return bool(self.settings) or self.discussion == "completed rounds"

    def within(self, other: Protocol) -> bool:
        """Whether every protocol of this class is one of `other`.

        Up to two-way only at the same settings with the same weights, where two-way holds every preprocessing.
        """
        if self == other:
            return True
        if DISCUSSION.index(self.discussion) > DISCUSSION.index(other.discussion):
            return False
        if other.discussion in ("completed rounds", "any"):
            return True
        if [(one.pair, one.weight) for one in self.settings] != [(one.pair, one.weight) for one in other.settings]:
            return False
        return other.discussion == "two-way" or not (self.processed or other.processed)

    def __str__(self) -> str:
        if self.discussion in ("none", "any"):
            return "no public discussion" if self.discussion == "none" else "any public discussion at any time"
        if self.discussion == "completed rounds":
            return "any public discussion of rounds once both sides have been used, at any settings"
        fixed = self.discussion == "one-way" and bool(self.settings)
        on = " and ".join(
            f"key setting {one.pair[0]},{one.pair[1]} (weight {decimal(one.weight)}"
            + (f", noise {decimal(one.noise)})" if fixed else ")")
            for one in self.settings
        )
        after = f"keep {decimal(self.keep)}" if fixed else "any noise and post-selection"
        return f"{self.discussion} discussion{f' on {on}' if on else ''}, {after}"


ANY, TWO_WAY, ONE_WAY = Protocol("any"), Protocol("two-way"), Protocol("one-way")
"""Classes without settings, of states and channels; any discussion is one of correlations, too."""


@dataclass(frozen=True)
class Scope:
    """What a bound speaks about, but for the thing itself."""

    trust: str
    protocol: Protocol = ANY
    quantity: str = KEY
    statistics: str = "full correlations"
    adversary: str = "collective attacks"
    devices: tuple[str, str] | None = None

    def within(self, other: Scope) -> bool:
        """Whether the quantity of this scope is at most that of `other`, by the classes alone."""
        wider = ORDER.get((self.quantity, other.quantity))
        if wider is None:
            return False
        return all(
            holds(self, other) if part in wider else getattr(self, part) == getattr(other, part)
            for part, holds in _WITHIN.items()
        )

    def __str__(self) -> str:
        against = (
            f" by {self.devices[1]} devices with {self.devices[0].replace('none', 'no')} communication"
            if self.devices
            else ""
        )
        return f"{self.trust}; {self.protocol}; {self.adversary}{against}; from {self.statistics}"


def _ordered(part: str, order: tuple[str, ...]) -> Callable[[Scope, Scope], bool]:
    return lambda mine, other: order.index(getattr(mine, part)) <= order.index(getattr(other, part))


def _devices_within(mine: Scope, other: Scope) -> bool:
    if other.trust == "device-dependent" or mine.devices == other.devices:
        return True
    if mine.devices is None or other.devices is None:
        return False
    pairs = zip((COMMUNICATION, MEMORY), mine.devices, other.devices, strict=True)
    return all(order.index(a) <= order.index(b) for order, a, b in pairs)


_WITHIN: dict[str, Callable[[Scope, Scope], bool]] = {
    "trust": _ordered("trust", TRUST),
    "adversary": _ordered("adversary", ADVERSARY),
    "statistics": _ordered("statistics", STATISTICS),
    "protocol": lambda mine, other: mine.protocol.within(other.protocol),
    "devices": _devices_within,
}
"""Each part of a scope with its own order."""

_EVERY = frozenset(_WITHIN)
ORDER: dict[tuple[str, str], frozenset[str]] = {
    (KEY, KEY): _EVERY,
    (EBITS, EBITS): _EVERY,
    (QUBITS, QUBITS): _EVERY,
    (EBITS, KEY): _EVERY,  # entanglement makes key
    (QUBITS, KEY): _EVERY,
    (ENTROPY, ENTROPY): frozenset({"adversary", "statistics"}),
    (RECONCILIATION, RECONCILIATION): frozenset(),
}
"""For two quantities that compare: the parts of the scope that may widen. The others must be equal."""


@dataclass(frozen=True)
class Scale:
    """`rate` of what `unit` counts make one of what the statement's unit counts."""

    rate: Fraction
    unit: str

    def words(self, unit: str) -> str:
        """What makes one of `unit`."""
        one, several = _COUNTED[self.unit]
        if unit == PER_HERALD:
            return f", each heralded pair is one {one}"
        return f" at {decimal(self.rate)} {one if self.rate == 1 else several} a second"


@dataclass(frozen=True)
class Statement:
    """What a certificate says that it proves; method and reference are the writer's names for things."""

    direction: str
    value: Fraction
    unit: str
    scope: Scope
    scale: Scale | None

    @property
    def content(self) -> list[str]:
        """Everything that changes the meaning, exactly."""
        return [self.direction, str(self.value), self.unit, repr(self.scope), repr(self.scale)]

    def about(self, subject: str) -> str:
        """The sentence."""
        sign, value = ">=" if self.direction == "lower" else "<=", decimal(self.value, self.direction)
        scaled = self.scale.words(self.unit) if self.scale is not None else ""
        return f"{self.scope.quantity} {sign} {value} {self.unit}{scaled}\nof {subject}\nscope: {self.scope}"


@dataclass(frozen=True)
class Derived:
    """What the data of a certificate prove.

    Attributes
    ----------
    direction, scope, unit
        As in a statement.
    subject
        What it is about, in the verifier's words.
    value
        Evaluates the proven bound as a ball, at the working precision.
    grounds
        The published theorems or the claims of the project that it rests on.
    """

    direction: str
    scope: Scope
    unit: str
    subject: str
    value: Callable[[], arb]
    grounds: str


@dataclass(frozen=True)
class Finding:
    """A statement and what decides it.

    Attributes
    ----------
    subject
        What it is about, in the verifier's words.
    text
        The whole statement, in these words.
    content
        What changes its meaning beside the subject, exactly.
    ends
        For each number in it: the direction of the bound that it is, its value, and what evaluates the proven one.
    grounds
        As in `Derived`.
    """

    subject: str
    text: str
    content: list[str]
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
    unit, scale = text(found["unit"], "unit"), None
    if "scale" in found:
        given = fields(found["scale"], "scale", ("rate", "from"))
        scale = Scale(number(given["rate"], "rate"), one_of(given["from"], "unit scaled from", SCALES))
        require(unit in SCALES[scale.unit], f"the unit is not one that a rate makes of {scale.unit}")
        require(scale.rate > 0, "a rate that is not above 0")
        require(unit != PER_HERALD or scale.rate == 1, "a heralded pair that is not exactly one round or copy")
    return Statement(
        direction=one_of(found["direction"], "direction", ("lower", "upper")),
        value=number(found["value"], "value"),
        unit=unit,
        scope=_scope(found["scope"]),
        scale=scale,
    )


def read_protocol(value: Any) -> Protocol:
    """Read and check a class of protocols."""
    found = fields(value, "protocol", ("discussion", "settings", "keep"))
    settings = []
    for entry in sequence(found["settings"], "key settings", most=400):
        one = fields(entry, "a key setting", ("key", "weight", "noise"))
        weight, noise = number(one["weight"], "weight", 0, 1), number(one["noise"], "noise", 0, HALF)
        settings.append(KeySetting(read_pair(one["key"], "key setting"), weight, noise))
    discussion, keep = one_of(found["discussion"], "discussion", DISCUSSION), number(found["keep"], "keep", 0, 1)
    protocol = Protocol(discussion, tuple(sorted(settings)), keep)
    require(keep > 0, "keep is 0")
    require(not settings or discussion in ("one-way", "two-way"), "a key setting where there is none")
    require(len({one.pair for one in settings}) == len(settings), "the same key setting twice")
    require(all(one.weight > 0 for one in settings), "a key setting without weight")
    require(not settings or sum(one.weight for one in settings) == 1, "weights of key settings that do not sum to 1")
    fixed = discussion == "one-way" and bool(settings)
    require(fixed or not protocol.processed, "preprocessing beyond one-way discussion on key settings")
    return protocol


def read_pair(value: Any, what: str) -> Pair:
    """Alice's number and Bob's."""
    x, y = sequence(value, what, least=2, most=2)
    return integer(x, what, 0, 1000), integer(y, what, 0, 1000)


def _scope(document: Any) -> Scope:
    names = ("trust", "protocol", "quantity", "statistics", "adversary")
    found = fields(document, "scope", names, ("devices",))
    devices = None
    if "devices" in found:
        given = fields(found["devices"], "devices", ("communication", "memory"))
        devices = (
            one_of(given["communication"], "communication of the devices", COMMUNICATION),
            one_of(given["memory"], "memory of the devices", MEMORY),
        )
    scope = Scope(
        trust=one_of(found["trust"], "trust", TRUST),
        protocol=read_protocol(found["protocol"]),
        quantity=one_of(found["quantity"], "quantity", QUANTITY),
        statistics=one_of(found["statistics"], "statistics", STATISTICS),
        adversary=one_of(found["adversary"], "adversary", ADVERSARY),
        devices=devices,
    )
    if scope.trust == "device-independent":
        require(scope.quantity not in (EBITS, QUBITS), f"a {scope.quantity} of untrusted devices")
    else:
        require(devices is None, "devices of the adversary where they are trusted")
        require(not scope.protocol.of_rounds, "key settings or completed rounds where the devices are trusted")
    return scope


def check_scope(stated: Statement, derived: Derived) -> None:
    """Reject a statement that does not follow from what was derived, whatever its value."""
    require(stated.direction == derived.direction, f"this certificate proves {derived.direction} bounds only")
    unit = stated.unit if stated.scale is None else stated.scale.unit
    require(unit == derived.unit, f"the unit is not {derived.unit}, or made of it by a stated rate")
    protocol = stated.scope.protocol
    if unit in (PER_COPY, PER_CHANNEL_USE):
        require(not protocol.of_rounds, "key settings or completed rounds of a state or a channel, which have none")
    elif stated.scope.trust == "device-independent":
        named = bool(protocol.settings) or protocol.discussion not in ("one-way", "two-way")
        require(named, f"{protocol.discussion} discussion of no key setting")
    require(stated.scope.quantity != QUBITS or unit == PER_CHANNEL_USE, "a quantum capacity of no channel")
    require(stated.scope.quantity != EBITS or unit != PER_CHANNEL_USE, "entanglement distilled from a channel")
    narrow, wide = stated.scope, derived.scope
    if derived.direction == "lower":
        narrow, wide = wide, narrow
    require(
        narrow.within(wide),
        f"the stated scope ({stated.scope.quantity}, {stated.scope}) does not follow from the derived one "
        f"({derived.scope.quantity}, {derived.scope})",
    )


def scenario(outcomes: Pair, settings: Pair, pairs: list[Pair]) -> str:
    """Correlations in words: what may be measured, what of it is known, and that there is nothing else."""
    known = " ".join(f"{x},{y}" for x, y in sorted(pairs))
    which = f"the pairs {known} are known" if len(pairs) > 1 else f"the pair {known} is known"
    if len(pairs) == settings[0] * settings[1]:
        which = "all pairs are known"
    return (
        f"{outcomes[0]} and {outcomes[1]} outcomes, {settings[0]} and {settings[1]} settings, of which {which}, and no "
        "other settings or outcomes: nothing else is measured"
    )


def decimal(x: Fraction, direction: str = "nearest") -> str:
    """An exact number for print: a double in its shortest form, a short fraction, else rounded and marked so.

    A value that is rounded stays a bound: a "lower" one is rounded down, an "upper" one up.
    """
    if abs(x) >= 10**300:
        return _huge(x, direction)
    rounded = float(x)
    if rounded == x:
        return str(int(x)) if x.denominator == 1 and abs(x) < 10**16 else repr(rounded)
    short = x.numerator.bit_length() + x.denominator.bit_length() < 160  # Python prints no integer of any length
    if short and len(str(x)) <= 40:
        return str(x)
    if (direction == "lower" and rounded > x) or (direction == "upper" and rounded < x):
        rounded = math.nextafter(rounded, -math.inf if direction == "lower" else math.inf)
    return f"{rounded!r}…"


def _huge(x: Fraction, direction: str) -> str:
    """A number that no double may hold, by its first 16 digits or so and a power of ten."""
    power = int(abs(x)).bit_length() * 30103 // 100000 - 16
    leading, rest = divmod(abs(x), 10**power)
    if rest and direction == ("upper" if x > 0 else "lower"):
        leading += 1
    return f"{'-' if x < 0 else ''}{leading}e{power}{'…' if rest else ''}"
