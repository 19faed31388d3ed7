"""Errors name argument, expectation and finding, and survive the way between processes."""

from __future__ import annotations

import pickle

import pytest

from keybounds import errors
from keybounds.errors import InputError, KeyboundsError, UnknownNameError


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, InputError)]
)
def test_every_input_error_is_a_value_error_with_three_parts(kind: type[InputError]) -> None:
    error = pickle.loads(pickle.dumps(kind("noise", "a number in [0, 1/2]", "0.7")))
    assert type(error) is kind
    assert isinstance(error, ValueError)
    assert (error.argument, error.expected, error.found) == ("noise", "a number in [0, 1/2]", "0.7")
    assert str(error) == "noise: expected a number in [0, 1/2]; found 0.7"


def test_unknown_name_offers_the_nearest_and_only_then() -> None:
    assert "did you mean 'photonic'" in str(UnknownNameError.among("subject", "fotonic", ["ion", "photonic"]))
    assert "did you mean" not in str(UnknownNameError.among("subject", "zzz", ["ion", "photonic"]))


def test_failed_bounds_are_not_bad_input() -> None:
    for kind in (errors.BoundNotEstablishedError, errors.InconsistencyError):
        assert issubclass(kind, KeyboundsError)
        assert not issubclass(kind, ValueError)
