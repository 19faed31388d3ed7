"""The two-qubit device that a CHSH value S allows at worst, and what its adversary knows.

Eve distributes (1+C)/2 Φ+ + (1-C)/2 Φ- with C = sqrt(S²/4 - 1); Alice measures Z and X, Bob the two settings in the ZX
plane that reach S = 2 sqrt(1 + C²), and Z for the key. No device with the same S leaves Eve knowing more of Alice's
outcome, even if Alice then flips it with probability q [pironio2009; ho2020]. The same device, with Bob's key outcome
flipped with probability Q, is the attack behind the ceiling from (S, Q) [arnonfriedman2020]. So one formula serves
both sides: it is attained (claim ``chsh-noisy-entropy``) and convex in S (claim ``chsh-entropy-convexity``), so that a
mixture of devices is no worse than its mean. Everything here is in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flint import arb

from keybounds.enclosure import ball, binary_entropy, clamp
from keybounds.errors import BehaviourError, InputError, real_number
from keybounds.experiments import TSIRELSON

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

CHSH_SETTINGS = (0, 1)  # of each party


def check_chsh(chsh: float) -> float:
    """Return `chsh` as a double if it is a CHSH value that quantum theory allows.

    Raises
    ------
    InputError
        Not a number, or beyond 2√2 in modulus.
    """
    value = real_number("chsh", chsh)
    if not abs(value) <= TSIRELSON:
        raise InputError("chsh", "a CHSH value in [-2√2, 2√2]", repr(chsh))
    return value


def check_error_rate(qber: float, name: str = "qber") -> float:
    """Return `qber` as a double if it is a probability in [0, 1/2]."""
    value = real_number(name, qber)
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


def cost_at_the_edge(s: arb) -> arb:
    """What Eve leaves of a device with |S| in a ball around 2: from 0 to the 1 - h((1+C)/2) of its greatest |S|.

    That is the cost without error, the greatest of all error rates. For a ceiling, of which 0 might be too low there.
    """
    return arb(0).union(1 - binary_entropy((1 + coherence(s.upper())) / 2))


def chsh_ball(chsh: float) -> arb:
    """|S| as a ball, exact but for the cut at 2√2, above which the double nearest to it lies.

    The sign is a matter of labels: flipping Bob's outcomes in his two test settings turns S into -S and leaves Alice's
    outcome, the key setting and Eve as they are.
    """
    return ball(abs(chsh)).min(2 * arb(2).sqrt())


def normalised(behaviour: Behaviour, x: int, y: int) -> list[list[arb]]:
    """P(a,b|x,y) as balls [a][b] that sum to exactly 1: the table's doubles, divided by their sum.

    Without this a table that sums to a little less than 1 would seem to hold a little secret.
    """
    rows = [[ball(float(p)) for p in row] for row in behaviour.joint(x, y)]
    total = sum((p for row in rows for p in row), arb(0))
    return [[p / total for p in row] for row in rows]


def tables_of(behaviour: Behaviour, pairs: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    """The tables of some pairs of settings as they are, for a certificate: each pair once."""
    return [
        {"settings": [x, y], "P": behaviour.joint(x, y).tolist()}
        for x, y in dict.fromkeys((int(x), int(y)) for x, y in pairs)
    ]


def closed_form_of(formula: str, behaviour: Behaviour, key: tuple[int, int] | None, **inputs: Any) -> dict[str, Any]:
    """Certificate of a closed form in S of a behaviour and, with a key setting, in that setting's table."""
    pairs = [(x, y) for x in CHSH_SETTINGS for y in CHSH_SETTINGS] + ([] if key is None else [key])
    given = {"chsh": None, "qber": None, "tables": tables_of(behaviour, pairs), "key": list(key) if key else None}
    return {"kind": "closed form", "formula": formula, "inputs": {**given, **inputs}}


def chsh_of(behaviour: Behaviour) -> arb:
    """|S| of a behaviour with two outcomes a side, S = E00 + E01 + E10 - E11, normalised, cut at 2√2."""
    total = arb(0)
    for x, y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        table = normalised(behaviour, x, y)
        correlator = table[0][0] + table[1][1] - table[0][1] - table[1][0]
        total += -correlator if x == y == 1 else correlator
    return abs(total).min(2 * arb(2).sqrt())


def error_of(behaviour: Behaviour, key: tuple[int, int]) -> arb:
    """The error rate P(a≠b) of the key setting, normalised; above 1/2 Bob relabels his outcome."""
    table = normalised(behaviour, *key)
    error = table[0][1] + table[1][0]
    return error.min(1 - error)


def chsh_value(behaviour: Behaviour) -> float:
    """The behaviour's CHSH value for display, in [-2√2, 2√2]: an exact table may be off by rounding.

    Raises
    ------
    BehaviourError
        An estimate beyond 2√2: sampling noise, of which nothing follows.
    """
    s = behaviour.chsh
    if not behaviour.exact and abs(s) > TSIRELSON:
        raise BehaviourError(
            "behaviour",
            "a CHSH value of at most 2√2; project_no_signalling fits an estimate",
            f"an estimate of {s:.6g}",
        )
    return max(-TSIRELSON, min(s, TSIRELSON))


def key_error_rate(behaviour: Behaviour, key: tuple[int, int]) -> float:
    """The error rate of the key setting for display, in [0, 1/2]."""
    rate = behaviour.qber(*key)
    return max(min(rate, 1 - rate), 0.0)


def input_kind(behaviour: Behaviour) -> str:
    """For the provenance of a bound: whether its table is exact, or an estimate taken at its point values."""
    return "exact table" if behaviour.exact else "estimate, at its point values"
