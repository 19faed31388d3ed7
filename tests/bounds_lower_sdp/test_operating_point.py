"""Designs are searched by tangents of the rate; what comes out is certified where it stands."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Hierarchy, Protocol, Status, one_way, two_way
from keybounds.bounds.design.ascent import Summit
from keybounds.bounds.design.rate_surface import FREE, PhotonicDesign, RateSurface
from keybounds.bounds.design.stop import Stop
from keybounds.bounds.lower import devetak_winter, optimise_photonic
from keybounds.errors import InputError, QuestionError, UnknownNameError, UnsupportedError
from keybounds.experiments import PhotonicExperiment
from keybounds.experiments.correlations import largest_chsh

KEY = (0, 2)
ANGLES = ("pair_angle", "alice_angles", "bob_angles")
FIT = PhotonicExperiment(
    pair_angle=20.0,
    alice_angles=(-88.22, 54.29),
    bob_angles=(9.75, -21.45, -1.07),
    efficiencies=(0.8716, 0.8782),
    mean_pairs=0.0464,
    fidelity=0.99606,
)
PUBLISHED = PhotonicDesign(FIT, one_way(KEY, noise=0.13, keep=0.96), FREE)
SURFACE = RateSurface(PUBLISHED, Hierarchy("11", 12))
EIGHT = Hierarchy("11", 8)


@pytest.fixture(scope="module")
def fixed() -> RateSurface:
    """The surface with its nodes fixed, so that neighbouring designs solve the same problem."""
    nodes = SURFACE.tangent(SURFACE.coordinates(PUBLISHED)).solution.nodes
    return replace(SURFACE, hierarchy=Hierarchy("11", tuple(map(float, nodes))))


def test_a_design_and_its_vector_are_the_same() -> None:
    x = SURFACE.coordinates(PUBLISHED)
    assert len(x) == 9
    there = SURFACE.design(x)
    assert (there.noise, there.keep) == (0.13, 0.96)
    for name in (*ANGLES, "mean_pairs"):
        assert np.allclose(getattr(there.experiment, name), getattr(FIT, name), rtol=1e-14)


def test_the_tangent_touches_the_certified_rate(fixed: RateSurface) -> None:
    tangent = fixed.tangent(fixed.coordinates(PUBLISHED))
    bound = devetak_winter(FIT.behaviour(), PUBLISHED.protocol, fixed.hierarchy)
    assert tangent.rate == pytest.approx(bound.value, abs=1e-12)
    rescaled = replace(fixed, rescaled=True).tangent(fixed.coordinates(PUBLISHED))
    assert rescaled.rate == pytest.approx(bound.value / (0.74**2 * 0.0464), abs=1e-10)


def test_the_gradient_is_that_of_solving_again(fixed: RateSurface) -> None:
    """A wrong sign or a lost term in any coordinate shows here: preprocessing and design enter differently."""
    x = SURFACE.coordinates(PUBLISHED)
    gradient = fixed.tangent(x).gradient
    for i, step in enumerate(np.eye(9) * 1e-3):
        ahead, behind = (fixed.tangent(x + s * step).rate for s in (1, -1))
        assert gradient[i] == pytest.approx((ahead - behind) / 2e-3, rel=5e-3, abs=2e-7), i


@given(st.lists(st.floats(-0.05, 0.05), min_size=7, max_size=7))
@settings(deadline=None, max_examples=12)
def test_a_tangent_never_promises_more_than_a_solve_proves(fixed: RateSurface, move: list[float]) -> None:
    """Same preprocessing, other angles and pump: one dual of the other problem is not above its best."""
    x = SURFACE.coordinates(PUBLISHED)
    tangent = fixed.tangent(x)
    elsewhere = x + np.array([*move, 0.0, 0.0])
    assert tangent.near(SURFACE.design(elsewhere)) <= fixed.tangent(elsewhere).rate + 1e-8


def test_the_optimum_beats_the_published_settings_and_is_certified() -> None:
    """2.42e-4 at the published design; scipy's SLSQP and L-BFGS-B on the same surface both end at 2.744e-4."""
    rates: list[float] = []
    point = optimise_photonic(PUBLISHED, progress=lambda what, rate: rates.append(rate))
    assert point.stopped is Stop.CONVERGED
    assert point.bound.status is Status.CERTIFIED
    assert 2.742e-4 < point.bound.value < 2.75e-4
    again = devetak_winter(point.experiment.behaviour(), point.design.protocol, Hierarchy("11", 16))
    assert again.value == point.bound.value
    assert point.history == tuple(rates)
    assert (point.experiment.efficiencies, point.experiment.fidelity) == (FIT.efficiencies, FIT.fidelity)


def test_what_is_not_free_stays() -> None:
    point = optimise_photonic(PhotonicDesign(FIT, one_way(KEY, keep=0.96), ("noise",)), EIGHT)
    assert point.experiment == FIT
    assert point.keep == 0.96
    assert 0.1 < point.noise < 0.2
    plain = optimise_photonic(PhotonicDesign(FIT, free=()), EIGHT)
    assert (plain.noise, plain.keep) == (0.0, 1.0)


def test_without_time_the_start_is_certified() -> None:
    point = optimise_photonic(PUBLISHED, EIGHT, seconds=0.0)
    assert point.stopped is Stop.TIME
    assert point.bound.value > 0


def test_a_search_that_lies_costs_key_and_never_soundness(monkeypatch: pytest.MonkeyPatch) -> None:
    """An optimiser that claims a fortune at a random design: the bound is that of the design."""

    def liar(evaluate, x, **options):  # type: ignore[no-untyped-def]
        sample = replace(evaluate(x), rate=10.0)
        rng = np.random.default_rng(7)
        lost = np.clip(x + rng.normal(size=x.shape), *options["limits"])
        return Summit(lost, sample, np.eye(len(x)), Stop.CONVERGED)

    monkeypatch.setattr(sys.modules["keybounds.bounds.design.operating_point"], "ascend", liar)
    point = optimise_photonic(PhotonicDesign(FIT), EIGHT)
    honest = devetak_winter(point.experiment.behaviour(), point.design.protocol, EIGHT)
    assert point.bound.value == honest.value == 0.0


@given(st.floats(-90, 90), st.lists(st.floats(-90, 90), min_size=5, max_size=5), st.floats(0, 0.45), st.floats(0.1, 1))
@settings(deadline=None, max_examples=10)
def test_at_two_thirds_every_design_is_local_and_has_no_key(
    pair: float, angles: list[float], noise: float, keep: float
) -> None:
    """larsson2001: a local model exists, so that a positive rate would disprove the whole method."""
    experiment = PhotonicExperiment(
        pair_angle=pair,
        alice_angles=tuple(angles[:2]),
        bob_angles=tuple(angles[2:]),
        efficiencies=(2 / 3, 2 / 3),
        mean_pairs=1.0,
        statistics="single-pair",
    )
    behaviour = experiment.behaviour()
    extreme = largest_chsh(behaviour.P, None)
    assert extreme is not None
    assert extreme.size <= 2 + 1e-12
    bound = devetak_winter(behaviour, one_way(KEY, noise=noise, keep=keep), Hierarchy("11", 6))
    assert bound.status is Status.NO_KEY


def test_no_search_finds_key_at_two_thirds() -> None:
    experiment = PhotonicExperiment(
        pair_angle=85.0,
        alice_angles=(0.0, 20.0),
        bob_angles=(88.0, 105.0, 90.0),
        efficiencies=(2 / 3, 2 / 3),
        mean_pairs=1.0,
        statistics="single-pair",
    )
    point = optimise_photonic(PhotonicDesign(experiment, free=("pair_angle", "noise")), EIGHT)
    assert point.bound.status is Status.NO_KEY
    assert max(point.history) < 1e-9


def test_bad_arguments() -> None:
    plain = PhotonicDesign(FIT)
    with pytest.raises(UnknownNameError, match="pair_angle"):
        PhotonicDesign(FIT, free=("pair_angel",))
    with pytest.raises(InputError, match="a PhotonicDesign"):
        optimise_photonic(FIT)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="level"):
        optimise_photonic(plain, Hierarchy("23"), seconds=0.0)
    single = PhotonicDesign(FIT.with_(bob_angles=(9.75,)), one_way((0, 0)))
    with pytest.raises(UnsupportedError, match="22\\+b01"):
        optimise_photonic(single, Hierarchy("22+b01"), seconds=0.0)


@pytest.mark.parametrize(
    "asked", [one_way((0, 3)), one_way(), two_way(KEY), one_way(KEY, (1, 1)), one_way(KEY, noise=0.5)], ids=str
)
def test_a_class_that_does_not_fit_is_refused_before_the_search(asked: Protocol) -> None:
    with pytest.raises(QuestionError, match=r"^protocol: "):
        optimise_photonic(PhotonicDesign(FIT, asked))


def test_preprocessing_that_is_free_starts_off_the_edge() -> None:
    point = optimise_photonic(PhotonicDesign(FIT, free=("noise", "keep")), EIGHT, seconds=0.0)
    assert (point.noise, point.keep) == (0.05, 0.95)
    kept = optimise_photonic(PUBLISHED, EIGHT, seconds=0.0)
    assert (kept.noise, kept.keep) == (0.13, 0.96)
