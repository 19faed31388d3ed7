"""The comparisons, each computed once for the whole session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import keybounds
from keybounds.bounds import Answer


@pytest.fixture(scope="session")
def compared() -> Callable[[str], Answer]:
    """`keybounds.compare`; the photonic one takes some twenty seconds, and what it returns is frozen."""
    return cache(keybounds.compare)
