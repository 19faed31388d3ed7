"""A ceiling on the key of a lossy pair source with trusted devices."""

from __future__ import annotations

import math

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import ANY_PROTOCOL, Scope, Trust
from keybounds.enclosure import ball, binary_entropy, clamp, enclose
from keybounds.errors import InputError


def pair_source_ceiling(
    *,
    pair_angle: float,
    mean_pairs: float,
    efficiencies: tuple[float, float],
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on the key of independent pairs cos θ|HV> + sin θ|VH> after loss: μ η_A η_B h(cos²θ).

    The source emits a mixture over the number N of pairs in a round, as one does whose pump phase nobody keeps; a
    superposition of numbers, vacuum among them, could hold more entanglement. Give the parties more than they have: N,
    which pair is which, and which photons are lost. Then with probability η_A η_B a pair is whole, and otherwise
    separable, so by convexity over these flags its E_r is at most η_A η_B h(cos²θ); E_r is subadditive, so a round has
    at most E[N] = μ times that. Noise that acts on the pairs or on the outcomes, dark counts among it, only lowers it:
    white noise and dephasing mix the pure pair with separable or equally entangled states, for which E_r is no larger.

    Parameters
    ----------
    pair_angle
        θ in radians.
    mean_pairs
        μ >= 0, the mean of any distribution of N.
    efficiencies
        (η_A, η_B) in [0, 1].
    subject, unit
        What the bound is about (default the arguments), and what a round is called.

    Returns
    -------
    Bound
        UPPER, in bits per round, for every public-discussion protocol with trusted devices.

    Raises
    ------
    InputError
        An argument outside its range.

    Notes
    -----
    horodecki2005 for K <= E_r; vedral1997 for E_r of a pure state and its convexity.
    """
    if not math.isfinite(pair_angle):
        raise InputError("pair_angle", "a finite angle in radians", repr(pair_angle))
    if not (math.isfinite(mean_pairs) and mean_pairs >= 0):
        raise InputError("mean_pairs", "a mean number of at least 0", repr(mean_pairs))
    for eta in efficiencies:
        if not 0.0 <= eta <= 1.0:
            raise InputError("efficiencies", "probabilities in [0, 1]", repr(eta))
    alice, bob = efficiencies

    def ceiling() -> arb:
        pair = binary_entropy(clamp(ball(pair_angle).cos() ** 2, 0, 1))
        return ball(mean_pairs) * ball(alice) * ball(bob) * pair

    return upper_bound(
        enclose(ceiling),
        unit=unit,
        scope=Scope(
            subject=subject or f"pairs at {pair_angle!r} rad, mean {mean_pairs!r}, efficiencies {efficiencies!r}",
            trust=Trust.DEVICE_DEPENDENT,
            protocol=ANY_PROTOCOL,
        ),
        method="relative entropy of entanglement of the pairs, loss flagged",
        reference="horodecki2005",
        provenance={"pair_angle": pair_angle, "mean_pairs": mean_pairs, "efficiencies": [alice, bob]},
    )
