"""keybounds: achievable rates and proven ceilings for device-independent quantum key distribution.

`bounds_on` takes a state, a channel, a link, a table of measured correlations P(a,b|x,y) or a finite run, and returns
the intervals in which the secret-key rate must lie; `compare` does so for what has a name, `sweep` for every point of
a plan. Every number is a `keybounds.bounds.Bound`: in bits, on the safe side, with its scope.

Names load on first use, so that ``import keybounds`` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds import bounds, channels, experiments, postprocessing, proofs, reports, states, sweeps
    from keybounds.bounds.door import bounds_on
    from keybounds.reports.catalogue import compare
    from keybounds.sweeps.campaign import sweep

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "bounds",
    "bounds_on",
    "channels",
    "compare",
    "experiments",
    "postprocessing",
    "proofs",
    "reports",
    "states",
    "sweep",
    "sweeps",
]

_SUBPACKAGES = ("bounds", "channels", "experiments", "postprocessing", "proofs", "reports", "states", "sweeps")
_HOMES = {
    "bounds_on": "keybounds.bounds.door",
    "compare": "keybounds.reports.catalogue",
    "sweep": "keybounds.sweeps.campaign",
}


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"keybounds.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'keybounds' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
