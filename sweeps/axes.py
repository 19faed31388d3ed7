"""Axes: a list of values, or a progression between two numbers; for random points, the range they are drawn from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from keybounds.errors import DataFileError, InputError, UnknownNameError
from keybounds.sweeps.decimals import between, by_count, by_ratio, by_step, steps_between, whole
from keybounds.sweeps.settings import SIDES, Setting, decimal
from keybounds.sweeps.toml_file import shown

MOST_POINTS = 10_000_000
"""Points of a plan: what a store of some gigabytes holds, and what is gone through in a minute."""

SCALES = ("linear", "log")
_BITS = 53  # of a random share


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an axis varies.

    Attributes
    ----------
    name, setting
        A parameter, and what its values are; of one of its numbers, what that is.
    parts, place
        Of one of several numbers: the values of all, and which one it is.
    """

    name: str
    setting: Setting
    parts: tuple[str, ...] = ()
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """A name, the texts of its values in order, and the parameter that they are of."""

    name: str
    values: tuple[str, ...]
    parameter: Parameter

    def shown(self, text: str) -> str:
        """A value in a table: one number where it stands for both sides."""
        first, comma, second = text.partition(",")
        return first if comma and self.parameter.setting.sizes == SIDES and first == second else text


def axis_values(place: str, value: Any, setting: Setting) -> tuple[str, ...]:
    """The values of an axis: a list, or ``{ from, to }`` with a ``count`` or a ``step``, and a ``scale``.

    Raises
    ------
    DataFileError
        No axis, one of length 0, the same value twice, or too many; with `place`.
    """
    if isinstance(value, list):
        refuse_more_than(place, len(value))
        texts = [setting.text(place, one) for one in value]
    elif isinstance(value, dict):
        texts = _progression(place, value, setting)
    else:
        raise DataFileError(place, "a list of values, or { from, to, count } or { from, to, step }", shown(value))
    if not texts:
        raise DataFileError(place, "an axis with at least one value", "none")
    if len(set(texts)) < len(texts):
        twice = next(text for k, text in enumerate(texts) if text in texts[:k])
        raise DataFileError(place, "different values", f"{twice} twice")
    return tuple(texts)


def random_values(place: str, value: Any, parameter: Parameter, count: int, seed: str) -> tuple[str, ...]:
    """Values drawn from a range ``{ from, to, scale }``, or from a list.

    The k-th depends on seed and k alone, so that more points leave the first ones as they are.
    """
    setting = parameter.setting
    shares = (_share(f"{seed} {k}") for k in range(count))
    if isinstance(value, list):
        texts = [setting.text(place, one) for one in value]
        if not texts:
            raise DataFileError(place, "a list with at least one value", "none")
        return tuple(texts[int(share * len(texts))] for share in shares)
    if not isinstance(value, dict):
        raise DataFileError(place, "a range { from, to } to draw from, or a list", shown(value))
    _check_names(place, value, ("from", "to", "scale"))
    start, stop, logarithmic = _ends(place, value, setting)
    numbers = (between(start, stop, share, logarithmic=logarithmic) for share in shares)
    return tuple(setting.text(place, whole(number) if setting.whole else number) for number in numbers)


def refuse_more_than(place: str, count: int, most: int = MOST_POINTS) -> None:
    """Refuse a plan of too many points, with their number.

    Raises
    ------
    DataFileError
        More than `most`.
    """
    if count > most:
        raise DataFileError(place, f"at most {most} points", f"{count}")


def _progression(place: str, value: Mapping[str, Any], setting: Setting) -> list[str]:
    _check_names(place, value, ("from", "to", "count", "step", "scale"))
    start, stop, logarithmic = _ends(place, value, setting)
    if ("count" in value) == ("step" in value):
        raise DataFileError(place, "either a count or a step", "both" if "count" in value else "neither")
    if "step" in value:
        step = decimal(place, value["step"])
        if step == 0 or logarithmic:
            raise DataFileError(place, "a step that is not 0, on a linear scale", shown(value["step"]))
        count = steps_between(start, stop, step)
        refuse_more_than(place, count)
        numbers = by_step(start, step, count)
    else:
        wanted = value["count"]
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
            raise DataFileError(place, "a count of at least 1 (one value: from)", shown(wanted))
        refuse_more_than(place, wanted)
        numbers = (by_ratio if logarithmic else by_count)(start, stop, wanted)
    if setting.whole:
        numbers = list(dict.fromkeys(map(whole, numbers)))
    return [setting.text(place, number) for number in numbers]


def _ends(place: str, value: Mapping[str, Any], setting: Setting) -> tuple[Decimal, Decimal, bool]:
    if not setting.numbers or 1 not in setting.sizes:
        raise DataFileError(place, "a list of values, for this parameter is not one number", "a range")
    if setting.sizes not in ((1,), SIDES):
        raise DataFileError(place, "a list of values, or an axis for one of its numbers, as in name[0]", "a range")
    ends = []
    for name in ("from", "to"):
        if name not in value:
            raise DataFileError(place, "from and to", f"no {name}")
        ends.append(decimal(place, value[name]))
    scale = value.get("scale", "linear")
    if scale not in SCALES:
        raise UnknownNameError.among(f"{place}.scale", str(scale), SCALES)
    if scale == "log" and min(ends) <= 0:
        raise InputError(place, "positive numbers on a logarithmic scale", shown([value["from"], value["to"]]))
    return ends[0], ends[1], scale == "log"


def _check_names(place: str, value: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in value:
        if name not in known:
            raise UnknownNameError.among(f"{place}.{name}", name, known)


def _share(text: str) -> Decimal:
    """A number in [0, 1) that a text stands for."""
    bits = int.from_bytes(hashlib.sha256(text.encode()).digest()) >> (256 - _BITS)
    return Context(prec=60).divide(Decimal(bits), Decimal(2**_BITS))
