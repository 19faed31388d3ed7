"""Key lengths of finite runs, in bits at a stated soundness, term by term."""

from keybounds.bounds.lower.finite_size.finite_key import finite_key, finite_key_of
from keybounds.bounds.lower.finite_size.key import Balance, BalanceItem, FiniteKey, Term

__all__ = ["Balance", "BalanceItem", "FiniteKey", "Term", "finite_key", "finite_key_of"]
