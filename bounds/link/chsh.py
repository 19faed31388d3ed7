"""The two-qubit device that a CHSH value S allows at worst, and what its adversary knows.

Eve distributes (1+C)/2 Φ+ + (1-C)/2 Φ- with C = sqrt(S²/4 - 1); Alice measures Z and X, Bob the two settings in the ZX
plane that reach S = 2 sqrt(1 + C²), and Z for the key. No device with the same S leaves Eve knowing more of Alice's
outcome, even if Alice then flips it with probability q [pironio2009; ho2020]. The same device, with Bob's key outcome
flipped with probability Q, is the attack behind the ceiling from (S, Q) [arnonfriedman2020]. So one formula serves
both sides: it is attained (claim ``chsh-noisy-entropy``) and convex in S (claim ``chsh-entropy-convexity``), so that a
mixture of devices is no worse than its mean. Everything here is in ball arithmetic.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from keybounds.enclosure import Real, ball, binary_entropy, clamp
from keybounds.errors import InputError, real_number
from keybounds.experiments import TSIRELSON


def check_chsh(chsh: Real) -> Real:
    """Return `chsh`, a fraction or else a double, if it is a CHSH value that quantum theory allows.

    Raises
    ------
    InputError
        Not a number, or beyond 2√2 in modulus.
    """
    value = chsh if isinstance(chsh, Fraction) else real_number("chsh", chsh)
    if not -TSIRELSON <= value <= TSIRELSON:
        raise InputError("chsh", "a CHSH value in [-2√2, 2√2]", repr(chsh))
    return value


def check_error_rate(qber: Real, name: str = "qber") -> Real:
    """Return `qber`, a fraction or else a double, if it is a probability in [0, 1/2].

    Raises
    ------
    InputError
        It is not.
    """
    value = qber if isinstance(qber, Fraction) else real_number(name, qber)
    if not 0.0 <= value <= 0.5:
        raise InputError(name, "a probability in [0, 1/2]", repr(qber))
    return value


def coherence(s: arb) -> arb:
    """C = sqrt(S²/4 - 1), in [0, 1]; 0 where |S| is not above 2."""
    if not abs(s) > 2:
        return arb(0)
    return clamp((s * s / 4 - 1).nonnegative_part().sqrt(), 0, 1)


def entropy_given_eve(s: arb, q: arb) -> arb:
    """H(Â|E) of the worst device: 1 - h((1+C)/2) + h((1 + sqrt(1 - q(1-q)(8-S²)))/2); h(q) for |S| <= 2.

    Eq. (11) of pironio2009 for q = 0; ho2020 for q > 0.
    """
    if not abs(s) > 2:
        return binary_entropy(q)
    c = coherence(s)
    noisy = clamp(1 - 4 * q * (1 - q) * (1 - c * c), 0, 1).sqrt()
    return 1 - binary_entropy((1 + c) / 2) + binary_entropy((1 + noisy) / 2)


def device_information(s: arb, e: arb) -> arb:
    """I(A:B|E) = H(Â|E) - h(Q) of the worst device with S >= 0 and Q: exactly 0 for S <= 2 and for Q = 1/2.

    NaN where the ball of S holds 2 and more, for only a higher precision can tell then.
    """
    if s <= 2 or (e.is_exact() and e == 0.5):
        return arb(0)
    return entropy_given_eve(s, e) - binary_entropy(e) if s > 2 else arb("nan")


def device_relative_entropy(s: arb) -> arb:
    """E_r = 1 - h((1+C)/2) of the worst device with S >= 0: exactly 0 for S <= 2. NaN as `device_information`."""
    if s <= 2:
        return arb(0)
    return 1 - binary_entropy((1 + coherence(s)) / 2) if s > 2 else arb("nan")


def chsh_ball(chsh: Real) -> arb:
    """|S| as a ball, exact but for the cut at 2√2, above which the double nearest to it lies.

    The sign is a matter of labels: flipping Bob's outcomes in his two test settings turns S into -S and leaves Alice's
    outcome, the key setting and Eve as they are.
    """
    return ball(abs(chsh)).min(2 * arb(2).sqrt())
