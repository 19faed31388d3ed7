"""The rules by which facts follow from each other, in the manner of LCF: nothing else makes a fact.

Each rule checks its own conditions, so that whatever a derivation does, what it ends up with follows from its leaves:
hypotheses, definitions, exact computations, published theorems, other claims, and what is only argued. A rule that
finds its condition unmet raises `StepFailedError`, which names the step.

`facts` has the fact and what makes one, and hands that to the modules of rules: `leaves`, `deduction`, `relations`,
`definitions`, `induction`, `analysis`, `sums` and `operators`; `conditions` has what several of them check.
"""

from keybounds.proofs.logic.kernel.analysis import (
    by_slope,
    by_substitution,
    integral_split,
    integrated,
    under_integral,
)
from keybounds.proofs.logic.kernel.deduction import (
    applied,
    by_cases,
    contraposed,
    cut,
    equivalent,
    instantiated,
    replaced,
    where_equal,
)
from keybounds.proofs.logic.kernel.definitions import (
    ForAll,
    Infimum,
    Meaning,
    Recursion,
    at_most_infimum,
    by_definition,
    by_recursion,
    generalised,
    infimum_is_bound,
    specialised,
)
from keybounds.proofs.logic.kernel.facts import (
    Fact,
    Rule,
    StepFailedError,
    graph,
)
from keybounds.proofs.logic.kernel.induction import (
    by_induction,
    by_induction_along,
)
from keybounds.proofs.logic.kernel.leaves import (
    Theorem,
    argued,
    assume,
    by_claim,
    by_theorem,
    decided,
    enclosed,
    identity,
    inequality,
)
from keybounds.proofs.logic.kernel.operators import (
    operator_identity,
)
from keybounds.proofs.logic.kernel.relations import (
    both_ways,
    chain,
    linear,
    positive_part_is,
    put_in,
    restated,
    rewritten,
    same,
    turned,
    weakened,
)
from keybounds.proofs.logic.kernel.sums import (
    bound_together,
    over_words,
    sums_equal,
    totalled,
)

__all__ = [
    "Fact",
    "ForAll",
    "Infimum",
    "Meaning",
    "Recursion",
    "Rule",
    "StepFailedError",
    "Theorem",
    "applied",
    "argued",
    "assume",
    "at_most_infimum",
    "both_ways",
    "bound_together",
    "by_cases",
    "by_claim",
    "by_definition",
    "by_induction",
    "by_induction_along",
    "by_recursion",
    "by_slope",
    "by_substitution",
    "by_theorem",
    "chain",
    "contraposed",
    "cut",
    "decided",
    "enclosed",
    "equivalent",
    "generalised",
    "graph",
    "identity",
    "inequality",
    "infimum_is_bound",
    "instantiated",
    "integral_split",
    "integrated",
    "linear",
    "operator_identity",
    "over_words",
    "positive_part_is",
    "put_in",
    "replaced",
    "restated",
    "rewritten",
    "same",
    "specialised",
    "sums_equal",
    "totalled",
    "turned",
    "under_integral",
    "weakened",
    "where_equal",
]
