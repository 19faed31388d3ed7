"""A platform with a user's own parameters: names, units and ranges, and the table that they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from keybounds.errors import InputError, UnknownNameError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.datasets import load
from keybounds.experiments.ion import BellDiagonalPair, IonExperiment, NoisyPair
from keybounds.experiments.photonic import PhotonicExperiment

Experiment: TypeAlias = PhotonicExperiment | IonExperiment


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a platform.

    Attributes
    ----------
    unit, range
        For print; the experiment checks the range.
    meaning
        In words.
    default
        What holds unless it is set, as it would be typed.
    sizes
        How many numbers it takes; 1 and 2 where one number stands for both sides; empty for a word.
    """

    unit: str
    range: str
    meaning: str
    default: str
    sizes: tuple[int, ...] = (1,)


_SIDES = (1, 2)
_ANGLES = tuple(range(1, 33))


def parameters(platform: str) -> Mapping[str, Parameter]:
    """The parameters of a platform, ``photonic`` or ``ion``, by name.

    Raises
    ------
    UnknownNameError
        Another platform.
    """
    return _platform(platform)[0]()


def platform_behaviour(platform: str, settings: Mapping[str, str]) -> tuple[Behaviour, dict[str, str]]:
    """The table of a platform, some of whose parameters are set, and the values of all of them.

    Arguments and errors as in `platform_experiment`.

    Examples
    --------
    >>> table, _ = platform_behaviour("ion", {"depolarising": "0.1", "test_phase": "0"})
    >>> round(table.chsh, 3)
    2.491
    """
    experiment, values = platform_experiment(platform, settings)
    return experiment.behaviour(), values


def platform_experiment(platform: str, settings: Mapping[str, str]) -> tuple[Experiment, dict[str, str]]:
    """The experiment of a platform, some of whose parameters are set, and the values of all of them.

    Parameters
    ----------
    platform
        ``photonic``, by default the experiment of liu2022 with white noise, or ``ion``, by default that of
        nadlinger2022 with its physical model.
    settings
        Texts by name: a number, numbers with commas between, or a word.

    Raises
    ------
    UnknownNameError
        A platform, or a parameter of it, that does not exist; with the nearest one.
    InputError
        A value outside its range.
    """
    known, build = _platform(platform)
    listed = known()
    for name in settings:
        if name not in listed:
            raise UnknownNameError.among(f"--set of {platform}", name, listed)
    if "weights" in settings and {"depolarising", "dephasing"} & settings.keys():
        raise InputError("--set weights", "either weights, or depolarising and dephasing", "both")
    values = {name: settings.get(name, parameter.default) for name, parameter in listed.items()}
    if "weights" in settings:
        values |= {"depolarising": "", "dephasing": ""}
    read = {name: _value(name, listed[name], text) for name, text in values.items() if text}
    return build(read), {name: text for name, text in values.items() if text}


_Platform: TypeAlias = tuple[Callable[[], Mapping[str, Parameter]], Callable[[Mapping[str, Any]], Experiment]]


def _platform(name: str) -> _Platform:
    platforms: Mapping[str, _Platform] = {"photonic": (_photonic_parameters, _photonic), "ion": (_ion_parameters, _ion)}
    if name not in platforms:
        raise UnknownNameError.among("platform", name, platforms)
    return platforms[name]


def _value(name: str, parameter: Parameter, text: str) -> Any:
    """A number, a tuple of numbers, or a word."""
    if not parameter.sizes:
        return text.strip()
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in parameter.sizes or not all(map(math.isfinite, numbers)):
        sizes = "a number" if parameter.sizes == (1,) else "numbers with commas between"
        if parameter.sizes == _SIDES:
            sizes = "a number, or one for Alice and one for Bob"
        raise InputError(f"--set {name}", f"{sizes} ({parameter.range}; {parameter.unit})", repr(text))
    if parameter.sizes == _SIDES:
        return numbers * 2 if len(numbers) == 1 else numbers
    return numbers[0] if parameter.sizes == (1,) else numbers


def _typed(value: Any) -> str:
    return ",".join(f"{part!r}" for part in value) if isinstance(value, tuple) else str(value)


def _photonic_default() -> PhotonicExperiment:
    model = load("liu2022-20m").models["white-noise"]
    assert isinstance(model, PhotonicExperiment)
    return model


_FIELDS = {"efficiency": "efficiencies", "fibre_km": "extra_fibre"}
"""Fields of `PhotonicExperiment` that go by another name here."""


def _photonic_parameters() -> Mapping[str, Parameter]:
    base = _photonic_default()
    rows: tuple[tuple[str, str, str, str, tuple[int, ...]], ...] = (
        ("efficiency", "1", "[0, 1]", "probability that a photon is detected, of both sides or of each", _SIDES),
        ("mean_pairs", "1", ">= 0; single-pair: [0, 1]", "mean number of pairs a round", (1,)),
        ("pair_angle", "deg", "any", "θ of cos θ|HV> + sin θ|VH>", (1,)),
        ("alice_angles", "deg", "any", "analysers of Alice's settings", _ANGLES),
        ("bob_angles", "deg", "any", "analysers of Bob's settings", _ANGLES),
        ("fidelity", "1", "[1/4, 1]", "of an emitted pair with the ideal one", (1,)),
        ("imperfection", "-", "white-noise, dephasing", "what lowers the fidelity", ()),
        ("statistics", "-", "poisson, thermal, single-pair", "distribution of the number of pairs", ()),
        ("dark_counts", "1", "[0, 1]", "probability of a dark count a round, of both sides or of each", _SIDES),
        ("fibre_km", "km", ">= 0", "fibre of each photon beyond the one in the efficiency", _SIDES),
        ("attenuation", "dB/km", ">= 0", "loss of that fibre", (1,)),
    )
    return {
        name: Parameter(unit, limits, meaning, _typed(getattr(base, _FIELDS.get(name, name))), sizes)
        for name, unit, limits, meaning, sizes in rows
    }


def _photonic(values: Mapping[str, Any]) -> PhotonicExperiment:
    return _photonic_default().with_(**{_FIELDS.get(name, name): value for name, value in values.items()})


def _ion_default() -> IonExperiment:
    model = load("nadlinger2022-link").models["physical"]
    assert isinstance(model, IonExperiment)
    assert isinstance(model.pair, NoisyPair)
    return model


def _ion_parameters() -> Mapping[str, Parameter]:
    base = _ion_default()
    assert isinstance(base.pair, NoisyPair)
    return {
        "depolarising": Parameter("1", "[0, 1]", "weight of I/4 mixed into the pair", repr(base.pair.depolarising)),
        "dephasing": Parameter("1", "[0, 1]", "probability of a phase flip before that", repr(base.pair.dephasing)),
        "weights": Parameter(
            "1", "four of sum 1", "of Phi+, Phi-, Psi+, Psi-, instead of the two above", "", (4,)
        ),
        "readout_errors": Parameter(
            "1", "[0, 1]", "probability that an outcome is read wrongly, of both sides or of each",
            _typed(base.readout_errors), _SIDES,
        ),
        "test_phase": Parameter("deg", "any", "phase of Bob's X axis in his test settings", repr(base.test_phase)),
        "test_contrast": Parameter(
            "1", "[0, 1]", "factor on the correlations of Bob's test settings", repr(base.test_contrast)
        ),
    }  # fmt: skip


def _ion(values: Mapping[str, Any]) -> IonExperiment:
    rest = dict(values)
    weights = rest.pop("weights", None)
    noise = {name: rest.pop(name, None) for name in ("depolarising", "dephasing")}
    pair = NoisyPair(**noise) if weights is None else BellDiagonalPair(weights)
    return _ion_default().with_(pair=pair, **rest)
