"""Key lengths of finite runs, in bits at a stated soundness, term by term."""

from keybounds.bounds.lower.finite_size.collective import (
    CollectiveProtocol,
    collective_key,
    collective_protocol,
    lower_score,
    minimal_collective_rounds,
)
from keybounds.bounds.lower.finite_size.finite_key import THEOREMS, finite_key, finite_key_of, link_figures
from keybounds.bounds.lower.finite_size.key import Balance, BalanceItem, FiniteKey, Term
from keybounds.bounds.lower.finite_size.planning import Sensitivity, minimal_rounds, nominal, optimal_gamma, sensitivity
from keybounds.bounds.lower.finite_size.renyi import RenyiParameters
from keybounds.bounds.lower.finite_size.renyi_key import renyi_length
from keybounds.bounds.lower.finite_size.renyi_search import renyi_parameters
from keybounds.bounds.lower.finite_size.run import Run

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
