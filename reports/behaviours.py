"""What the reports on correlations share: rows of one thing, relabelled and rescaled, and what a table was read as."""

from __future__ import annotations

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


def measured_note(measured: Behaviour, key: tuple[int, int], projection: Projection | None = None) -> str:
    """S and Q of a table and, where it was projected onto the no-signalling behaviours, how far it moved."""
    s, q = measured.chsh, measured.qber(*key)
    spread_s, spread_q = measured.chsh_uncertainty, measured.qber_uncertainty(*key)
    note = f"Table as given: S = {_value(s, spread_s)}, Q = {_value(q, spread_q)} at the key setting."
    if projection is None:
        return note
    moved = float(np.nanmax(projection.total_variation))
    fitted = projection.behaviour
    return (
        f"{note} Projected onto the no-signalling behaviours by maximum likelihood it moves by at most {moved:.1g} in "
        f"total variation at a setting pair (p-value {projection.p_value:.2g}), to S = {fitted.chsh:.5g}, "
        f"Q = {fitted.qber(*key):.4g}; the bounds are at these point values."
    )


def _value(value: float, sigma: float | None) -> str:
    return with_uncertainty(value, sigma) if sigma else f"{value:.6g}"
