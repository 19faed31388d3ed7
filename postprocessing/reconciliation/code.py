"""The codes that there are: what parties agree on, the code that either makes of it, and its decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.reconciliation.coupled_code import CoupledCode
from keybounds.postprocessing.reconciliation.decoder import Beliefs, Decoded
from keybounds.postprocessing.reconciliation.decoder import decode as decode_coupled
from keybounds.postprocessing.reconciliation.list_decoder import decode_list
from keybounds.postprocessing.reconciliation.polar_code import PolarCode

Code: TypeAlias = CoupledCode | PolarCode


def decode(
    code: Code,
    syndrome: Bits,
    priors: Beliefs,
    progress: Callable[[int], None] | None = None,
    **effort: int,
) -> Decoded:
    """Find the string with this syndrome that the priors speak for, by the decoder of the code's family.

    `effort` is `window` and `rounds` of a coupled code, `paths` of a polar one; no part of what parties agree on.
    """
    if isinstance(code, PolarCode):
        return decode_list(code, syndrome, priors, progress=progress, **effort)
    return decode_coupled(code, syndrome, priors, progress=progress, **effort)
