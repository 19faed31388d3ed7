"""How bounds on the PPT private states name their subject and their inputs."""

from __future__ import annotations

from keybounds.states import PPTPrivateFamily


def subject(family: PPTPrivateFamily) -> str:
    """The name under which bounds on this state are comparable."""
    return f"rho_{family.d}" if family.at_edge else f"rho_({family.d}, p={family.rational_p})"


def provenance(family: PPTPrivateFamily) -> dict[str, int | str]:
    """The inputs: d, and p as an exact fraction or as the PPT edge."""
    return {"d": family.d, "p": "1/(sqrt(d)+1)" if family.at_edge else str(family.rational_p)}
