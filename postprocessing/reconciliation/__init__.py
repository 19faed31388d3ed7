"""Error correction: Alice publishes a syndrome of her string, and Bob, who has a string much like it, finds hers.

The syndrome has an agreed length, all of which is charged to the key whatever it would have taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import ArrayLike

from keybounds.errors import InputError
from keybounds.experiments.behaviour import Behaviour
from keybounds.postprocessing.bits import Bits, bit_string
from keybounds.postprocessing.reconciliation.code import Code, decode
from keybounds.postprocessing.reconciliation.coupled_code import CoupledCode
from keybounds.postprocessing.reconciliation.decoder import Decoded
from keybounds.postprocessing.reconciliation.polar_code import PolarCode
from keybounds.postprocessing.reconciliation.priors import conditional_entropy, error_kinds, log_ratios
from keybounds.postprocessing.reconciliation.recommended import RecommendedCode, recommended_code

__all__ = [
    "Code",
    "CoupledCode",
    "Decoded",
    "PolarCode",
    "RecommendedCode",
    "Reconciled",
    "conditional_entropy",
    "decode",
    "error_kinds",
    "log_ratios",
    "recommended_code",
    "reconcile",
]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Bob's estimate of Alice's string.

    Attributes
    ----------
    string
        A string with her syndrome, or None where none was found. It can be another than hers: compare hashes.
    corrected
        In how many places it differs from what was likelier before the syndrome: for good devices, Bob's outcome.
    unsatisfied
        Checks that the best string fails; 0 unless `string` is None.
    visits
        How often a check was passed over, on average; of a polar code, a bit's belief computed.
    """

    string: Bits | None
    corrected: int
    unsatisfied: int
    visits: float


def reconcile(
    code: Code,
    syndrome: ArrayLike,
    *,
    x: ArrayLike,
    y: ArrayLike,
    b: ArrayLike,
    correlations: Behaviour,
    progress: Callable[[int], None] | None = None,
) -> Reconciled:
    """Find Alice's string from her syndrome and what Bob has.

    Parameters
    ----------
    code
        That Alice took, of either family.
    syndrome
        `code.syndrome` of her string.
    x, y, b
        Settings and Bob's outcome of each round.
    correlations
        P(a,b|x,y) as agreed on before the run, from which the probability of each bit follows.
    progress
        Called with 1 when one of a coupled code's positions is done with, or with 1 at the end.

    Raises
    ------
    InputError
        Strings of other lengths or symbols, or a setting pair that `correlations` say nothing of.

    Examples
    --------
    >>> import numpy as np
    >>> from keybounds.experiments import Behaviour
    >>> noisy = Behaviour([[[[0.48]], [[0.02]]], [[[0.02]], [[0.48]]]])
    >>> code, rng = CoupledCode(4000, 2000, degree=3, positions=20), np.random.default_rng(1)
    >>> x, b = np.zeros(4000, dtype=int), rng.integers(0, 2, 4000)
    >>> a = b ^ (rng.random(4000) < 0.04)
    >>> found = reconcile(code, code.syndrome(a), x=x, y=x, b=b, correlations=noisy)
    >>> bool((found.string == a).all()), found.corrected == (a != b).sum()
    (True, True)
    """
    syndrome = bit_string("syndrome", syndrome, code.checks)
    priors = log_ratios(correlations, x, y, b)
    if len(priors) != code.length:
        raise InputError("b", f"{code.length} rounds, the code's bits", f"{len(priors)}")
    found = decode(code, syndrome, priors, progress=progress)
    corrected = int(((priors < 0) != found.string).sum())
    return Reconciled(None if found.unsatisfied else found.string, corrected, found.unsatisfied, found.visits)
