"""Certificates of results: written for every bound that has one, and verified before it is called certified."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keybounds.bounds import Direction
from keybounds.errors import DataFileError, InputError, UnsupportedError
from keybounds.files import write_atomically
from keybounds.proofs import certify, verify
from keybounds.proofs.certificates import bounds_of


@dataclass(frozen=True, slots=True)
class Certified:
    """One printed bound and its certificate.

    Attributes
    ----------
    bound
        The bound, or the finite key, as plain data.
    certificate
        The document, or None where the method has none.
    accepted
        Whether the verifier accepts it.
    reason
        Why not; empty if it does.
    file
        Where it was written, or None.
    """

    bound: Mapping[str, Any]
    certificate: Mapping[str, Any] | None
    accepted: bool
    reason: str
    file: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            **described(self.bound),
            "certified": self.accepted,
            "reason": self.reason,
            "file": self.file.name if self.file else None,
        }


def described(bound: Mapping[str, Any]) -> dict[str, Any]:
    """Subject, method, direction, value and unit of a bound or a finite key in its plain form."""
    if "length" in bound:
        subject = f"run of {bound['rounds']} rounds at soundness {bound['soundness']:g}"
        return {
            "subject": subject,
            "method": f"{bound['theorem']}, {bound['extractor']}",
            "direction": Direction.LOWER.value,
            "value": bound["length"],
            "unit": "bit",
        }
    names = ("method", "direction", "value", "unit")
    subject = bound["label"] or bound["scope"]["thing"]["name"]
    return {"subject": subject, **{name: bound[name] for name in names}}


def certified(bound: Mapping[str, Any]) -> Certified:
    """Write and verify the certificate of one bound."""
    try:
        certificate = certify(bound)
    except UnsupportedError as error:
        return Certified(bound, None, False, f"no certificate: {error.found}")
    verdict = verify(certificate)
    return Certified(bound, certificate, verdict.accepted, verdict.reason)


def write_certificates(bounds: Iterable[Mapping[str, Any]], folder: Path) -> list[Certified]:
    """Certify each bound and write the accepted certificates as ``001.json``, ``002.json``, … below `folder`.

    The number is the bound's place in the result.

    Raises
    ------
    InputError
        `folder` is a file, or cannot be made.
    """
    found = []
    for place, bound in enumerate(bounds, start=1):
        one = certified(bound)
        if one.accepted:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError("--out", "a folder that can be written", f"{folder}: {error.strerror}") from None
            path = folder / f"{place:03}.json"
            write_atomically(path, json.dumps(one.certificate, ensure_ascii=False, allow_nan=False) + "\n")
            one = Certified(bound, one.certificate, True, "", path)
        found.append(one)
    return found


def certify_result(file: Path, folder: Path | None = None) -> list[Certified]:
    """Certify every bound in a result that a command wrote with ``--format json``.

    Parameters
    ----------
    file
        The result.
    folder
        Where the certificates go; by default a folder beside `file`, ``NAME-certificates``.

    Raises
    ------
    DataFileError
        The file is no such result.
    """
    try:
        result = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DataFileError(str(file), "a result in JSON", str(error)) from None
    bounds = list(bounds_of(result))
    if not bounds:
        raise DataFileError(str(file), "a result with bounds, as --format json writes it", "none")
    for place, bound in enumerate(bounds, start=1):
        try:
            described(bound)
        except (LookupError, TypeError, ValueError) as error:
            found = f"{type(error).__name__} ({error}) in bound {place}"
            raise DataFileError(str(file), "bounds as --format json writes them", found) from None
    return write_certificates(bounds, folder or file.with_name(f"{file.stem}-certificates"))


def share(accepted: Iterable[bool]) -> str:
    """How many are accepted, as ``507 of 522 (97.1 %)``."""
    verdicts = list(accepted)
    percent = f" ({100 * sum(verdicts) / len(verdicts):.1f} %)" if verdicts else ""
    return f"{sum(verdicts)} of {len(verdicts)}{percent}"
