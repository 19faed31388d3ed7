"""`Bound`: the one type that every routine of `keybounds.bounds` returns, never a bare float."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from flint import arb

from keybounds.bounds.scope import Quantity, Scope
from keybounds.enclosure import Direction, Real, ball, enclose, round_down, round_up
from keybounds.errors import InputError
from keybounds.formatting import fixed_point, significant
from keybounds.proofs.certificates.data import Certificate

__all__ = ["Bound", "Direction", "Scale", "Status", "Unit", "lower_bound", "upper_bound"]


class Unit(Enum):
    """What one bit is counted per."""

    PER_COPY = "bit/copy"
    PER_ROUND = "bit/round"
    PER_KEY_ROUND = "bit/kept key round"
    PER_HERALD = "bit/herald"
    PER_CHANNEL_USE = "bit/channel use"
    PER_SECOND = "bit/s"

    @property
    def counted(self) -> str:
        """What is counted, in the singular: "round" of "bit/round"."""
        return "second" if self is Unit.PER_SECOND else self.value.partition("/")[2]


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


@dataclass(frozen=True, slots=True)
class Scale:
    """How a unit was changed: `rate` of what `unit` counts make one of what the bound's unit counts.

    ``Scale(Fraction(2_000_000), Unit.PER_ROUND)`` of a bound per second: two million rounds a second.
    """

    rate: Fraction
    unit: Unit

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, the rate as "p/q"."""
        return {"rate": str(self.rate), "from": self.unit.value}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Scale:
        """Read what `to_dict` writes."""
        return cls(Fraction(document["rate"]), Unit(document["from"]))

    def __str__(self) -> str:
        return f"{float(self.rate):.12g} {self.unit.counted}{'s' if self.rate != 1 else ''}"


_SCALES = {
    Unit.PER_ROUND: (Unit.PER_HERALD, Unit.PER_SECOND),
    Unit.PER_COPY: (Unit.PER_HERALD, Unit.PER_SECOND),
    Unit.PER_CHANNEL_USE: (Unit.PER_SECOND,),
}
"""Units that a bound can be scaled to."""


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
        The method's name, for display only; and its source as ``key, equation`` with a key of reports/refs.bib.
    certificate
        Exact data from which the bound can be re-derived without this routine, or None where the method has none.
    scale
        The stated rate by which the unit was changed, which is part of the statement; or None.
    provenance
        The inputs that the value follows from, for display.
    diagnostics
        Anything that is not a bound and that no proof needs: an unclamped value, a solver's residual.
    label
        How a reader's tables call the thing; no part of equality. Set by `about`.

    Raises
    ------
    InputError
        The value is not finite, or a key rate is negative.

    Examples
    --------
    >>> from keybounds.bounds import Link
    >>> from keybounds.bounds.lower import chsh_rate
    >>> rate = chsh_rate(Link(2.677, 0.0144))
    >>> print(rate)
    key ≥ 0.583414 bit/round, untrusted devices, one-way key (0,2), from CHSH value and key error; enclosed; pironio2009
    >>> float(rate), f"{rate:.3f}"
    (0.5834144970865421, '0.583')
    """

    value: float
    direction: Direction
    unit: Unit
    scope: Scope
    status: Status
    method: str
    reference: str
    certificate: Certificate | None = None
    scale: Scale | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)
    diagnostics: Mapping[str, Any] = field(default_factory=dict, hash=False)
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise InputError("value", "a finite number of bits", repr(self.value))
        object.__setattr__(self, "value", float(self.value) + 0.0)  # -0.0 is 0
        for name in ("provenance", "diagnostics"):
            object.__setattr__(self, name, MappingProxyType(_plain(dict(getattr(self, name)))))
        if self.scope.quantity is Quantity.KEY_RATE and self.value < 0:
            raise InputError("value", "a key rate of at least 0", repr(self.value))

    @property
    def subject(self) -> str:
        """What a reader's tables call the thing: its label, else its own name."""
        return self.label or self.scope.thing.name

    @property
    def per(self) -> tuple[Unit, Fraction | None]:
        """What the value is per, and at which stated rate; only bounds that agree in both are compared.

        Not what the rate counts: a table's round is one copy of the state, or one pulse of the source, that makes it.
        """
        return self.unit, None if self.scale is None else self.scale.rate

    def about(self, label: str) -> Bound:
        """The same bound, called by `label` in print. What it may be compared with stays as it is."""
        return replace(self, label=label)

    def scaled(self, rate: Real, unit: Unit) -> Bound:
        """The same bound per `unit`, at a stated `rate`, which becomes part of the statement.

        Parameters
        ----------
        rate
            How many of what is counted now make one of `unit`: the repetition rate in rounds a second for PER_SECOND;
            1 for PER_HERALD, where each heralded pair is one round or one copy. Floats count as the exact numbers they
            are.
        unit
            PER_SECOND of bounds per round, copy or channel use; PER_HERALD of the first two.

        Raises
        ------
        InputError
            A rate that is no positive finite number, a unit that cannot be made of the present one, or a bound that
            was scaled before.
        """
        allowed = _SCALES.get(self.unit, ()) if self.scale is None else ()
        if unit not in allowed:
            names = ", ".join(one.value for one in allowed) or "none, for it cannot be scaled"
            raise InputError("unit", f"a unit made of {self.unit.value}: {names}", unit.value)
        try:
            exact = Fraction(rate)
        except (TypeError, ValueError, OverflowError):
            exact = Fraction(0)
        if exact <= 0 or (unit is Unit.PER_HERALD and exact != 1):
            expected = "1" if unit is Unit.PER_HERALD else "a positive finite number"
            raise InputError("rate", expected, repr(rate))
        product = enclose(lambda: ball(self.value) * ball(exact))
        value = round_down(product) if self.direction is Direction.LOWER else round_up(product)
        return replace(self, value=value, unit=unit, scale=Scale(exact, self.unit))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "method": self.method,
            "label": self.label,
            "direction": self.direction.value,
            "value": self.value,
            "unit": self.unit.value,
            "scale": self.scale.to_dict() if self.scale is not None else None,
            "scope": self.scope.to_dict(),
            "status": self.status.value,
            "reference": self.reference,
            "certificate": self.certificate.to_dict() if self.certificate is not None else None,
            "provenance": dict(self.provenance),
            "diagnostics": dict(self.diagnostics),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Bound:
        """Read what `to_dict` writes.

        Raises
        ------
        InputError
            The document is not one of a bound.
        """
        try:
            certificate, scale = document["certificate"], document["scale"]
            return cls(
                value=document["value"],
                direction=Direction(document["direction"]),
                unit=Unit(document["unit"]),
                scope=Scope.from_dict(document["scope"]),
                status=Status(document["status"]),
                method=document["method"],
                reference=document["reference"],
                certificate=None if certificate is None else Certificate.from_dict(certificate),
                scale=None if scale is None else Scale.from_dict(scale),
                provenance=document["provenance"],
                diagnostics=document["diagnostics"],
                label=document["label"],
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError("document", "what Bound.to_dict writes", f"{type(error).__name__}: {error}") from None

    def __float__(self) -> float:
        """The value; what is computed from it is no longer on the safe side by itself."""
        return self.value

    def __format__(self, spec: str) -> str:
        """The value in a format such as ``.3f``, ``.4g`` or ``.2e``, rounded to the safe side; ``str`` if empty."""
        return fixed_point(self.value, spec, self.direction) if spec else str(self)

    def __str__(self) -> str:
        relation = "≥" if self.direction is Direction.LOWER else "≤"
        value = significant(self.value, 6, None if self.status is Status.PUBLISHED else self.direction)
        rate = f" at {self.scale} a {self.unit.counted}" if self.scale is not None else ""
        source = self.reference.partition(",")[0].partition(";")[0]
        return (
            f"{SYMBOLS[self.scope.quantity]} {relation} {value} {self.unit.value}{rate}, {self.scope.words}; "
            f"{self.status.value}; {source}"
        )

    def __repr__(self) -> str:
        return f"<Bound on {self.subject}: {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by plain data, which holds for any version that reads it."""
        return Bound.from_dict, (self.to_dict(),)

    def _repr_html_(self) -> str:
        import html

        return f"<span title={html.escape(repr(self.value))!r}>{html.escape(f'{self.subject}: {self}')}</span>"

    def _repr_latex_(self) -> str:
        from keybounds.formatting import latex_number, latex_text

        relation = r"\ge" if self.direction is Direction.LOWER else r"\le"
        number = latex_number(significant(self.value, 6, self.direction)).strip("$")
        symbol = LATEX_SYMBOLS[self.scope.quantity]
        return rf"${symbol} {relation} {number}$ {latex_text(self.unit.value)}"


def _plain(value: Any) -> Any:
    """Tuples as lists, so that a bound equals the one that is read back from JSON."""
    if value is None or isinstance(value, (str, int, float)):  # first: asking for a Mapping is slow
        return value
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


SYMBOLS = {
    Quantity.KEY_RATE: "key",
    Quantity.CONDITIONAL_ENTROPY: "H(A|E)",
    Quantity.RECONCILIATION: "H(A|B)",
    Quantity.DISTILLABLE_ENTANGLEMENT: "ebits",
    Quantity.QUANTUM_CAPACITY: "Q",
}
"""The short name of each quantity in print."""

LATEX_SYMBOLS = {
    Quantity.KEY_RATE: "K",
    Quantity.CONDITIONAL_ENTROPY: r"H(\hat A|E)",
    Quantity.RECONCILIATION: r"H(\hat A|B)",
    Quantity.DISTILLABLE_ENTANGLEMENT: "E_D",
    Quantity.QUANTUM_CAPACITY: "Q",
}
"""The same in LaTeX's mathematics."""


def lower_bound(
    enclosure: arb,
    *,
    unit: Unit,
    scope: Scope,
    method: str,
    reference: str,
    provenance: Mapping[str, Any],
    status: Status = Status.ENCLOSED,
    certificate: Certificate | None = None,
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
    certificate: Certificate | None = None,
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
