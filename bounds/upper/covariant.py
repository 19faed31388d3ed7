"""What the ceilings on covariant channels share: the requirement, and the margin for what a test cannot see.

If a channel is covariant under an irreducible representation, teleportation through the Choi state J simulates it,
whatever the parties do between its uses; so P_2(Λ) = K(J), and likewise for the quantum capacity [pirandola2017;
wilde2017]. Covariance is tested in floating point. The ceilings are therefore made to hold for *every*
teleportation-covariant channel whose Choi state lies within a trace distance ε of the given one: the least relative
entropy to a convex set differs between two states at distance ε by at most ε log2 min(dA, dB) + (1+ε) h(ε/(1+ε)), if it
lies between 0 and log2 min(dA, dB) [winter2016, Lemma 7].
"""

from __future__ import annotations

from flint import arb

from keybounds.channels import Covariance, covariance
from keybounds.channels.choi import Choi
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import ChannelError

_ROUNDING = 2.0**-44  # trace distance that rounding in the given doubles and in the certified state may amount to


def teleportation_covariance(choi: Choi) -> Covariance:
    """Test the channel, with the built-in representations and tolerance; return a result that shows it covariant.

    Raises
    ------
    ChannelError
        It does not; the message gives the measured defect.
    """
    test = covariance(choi)
    if not test.teleportation:
        raise ChannelError(
            "channel",
            f"a covariant channel (its Choi state moves by at most {test.tolerance:g} in trace distance)",
            f"{test.defect:.6g} under the representations that were tried",
        )
    return test


def covered_distance(choi: Choi, test: Covariance, shift: float) -> float:
    """The ε that a ceiling covers, whose certified state has `shift` times the identity added to the Choi state.

    An element of each of the built-in groups is a product of at most dA² generators, so averaging over the group, which
    makes a channel exactly covariant, moves the Choi state by at most dA² times the generators' defect.
    """
    d_a, d_b = choi.dims
    return d_a * d_a * test.defect + d_a * d_b * shift + _ROUNDING


def continuity(distance: float, dimension: int) -> arb:
    """ε log2 d + (1+ε) h(ε/(1+ε)) for ε = `distance` and d = `dimension`."""

    def formula() -> arb:
        e = ball(distance)
        return e * arb(dimension).log() / arb.const_log2() + (1 + e) * binary_entropy(e / (1 + e))

    return enclose(formula)
