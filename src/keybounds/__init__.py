"""keybounds: achievable rates and proven ceilings for device-independent quantum key distribution.

Give it a state, a channel or a table of measured correlations P(a,b|x,y); it returns the interval in which the
secret-key rate must lie. Every number is a `keybounds.bounds.Bound`: in bits, on the safe side, with its scope.

Subpackages load on first use, so that ``import keybounds`` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds import bounds, channels, experiments, proofs, reports, states
    from keybounds.reports import compare

__version__ = "0.1.0"

__all__ = ["__version__", "bounds", "channels", "compare", "experiments", "proofs", "reports", "states"]

_SUBPACKAGES = ("bounds", "channels", "experiments", "proofs", "reports", "states")


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"keybounds.{name}")
    if name == "compare":
        return importlib.import_module("keybounds.reports").compare
    raise AttributeError(f"module 'keybounds' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
