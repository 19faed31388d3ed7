"""What bounds on the PPT private states are about, their inputs, and their certificates."""

from __future__ import annotations

from typing import Any, Literal

from keybounds.proofs.certificates.data import ClosedForm
from keybounds.states import PPTPrivateFamily
from keybounds.thing import Thing


def state_thing(state: PPTPrivateFamily) -> Thing:
    """The state by its exact sectors and p: they may be of any size."""
    p = "edge" if state.rational_p is None else str(state.rational_p)
    return Thing.of_numbers("state", str(state), family="PPT private", m=state.m, n=state.n, p=p)


def provenance(state: PPTPrivateFamily) -> dict[str, int | str]:
    """The inputs: the dimensions, and p as an exact fraction or as the PPT edge."""
    dimensions = {"d": state.d} if state.equal_sectors else {"m": state.m, "n": state.n}
    return {**dimensions, "p": "1/(sqrt(d)+1)" if state.rational_p is None else str(state.rational_p)}


def closed_form(
    state: PPTPrivateFamily, formula: str, *, of: Literal["state", "channel"] = "state", **inputs: Any
) -> ClosedForm:
    """The certificate of a formula for the state, or for the channel with this Choi state."""
    family = {"object": of, "sectors": [state.m, state.n], "p": state.rational_p}
    return ClosedForm(formula, {**family, **inputs})
