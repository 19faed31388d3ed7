"""Numbers as text, still on the safe side: a lower bound is cut downwards, a ceiling upwards; and text as lines."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, localcontext

from keybounds.enclosure import Direction

_ROUNDING = {Direction.LOWER: ROUND_FLOOR, Direction.UPPER: ROUND_CEILING, None: ROUND_HALF_EVEN}


def significant(value: float, digits: int, direction: Direction | None = None) -> str:
    """`value` to `digits` significant digits, rounded to the safe side of `direction` (to the nearest if None).

    Plain notation for 10^-4 <= |value| < 10^9, otherwise ``9.7424e-5``.
    """
    if value == 0:
        return "0"
    number = Context(prec=digits, rounding=_ROUNDING[direction]).create_decimal(Decimal(value))
    exponent = number.adjusted()
    number = number.quantize(Decimal(1).scaleb(exponent - digits + 1))  # short numbers get their zeros back
    if -4 <= exponent < 9:
        return f"{number:f}"
    mantissa = number.scaleb(-exponent)
    return f"{mantissa:f}e{exponent}"


def fixed_point(value: float, spec: str, direction: Direction | None = None) -> str:
    """`value` in a format like ``.3f``, ``.4g`` or ``.2e``, rounded to the safe side of `direction`.

    Raises
    ------
    ValueError
        Another format, as by `format` of a float.
    """
    found = re.fullmatch(r"(?:\.(\d+))?([feg])", spec)
    if found is None:
        raise ValueError(f"a format such as .3f, .4g or .2e rounds to the safe side; {spec!r} does not")
    digits, kind = int(found[1] or 6), found[2]
    number = Decimal(value)
    if kind == "g":
        digits = max(digits, 1)
    if number == 0:
        return format(0.0, spec)
    place = -digits if kind == "f" else number.adjusted() - (digits if kind == "e" else digits - 1)
    with localcontext() as context:
        context.prec = 2000  # beyond any double's digits
        rounded = number.quantize(Decimal(1).scaleb(place), rounding=_ROUNDING[direction])
    return format(rounded, spec if kind == "f" else f".{digits}{kind}")


def with_uncertainty(value: float, sigma: float, direction: Direction | None = None) -> str:
    """`value` to the last digit but one that `sigma` leaves meaningful, with sigma in brackets: ``0.583(11)``.

    Sigma, as it prints, is rounded up to two digits, and the value as in `significant`.
    """
    spread = Context(prec=2, rounding=ROUND_CEILING).create_decimal(repr(sigma))
    number = Decimal(value).quantize(spread, rounding=_ROUNDING[direction])
    return f"{number:f}({spread.scaleb(-spread.as_tuple().exponent):f})"  # type: ignore[operator]


def latex_number(text: str) -> str:
    r"""Turn the text of a number into LaTeX: ``9.7e-5`` becomes ``$9.7\times10^{-5}$``, ``2^10`` ``$2^{10}$``."""
    base, _, power = text.partition("^")
    if power:
        return rf"${base}^{{{power}}}$"
    mantissa, _, exponent = text.partition("e")
    return rf"${mantissa}\times10^{{{exponent}}}$" if exponent else f"${mantissa}$"


def latex_text(text: str) -> str:
    """Escape LaTeX's special characters and spell the few symbols that the tables use."""
    return "".join(_LATEX.get(character, character) for character in text)


_LATEX = {
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",  # a dash in LaTeX's default text fonts
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "√": r"$\sqrt{}$",
    "→": r"$\to$",
    "ρ": r"$\rho$",
    "μ": r"$\mu$",
    "γ": r"$\gamma$",
    "ε": r"$\varepsilon$",
    "η": r"$\eta$",
    "Λ": r"$\Lambda$",
    "Γ": r"$\Gamma$",
    "Φ": r"$\Phi$",
    "²": "$^2$",
    "–": "--",
    "°": r"$^\circ$",
    "±": r"$\pm$",
}


def printable(text: str) -> str:
    r"""Lines for a terminal: what is neither printed nor a line feed, a tab or a space is shown as in JSON, ``\u001b``.

    What stands in a file or is the name of one may not move the cursor, overwrite a line or turn the writing. A text in
    JSON stays one.
    """
    shown = (c if c in "\n\t" or c.isprintable() or unicodedata.category(c) == "Zs" else _escaped(c) for c in text)
    return "".join(shown)


def _escaped(c: str) -> str:
    units = c.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[k : k + 2].hex()}" for k in range(0, len(units), 2))
