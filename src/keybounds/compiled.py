"""Machine code for the loops that are hot, kept on disk where there is a place for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def njit(*, error_model: str = "python", fastmath: bool = False) -> Callable[[_Function], _Function]:
    """`numba.njit` without the interpreter's lock, its code cached beside the source or in the user's cache.

    Where neither can be written, as in a container with a user who has no home, numba refuses to cache; then the code
    is compiled anew in each process.
    """
    options: dict[str, Any] = {"error_model": error_model, "fastmath": fastmath, "nogil": True}

    def decorate(function: _Function) -> _Function:
        try:
            return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
        except RuntimeError:
            return numba.njit(**options)(function)  # type: ignore[no-any-return]

    return decorate
