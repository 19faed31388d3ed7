"""The errors of keybounds.

Bad input is an `InputError`, a `ValueError` that names the argument, what was expected and what was found; the command
line prints it as one line and exits with 2. A computation that could not establish its bound is a
`BoundNotEstablishedError` (exit 1). A lower bound above a comparable ceiling is an `InconsistencyError`,
never a result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches


class KeyboundsError(Exception):
    """Base class of every error this package raises on purpose."""


class InputError(KeyboundsError, ValueError):
    """An argument is not what the function works on.

    Attributes
    ----------
    argument, expected, found
        The name of the argument, what it should have been, and what it was.
    """

    def __init__(self, argument: str, expected: str, found: str) -> None:
        self.argument = argument
        self.expected = expected
        self.found = found
        super().__init__(f"{argument}: expected {expected}; found {found}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        """Rebuild from the three parts, so that the error survives the way back from a worker process."""
        return type(self), (self.argument, self.expected, self.found)


class StateError(InputError):
    """Not a density matrix, or not one of the asked kind."""


class ChannelError(InputError):
    """Not a channel (completely positive and trace-preserving), or not one of the asked kind."""


class DimensionError(InputError):
    """Shapes or subsystem dimensions that do not fit each other."""


class BehaviourError(InputError):
    """Not a table of correlations P(a,b|x,y): negative, unnormalised, signalling or incomplete."""


class DataFileError(InputError):
    """A file that cannot be read as what it should be."""


class UnsupportedError(InputError):
    """A sound request that no method here answers; never answered with something else instead."""


class QuestionError(InputError):
    """A question that does not fit what it is asked about, or a class of protocols that a method says nothing about."""


class AmbiguousInputError(InputError):
    """An input that could be more than one kind of thing; the message says how to name the kind."""


class UnknownNameError(InputError):
    """A name that is not on the list; the message offers the nearest one."""

    @classmethod
    def among(cls, argument: str, found: str, known: Iterable[str]) -> UnknownNameError:
        """Build the error for `found`, which is not one of `known`."""
        names = sorted(known)
        close = get_close_matches(found, names, n=1, cutoff=0.4)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        return cls(argument, "one of " + ", ".join(names), f"{found!r}{hint}")


class BoundNotEstablishedError(KeyboundsError, RuntimeError):
    """The computation ended without a bound that could be certified."""


class InconsistencyError(KeyboundsError, RuntimeError):
    """A proven lower bound lies above a proven ceiling of a comparable scope.

    If what both are about is a quantum state, or a table that some quantum device has, it is a defect of this package.

    Attributes
    ----------
    lower, upper
        The two bounds, with their certificates.
    """

    def __init__(self, message: str, lower: object, upper: object) -> None:
        self.lower = lower
        self.upper = upper
        super().__init__(message)

    def __reduce__(self) -> tuple[type[InconsistencyError], tuple[str, object, object]]:
        """Rebuild from all three parts, so that the error survives the way back from a worker process."""
        return type(self), (str(self), self.lower, self.upper)


def real_number(argument: str, value: object) -> float:
    """Return `value` as a finite double.

    Raises
    ------
    InputError
        Not a real number, not finite, or too large for a double.
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, (str, bytes)) or not math.isfinite(number):
        raise InputError(argument, "a finite real number", repr(value))
    return number
