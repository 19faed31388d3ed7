"""Run the proofs of claims by name, those that a claim uses before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload

from keybounds.errors import UnknownNameError
from keybounds.proofs.claim import Claim, Report, Verdict
from keybounds.proofs.claims import claims


@overload
def prove(name: str) -> Report: ...
@overload
def prove(name: None = None) -> tuple[Report, ...]: ...
def prove(name: str | None = None) -> Report | tuple[Report, ...]:
    """Run the derivation and the numerical witness of one claim, or of all, and report the verdict.

    Raises
    ------
    UnknownNameError
        No claim is called `name`; the message lists the names and offers the nearest.
    """
    examiner = Examiner({claim.name: claim for claim in claims()})
    if name is None:
        return tuple(examiner.report(one.name) for one in claims())
    return examiner.report(name)


class Examiner:
    """Claims by name, and the reports of those that were run: each runs once, however many use it.

    Tests hand in claims with a mutated statement, to see what becomes of those that use them.
    """

    def __init__(self, known: Mapping[str, Claim]) -> None:
        self._known = dict(known)
        self._reports: dict[str, Report] = {}
        self._running: list[str] = []

    def report(self, name: str) -> Report:
        """Return the report of a claim; its proof runs when first asked for.

        Raises
        ------
        UnknownNameError
            There is no such claim.
        """
        if name not in self._known:
            raise UnknownNameError.among("claim", name, self._known)
        if name not in self._reports:
            self._running.append(name)
            self._reports[name] = self._known[name].examine(self._verdict, self.find)
            self._running.pop()
        return self._reports[name]

    def _verdict(self, name: str) -> Verdict:
        """The verdict of a claim in use; one that uses itself rests on nothing."""
        return Verdict.CHECKED if name in self._running else self.report(name).verdict

    def find(self, name: str) -> Claim:
        """Return a claim."""
        if name not in self._known:
            raise UnknownNameError.among("claim", name, self._known)
        return self._known[name]
