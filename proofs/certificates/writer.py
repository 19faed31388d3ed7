"""From a bound to its certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from keybounds.errors import InputError, UnsupportedError
from keybounds.proofs.certificates.closed_forms import closed_form
from keybounds.proofs.certificates.exact import exact

FORMAT, VERSION = "keybounds certificate", 1

_BOUND_FIELDS = {"method", "direction", "value", "unit", "scope", "status", "reference", "certificate", "provenance"}
_SCALED = re.compile(r"bit/s per (.+)")  # the entry that `Bound.scaled` leaves in the provenance
_KINDS = {
    "closed form": "closed form",
    "conditional entropy from a moment relaxation": "entropy",
    "hashing": "hashing",
    "mixture": "mixture",
    "max-Rains information": "max-Rains information",
    "max-relative entropy of entanglement": "max-relative entropy",
    "relative entropy of entanglement": "relative entropy",
    "squashed entanglement": "squashed entanglement",
}
_KEY_FIELDS = {"length", "rounds", "soundness", "theorem", "reference", "adversary", "certificate", "balance"}
_THEOREMS = ("eat-2019", "renyi")  # whose lengths the verifier re-derives
_WEIGHT_FIELDS = {"lower", "upper", "points", "inequality", "table"}
_DESIGN = {
    "kind",
    "length",
    "chsh",
    "qber",
    "deviations",
    "minimiser",
}  # a finite key holds without
_TRANSPOSED = {"partial transpose of Bob's side": "partial transpose"}


class Documented(Protocol):
    """What has a document: a `Bound`, a `FiniteKey` or a `LocalWeight` of `keybounds.bounds`."""

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        ...


def certify(bound: Documented | Mapping[str, Any]) -> dict[str, Any]:
    """Write the certificate of a bound, ready for JSON; `keybounds.proofs.verify` re-derives the bound from it.

    Parameters
    ----------
    bound
        A `Bound`, a `FiniteKey` or a `LocalWeight`, or what its ``to_dict`` gives.

    Returns
    -------
    dict
        See `keybounds.proofs.certificates`. Nothing is computed here, so that a certificate is as good as its bound:
        whether it proves the statement is for the verifier to say.

    Raises
    ------
    UnsupportedError
        A quoted value, or a method that has no certificate.
    InputError
        None of these.
    """
    document = bound if isinstance(bound, Mapping) else bound.to_dict()
    if is_finite_key(document):
        return _finite_key(document)
    if document.keys() >= _WEIGHT_FIELDS:
        return _local_weight(document)
    if not is_bound(document):
        raise InputError("bound", "a Bound, or the object that its to_dict makes", f"{type(bound).__name__}")
    if document["status"] == "published":
        raise UnsupportedError("bound", "a value that this package proves", f"one quoted from {document['reference']}")
    kind, data = _kind_and_data(document)
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "statement": _statement(document),
        "data": exact(data),
    }


def is_bound(document: object) -> bool:
    """Whether this is what `Bound.to_dict` makes."""
    return isinstance(document, Mapping) and document.keys() >= _BOUND_FIELDS and isinstance(document["scope"], Mapping)


def is_finite_key(document: object) -> bool:
    """Whether this holds what `FiniteKey.to_dict` makes."""
    return isinstance(document, Mapping) and document.keys() >= _KEY_FIELDS


def bounds_of(result: object) -> Iterator[dict[str, Any]]:
    """Every bound and finite key in a result as ``--format json`` prints it, with its own certificate.

    A result may hold a certificate that several rows share once, under ``certificates``, named by its digest.
    """
    shared = result.get("certificates", {}) if isinstance(result, Mapping) else {}
    yield from _bounds_within(result, shared if isinstance(shared, Mapping) else {})


def _bounds_within(part: object, shared: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(part, Mapping):
        if is_bound(part):
            own = part["certificate"]
            if isinstance(own, Mapping) and own.keys() == {"sha256"}:
                own = shared.get(own["sha256"])
            yield {**part, "certificate": own}
            return
        if is_finite_key(part):
            yield dict(part)
            return
        for value in part.values():
            yield from _bounds_within(value, shared)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _bounds_within(value, shared)


def _finite_key(document: Mapping[str, Any]) -> dict[str, Any]:
    held = document["certificate"]
    if not isinstance(held, Mapping) or held.get("kind") != "finite-size" or held.get("theorem") not in _THEOREMS:
        raise UnsupportedError("bound", "a finite key of a theorem that has certificates", f"{document['theorem']!r}")
    data = exact({name: part for name, part in held.items() if name not in _DESIGN})
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": "finite key",
        "statement": {
            "method": document["theorem"],
            "reference": document["reference"],
            "direction": "lower",
            "value": document["length"],
            "unit": "bit",
            "scope": {"adversary": document["adversary"], "soundness": data["soundness"]},
        },
        "data": data,
    }


def _local_weight(document: Mapping[str, Any]) -> dict[str, Any]:
    table, inequality = document["table"], document["inequality"]
    coefficients = None  # without a positive bound an inequality says nothing
    if inequality["bound"] > 0:
        pairs = [one["settings"] for one in table["tables"]]
        beta = inequality["coefficients"]
        coefficients = [[[beta[a][b][x][y] for b in range(len(beta[a]))] for a in range(len(beta))] for x, y in pairs]
    ends = {name: exact(document[name]) for name in ("lower", "upper")}
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": "local weight",
        "statement": {"method": "local weight", "reference": "elitzur1992", **ends},
        "data": exact({**table, "points": document["points"], "inequality": coefficients}),
    }


def _statement(document: Mapping[str, Any]) -> dict[str, Any]:
    statement = {name: document[name] for name in ("method", "direction", "value", "unit", "scope", "reference")}
    for name, factor in document["provenance"].items():
        if document["unit"] == "bit/s" and (match := _SCALED.fullmatch(name)):
            statement["scale"] = {"factor": factor, "from": match[1]}
    plain: dict[str, Any] = exact(statement)
    return plain


def _kind_and_data(document: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    held = document["certificate"]
    if held is None:
        data = closed_form(document)
        if data is None:
            raise UnsupportedError("bound", "a bound of a method that has certificates", f"{document['method']!r}")
        return "closed form", data
    kind = _KINDS.get(held["kind"]) if isinstance(held, Mapping) else None
    if kind is None:
        raise UnsupportedError("bound", "a bound of a method that has certificates", f"{document['method']!r}")
    data = {name: part for name, part in held.items() if name != "kind"}
    if "state_is" in data:
        data["state_is"] = _TRANSPOSED.get(data["state_is"], data["state_is"])
    if kind == "mixture":
        del data["value"]  # it is the statement's
    if kind == "entropy":
        data["multipliers"] = [f"{top}/{bottom}" for top, bottom in data["multipliers"]]
        table = data.pop("table", None)
        if data.pop("mirror", False):  # else the known values are the table
            data["mirrored"] = table
    return kind, data
