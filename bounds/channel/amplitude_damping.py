"""The ceiling on the key through amplitude damping from squashing its environment with a 50:50 splitter.

Amplitude damping with γ sends an excitation to Bob with probability 1-γ, else to the environment E. Split E evenly into
E' and F. For an input of weight q on |1> (coherent inputs do no better) the value of the squashing is

    f(q) = ½ [S(B|E') + S(B|F)] = h(q(1-γ/2)) - h(qγ/2),

concave in q, and P_2 <= max over q of f(q) (claim ``amplitude-damping-squashing``). As f is concave, each of its
tangents lies above it: the maximum is at most f(q0) + max(f'(q0) (1-q0), -f'(q0) q0) for any q0. So the search for q0
need not be trusted.
"""

from __future__ import annotations

import math

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.scopes import channel_thing, private
from keybounds.channels.families import amplitude_damping_choi
from keybounds.enclosure import ball, binary_entropy, enclose, log2
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.states.arguments import probability


def amplitude_damping_ceiling(damping: float) -> Bound:
    """Ceiling on the key through amplitude damping with γ: the greatest h(q(1-γ/2)) - h(qγ/2) over q in [0, 1].

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2. The maximum itself is enclosed, not sampled, by the tangent at the
        q0 in the certificate.

    Raises
    ------
    InputError
        γ = `damping` is outside [0, 1].

    Notes
    -----
    takeoka2014 for P_2 <= squashed entanglement; the value this project, claim ``amplitude-damping-squashing``.
    """
    g = probability("damping", damping)
    q = _best_weight(g)

    def formula() -> arb:
        if g == 1.0:
            return arb(0)
        weight, kept, lost = ball(q), 1 - ball(g) / 2, ball(g) / 2
        value = binary_entropy(weight * kept) - binary_entropy(weight * lost)
        slope = _slope(weight, kept) - _slope(weight, lost)
        return value + (slope * (1 - weight)).max(-slope * weight)

    return upper_bound(
        enclose(formula),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(channel_thing(amplitude_damping_choi(g), f"amplitude damping, γ = {g!r}")),
        method="squashed entanglement, 50:50 splitter",
        reference="this project, claim amplitude-damping-squashing",
        provenance={"damping": g},
        certificate=ClosedForm("amplitude damping", {"damping": g, "tangent_at": q}),
    )


def _slope(weight: arb, share: arb) -> arb:
    """d/dq h(q a) = a log2((1-qa)/(qa)), 0 for a = 0."""
    if share.is_zero():
        return arb(0)
    x = weight * share
    return share * log2((1 - x) / x)


def _best_weight(g: float) -> float:
    """Bisection for the zero of f', which falls from +∞ at q = 0 to a negative value at q = 1."""
    kept, lost = 1 - g / 2, g / 2

    def slope(q: float) -> float:
        return sum(sign * a * math.log((1 - q * a) / (q * a)) for sign, a in ((1, kept), (-1, lost)) if a > 0)

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2
