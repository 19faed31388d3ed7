"""How bounds on the PPT private states name their subject and their inputs."""

from __future__ import annotations

from typing import TypeAlias

from keybounds.states import PPTPrivateFamily, UnequalSectors

PrivateState: TypeAlias = PPTPrivateFamily | UnequalSectors


def subject(state: PrivateState) -> str:
    """The name under which bounds on this state are comparable."""
    if isinstance(state, UnequalSectors):
        return f"rho_({state.m}+{state.n}, p={state.rational_p})"
    return f"rho_{state.d}" if state.at_edge else f"rho_({state.d}, p={state.rational_p})"


def provenance(state: PrivateState) -> dict[str, int | str]:
    """The inputs: the dimensions, and p as an exact fraction or as the PPT edge."""
    p = "1/(sqrt(d)+1)" if state.rational_p is None else str(state.rational_p)
    if isinstance(state, UnequalSectors):
        return {"m": state.m, "n": state.n, "p": p}
    return {"d": state.d, "p": p}
