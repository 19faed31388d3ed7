from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from keybounds.proofs import Report, prove
from keybounds.proofs.claims import claims


class Reports(Mapping[str, Report]):
    """Every claim by name, run once for all processes of the session and when it is first asked for."""

    def __init__(self, shared: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._shared = shared
        self._names = [claim.name for claim in claims()]

    def __getitem__(self, name: str) -> Report:
        report: Report = self._shared(f"claim {name}", partial(prove, name))
        return report

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@pytest.fixture(scope="session")
def reports(shared: Callable[[str, Callable[[], Any]], Any]) -> Mapping[str, Report]:
    return Reports(shared)
