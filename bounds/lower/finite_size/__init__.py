"""Key lengths of finite runs, in bits at a stated soundness, term by term."""

from keybounds.bounds.lower.finite_size.finite_key import THEOREMS, finite_key, finite_key_of
from keybounds.bounds.lower.finite_size.key import Balance, BalanceItem, FiniteKey, Term
from keybounds.bounds.lower.finite_size.planning import Sensitivity, minimal_rounds, nominal, optimal_gamma, sensitivity

__all__ = [
    "THEOREMS",
    "Balance",
    "BalanceItem",
    "FiniteKey",
    "Sensitivity",
    "Term",
    "finite_key",
    "finite_key_of",
    "minimal_rounds",
    "nominal",
    "optimal_gamma",
    "sensitivity",
]
