"""Symbolic claims: the statements that the bounds rely on, each with its derivation, its verdict and its source.

``prove("er-ceiling-transpose")`` runs one derivation, ``prove()`` all of them; `claims` lists them without running
anything. A verdict is never written down: it follows from the steps that were run (`keybounds.proofs.claim.judge`).

``certify(bound)`` writes a bound's certificate, a document with exact data; ``verify(certificate)`` re-derives it with
a verifier that shares no code with the rest, and returns a `Verification`.
"""

from __future__ import annotations

from keybounds.proofs.appendix import to_latex
from keybounds.proofs.certificates import certify
from keybounds.proofs.claim import Claim, Ground, Report, Step, Verdict
from keybounds.proofs.claims import claims
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
    "claims",
    "prove",
    "to_latex",
    "verify",
]
