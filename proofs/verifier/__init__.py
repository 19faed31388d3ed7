"""The independent verifier of certificates: python-flint and the standard library, and no other part of the project.

It takes a document, re-derives from its data what they prove, and compares that with the document's statement. It
solves nothing and trusts nothing: words, moment structure, chord weights, separable states, tables and scopes are made
here from the schema, in exact or in ball arithmetic. Read it in this order:

- `verification`: from a document to a verdict;
- `statement`: scopes, and which statement follows from which;
- `devices`: entropies and key rates of untrusted devices from the dual of a moment relaxation;
- `mixtures`: ceilings on untrusted devices, from a mixture of attacks;
- `states`: relative entropy to separable states, extensions, hashing;
- `channels`: semidefinite ceilings on channels;
- `formulas`: closed forms at a point;
- `spectra`, `logarithms`, `reading`: ball arithmetic, and strict reading within limits.

It runs by itself: ``cd proofs && python -m verifier CERTIFICATE.json``. Logarithms are to base 2; values are in bits.
"""

from __future__ import annotations

from .verification import FORMAT, VERSION, Verification, verify, verify_text

__all__ = ["FORMAT", "VERSION", "Verification", "verify", "verify_text"]
