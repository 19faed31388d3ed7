"""The independent verifier of certificates: python-flint and the standard library, and no other part of the project.

It takes a document, re-derives from its data what they prove, and compares that with the document's statement. It
solves nothing and trusts nothing: words, moment structure, chord weights, separable states, tables, extrema over
devices and scopes are made here from the schema, in exact or in ball arithmetic.

What every certificate passes through is read first, 950 lines:

1. `verification`: from a document to a verdict, and the two digests;
2. `statement`: classes of protocols, scopes, the order in which one statement follows from another, and the sentence;
3. `reading`, `logarithms`: strict JSON within limits, exact numbers, entropies;
4. `effort`: what a certificate may cost, estimated before anything is computed.

Each kind of certificate then stands in one module, whose docstring states what is proven and why (lines in brackets):

- entropy, and the key rate by the same dual: `devices` (450);
- mixture: `mixtures` (420), with `devices.unnormalised_entropy`;
- finite key: `finite` (300);
- local weight: `local` (120);
- relative entropy: `separable` (190), squashed entanglement: `extensions` (150), hashing: `states` (240), all upon the
  latter and `spectra` (210);
- max-relative entropy, max-Rains information: `channels` (100), upon `spectra`;
- closed form: `correlations` (400) for devices by S and Q or by tables, `formulas` (330) for everything else.

The referee of one figure reads the first part and one line of the second.

It runs by itself: ``cd proofs && python -m verifier CERTIFICATE.json``. Each document is then gone through in a process
of its own, within limits of time and memory (`guard`); what exceeds them is not checked, which is neither accepted nor
rejected. Logarithms are to base 2; values are in bits.
"""

from __future__ import annotations

from .verification import FORMAT, VERSION, Verification, verify, verify_text

__all__ = ["FORMAT", "VERSION", "Verification", "verify", "verify_text"]
