"""Which noise to ask about: Alice flips her bits where that costs Eve more than Bob, near the threshold of key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.bounds.bound import Bound
from keybounds.bounds.correlations.devetak_winter import devetak_winter
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.errors import BoundNotEstablishedError
from keybounds.protocol import one_way

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.protocol import Protocol

WORTH = 0.15  # bits a round: where there is more without noise, the best noise adds less than a thousandth
_GRID, _MOST = (0.02, 0.05, 0.1, 0.15, 0.22), 0.3
_COARSE = Hierarchy("11", 8)


def best_noise(behaviour: Behaviour, protocol: Protocol, without: float) -> float:
    """A noise near the best for the one-way rate from all of the correlations, to two digits; 0 where none helps.

    The rate as a function of q is flat about its maximum, so a few coarse solves place it; any choice gives a valid
    bound.

    Parameters
    ----------
    behaviour, protocol
        As in `devetak_winter`; the protocol's own noise is left out of account.
    without
        The rate without noise. Above `WORTH` nothing is searched.
    """
    if without > WORTH:
        return 0.0
    rates = {0.0: without, _MOST: _rate(behaviour, with_noise(protocol, _MOST))}
    if rates[_MOST] <= 0:  # the threshold of key is lowest where there is most noise
        return 0.0
    for q in _GRID:
        rates[q] = _rate(behaviour, with_noise(protocol, q))
        if rates[q] < max(rates.values()):
            break  # past the maximum: there is one
    return max(rates, key=lambda q: rates[q])


def with_noise(protocol: Protocol, noise: float) -> Protocol:
    """The same one-way question with this noise."""
    return one_way(protocol.key, noise=noise, keep=protocol.keep)


def _rate(behaviour: Behaviour, protocol: Protocol) -> float:
    try:
        return unclamped(devetak_winter(behaviour, protocol, _COARSE))
    except BoundNotEstablishedError:
        return -1.0


def unclamped(bound: Bound) -> float:
    """The value of a rate before it was raised to 0."""
    return float(bound.diagnostics.get("unclamped", bound.value)) if bound.value == 0 else bound.value
