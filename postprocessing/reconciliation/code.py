"""The codes that there are: what parties agree on, the code that either makes of it, and its decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.reconciliation.coupled_code import CoupledCode
from keybounds.postprocessing.reconciliation.decoder import WINDOW, Beliefs, Decoded
from keybounds.postprocessing.reconciliation.decoder import decode as decode_coupled
from keybounds.postprocessing.reconciliation.list_decoder import PATHS, decode_list
from keybounds.postprocessing.reconciliation.polar_code import PolarCode

Code: TypeAlias = CoupledCode | PolarCode


def decode(
    code: Code,
    syndrome: Bits,
    priors: Beliefs,
    *,
    effort: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Decoded:
    """Find the string with this syndrome that the priors speak for, by the decoder of the code's family.

    Parameters
    ----------
    code, syndrome, priors, progress
        As for `decode_coupled` and `decode_list`.
    effort
        Window of a coupled code, or paths of a polar one: no part of what parties agree on. None for the decoder's own.
    """
    if isinstance(code, PolarCode):
        return decode_list(code, syndrome, priors, paths=effort or PATHS, progress=progress)
    return decode_coupled(code, syndrome, priors, window=effort or WINDOW, progress=progress)
