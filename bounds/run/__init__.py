"""Key lengths of finite runs, in bits at a stated soundness, term by term.

Names load on first use, so that whoever only tells a key from a bound does not wait for the theorems. The function
`finite_key` is in the module of its name, and in `bounds.lower`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.bounds.run.codes import ShownCode, UsualCode, best_codes, shown_codes, usual_code
    from keybounds.bounds.run.collective import (
        CollectiveDesign,
        collective_design,
        collective_key,
        lower_score,
        minimal_collective_rounds,
    )
    from keybounds.bounds.run.device import DeviceSet, device_set
    from keybounds.bounds.run.finite_key import THEOREMS, USUAL_EXTRACTOR, acceptance, key_of_run, longest_key
    from keybounds.bounds.run.key import Balance, BalanceItem, FiniteKey, Term
    from keybounds.bounds.run.planning import (
        Granted,
        Sensitivity,
        best_tested_run,
        minimal_rounds,
        optimal_gamma,
        sensitivity,
        shortest_run,
        shortest_tested_run,
    )
    from keybounds.bounds.run.renyi import RenyiParameters
    from keybounds.bounds.run.renyi_key import renyi_length
    from keybounds.bounds.run.renyi_search import renyi_parameters
    from keybounds.bounds.run.run import Run, shannon_limit, syndrome_length

__all__ = [
    "THEOREMS",
    "USUAL_EXTRACTOR",
    "Balance",
    "BalanceItem",
    "CollectiveDesign",
    "DeviceSet",
    "FiniteKey",
    "Granted",
    "RenyiParameters",
    "Run",
    "Sensitivity",
    "ShownCode",
    "Term",
    "UsualCode",
    "acceptance",
    "best_codes",
    "best_tested_run",
    "collective_design",
    "collective_key",
    "device_set",
    "key_of_run",
    "longest_key",
    "lower_score",
    "minimal_collective_rounds",
    "minimal_rounds",
    "optimal_gamma",
    "renyi_length",
    "renyi_parameters",
    "sensitivity",
    "shannon_limit",
    "shortest_run",
    "shortest_tested_run",
    "shown_codes",
    "syndrome_length",
    "usual_code",
]

_HOMES = {
    "codes": ("ShownCode", "UsualCode", "best_codes", "shown_codes", "usual_code"),
    "collective": (
        "CollectiveDesign",
        "collective_design",
        "collective_key",
        "lower_score",
        "minimal_collective_rounds",
    ),
    "device": ("DeviceSet", "device_set"),
    "finite_key": ("THEOREMS", "USUAL_EXTRACTOR", "acceptance", "key_of_run", "longest_key"),
    "key": ("Balance", "BalanceItem", "FiniteKey", "Term"),
    "planning": (
        "Granted",
        "Sensitivity",
        "best_tested_run",
        "minimal_rounds",
        "optimal_gamma",
        "sensitivity",
        "shortest_run",
        "shortest_tested_run",
    ),
    "renyi": ("RenyiParameters",),
    "renyi_key": ("renyi_length",),
    "renyi_search": ("renyi_parameters",),
    "run": ("Run", "shannon_limit", "syndrome_length"),
}
_MODULES = {name: f"keybounds.bounds.run.{module}" for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'keybounds.bounds.run' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value
