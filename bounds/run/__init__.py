"""Key lengths of finite runs, in bits at a stated soundness, term by term."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from keybounds.bounds.run.finite_key import THEOREMS, finite_key, key_of_run
from keybounds.bounds.run.key import Balance, BalanceItem, FiniteKey, Term
from keybounds.bounds.run.planning import (
    Granted,
    Sensitivity,
    best_tested_run,
    minimal_rounds,
    optimal_gamma,
    sensitivity,
    shortest_run,
)
from keybounds.bounds.run.renyi import RenyiParameters
from keybounds.bounds.run.renyi_key import renyi_length
from keybounds.bounds.run.renyi_search import renyi_parameters
from keybounds.bounds.run.run import Run

if TYPE_CHECKING:
    from keybounds.bounds.run.collective import (
        CollectiveDesign,
        collective_design,
        collective_key,
        lower_score,
        minimal_collective_rounds,
    )

__all__ = [
    "THEOREMS",
    "Balance",
    "BalanceItem",
    "CollectiveDesign",
    "FiniteKey",
    "Granted",
    "RenyiParameters",
    "Run",
    "Sensitivity",
    "Term",
    "best_tested_run",
    "collective_design",
    "collective_key",
    "finite_key",
    "key_of_run",
    "lower_score",
    "minimal_collective_rounds",
    "minimal_rounds",
    "optimal_gamma",
    "renyi_length",
    "renyi_parameters",
    "sensitivity",
    "shortest_run",
]

_COLLECTIVE = (
    "CollectiveDesign",
    "collective_design",
    "collective_key",
    "lower_score",
    "minimal_collective_rounds",
)
"""What needs the moment engine, which loads on first use."""


def __getattr__(name: str) -> Any:
    if name not in _COLLECTIVE:
        raise AttributeError(f"module 'keybounds.bounds.run' has no attribute {name!r}")
    return getattr(import_module("keybounds.bounds.run.collective"), name)
