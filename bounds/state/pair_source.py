"""A ceiling on the key of a lossy pair source with trusted devices."""

from __future__ import annotations

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.state.scopes import trusted
from keybounds.enclosure import ball, binary_entropy, clamp, enclose
from keybounds.experiments.photonic import PairSource
from keybounds.proofs.certificates.data import ClosedForm


def pair_source_ceiling(source: PairSource) -> Bound:
    """Ceiling on the key of independent pairs cos θ|HV> + sin θ|VH> after loss: μ η_A η_B h(cos²θ).

    The source emits a mixture over the number N of pairs in a round, as one does whose pump phase nobody keeps; a
    superposition of numbers, vacuum among them, could hold more entanglement. Give the parties more than they have: N,
    which pair is which, and which photons are lost. Then with probability η_A η_B a pair is whole, and otherwise
    separable, so by convexity over these flags its E_r is at most η_A η_B h(cos²θ); E_r is subadditive, so a round has
    at most E[N] = μ times that. Noise that acts on the pairs or on the outcomes, dark counts among it, only lowers it:
    white noise and dephasing mix the pure pair with separable or equally entangled states, for which E_r is no larger.

    Parameters
    ----------
    source
        Pair angle, mean number of pairs and efficiencies: that of an experiment, `PhotonicExperiment.source`, with
        whose correlations the ceiling then compares; or one of three numbers, ``PairSource(0.35, 0.05, (0.87, 0.88))``.

    Returns
    -------
    Bound
        UPPER, in bits per round, for every public-discussion protocol with trusted devices.

    Notes
    -----
    horodecki2005 for K <= E_r; vedral1997 for E_r of a pure state and its convexity.
    """
    alice, bob = source.efficiencies

    def ceiling() -> arb:
        pair = binary_entropy(clamp(ball(source.pair_angle).cos() ** 2, 0, 1))
        return ball(source.mean_pairs) * ball(alice) * ball(bob) * pair

    inputs = {
        "pair_angle": source.pair_angle,
        "mean_pairs": source.mean_pairs,
        "efficiencies": list(source.efficiencies),
    }
    return upper_bound(
        enclose(ceiling),
        unit=Unit.PER_ROUND,
        scope=trusted(source.thing),
        method="relative entropy of entanglement of the pairs, loss flagged",
        reference="horodecki2005",
        provenance=inputs,
        certificate=ClosedForm("pair source", inputs),
    )
