"""Key of the PPT private states with trusted devices by advantage distillation."""

from __future__ import annotations

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.scope import Scope, Trust
from keybounds.bounds.state.private_states import closed_form, provenance, state_thing
from keybounds.protocol import two_way
from keybounds.states import PPTPrivateFamily


def advantage_distillation(family: PPTPrivateFamily, *, copies: int = 2) -> Bound:
    """Lower bound on the key of a PPT private state by the repetition code on n copies.

    Rate ((1-p)^n + p^n)/n · (1 - h(q) - q) with q = p^n/((1-p)^n + p^n): Alice announces the parities of her bit with
    the other n-1, Bob says whether his agree; the first factor is the probability that they do, per copy. Then the bit
    is wrong and known to Eve with probability q, and otherwise right and secret.

    Parameters
    ----------
    family
        rho_{d,p}, or one with unequal sectors.
    copies
        n >= 1; n = 1 is `privacy_squeezing`.

    Returns
    -------
    Bound
        LOWER, in bits per copy (not per block), two-way with trusted devices; 0 with NO_KEY where not positive.

    Raises
    ------
    DimensionError
        `copies` is not a whole number of at least 1.

    Notes
    -----
    Protocol of maurer1993; rate of this project, claim ``advantage-distillation``. christandl2021 remarks on 20 copies
    of rho_2, whose success probability enters here.
    """
    return lower_bound(
        family.advantage_distillation(copies),
        unit=Unit.PER_COPY,
        scope=Scope(thing=state_thing(family), trust=Trust.DEVICE_DEPENDENT, protocol=two_way()),
        method=f"advantage distillation on {copies} copies",
        reference="this project, claim advantage-distillation",
        provenance={**provenance(family), "copies": copies},
        certificate=closed_form(family, "advantage distillation", copies=int(copies)),
    )
