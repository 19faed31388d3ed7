"""What a plan can be about: platforms, links, families of states, channels; their parameters, and how each is made.

A subject is made of texts, the exact ones of its point, so that a process far away makes the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

from keybounds.errors import UnknownNameError
from keybounds.sweeps.settings import Setting, Settings

_GIVEN = Setting(None)
_SIZE = Setting("2", whole=True)
_KEY = Setting("0,2", (2,), whole=True)


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing with parameters.

    Attributes
    ----------
    name
        What a plan calls it.
    kind
        What may be asked of it: ``"table"``, ``"link"``, ``"state"``, ``"family"``, ``"channel"``, ``"loss"``.
    settings
        Its parameters.
    make
        The thing, of the texts of its parameters.
    instead
        Parameters that stand for others, which then have no default.
    """

    name: str
    kind: str
    settings: Mapping[str, Setting]
    make: Callable[[Settings], Any]
    instead: Mapping[str, tuple[str, ...]]


@cache
def subjects() -> Mapping[str, Subject]:
    """Every subject by its name."""
    from keybounds import channels, states

    found = [
        _platform("photonic"),
        _platform("ion"),
        Subject("link", "link", {"chsh": _GIVEN, "qber": _GIVEN, "key": _KEY}, _link, {}),
        _family("werner", "state", states.werner, dimension=_SIZE, antisymmetric=_GIVEN),
        _family("isotropic", "state", states.isotropic, dimension=_SIZE, fidelity=_GIVEN),
        _family("bell-diagonal", "state", states.bell_diagonal, weights=Setting(None, (4,))),
        _family("photonic-pair", "state", states.photonic_pair, theta=_GIVEN),
        _family("ion-pair", "state", states.ion_pair, depolarising=_GIVEN, dephasing=_GIVEN),
        Subject("ppt-private", "family", {"d": Setting(None, whole=True), "p": Setting("")}, _private, {}),
        _family("depolarizing", "channel", channels.depolarizing, probability=_GIVEN, dimension=_SIZE),
        _family("dephasing", "channel", channels.dephasing, probability=_GIVEN, dimension=_SIZE),
        _family("erasure", "channel", channels.erasure, probability=_GIVEN, dimension=_SIZE),
        _family("amplitude-damping", "channel", channels.amplitude_damping, damping=_GIVEN),
        _family("pauli", "channel", channels.pauli, x=Setting("0"), y=Setting("0"), z=Setting("0")),
        _family("pure-loss", "loss", channels.pure_loss, transmissivity=_GIVEN),
    ]
    return {subject.name: subject for subject in found}


def subject_named(argument: str, name: str) -> Subject:
    """The subject of this name.

    Raises
    ------
    UnknownNameError
        There is none; the message, about `argument`, offers the nearest.
    """
    if name not in subjects():
        raise UnknownNameError.among(argument, name, subjects())
    return subjects()[name]


def _platform(name: str) -> Subject:
    from keybounds.experiments.platforms import parameters, platform_experiment

    known = {}
    for parameter, one in parameters(name).items():
        setting = Setting("", one.sizes)
        if one.default:  # in the text that the same value has where it is set
            typed: Any = [float(part) for part in one.default.split(",")] if setting.numbers else one.default
            setting = replace(setting, default=setting.text(parameter, typed))
        known[parameter] = setting
    instead = {"weights": ("depolarising", "dephasing")} if name == "ion" else {}
    return Subject(name, "table", known, lambda settings: platform_experiment(name, settings)[0], instead)


def _family(name: str, kind: str, build: Callable[..., Any], **settings: Setting) -> Subject:
    """States or channels of doubles; a whole number stays one."""

    def make(given: Settings) -> Any:
        return build(**{parameter: _value(settings[parameter], text) for parameter, text in given.items()})

    return Subject(name, kind, settings, make, {})


def _value(setting: Setting, text: str) -> Any:
    numbers = [int(Fraction(part)) if setting.whole else float(part) for part in text.split(",")]
    return numbers[0] if setting.sizes == (1,) else numbers


def _link(settings: Settings) -> Any:
    from keybounds.bounds import Link

    x, y = map(int, settings["key"].split(","))
    return Link(Fraction(settings["chsh"]), Fraction(settings["qber"]), (x, y))


def _private(settings: Settings) -> Any:
    from keybounds.states import PPTPrivateFamily

    p = settings.get("p")
    return PPTPrivateFamily(int(settings["d"]), None if p is None else Fraction(p))
