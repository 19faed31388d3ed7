"""Documents of bounds that share certificates: entropy and rates of one table may rest on the same megabyte."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def shared_certificates(rows: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Take out of the documents of some bounds the certificates that occur more than once.

    Returns
    -------
    rows, certificates
        The documents, with ``{"sha256": digest}`` for a shared certificate, and these by digest.
    """
    documents = [dict(row) for row in rows]
    texts = [json.dumps(row["certificate"], sort_keys=True) for row in documents]
    often = Counter(texts)
    certificates: dict[str, Any] = {}
    for row, text in zip(documents, texts, strict=True):
        if row["certificate"] is not None and often[text] > 1:
            digest = hashlib.sha256(text.encode()).hexdigest()
            certificates[digest] = row["certificate"]
            row["certificate"] = {"sha256": digest}
    return documents, certificates


def with_certificates(rows: Iterable[Mapping[str, Any]], certificates: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Undo `shared_certificates`.

    Raises
    ------
    KeyError
        A digest that is not among the certificates.
    """
    return [{**row, "certificate": _own(row["certificate"], certificates)} for row in rows]


def _own(certificate: Any, certificates: Mapping[str, Any]) -> Any:
    if isinstance(certificate, Mapping) and certificate.keys() == {"sha256"}:
        return certificates[certificate["sha256"]]
    return certificate
