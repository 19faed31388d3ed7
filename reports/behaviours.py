"""Bounds on the key of one behaviour: the rows that every comparison of correlations shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.bounds import Bound, Unit
from keybounds.bounds.chsh import chsh_value, key_error_rate
from keybounds.bounds.lower import chsh_rate, devetak_winter, optimal_noise
from keybounds.bounds.upper import chsh_ceiling, mutual_information

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


def chsh_rows(
    chsh: float, qber: float, *, key: tuple[int, int], subject: str, unit: Unit, noise: float | None = None
) -> list[Bound]:
    """The closed-form bounds from a CHSH value and a key error rate, for the noises of `noises_to_try`."""
    rows = [
        chsh_rate(chsh, qber, noise=q, key=key, subject=subject, unit=unit)
        for q in noises_to_try(chsh, qber, noise)
    ]
    rows.append(chsh_ceiling(chsh, qber, scope="two-way", key=key, subject=subject, unit=unit))
    rows.append(chsh_ceiling(chsh, qber, scope="any", subject=subject, unit=unit))
    return rows


def behaviour_rows(
    behaviour: Behaviour, *, key: tuple[int, int], subject: str, unit: Unit, noise: float | None = None
) -> list[Bound]:
    """Every bound that needs no more than the table: from its CHSH value and error rate, and from the table itself."""
    chsh, qber = chsh_value(behaviour), key_error_rate(behaviour, key)
    rows = [
        devetak_winter(behaviour, key=key, noise=q, subject=subject, unit=unit)
        for q in noises_to_try(chsh, qber, noise)
    ]
    rows += chsh_rows(chsh, qber, key=key, subject=subject, unit=unit, noise=noise)
    rows.append(mutual_information(behaviour, key=key, subject=subject, unit=unit))
    if not behaviour.unmeasured:
        rows.append(mutual_information(behaviour, subject=subject, unit=unit))
    return rows


def noises_to_try(chsh: float, qber: float, noise: float | None) -> list[float]:
    """The given noise; or none and, where it helps, the best, to four digits: any noise is valid, a short one quotable."""
    if noise is not None:
        return [noise]
    best = round(optimal_noise(chsh, qber), 4)
    return [0.0, best] if best else [0.0]
