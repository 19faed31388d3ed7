"""The best noisy preprocessing: how often Alice should flip her key bit so that Eve loses more than Bob."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb

from keybounds.bounds.link.link import Link
from keybounds.bounds.link.rates import rate_enclosure, table_rate_enclosure

_SCAN = 128


def optimal_noise(link: Link, *, from_table: bool = False, tolerance: float = 1e-6) -> float:
    """Noise q in [0, 1/2] at which `chsh_rate` of the link is largest, to within `tolerance`.

    0 where noise does not help, or where no noise gives a positive rate.

    Parameters
    ----------
    link
        S, Q and the key setting.
    from_table
        Whether `chsh_table_rate` is meant instead.
    tolerance
        Of q.

    Raises
    ------
    QuestionError
        As in the function that is meant.
    """
    view = link.rates
    if from_table:
        link.key_table()  # refuses a link without one before the search
        return _best(lambda q: table_rate_enclosure(view, q), tolerance)
    return _best(lambda q: rate_enclosure(view, q), tolerance)


def _best(rate: Callable[[float], arb], tolerance: float) -> float:
    """A scan picks the hill, golden-section search climbs it; any q is valid, so nothing rests on the search."""

    def value(q: float) -> float:
        return float(rate(q).mid())

    best = max(range(_SCAN + 1), key=lambda k: value(k / (2 * _SCAN)))
    low, high = max(best - 1, 0) / (2 * _SCAN), min(best + 1, _SCAN) / (2 * _SCAN)
    golden = (5**0.5 - 1) / 2
    while high - low > tolerance:
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if value(left) >= value(right) else (left, high)
    middle = (low + high) / 2
    return middle if rate(middle) > 0 and value(middle) > value(0.0) else 0.0
