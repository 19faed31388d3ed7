from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial, wraps
from typing import Any

import pytest

from keybounds.proofs import Report, Verdict
from keybounds.proofs.claims import claims
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.kernel import StepFailedError
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


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that look up what they were asked before: derivations that differ in one place share all the rest.

    What a rule answers depends on its arguments alone, and a fact cannot be changed.
    """
    for name in kernel.__all__:
        if callable(getattr(kernel, name)) and name.islower() and name != "graph":
            monkeypatch.setattr(kernel, name, _remembering(name))


@cache
def _remembering(name: str) -> Callable[..., Any]:
    rule = getattr(kernel, name)
    known: dict[Any, Any] = {}

    @wraps(rule)
    def ask(*arguments: Any, **named: Any) -> Any:
        try:
            key = _hashable((arguments, named))
            hash(key)
        except TypeError:
            return rule(*arguments, **named)
        if key not in known:
            try:
                known[key] = rule(*arguments, **named)
            except StepFailedError as error:
                known[key] = error
        if isinstance(known[key], StepFailedError):
            raise known[key].with_traceback(None)  # which grows each time it is raised
        return known[key]

    return ask


def _hashable(value: Any) -> Any:
    """A key that is equal for equal arguments, and keeps alive what is told apart by identity."""
    if isinstance(value, Mapping):
        return frozenset((_hashable(one), _hashable(other)) for one, other in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_hashable(one) for one in value)
    if isinstance(value, Iterator):
        raise TypeError("it is read once")
    return value
