"""`Bound`: the one type that every routine of `keybounds.bounds` returns, never a bare float."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from flint import arb

from keybounds.bounds.scope import Quantity, Scope
from keybounds.enclosure import Real, ball, enclose, round_down, round_up
from keybounds.errors import InputError


class Direction(Enum):
    """Which side of the true quantity the value is on."""

    LOWER = "lower"
    UPPER = "upper"


class Unit(Enum):
    """What one bit is counted per."""

    PER_COPY = "bit/copy"
    PER_ROUND = "bit/round"
    PER_KEY_ROUND = "bit/kept key round"
    PER_HERALD = "bit/herald"
    PER_CHANNEL_USE = "bit/channel use"
    PER_SECOND = "bit/s"


class Status(Enum):
    """How the value is established; `message` says what that means, and what helps where it disappoints."""

    ENCLOSED = "enclosed"
    CERTIFIED = "certified"
    LOOSE = "certified, but loose"
    NO_KEY = "no key"
    PUBLISHED = "published"

    @property
    def message(self) -> str:
        """One sentence for a reader of the table."""
        return _STATUS_MESSAGES[self]

    @property
    def proven(self) -> bool:
        """Whether this package stands behind the value, rather than quoting it."""
        return self is not Status.PUBLISHED


_STATUS_MESSAGES = {
    Status.ENCLOSED: "value enclosed in ball arithmetic at the given input and rounded to the safe side",
    Status.CERTIFIED: "repaired dual of a semidefinite program, proven in exact arithmetic whatever the solver did",
    Status.LOOSE: (
        "proven like a certified value, but the solver's objective stays above it by more than the tolerance; another "
        "solver or a level with fewer words may prove more"
    ),
    Status.NO_KEY: (
        "the method proves no key here, so the value is the trivial bound 0; a higher CHSH value, a lower error rate, "
        "preprocessing or a method that uses more of the correlations may prove some"
    ),
    Status.PUBLISHED: "quoted from the reference; not recomputed here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A number that is certainly on the stated side of what its scope names.

    Attributes
    ----------
    value
        In bits per what `unit` says. On the safe side: a lower bound rounded down, an upper bound rounded up.
    direction, unit, scope, status
        Which side, per what, of what, and how it is established.
    method, reference
        The method's name, and its source as ``key, equation`` with a key of docs/refs.bib.
    certificate
        A document from which the bound can be re-derived without this routine, or None.
    provenance
        The inputs that the value follows from.
    diagnostics
        Anything that is not a bound: an unclamped value, a propagated uncertainty, a solver's residual.

    Raises
    ------
    InputError
        The value is not finite, or a key rate is negative.
    """

    value: float
    direction: Direction
    unit: Unit
    scope: Scope
    status: Status
    method: str
    reference: str
    certificate: Mapping[str, Any] | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise InputError("value", "a finite number of bits", repr(self.value))
        object.__setattr__(self, "value", float(self.value) + 0.0)  # -0.0 is 0
        if self.scope.quantity is Quantity.KEY_RATE and self.value < 0:
            raise InputError("value", "a key rate of at least 0", repr(self.value))

    def scaled(self, factor: Real, unit: Unit) -> Bound:
        """The same bound per `unit`, of which one holds `factor` of the present unit; rounded to the safe side."""
        if not (math.isfinite(factor) and factor > 0):
            raise InputError("factor", "a positive finite number", repr(factor))
        product = enclose(lambda: ball(self.value) * ball(factor))
        value = round_down(product) if self.direction is Direction.LOWER else round_up(product)
        provenance = {**self.provenance, f"{unit.value} per {self.unit.value}": float(factor)}
        return replace(self, value=value, unit=unit, provenance=provenance)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "method": self.method,
            "direction": self.direction.value,
            "value": self.value,
            "unit": self.unit.value,
            "scope": self.scope.to_dict(),
            "status": self.status.value,
            "reference": self.reference,
            "certificate": dict(self.certificate) if self.certificate is not None else None,
            "provenance": dict(self.provenance),
            "diagnostics": dict(self.diagnostics),
        }


def lower_bound(
    enclosure: arb,
    *,
    unit: Unit,
    scope: Scope,
    method: str,
    reference: str,
    provenance: Mapping[str, Any],
    status: Status = Status.ENCLOSED,
    certificate: Mapping[str, Any] | None = None,
    diagnostics: Mapping[str, Any] | None = None,
) -> Bound:
    """Make a lower bound of an enclosed value: rounded down, and 0 with NO_KEY where that is not positive.

    The unclamped value stands in `diagnostics["unclamped"]` then, so that a plot can follow it below 0.
    """
    value = round_down(enclosure)
    notes = dict(diagnostics or {})
    if scope.quantity is Quantity.KEY_RATE and value <= 0:
        notes["unclamped"] = value
        value, status = 0.0, Status.NO_KEY
    return Bound(
        value=value,
        direction=Direction.LOWER,
        unit=unit,
        scope=scope,
        status=status,
        method=method,
        reference=reference,
        certificate=certificate,
        provenance=provenance,
        diagnostics=notes,
    )


def upper_bound(
    enclosure: arb,
    *,
    unit: Unit,
    scope: Scope,
    method: str,
    reference: str,
    provenance: Mapping[str, Any],
    certificate: Mapping[str, Any] | None = None,
    diagnostics: Mapping[str, Any] | None = None,
) -> Bound:
    """Make an upper bound of an enclosed value: rounded up, and at least 0."""
    return Bound(
        value=max(round_up(enclosure), 0.0),
        direction=Direction.UPPER,
        unit=unit,
        scope=scope,
        status=Status.ENCLOSED,
        method=method,
        reference=reference,
        certificate=certificate,
        provenance=provenance,
        diagnostics=dict(diagnostics or {}),
    )
