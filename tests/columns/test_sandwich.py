"""Both ends of the one-way rate: they meet where they should, and a violated pair is no result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from keybounds.bounds import Hierarchy, one_way, sandwich, two_way
from keybounds.bounds.correlations.sandwich import devetak_winter
from keybounds.errors import InconsistencyError, QuestionError, UnknownNameError
from keybounds.experiments import Behaviour

KEY = (0, 2)


def test_a_quick_sandwich_holds_the_published_range(photonic: Behaviour) -> None:
    result = sandwich(photonic, one_way(KEY, noise=0.13, keep=0.96))
    assert 962e-6 / 2 * 0.98 < result.lower.value < result.upper.value < 1370e-6 / 2
    assert result.width == result.upper.value - result.lower.value
    assert result.hierarchy == Hierarchy("22", 32)
    assert result.lower.scope == result.upper.scope
    assert json.loads(json.dumps(result.to_dict()))["width"] == result.width


def test_the_hierarchy_can_be_chosen(werner: Callable[[float], Behaviour]) -> None:
    table = werner(0.9)
    coarse = sandwich(table, one_way(KEY), hierarchy=Hierarchy("11", 8))
    assert coarse.hierarchy == Hierarchy("11", 8)
    assert coarse.width > 1e-3


def test_a_lower_bound_above_the_ceiling_raises_with_both_certificates(
    werner: Callable[[float], Behaviour], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_high(*arguments: object, **options: object) -> object:
        bound = devetak_winter(*arguments, **options)  # type: ignore[arg-type]
        return replace(bound, value=bound.value + 0.01)

    monkeypatch.setattr("keybounds.bounds.correlations.sandwich.devetak_winter", too_high)
    with pytest.raises(InconsistencyError, match="proves at least") as caught:
        sandwich(werner(0.9), one_way(KEY))
    assert caught.value.lower.certificate is not None  # type: ignore[attr-defined]
    assert caught.value.upper.certificate.kind == "mixture"  # type: ignore[attr-defined]


def test_an_unknown_effort_is_named(werner: Callable[[float], Behaviour]) -> None:
    with pytest.raises(UnknownNameError, match="best"):
        sandwich(werner(0.9), one_way(KEY), effort="most")  # type: ignore[arg-type]


def test_only_fixed_preprocessing_has_an_interval_of_this_kind(werner: Callable[[float], Behaviour]) -> None:
    with pytest.raises(QuestionError, match="sandwich covers: one-way"):
        sandwich(werner(0.9), two_way(KEY))


@pytest.mark.slow
@pytest.mark.parametrize("visibility", [0.9, 0.95])
def test_werner_sandwich_is_narrower_than_a_hundred_thousandth(
    werner: Callable[[float], Behaviour], visibility: float
) -> None:
    assert sandwich(werner(visibility), one_way(KEY), effort="best").width < 1e-5


@pytest.mark.slow
def test_ion_sandwich_is_narrower_than_a_hundred_thousandth(ion_model: Behaviour) -> None:
    assert sandwich(ion_model, one_way(KEY), effort="best").width < 1e-5


@pytest.mark.slow
def test_photonic_sandwich_is_narrower_than_five_bits_a_second(photonic: Behaviour) -> None:
    result = sandwich(photonic, one_way(KEY, noise=0.13, keep=0.96), effort="best")
    assert 2e6 * result.width < 5
