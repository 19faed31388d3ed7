"""Where a solver stalls, the level that stalls less often is tried, and the better of the two bounds kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from keybounds.bounds import Hierarchy
from keybounds.bounds.correlations.sandwich import settled

FINE, COARSE = Hierarchy("22", 8), Hierarchy("11", 8)


@dataclass(frozen=True)
class Found:
    """As much of a bound as is asked for."""

    value: float
    diagnostics: dict[str, Any] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("fine", "coarse", "kept"),
    [
        pytest.param(Found(0.3, {"gap": 0.02}), Found(0.4), COARSE, id="stalled-and-worse"),
        pytest.param(Found(0.3, {"gap": 0.02}), Found(0.2), FINE, id="stalled-and-still-better"),
        pytest.param(Found(-0.3, {"gap": 0.02}), Found(-0.4), FINE, id="below-0"),
        pytest.param(Found(0.3, {"gap": 1e-4}), Found(0.4), FINE, id="not-stalled"),
        pytest.param(Found(0.3), Found(0.4), FINE, id="a-closed-form"),
    ],
)
def test_the_better_bound_is_kept(fine: Found, coarse: Found, kept: Hierarchy) -> None:
    asked = []

    def bound(hierarchy: Hierarchy) -> Any:
        asked.append(hierarchy)
        return fine if hierarchy == FINE else coarse

    assert settled(bound, FINE) == (fine if kept == FINE else coarse, kept)
    assert asked == ([FINE, COARSE] if fine.diagnostics.get("gap", 0) > 1e-3 else [FINE])


def test_the_fall_back_has_none_itself() -> None:
    found = Found(0.1, {"gap": 0.5})
    assert settled(lambda _: found, COARSE) == (found, COARSE)  # type: ignore[arg-type, return-value]
