"""What bounds on states speak about where the parties trust their devices."""

from __future__ import annotations

from keybounds.bounds.scope import Quantity, Scope, Trust
from keybounds.protocol import P_2, Protocol
from keybounds.thing import Thing


def trusted(thing: Thing, protocol: Protocol = P_2, quantity: Quantity = Quantity.KEY_RATE) -> Scope:
    """Scope of what trusted devices make of copies of a state, or of the pairs of a source."""
    return Scope(thing=thing, trust=Trust.DEVICE_DEPENDENT, protocol=protocol, quantity=quantity)
