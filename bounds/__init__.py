"""Bounds on the secret-key rate: achievable rates (`lower`), ceilings (`upper`), and the comparison of the two.

`sandwich` bounds one rate from both sides; it loads on first use, for it needs all of `lower` and `upper`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybounds.bounds.bound import Bound, Direction, Status, Unit
from keybounds.bounds.comparison import Check, check_pairs, comparable
from keybounds.bounds.scope import (
    ANY_PROTOCOL,
    P_0,
    P_1,
    P_2,
    Adversary,
    DeviceClass,
    DeviceCommunication,
    DeviceMemory,
    Discussion,
    Protocol,
    Quantity,
    Scope,
    Statistics,
    Trust,
    one_way,
    two_way,
)

if TYPE_CHECKING:
    from keybounds.bounds.correlations.sandwich import Sandwich, sandwich

__all__ = [
    "ANY_PROTOCOL",
    "P_0",
    "P_1",
    "P_2",
    "Adversary",
    "Bound",
    "Check",
    "DeviceClass",
    "DeviceCommunication",
    "DeviceMemory",
    "Direction",
    "Discussion",
    "Protocol",
    "Quantity",
    "Sandwich",
    "Scope",
    "Statistics",
    "Status",
    "Trust",
    "Unit",
    "check_pairs",
    "comparable",
    "one_way",
    "sandwich",
    "two_way",
]


def __getattr__(name: str) -> Any:
    if name in ("Sandwich", "sandwich"):
        from keybounds.bounds.correlations import sandwich

        return getattr(sandwich, name)
    raise AttributeError(f"module 'keybounds.bounds' has no attribute {name!r}")
