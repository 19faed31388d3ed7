"""Key lengths of finite runs, in bits at a stated soundness, term by term."""

from keybounds.bounds.run.collective import (
    CollectiveProtocol,
    collective_key,
    collective_protocol,
    lower_score,
    minimal_collective_rounds,
)
from keybounds.bounds.run.finite_key import THEOREMS, finite_key, finite_key_of, link_figures
from keybounds.bounds.run.key import Balance, BalanceItem, FiniteKey, Term
from keybounds.bounds.run.planning import Sensitivity, minimal_rounds, nominal, optimal_gamma, sensitivity
from keybounds.bounds.run.renyi import RenyiParameters
from keybounds.bounds.run.renyi_key import renyi_length
from keybounds.bounds.run.renyi_search import renyi_parameters
from keybounds.bounds.run.run import Run

__all__ = [
    "THEOREMS",
    "Balance",
    "BalanceItem",
    "CollectiveProtocol",
    "FiniteKey",
    "RenyiParameters",
    "Run",
    "Sensitivity",
    "Term",
    "collective_key",
    "collective_protocol",
    "finite_key",
    "finite_key_of",
    "link_figures",
    "lower_score",
    "minimal_collective_rounds",
    "minimal_rounds",
    "nominal",
    "optimal_gamma",
    "renyi_length",
    "renyi_parameters",
    "sensitivity",
]
