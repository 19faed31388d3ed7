"""What the reports on correlations share: rows of one thing, relabelled and rescaled, and what a table was read as."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from keybounds.bounds import Answer, Bound, Quantity, Unit
from keybounds.bounds.lower import conditional_entropy, rate_from_entropy
from keybounds.formatting import with_uncertainty

if TYPE_CHECKING:
    from keybounds.bounds import Hierarchy, Protocol
    from keybounds.experiments import Behaviour, Projection


def key_rates(answer: Answer) -> list[Bound]:
    """The bounds on key: a table without entropies."""
    return [bound for bound in answer.bounds if bound.scope.quantity is Quantity.KEY_RATE]


def about(label: str, bounds: Iterable[Bound]) -> list[Bound]:
    """The same bounds, all called by one label."""
    return [bound.about(label) for bound in bounds]


def per_herald(bounds: Iterable[Bound]) -> list[Bound]:
    """Bounds per round or copy as bounds per heralded pair, which is one round, or one copy."""
    return [bound.scaled(1, Unit.PER_HERALD) for bound in bounds]


def relaxed_rows(behaviour: Behaviour, protocol: Protocol, hierarchy: Hierarchy) -> list[Bound]:
    """H(Â|E,V) and the rate from all of the correlations with one relaxation, on one certificate."""
    entropy = conditional_entropy(behaviour, protocol, hierarchy)
    return [entropy, rate_from_entropy(behaviour, entropy)]


def chsh_of(behaviour: Behaviour) -> float:
    """S as labelled; NaN for other than two outcomes, one setting, or a pair of the four that was not measured."""
    pairs = [(x, y) for x in (0, 1) for y in (0, 1)]
    if behaviour.outcomes != (2, 2) or min(behaviour.settings) < 2 or not all(behaviour.measured(*p) for p in pairs):
        return math.nan
    return behaviour.chsh


def error_of(behaviour: Behaviour, key: tuple[int, int]) -> float:
    """Q at a key setting; NaN where the parties have unequal numbers of outcomes."""
    return behaviour.qber(*key) if len(set(behaviour.outcomes)) == 1 else math.nan


def measured_note(measured: Behaviour, key: tuple[int, int], projection: Projection | None = None) -> str:
    """S and Q of a table, as far as it has them, and how far it moved where it was projected."""
    note = f"Table as given: {_link(measured, key, spreads=True)} at the key setting."
    if projection is None:
        return note
    moved = float(np.nanmax(projection.total_variation))
    return (
        f"{note} Projected onto the no-signalling behaviours by maximum likelihood it moves by at most {moved:.1g} in "
        f"total variation at a setting pair (p-value {projection.p_value:.2g}), to "
        f"{_link(projection.behaviour, key, spreads=False)}; the bounds are at these point values."
    )


def _link(behaviour: Behaviour, key: tuple[int, int], *, spreads: bool) -> str:
    """S and Q, or why there is none."""
    s, q = chsh_of(behaviour), error_of(behaviour, key)
    if spreads:
        parts = [
            f"S = {_value(s, behaviour.chsh_uncertainty)}" if not math.isnan(s) else "",
            f"Q = {_value(q, behaviour.qber_uncertainty(*key))}" if not math.isnan(q) else "",
        ]
    else:
        parts = [f"S = {s:.5g}" if not math.isnan(s) else "", f"Q = {q:.4g}" if not math.isnan(q) else ""]
    missing = "no CHSH value as labelled" if math.isnan(s) else ""
    missing = missing or ("no error rate: outcomes differ in number" if math.isnan(q) else "")
    return ", ".join(part for part in (*parts, missing) if part)


def _value(value: float, sigma: float | None) -> str:
    return with_uncertainty(value, sigma) if sigma else f"{value:.6g}"
