"""Numbers as people write them."""

from __future__ import annotations

import math
import re

from keybounds.errors import DataFileError

_SPACES = "'’ \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"  # between thousands
_NUMBER = re.compile(rf"[+\-−]?(\d[\d., {_SPACES}]*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WITH_ERROR = re.compile(r"(.+?)\s*(?:±|\+/-|\+-|\\pm)\s*(.+)")
_IN_BRACKETS = re.compile(r"([^()]*?)\((\d+)\)")


def is_number(text: str) -> bool:
    """Whether this looks like a number, in any of the notations that are read."""
    return bool(_NUMBER.fullmatch(text.strip()))


def to_number(where: str, name: str, text: str, decimal: str) -> float:
    """A field as a number: decimal mark as given, thousands separated by the other mark, apostrophes or thin spaces.

    Raises
    ------
    DataFileError
        It is no number.
    """
    plain = re.sub(rf"(?<=\d)[{_SPACES}](?=\d{{3}}\b)", "", text.replace("−", "-").strip())
    other = "." if decimal == "," else ","
    if re.fullmatch(rf"[+-]?\d{{1,3}}(\{other}\d{{3}})+(\{decimal}\d*)?", plain):
        plain = plain.replace(other, "")
    if decimal == ",":
        plain = plain.replace(",", ".")
    value = float(plain) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain, re.ASCII) else math.nan
    if not math.isfinite(value):
        raise DataFileError(where, f"{name}, a number", repr(text))
    return value


def to_estimate(where: str, name: str, text: str, decimal: str) -> tuple[float, float | None]:
    """A number with its standard deviation if one is written with it: ``0.427(3)``, ``0.427 ± 0.003``, ``42.7 %``.

    Raises
    ------
    DataFileError
        No number.
    """
    bare, scale = text.strip(), 1.0
    if bare.endswith("%"):
        bare, scale = bare[:-1].strip(), 0.01
    sides = _WITH_ERROR.fullmatch(bare)
    if sides:
        value, error = (to_number(where, name, side.strip(" ()%"), decimal) for side in sides.groups())
        return value * scale, error * scale
    brackets = _IN_BRACKETS.fullmatch(bare)
    if brackets:
        digits = len(brackets[1].strip().partition(decimal)[2])
        return to_number(where, name, brackets[1], decimal) * scale, int(brackets[2]) * 10.0**-digits * scale
    return to_number(where, name, bare, decimal) * scale, None
