"""Symbolic claims: the statements that the bounds rely on, each with its derivation, its verdict and its source.

``prove("er-ceiling-transpose")`` runs one derivation, ``prove()`` all of them; `claims` lists them without running
anything. A verdict is never written down: it follows from the steps that were run (`keybounds.proofs.claim.judge`).
"""

from __future__ import annotations

from keybounds.proofs.appendix import to_latex
from keybounds.proofs.claim import Claim, Ground, Report, Step, Verdict
from keybounds.proofs.claims import claims
from keybounds.proofs.runner import prove

__all__ = ["Claim", "Ground", "Report", "Step", "Verdict", "claims", "prove", "to_latex"]
