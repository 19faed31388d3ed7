"""Bounds on the secret-key rate: achievable rates (`lower`), ceilings (`upper`), and the comparison of the two."""

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
    "Scope",
    "Statistics",
    "Status",
    "Trust",
    "Unit",
    "check_pairs",
    "comparable",
    "one_way",
    "two_way",
]
