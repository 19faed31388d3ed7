"""Decoding a syndrome: layered belief propagation in windows that move inward from both ends of the chain.

Beliefs are natural logarithms of P(0)/P(1). A check tells each of its bits what the others say, and is passed over
again once they have learnt more (sum-product, one check after the other: `_pass`). A window holds the check positions
next to where decoding has come to from its end; it moves on when every check of its first position was found
satisfied. An end that does not get on stops. The two meet in the middle, and rounds over the whole chain mend what is
left.

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

_SURE = 30.0  # nats: beyond, tanh is 1 in double precision
_STALLED = 3  # positions in turn that used up all rounds: this end does not get on
_FINISHING = 30  # rounds over the whole chain


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
    window: int = 20,
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
        passed, stalled, last = 0, 0, len(self._code.ends) - 2
        step = positions.step
        for position in positions:
            ahead = range(position, max(-1, min(last + 1, position + step * self._window)), step)
            for _ in range(self._rounds):
                passed += len(ahead)
                if not self._pass(ahead):
                    stalled = 0
                    break
            else:
                stalled += 1
            if self._progress is not None:
                self._progress(1)
            if stalled == _STALLED:
                break
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
        """Pass over positions in turn; how many checks of the first were unsatisfied on arrival."""
        code, found = self._code, []
        for position in positions:
            first, last = code.ends[position], code.ends[position + 1]
            found.append(
                _pass(first, last, code.starts, code.bits, self._syndrome, self._messages, self._beliefs, code.widest)
            )
        return int(found[0])


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
    """Renew the messages of checks in turn: tanh(r_k/2) = (-1)^s Π_{j≠k} tanh(q_j/2); returns the unsatisfied."""
    others, halves, after = np.empty(widest), np.empty(widest), np.empty(widest)
    unsatisfied = 0
    for check in range(first, last):
        start = starts[check]
        width = starts[check + 1] - start
        odd = syndrome[check] != 0
        rest = -1.0 if odd else 1.0
        for k in range(width):
            belief = beliefs[bits[start + k]]
            if belief < 0:
                odd = not odd
            others[k] = belief - messages[start + k]
            decay = np.exp(-abs(others[k]))
            halves[k] = (1.0 - decay) / (1.0 + decay)
            if others[k] < 0:
                halves[k] = -halves[k]
        unsatisfied += odd
        for k in range(width - 1, -1, -1):
            after[k] = rest
            rest *= halves[k]
        before = 1.0
        for k in range(width):
            product = before * after[k]
            before *= halves[k]
            product = min(max(product, -1.0 + 1e-13), 1.0 - 1e-13)
            message = np.log((1.0 + product) / (1.0 - product))
            messages[start + k] = message
            beliefs[bits[start + k]] = others[k] + message
    return unsatisfied
