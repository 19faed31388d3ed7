"""Run the proofs of claims by name."""

from __future__ import annotations

from typing import overload

from keybounds.errors import UnknownNameError
from keybounds.proofs.claim import Report
from keybounds.proofs.claims import claims


@overload
def prove(name: str) -> Report: ...
@overload
def prove(name: None = None) -> tuple[Report, ...]: ...
def prove(name: str | None = None) -> Report | tuple[Report, ...]:
    """Run the derivation and the numerical witness of one claim, or of all, and report the verdict.

    Raises
    ------
    UnknownNameError
        No claim is called `name`; the message lists the names and offers the nearest.
    """
    if name is None:
        return tuple(claim.examine() for claim in claims())
    by_name = {claim.name: claim for claim in claims()}
    if name not in by_name:
        raise UnknownNameError.among("claim", name, by_name)
    return by_name[name].examine()
