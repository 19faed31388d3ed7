"""The climb finds summits inside and on the edge of its box, and no bad evaluation makes it go down or fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.design.ascent import ascend
from keybounds.bounds.design.stop import Stop
from keybounds.errors import BoundNotEstablishedError


@dataclass(frozen=True)
class Value:
    rate: float
    gradient: np.ndarray


EVERYWHERE = (np.full(2, -np.inf), np.full(2, np.inf))


def flat(sample: Value, x: np.ndarray) -> np.ndarray:
    return np.zeros((len(x), len(x)))


def hill(top: np.ndarray, bend: np.ndarray) -> Callable[[np.ndarray], Value]:
    return lambda x: Value(1.0 - 0.5 * float((x - top) @ bend @ (x - top)), -bend @ (x - top))


def test_the_top_of_a_narrow_hill() -> None:
    bend = np.array([[1.0, 0.9], [0.9, 100.0]])
    top = np.array([0.4, -0.2])
    summit = ascend(hill(top, bend), np.zeros(2), limits=EVERYWHERE, curvature=flat, tolerance=1e-12)
    assert summit.stopped is Stop.CONVERGED
    assert summit.x == pytest.approx(top, abs=1e-5)


def test_the_top_on_the_edge_of_the_box() -> None:
    """With x at most 0.1, the best y is where the gradient along y vanishes: y = -0.2 + 0.5 (0.4 - 0.1)."""
    bend = np.array([[2.0, 1.0], [1.0, 2.0]])
    limits = (np.array([-1.0, -1.0]), np.array([0.1, 1.0]))
    summit = ascend(
        hill(np.array([0.4, -0.2]), bend), np.zeros(2), limits=limits, curvature=lambda s, x: bend, tolerance=1e-12
    )
    assert summit.x == pytest.approx([0.1, -0.05], abs=1e-6)


def test_a_curved_ridge() -> None:
    def ridge(x: np.ndarray) -> Value:
        across = x[1] - x[0] ** 2
        return Value(-((1 - x[0]) ** 2) - 10 * across**2, np.array([2 * (1 - x[0]) + 40 * x[0] * across, -20 * across]))

    summit = ascend(
        ridge, np.array([-0.5, 0.5]), limits=EVERYWHERE, curvature=flat, tolerance=1e-9, max_evaluations=200
    )
    assert summit.x == pytest.approx([1.0, 1.0], abs=1e-3)


@pytest.mark.parametrize("how", ["error", "nan", "infinite gradient"])
def test_a_place_that_cannot_be_evaluated_shortens_the_step(how: str) -> None:
    """Beyond x = 0.05 nothing works; the climb must stay on this side and still gain."""
    honest = hill(np.array([0.3, 0.0]), np.eye(2))

    def broken(x: np.ndarray) -> Value:
        if x[0] <= 0.05:
            return honest(x)
        if how == "error":
            raise BoundNotEstablishedError("nothing is proven")
        return Value(np.nan, np.zeros(2)) if how == "nan" else Value(2.0, np.array([np.inf, 0.0]))

    summit = ascend(broken, np.zeros(2), limits=EVERYWHERE, curvature=flat, tolerance=1e-6)
    assert 0 < summit.x[0] <= 0.05
    assert summit.sample.rate > honest(np.zeros(2)).rate


def test_an_error_at_the_start_is_the_callers() -> None:
    def broken(x: np.ndarray) -> Value:
        raise BoundNotEstablishedError("nothing is proven")

    with pytest.raises(BoundNotEstablishedError, match="nothing is proven"):
        ascend(broken, np.zeros(2), limits=EVERYWHERE, curvature=flat, tolerance=1e-6)


def test_the_limits_of_effort_are_kept() -> None:
    calls: list[np.ndarray] = []

    def counted(x: np.ndarray) -> Value:
        calls.append(x)
        return hill(np.array([10.0, 10.0]), np.eye(2))(x)

    late = ascend(
        counted, np.zeros(2), limits=EVERYWHERE, curvature=flat, tolerance=1e-9, deadline=time.monotonic() - 1
    )
    assert (late.stopped, len(calls)) == (Stop.TIME, 1)
    few = ascend(counted, np.zeros(2), limits=EVERYWHERE, curvature=flat, tolerance=1e-9, max_evaluations=5)
    assert (few.stopped, len(calls)) == (Stop.STEPS, 6)


def test_nothing_to_choose_is_one_evaluation() -> None:
    summit = ascend(
        lambda x: Value(-1.0, x), np.zeros(0), limits=(np.zeros(0), np.zeros(0)), curvature=flat, tolerance=1e-3
    )
    assert summit.stopped is Stop.CONVERGED


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_no_landscape_makes_it_end_below_its_start(seed: int) -> None:
    """Wavy functions, with gradients that lie a little, and a curvature that is noise."""
    rng = np.random.default_rng(seed)
    wave, phase = rng.normal(size=(3, 2)) * 5, rng.normal(size=3)
    lie = rng.normal(size=2) * 0.1

    def wavy(x: np.ndarray) -> Value:
        return Value(float(np.sin(wave @ x + phase).sum()), wave.T @ np.cos(wave @ x + phase) + lie)

    noise = rng.normal(size=(2, 2))
    limits = (np.full(2, -0.5), np.full(2, 0.5))
    summit = ascend(wavy, np.zeros(2), limits=limits, curvature=lambda s, x: noise + noise.T, tolerance=1e-3)
    assert summit.sample.rate >= wavy(np.zeros(2)).rate
    assert np.all(np.abs(summit.x) <= 0.5)
