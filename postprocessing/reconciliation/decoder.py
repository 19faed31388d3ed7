"""Decoding a syndrome: layered belief propagation in windows that move inward from both ends of the chain.

Beliefs are natural logarithms of P(0)/P(1). A check tells each of its bits what the others say, and is passed over
again once they have learnt more (sum-product, one position after the other: `_pass`). A window holds the check
positions next to where decoding has come to from its end; it moves on over its first positions of which every check
was found satisfied. An end that does not get on stops. The two meet in the middle, and rounds over the whole chain mend
what is left.

At the end every check is looked at again. A string that satisfies them all has the syndrome, and can still be another
than Alice's: that only a hash tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keybounds.compiled import njit
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.reconciliation.coupled_code import CoupledCode

Beliefs = NDArray[np.float32]

WINDOW = 20
"""Positions of checks in a window, where nothing else is asked for."""

_SURE = 30.0  # nats: beyond, tanh is 1 in double precision
_STALLED = 3  # positions in turn that used up all rounds: this end does not get on
_FINISHING = 30  # rounds over the whole chain
_GROUP = 48  # checks whose numbers stay in the nearest cache


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding found.

    Attributes
    ----------
    string
        The likeliest bits.
    unsatisfied
        How many checks they fail; 0 if they have the syndrome.
    visits
        How often a check was passed over, on average.
    """

    string: Bits
    unsatisfied: int
    visits: float


def decode(
    code: CoupledCode,
    syndrome: Bits,
    priors: Beliefs,
    *,
    window: int = WINDOW,
    rounds: int = 60,
    progress: Callable[[int], None] | None = None,
) -> Decoded:
    """Find the string with this syndrome that the priors speak for.

    Parameters
    ----------
    code
        n bits and m checks.
    syndrome
        m bits.
    priors
        ln P(0)/P(1) of each of n bits.
    window
        Positions of checks in a window.
    rounds
        Rounds over a window before it moves on in any case.
    progress
        Called with 1 when a position is done with.
    """
    chain = _Chain(code, syndrome, priors, window, rounds, progress)
    last = code.positions + code.degree - 2
    # the checks up to `inner` have no bit with those from `inner + degree` on: both ends at the same time
    inner = (last - code.degree) // 2
    left = range(inner - window + 2)
    right = range(last, inner + code.degree + window - 2, -1)
    with ThreadPoolExecutor(2) as pool:
        visits = sum(pool.map(chain.settle, (left, right)))
    middle = range(len(left), last - len(right) + 1)
    visits += chain.settle(middle[: len(middle) // 2]) + chain.settle(middle[len(middle) // 2 :][::-1])
    finishing, unsatisfied = chain.finish(_FINISHING)
    return Decoded(chain.string(), unsatisfied, (visits + finishing) / (last + 1))


class _Chain:
    """Beliefs of the bits and messages of the checks, while they are being decoded."""

    def __init__(
        self,
        code: CoupledCode,
        syndrome: Bits,
        priors: Beliefs,
        window: int,
        rounds: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._code, self._syndrome, self._window, self._rounds = code, syndrome, window, rounds
        self._progress = progress
        self._beliefs = np.clip(priors, -_SURE, _SURE).astype(np.float32)
        self._messages = np.zeros(len(code.bits), dtype=np.float32)

    def settle(self, positions: range) -> int:
        """Decode positions in this order, each with a window that looks ahead; how many were passed over in all."""
        passed, stalled, done, last = 0, 0, 0, len(self._code.ends) - 2
        step = positions.step
        while done < len(positions) and stalled < _STALLED:
            position = positions[done]
            ahead = range(position, max(-1, min(last + 1, position + step * self._window)), step)
            for _ in range(self._rounds):
                passed += len(ahead)
                if settled := self._pass(ahead):
                    stalled = 0
                    break
            else:
                settled, stalled = 1, stalled + 1
            settled = min(settled, len(positions) - done)
            done += settled
            if self._progress is not None:
                self._progress(settled)
        return passed

    def finish(self, rounds: int) -> tuple[int, int]:
        """Pass over the whole chain until every check is satisfied; positions passed over, and checks unsatisfied."""
        positions = len(self._code.ends) - 1
        for done in range(rounds + 1):
            unsatisfied = int(np.count_nonzero(self._code.syndrome(self.string()) != self._syndrome))
            if not unsatisfied or done == rounds:
                break
            self._pass(range(positions))
        return done * positions, unsatisfied

    def string(self) -> Bits:
        """The likelier value of each bit."""
        return (self._beliefs < 0).astype(np.uint8)

    def _pass(self, positions: Iterable[int]) -> int:
        """Pass over positions in turn; of how many at the head every check was satisfied on arrival."""
        code, settled, leading = self._code, 0, True
        for position in positions:
            first, last = code.ends[position], code.ends[position + 1]
            unsatisfied = _pass(
                first, last, code.starts, code.bits, self._syndrome, self._messages, self._beliefs, code.widest
            )
            leading = leading and unsatisfied == 0
            settled += leading
        return settled


@njit(error_model="numpy", fastmath=True)
def _pass(
    first: int,
    last: int,
    starts: NDArray[np.int64],
    bits: NDArray[np.int32],
    syndrome: Bits,
    messages: Beliefs,
    beliefs: Beliefs,
    widest: int,
) -> int:
    """Renew the messages of checks of which no two have a bit in common; returns how many were unsatisfied.

    tanh(r_k/2) = (-1)^s Π_{j≠k} tanh(q_j/2) in single precision: messages end near 16 nats. Loops over all bits of some
    checks at once are what compilers make vector instructions of, which the library's exp and log are not; so both are
    polynomials here, between powers of 2 whose exponents are read and written as integers.
    """
    one, log2 = np.float32(1.0), np.float32(0.6931471805599453)
    most = np.float32(1.0 - 2.0**-23)
    size = _GROUP * widest
    others, parts, exponents = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    after = np.empty(widest, np.float32)
    words, ratio_words = np.empty(size, np.int32), np.empty(size, np.int32)
    powers, ratios = words.view(np.float32), ratio_words.view(np.float32)
    unsatisfied = 0
    for group in range(first, last, _GROUP):
        end = min(group + _GROUP, last)
        origin = starts[group]
        count = starts[end] - origin
        bit, message = bits[origin : origin + count], messages[origin : origin + count]
        for k in range(count):
            others[k] = beliefs[bit[k]]
        for check in range(group, end):
            odd = int(syndrome[check])
            for k in range(starts[check] - origin, starts[check + 1] - origin):
                odd += others[k] < 0
            unsatisfied += odd & 1
        for k in range(count):  # exp(-|q|) = 2^whole exp(rest), |rest| <= log(2)/2
            others[k] -= message[k]
            scaled = max(np.float32(-1.4426950408889634) * abs(others[k]), np.float32(-100.0))
            whole = np.floor(scaled + np.float32(0.5))
            rest = (scaled - whole) * log2
            words[k] = np.int32(np.int32(whole) + np.int32(127)) << np.int32(23)
            series = np.float32(1 / 720) * rest + np.float32(1 / 120)
            series = series * rest + np.float32(1 / 24)
            series = series * rest + np.float32(1 / 6)
            series = series * rest + np.float32(1 / 2)
            parts[k] = (series * rest + one) * rest + one
        for k in range(count):
            decay = parts[k] * powers[k]
            half = (one - decay) / (one + decay)
            parts[k] = -half if others[k] < 0 else half
        for check in range(group, end):
            begin, stop = starts[check] - origin, starts[check + 1] - origin
            product = -one if syndrome[check] else one
            for k in range(stop - 1, begin - 1, -1):
                after[k - begin] = product
                product *= parts[k]
            product = one
            for k in range(begin, stop):
                half = parts[k]
                parts[k] = product * after[k - begin]
                product *= half
        for k in range(count):
            product = min(max(parts[k], -most), most)
            ratios[k] = (one + product) / (one - product)
        for k in range(count):  # log(2^exponent y) with y in [√½, √2)
            exponent = np.int32(np.int32(ratio_words[k] - np.int32(0x3F3504F3)) >> np.int32(23))
            exponents[k] = np.float32(exponent)
            words[k] = ratio_words[k] - (exponent << np.int32(23))
        for k in range(count):  # 2 artanh((y - 1)/(y + 1))
            root = (powers[k] - one) / (powers[k] + one)
            square = root * root
            series = np.float32(2 / 9) * square + np.float32(2 / 7)
            series = series * square + np.float32(2 / 5)
            series = series * square + np.float32(2 / 3)
            message[k] = (series * square + np.float32(2)) * root + exponents[k] * log2
        for k in range(count):
            beliefs[bit[k]] = others[k] + message[k]
    return unsatisfied
