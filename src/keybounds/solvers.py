"""Other people's solvers, asked so that whatever they do is an answer or an error of this package.

What they answer proves nothing and is checked by who asked; here is what holds for all: nothing that they raise reaches
a user as it is, none runs for longer than `SECONDS` where it takes such a limit, and a number lies where it was sought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from keybounds.errors import BoundNotEstablishedError, KeyboundsError

SECONDS = 600.0
"""The longest that a solver may take for one problem."""


@contextmanager
def asked(solver: str) -> Iterator[None]:
    """Turn what a solver raises into an error that names it; our own errors, and what ends the process, pass.

    Raises
    ------
    BoundNotEstablishedError
        The solver raised something; a crash within compiled code is no `Exception`, and is caught as well.
    """
    try:
        yield
    except (KeyboundsError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise BoundNotEstablishedError(f"{solver} failed: {type(error).__name__}: {error}") from error


def lower_than(loss: Callable[[float], float], start: float, low: float, high: float, *, xatol: float) -> float:
    """Where `loss` was found to be least in [low, high]; `start` if nowhere less than there, or not found at all."""
    from scipy.optimize import minimize_scalar

    try:
        with asked("the search of scipy"):
            found = float(minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": xatol}).x)
            return found if low <= found <= high and loss(found) <= loss(start) else start
    except BoundNotEstablishedError:
        return start


def root(function: Callable[[float], float], low: float, high: float, *, xtol: float, rtol: float = 1e-15) -> float:
    """Where `function`, of other signs at the two ends, is 0.

    Raises
    ------
    BoundNotEstablishedError
        No such place in [low, high] was found.
    """
    from scipy.optimize import brentq

    with asked("the root finder of scipy"):
        found = float(brentq(function, low, high, xtol=xtol, rtol=rtol))
    if not low <= found <= high:
        raise BoundNotEstablishedError(f"the root finder of scipy left [{low!r}, {high!r}]: {found!r}")
    return found
