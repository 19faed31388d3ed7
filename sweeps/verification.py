"""Every certificate of a campaign, read from the store and re-derived by the verifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keybounds.errors import DataFileError, UnsupportedError
from keybounds.proofs import certify, verify
from keybounds.sweeps.cell import address_of
from keybounds.sweeps.plan import Plan
from keybounds.sweeps.results import Failure, Sweep
from keybounds.sweeps.store import Store


@dataclass(frozen=True, slots=True)
class Verified:
    """What the verifier says of a campaign's numbers.

    Attributes
    ----------
    accepted
        Bounds whose certificates it accepts.
    without
        Bounds of methods that have no certificate.
    rejected
        What it does not accept, or whose number in the store is another one than its bound's; with the reason.
    """

    accepted: int
    without: int
    rejected: tuple[Failure, ...]


def verify_sweep(plan: Plan, store: Store, watcher: Callable[[int], None] | None = None) -> Verified:
    """Re-derive every number of a plan that a store has from its certificate.

    Parameters
    ----------
    plan, store
        As in `sweep`; the store may be one that only reads.
    watcher
        Called with how many bounds were gone through.
    """
    sweep, address = Sweep.of(plan, store), address_of()
    accepted = without = 0
    rejected: list[Failure] = []
    seen: set[bytes] = set()
    for point, entries in sweep.rows():
        for column, entry in zip(plan.columns, entries, strict=True):
            place = address(column.cell(point))
            if place in seen or not entry.numbers:
                continue
            seen.add(place)
            reasons = []
            try:
                documents = store.documents(place)
            except DataFileError as error:
                documents, reasons = [], [str(error)]
            for document in documents:
                verdict = _verdict(document, entry.numbers)
                accepted += verdict == ""
                without += verdict is None
                reasons += [verdict] if verdict else []
                if watcher is not None:
                    watcher(accepted + without + len(rejected))
            rejected += [Failure(sweep.named(point), column.name, reason) for reason in reasons]
    return Verified(accepted, without, tuple(rejected))


def _verdict(document: Mapping[str, Any], numbers: Mapping[str, float | int]) -> str | None:
    """Why a bound is not accepted; empty if it is, and None where its method has no certificate."""
    value = document["length"] if "length" in document else document["value"]
    if value not in numbers.values():
        return f"the number in the store is not {value!r}, of which the certificate is"
    try:
        certificate = certify(document)
    except UnsupportedError:
        return None
    verdict = verify(certificate)
    return "" if verdict.accepted else verdict.reason
