"""Certificates: bounds as documents with exact data, from which `keybounds.proofs.verifier` re-derives them.

A document is plain data for JSON, without floats:

    {"format": "keybounds certificate", "version": 2, "kind": ..., "statement": {...}, "data": {...}}

An exact number is an integer, a fraction "n/d", or a dyadic "mpe" for m 2^e, which is how a double is written. The
statement of a bound holds direction, value, unit, scope, method, reference, and a "scale" where the unit was changed:

    {"direction": "lower" | "upper", "value": v, "unit": "bit/round", "method": text, "reference": text,
     "scope": {"trust": ..., "quantity": ..., "statistics": ..., "adversary": ...,
               "protocol": {"discussion": "none" | "one-way" | "two-way" | "completed rounds" | "any",
                            "settings": [{"key": [x, y], "weight": w, "noise": q}, ...], "keep": p},
               "devices": {"communication": ..., "memory": ...}},           # of device-independent capacities
     "scale": {"rate": r, "from": "bit/round"}}                             # r of what "from" counts are one "unit"

It does not name the subject: what a certificate is about is in its data, in the verifier's words and digest. The data
depend on the kind; see `keybounds.proofs.certificates.data`, and `keybounds.proofs.verifier` for what each must hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.proofs.certificates.writer import bounds_of, certify

__all__ = ["bounds_of", "certify"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'keybounds.proofs.certificates' has no attribute {name!r}")
    from keybounds.proofs.certificates import writer

    return getattr(writer, name)
