"""Bounds on the key of one behaviour: the rows that every comparison of correlations shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from keybounds.bounds import Bound, Unit, sandwich
from keybounds.bounds.link.ceilings import SCOPES, has_own_key_setting
from keybounds.bounds.link.chsh import chsh_value, key_error_rate
from keybounds.bounds.lower import (
    chsh_rate,
    chsh_rate_of,
    conditional_entropy,
    devetak_winter,
    optimal_noise,
    optimal_noise_for,
    rate_from_entropy,
)
from keybounds.bounds.upper import (
    chsh_ceiling,
    chsh_ceiling_of,
    device_independent,
    hull_ceiling_of,
    mutual_information,
)
from keybounds.formatting import with_uncertainty

if TYPE_CHECKING:
    from keybounds.bounds.correlations.attacks.ceiling import Effort
    from keybounds.experiments import Behaviour, Projection


def chsh_rows(
    chsh: float, qber: float, *, key: tuple[int, int], subject: str, unit: Unit, noise: float | None = None
) -> list[Bound]:
    """The closed-form bounds from a CHSH value and a key error rate.

    `noise` None gives the rate without noisy preprocessing and, where that helps, with the best. The ceilings need a
    key setting of Bob's own.
    """
    noises = with_best(optimal_noise(chsh, qber)) if noise is None else [noise]
    rows = [chsh_rate(chsh, qber, noise=q, key=key, subject=subject, unit=unit) for q in noises]
    if has_own_key_setting(key):
        rows += [chsh_ceiling(chsh, qber, scope=scope, key=key, subject=subject, unit=unit) for scope in SCOPES]
    return rows


def behaviour_rows(
    behaviour: Behaviour, *, key: tuple[int, int], subject: str, unit: Unit, noise: float | None = None
) -> list[Bound]:
    """Every bound that needs no more than the table: from its CHSH value and error rate, and from the table itself."""
    noises = with_best(optimal_noise_for(behaviour, key=key)) if noise is None else [noise]
    rows = [devetak_winter(behaviour, key=key, noise=q, subject=subject, unit=unit) for q in noises]
    noises = (
        with_best(optimal_noise(chsh_value(behaviour), key_error_rate(behaviour, key))) if noise is None else [noise]
    )
    rows += [chsh_rate_of(behaviour, key=key, noise=q, subject=subject, unit=unit) for q in noises]
    return rows + ceiling_rows(behaviour, key=key, subject=subject, unit=unit)


def ceiling_rows(behaviour: Behaviour, *, key: tuple[int, int], subject: str, unit: Unit) -> list[Bound]:
    """The ceilings that need no more than the table."""
    rows: list[Bound] = []
    if has_own_key_setting(key):
        rows += [chsh_ceiling_of(behaviour, key=key, scope=scope, subject=subject, unit=unit) for scope in SCOPES]
        hull = hull_ceiling_of(behaviour, key=key, subject=subject, unit=unit)
        rows += [hull] if hull.value < rows[0].value else []  # where a mixture of devices says more than one device
    rows.append(mutual_information(behaviour, key=key, subject=subject, unit=unit))
    if not behaviour.unmeasured:
        rows.append(mutual_information(behaviour, subject=subject, unit=unit))
    return rows


def full_rows(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    subject: str,
    unit: Unit,
    noise: float = 0.0,
    keep: float = 1.0,
    relaxations: Iterable[tuple[str, int]],
) -> list[Bound]:
    """H(Â|E,V) and the rate from all of the correlations, once for each (level, number of nodes).

    The method names level and nodes, because the value is a property of the relaxation as much as of the table. Entropy
    and rate share one certificate: its known values hold the table.
    """
    rows: list[Bound] = []
    for level, nodes in relaxations:
        entropy = conditional_entropy(
            behaviour, key=key, noise=noise, keep=keep, level=level, nodes=nodes, subject=subject
        )
        rate = rate_from_entropy(behaviour, entropy, unit=unit)
        named = f'level "{level}", {nodes} nodes'
        rows += [
            replace(entropy, method=f"entropy from the full correlations, {named}"),
            replace(rate, method=f"{rate.method}, {named}"),
        ]
    return rows


def sandwich_rows(
    behaviour: Behaviour, *, key: tuple[int, int], subject: str, unit: Unit, effort: Effort
) -> list[Bound]:
    """The one-way rate without preprocessing from both sides, and the attacks on two-way and on any key."""
    found = sandwich(behaviour, key=key, effort=effort, subject=subject, unit=unit)
    named = f'{found.lower.method}, level "{found.level}", {found.nodes} nodes'
    return [
        replace(found.lower, method=named),
        found.upper,
        *wider_attack_rows(behaviour, key=key, subject=subject, unit=unit),
    ]


def wider_attack_rows(behaviour: Behaviour, *, key: tuple[int, int], subject: str, unit: Unit) -> list[Bound]:
    """The ceilings from explicit attacks with the whole table, on two-way key and on any."""
    return [
        device_independent(behaviour, key=key, scope="two-way", subject=subject, unit=unit),
        device_independent(behaviour, scope="any", subject=subject, unit=unit),
    ]


def with_best(best: float) -> list[float]:
    """No noise and, where it helps, the best to four digits: any noise is valid, and a short one can be quoted."""
    return list(dict.fromkeys((0.0, round(best, 4))))


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
