"""Campaigns: one file says which numbers, one store holds them, and what was ended goes on where it stood.

`sweep` computes what a `Store` does not have of a `Plan`, and returns a `Sweep`. Names load on first use, so that a
process that computes sets its libraries' threads before any is loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.sweeps.campaign import sweep
    from keybounds.sweeps.plan import Plan
    from keybounds.sweeps.results import Failure, Sweep
    from keybounds.sweeps.store import Store
    from keybounds.sweeps.watching import Progress

__all__ = ["Failure", "Plan", "Progress", "Store", "Sweep", "sweep"]

_HOMES = {
    "Failure": "results",
    "Plan": "plan",
    "Progress": "watching",
    "Store": "store",
    "Sweep": "results",
    "sweep": "campaign",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'keybounds.sweeps' has no attribute {name!r}")
    return getattr(import_module(f"keybounds.sweeps.{_HOMES[name]}"), name)
