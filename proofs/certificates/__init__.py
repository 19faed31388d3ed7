"""Certificates: bounds as documents with exact data, from which `keybounds.proofs.verifier` re-derives them.

A document is plain data for JSON, without floats:

    {"format": "keybounds certificate", "version": 1, "kind": ..., "statement": {...}, "data": {...}}

An exact number is an integer, a fraction "n/d", or a dyadic "mpe" for m 2^e, which is how a double is written. The
statement holds direction, value, unit, scope, method and reference of the bound, and a "scale" where the unit was
changed. The data depend on the kind:

- ``entropy``: outcomes, key, noise, keep; the words of the relaxation; the known values; nodes and weights of the
  integral; multipliers and positive matrices of the dual. ``mirrored`` is the table where the known values are those of
  its mixture with its mirror image. Proves the entropy, and the rate if the key setting's table is known;
- ``mixture``: the table, and deterministic and two-qubit strategies that have it together;
- ``relative entropy``: dims, the state, and a separable state by a description that makes it separable;
- ``max-relative entropy``, ``max-Rains information``: dims, the Choi state, and matrices near a feasible point of the
  semidefinite program;
- ``squashed entanglement``: dims, the state, and an isometry that makes an extension;
- ``hashing``: dims and the state;
- ``closed form``: the name of a formula and its inputs;
- ``finite key``: the theorem, what the run does and accepts, and the theorem's parameters. The statement's scope holds
  adversary and soundness, and its value is a whole number of bits;
- ``local weight``: the tables, weights of deterministic points within them, and the coefficients of a Bell inequality,
  one list for each table. The statement holds both ends.

The fields of each are read, and thereby defined, in `keybounds.proofs.verifier`.
"""

from __future__ import annotations

from keybounds.proofs.certificates.writer import bounds_of, certify

__all__ = ["bounds_of", "certify"]
