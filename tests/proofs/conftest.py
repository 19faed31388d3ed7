from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from keybounds.proofs import Report, Verdict
from keybounds.proofs.claims import claims
from keybounds.proofs.runner import Examiner


class Reports(Mapping[str, Report]):
    """Every claim by name, run once for all processes of the session and when it is first asked for.

    The verdict of a claim that another one uses is that of its own run.
    """

    def __init__(self, shared: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._shared = shared
        self._claims = {claim.name: claim for claim in claims()}

    def __getitem__(self, name: str) -> Report:
        report: Report = self._shared(f"claim {name}", partial(self._examine, name))
        return report

    def _examine(self, name: str) -> Report:
        return self._claims[name].examine(self._verdict, Examiner(self._claims).find)

    def _verdict(self, name: str) -> Verdict:
        return self[name].verdict

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)


@pytest.fixture(scope="session")
def reports(shared: Callable[[str, Callable[[], Any]], Any]) -> Mapping[str, Report]:
    return Reports(shared)
