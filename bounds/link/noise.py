"""The best noisy preprocessing: how often Alice should flip her key bit so that Eve loses more than Bob."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flint import arb

from keybounds.bounds.correlations.devetak_winter import behaviour_rate_enclosure
from keybounds.bounds.link.chsh import check_chsh, check_error_rate, chsh_ball
from keybounds.bounds.link.rates import rate_enclosure
from keybounds.enclosure import ball

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

_SCAN = 128


def optimal_noise(chsh: float, qber: float, *, tolerance: float = 1e-6) -> float:
    """Noise q in [0, 1/2] at which `chsh_rate` is largest, to within `tolerance`.

    0 where noise does not help, or where no noise gives a positive rate.

    Raises
    ------
    InputError
        `chsh` or `qber` outside its range.
    """
    s, e = check_chsh(chsh), check_error_rate(qber)
    return _best(lambda q: rate_enclosure(chsh_ball(s), ball(e), ball(q)), tolerance)


def optimal_noise_for(behaviour: Behaviour, *, key: tuple[int, int], tolerance: float = 1e-6) -> float:
    """Noise q in [0, 1/2] at which `devetak_winter` of a behaviour is largest; 0 as for `optimal_noise`.

    Raises
    ------
    InputError, UnsupportedError
        As for `devetak_winter`.
    """
    rate = behaviour_rate_enclosure(behaviour, key)
    return _best(rate, tolerance)


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
