"""Symbolic claims: the statements that the bounds rely on, each with its derivation, its verdict and its source.

``prove("er-ceiling-transpose")`` runs one derivation, ``prove()`` all of them; `claims.claims` lists them without
running anything. A verdict is never written down: it follows from the steps that were run (`proofs.claim.judge`).

``certify(bound)`` writes a bound's certificate, a document with exact data; ``verify(certificate)`` re-derives it with
a verifier that shares no code with the rest, and returns a `Verification`.

Names load on first use: certificates are made in every routine, and claims bring sympy with them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.proofs.appendix import to_latex
    from keybounds.proofs.certificates import certify
    from keybounds.proofs.claim import Claim, Ground, Report, Step, Verdict
    from keybounds.proofs.runner import prove
    from keybounds.proofs.verifier import Verification, verify

__all__ = [
    "Claim",
    "Ground",
    "Report",
    "Step",
    "Verdict",
    "Verification",
    "certify",
    "prove",
    "to_latex",
    "verify",
]

_HOMES = {
    "to_latex": "appendix",
    "certify": "certificates",
    **dict.fromkeys(("Claim", "Ground", "Report", "Step", "Verdict"), "claim"),
    "prove": "runner",
    **dict.fromkeys(("Verification", "verify"), "verifier"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'keybounds.proofs' has no attribute {name!r}")
    value = getattr(import_module(f"keybounds.proofs.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
