"""Bounds on the secret-key rate: achievable rates (`lower`), ceilings (`upper`), and the comparison of the two.

Values are made here: `Protocol` and `Link` say what is asked, `Hierarchy` how hard, `Bound` and `Answer` what is known.
What computes loads on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from keybounds.bounds.bound import Bound, Direction, Scale, Status, Unit
from keybounds.bounds.comparison import Check, check_pairs, comparable
from keybounds.bounds.scope import (
    Adversary,
    DeviceClass,
    DeviceCommunication,
    DeviceMemory,
    Quantity,
    Scope,
    Statistics,
    Trust,
)
from keybounds.protocol import (
    P_0,
    P_1,
    P_2,
    Discussion,
    KeySetting,
    Protocol,
    any_discussion,
    completed_rounds,
    no_discussion,
    one_way,
    two_way,
)
from keybounds.thing import Thing

if TYPE_CHECKING:
    from keybounds.bounds.answer import Answer, Interval
    from keybounds.bounds.correlations.hierarchy import Hierarchy
    from keybounds.bounds.correlations.sandwich import Sandwich, sandwich
    from keybounds.bounds.link.link import Link
    from keybounds.bounds.run.run import Run
    from keybounds.experiments.question import Question

__all__ = [
    "P_0",
    "P_1",
    "P_2",
    "Adversary",
    "Answer",
    "Bound",
    "Check",
    "DeviceClass",
    "DeviceCommunication",
    "DeviceMemory",
    "Direction",
    "Discussion",
    "Hierarchy",
    "Interval",
    "KeySetting",
    "Link",
    "Protocol",
    "Quantity",
    "Question",
    "Run",
    "Sandwich",
    "Scale",
    "Scope",
    "Statistics",
    "Status",
    "Thing",
    "Trust",
    "Unit",
    "any_discussion",
    "check_pairs",
    "comparable",
    "completed_rounds",
    "no_discussion",
    "one_way",
    "sandwich",
    "two_way",
]

_HOMES = {
    "Answer": "keybounds.bounds.answer",
    "Interval": "keybounds.bounds.answer",
    "Hierarchy": "keybounds.bounds.correlations.hierarchy",
    "Link": "keybounds.bounds.link.link",
    "Question": "keybounds.experiments.question",
    "Run": "keybounds.bounds.run.run",
    "Sandwich": "keybounds.bounds.correlations.sandwich",
    "sandwich": "keybounds.bounds.correlations.sandwich",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'keybounds.bounds' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
