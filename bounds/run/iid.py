"""The key length against collective attacks, by equipartition: rounds that are independent and alike.

    ℓ = n η(1 - p/γ) - 4 log(2 + √2) √(n log(2/ε_s²)) - m - 264 - (extractor)

1. *Acceptance.* p is a share of lost tests with P[Bin(n, p) <= k] <= ε_t, k being the accepted number of lost tests:
   devices that lose more are accepted with probability at most ε_t. The tail is bounded as in zubkov2013, and falls as
   p grows. All others win a test with probability ω of at least 1 - p/γ.
2. *Entropy.* Given the inputs and Eve, Alice's outcome of one round has at least η(ω) bits for each of her settings
   (pironio2009), hence n rounds have H_min^{ε_s} >= n η - 4 log(2 + √2) √(n log(2/ε_s²)) if n >= 8/5 log(2/ε_s²)
   (tomamichel2009, for a classical bit).
3. *Conditioning.* The accepted part of the state is not greater than the state. Restricting a smoothed state to it, by
   what measures whether the run is accepted, increases neither its distance nor its operator bound: so the smooth
   min-entropy of the accepted part is no less. Bob's outcomes are never published, and cost nothing.
4. *Hashing.* m bits of syndrome lower it by m at most; the validation tag is sent under a one-time pad. The 264 of
   nadlinger2022 for what is published beside are kept, and hold what its extractor takes besides.

Soundness max(ε_t, ε_PA + 2 ε_s) + 4 ε_h, as for `eat`. Any p, ε_s and ε_PA that satisfy this give a valid length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from fractions import Fraction

from flint import arb, ctx

from keybounds.bounds.run.assumptions import ALIKE, DESIGN, LABORATORIES
from keybounds.bounds.run.eat import CONSTANT, entropy
from keybounds.bounds.run.extractors import Extractor, extractor
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.loss_limited import PRECISION, Theorem, in_doubles, whole_key
from keybounds.bounds.run.run import Run, accepted_losses, syndrome_length
from keybounds.bounds.run.tails import fewer
from keybounds.bounds.scope import Adversary
from keybounds.enclosure import ball, log2
from keybounds.errors import InputError

_INSIDE = 1 - 2.0**-40  # keeps rounded errors inside their budget


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipartitionParameters:
    """The free parameters, as the exact numbers that they are.

    Attributes
    ----------
    losing
        p in (0, 1), the share of lost tests from which on devices are hardly ever accepted. One of γ or more asks
        nothing, and grants nothing.
    smoothing, extractor_error
        ε_s and ε_PA, above 0, with ε_PA + 2 ε_s <= ε - 4ε_h.
    """

    losing: float
    smoothing: float
    extractor_error: float

    def check(self, run: Run) -> dict[str, Fraction]:
        """The parameters by name, exactly, if the theorem admits them.

        Raises
        ------
        InputError
            One is no finite number or outside its range, or devices that lose p are accepted too often.
        """
        for field in fields(self):
            if not 0 < getattr(self, field.name) < 1:
                raise InputError(field.name, "a number in (0, 1)", repr(getattr(self, field.name)))
        exact = {field.name: Fraction(getattr(self, field.name)) for field in fields(self)}
        if not exact["extractor_error"] + 2 * exact["smoothing"] <= run.budget:
            raise InputError(
                "extractor_error", f"at most {float(run.budget):.6g} - 2 smoothing", repr(self.extractor_error)
            )
        accepted = fewer(run.rounds, exact["losing"], accepted_losses(run) + 1)
        if exact["losing"] < run.gamma and not accepted <= ball(run.budget):
            raise InputError("losing", f"a share accepted with at most {float(run.budget):.6g}", repr(self.losing))
        return exact


def equipartition_key(run: Run, extractor_name: str, parameters: EquipartitionParameters | None = None) -> FiniteKey:
    """The key against collective attacks, at given parameters or at those of `equipartition_parameters`.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    UnknownNameError
        No such extractor.
    """
    chosen = extractor(extractor_name)
    best = parameters if parameters is not None else equipartition_parameters(in_doubles(run), chosen)
    with ctx.workprec(PRECISION):
        exact = best.check(run)
        values = equipartition_terms(run, exact, chosen)
    return whole_key(_AEP_IID, run, chosen, values, parameters=exact)


def equipartition_terms(run: Run, exact: dict[str, Fraction], chosen: Extractor) -> dict[str, arb]:
    """The terms of ℓ by name, at the working precision, for parameters that were checked."""
    p = {name: ball(value) for name, value in exact.items()}
    n = arb(run.rounds)
    ratio = 1 - 2 * log2(p["smoothing"])
    if not n >= ratio * 8 / 5:  # the theorem says nothing of so few rounds
        return {"entropy": -arb(CONSTANT)}
    return {
        "entropy": n * entropy(1 - p["losing"] / ball(run.gamma)),
        "equipartition": -4 * log2(2 + arb(2).sqrt()) * (n * ratio).sqrt(),
        "extractor_error": chosen.error_weight * log2(p["extractor_error"]) + chosen.constant,
        "syndrome": -arb(syndrome_length(run)),
        "constant": -arb(CONSTANT),
    }


def equipartition_parameters(run: Run, chosen: Extractor) -> EquipartitionParameters:
    """The least p that is admissible, by bisection, and the errors by the weights of their logarithms."""
    n, losses, budget = run.rounds, accepted_losses(run), float(run.budget) * _INSIDE
    high = math.nextafter(float(run.gamma), 1.0)  # which is always admissible
    low = min(losses / n, high)
    with ctx.workprec(PRECISION):
        while high - low > 1e-12 * high:
            middle = (low + high) / 2
            admissible = fewer(n, Fraction(middle), losses + 1) <= ball(run.budget)
            low, high = (low, middle) if admissible else (middle, high)
    weight = 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(n / (1 - 2 * math.log2(budget / 2)))
    extractor_error = budget * chosen.error_weight / (chosen.error_weight + weight)
    return EquipartitionParameters(
        losing=high, smoothing=(budget - extractor_error) / 2 * _INSIDE, extractor_error=extractor_error
    )


_AEP_IID = Theorem(
    name="aep-iid",
    reference="tomamichel2009; zubkov2013; pironio2009",
    adversary=Adversary.COLLECTIVE,
    assumptions=(*LABORATORIES, ALIKE, DESIGN),
    error_weight=0,
    words={
        "entropy": ("n η(1 - p/γ)", "entropy of devices that lose no more than p, the others being caught"),
        "equipartition": ("-4 log(2+√2) √(n log(2/ε_s²))", "smooth min-entropy instead of entropy"),
        "syndrome": ("-m", "published for error correction"),
        "constant": ("-264", "published beside the syndrome, and constants of nadlinger2022"),
    },
)
