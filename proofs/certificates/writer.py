"""From a bound to its certificate: the statement, beside the data that the routine left when it proved the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Protocol

from keybounds.errors import InputError, UnsupportedError
from keybounds.proofs.certificates.data import Certificate
from keybounds.proofs.certificates.exact import exact
from keybounds.proofs.verdicts import annotated

FORMAT, VERSION = "keybounds certificate", 2

_BOUND = {"method", "direction", "value", "unit", "scale", "scope", "status", "reference", "certificate"}
_FINITE_KEY = {"length", "rounds", "soundness", "theorem", "reference", "adversary", "certificate"}
_AS_CERTIFIED = ("rounds", "theorem", "extractor", "syndrome_length")
"""Fields of a finite key that its certificate has too, and that its statement leaves to it."""

_LOCAL_WEIGHT = {"lower", "upper", "points", "inequality", "certificate"}


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
        None of these, or a finite key that says something else of its run than its certificate does.
    """
    document = bound if isinstance(bound, Mapping) else bound.to_dict()
    if is_bound(document):
        if document["status"] == "published":
            quoted = f"one quoted from {document['reference']}"
            raise UnsupportedError("bound", "a value that this package proves", quoted)
        return _written(document["method"], document["certificate"], _statement(document))
    if is_finite_key(document):
        return _written(document["theorem"], document["certificate"], _statement_of_key(document))
    if document.keys() >= _LOCAL_WEIGHT:
        ends = {name: exact(document[name]) for name in ("lower", "upper")}
        statement = {"method": "local weight", "reference": "elitzur1992", **ends}
        return _written("local weight", document["certificate"], statement)
    raise InputError("bound", "a Bound, or the object that its to_dict makes", f"{type(bound).__name__}")


def is_bound(document: object) -> bool:
    """Whether this is what `Bound.to_dict` makes."""
    return isinstance(document, Mapping) and document.keys() >= _BOUND and isinstance(document["scope"], Mapping)


def is_finite_key(document: object) -> bool:
    """Whether this holds what `FiniteKey.to_dict` makes."""
    return isinstance(document, Mapping) and document.keys() >= _FINITE_KEY


def bounds_of(result: object) -> Iterator[dict[str, Any]]:
    """Every bound and finite key in a result as ``--format json`` prints it, with its own certificate.

    A result may hold a certificate that several rows share once, under ``certificates``, named by its digest.

    Raises
    ------
    InputError
        A row names a certificate that the result does not hold.
    """
    shared = result.get("certificates") if isinstance(result, Mapping) else None
    yield from _bounds_within(result, shared if isinstance(shared, Mapping) else {})


def _bounds_within(part: object, shared: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(part, Mapping):
        if is_bound(part) or is_finite_key(part):
            yield {**part, "certificate": _own(part["certificate"], shared)}
            return
        for value in part.values():
            yield from _bounds_within(value, shared)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _bounds_within(value, shared)


def _own(certificate: Any, shared: Mapping[str, Any]) -> Any:
    if not isinstance(certificate, Mapping) or certificate.keys() != {"sha256"}:
        return certificate
    digest = certificate["sha256"]
    if digest not in shared:
        raise InputError("result", "the certificates that its rows name", f"none with the digest {digest!r}")
    return shared[digest]


def _written(method: str, certificate: Any, statement: dict[str, Any]) -> dict[str, Any]:
    if certificate is None:
        raise UnsupportedError("bound", "a bound of a method that makes a certificate", f"{method!r}, which makes none")
    made = Certificate.from_dict(certificate)
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": made.kind,
        "statement": statement,
        "data": made.exact_data(),
    }


def _statement(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is proven, without the thing: what a certificate is about is for its data to say."""
    names = ("method", "direction", "value", "unit", "reference")
    statement = {name: document[name] for name in names}
    statement["reference"] = annotated(document["reference"])
    statement["scope"] = {name: part for name, part in document["scope"].items() if name != "thing"}
    if document["scale"] is not None:
        statement["scale"] = document["scale"]
    plain: dict[str, Any] = exact(statement)
    return plain


def _statement_of_key(document: Mapping[str, Any]) -> dict[str, Any]:
    soundness = document["soundness"]
    if document["certificate"] is not None:  # as the exact fraction that the float was made of
        data = document["certificate"]["data"]
        soundness = data.get("soundness", soundness)
        for name in _AS_CERTIFIED:
            if name in document and name in data and document[name] != data[name]:
                raise InputError("key", f"{name} {data[name]}, as in its certificate", f"{document[name]}")
        if float(Fraction(soundness)) != document["soundness"]:
            raise InputError("key", f"soundness {soundness}, as in its certificate", f"{document['soundness']}")
    return {
        "method": document["theorem"],
        "reference": annotated(document["reference"]),
        "direction": "lower",
        "value": document["length"],
        "unit": "bit",
        "scope": {"adversary": document["adversary"], "soundness": exact(soundness)},
    }
