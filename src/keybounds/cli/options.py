"""Options that several verbs share, and how the text of each is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keybounds.errors import InputError, UnknownNameError
from keybounds.files import check_target

if TYPE_CHECKING:
    from keybounds.bounds.collecting import Effort, Trials

Json = Annotated[str | None, typer.Option("--format", help="text or json; default: as --out is called, or text")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]

Layout = Annotated[
    str | None,
    typer.Option(help="long, wide, events, angles, abxy or xyab, or the columns: x,y,a,b,count; default: recognised"),
]
Labels = Annotated[
    list[str] | None, typer.Option(help="numbers of labels, as in a:+=0,-=1; default: by convention, and said")
]
Sheet = Annotated[
    str | None, typer.Option(help="sheet of a workbook, or array of an archive; default: the only one with a table")
]
Decimal = Annotated[str | None, typer.Option(help="decimal mark; default: recognised")]
Relabel = Annotated[str | None, typer.Option(help="another labelling: swap-x, swap-y, flip-b-1, ..; see read")]

JSON = {"text": "txt", "json": "json"}
TABLES = {"text": "txt", "latex": "tex", "csv": "csv", "markdown": "md", "html": "html", "json": "json"}
IMAGES = {"pdf": "pdf", "png": "png", "svg": "svg"}
"""Formats, and how a file of each is called."""


def chosen_form(form: str | None, out: Path | None, known: dict[str, str], *, exclusive: bool = False) -> str:
    """The format that was asked for, by name or by the suffix of --out; the first of `known` where by neither.

    Refuses, before anything is computed, what cannot be written, a file whose name says another format than --format,
    and, where `exclusive`, a file whose name says none of these.
    """
    if form is not None and form not in known:
        raise UnknownNameError.among("--format", form, known)
    if out is None:
        return form or next(iter(known))
    check_target(out, "--out")
    suffix = out.suffix.lower().removeprefix(".")
    called = next((name for name, own in known.items() if own == suffix), None)
    if called is None and exclusive and (suffix or form is None):
        raise InputError("--out", "a name that ends in " + ", ".join(f".{own}" for own in known.values()), str(out))
    if None not in (form, called) and form != called:
        raise InputError("--format", f"{called}, as --out {out} is called, or another name", str(form))
    return form or called or next(iter(known))


def named(file: Path) -> str:
    """A source's name in what is printed."""
    return "standard input" if str(file) == "-" else file.name or str(file)


def effort_of(text: str) -> Effort:
    """The effort of --effort."""
    known: dict[str, Effort] = {"fast": "fast", "best": "best"}
    if text not in known:
        raise UnknownNameError.among("--effort", text, known)
    return known[text]


def trials_of(text: str | None) -> Trials | None:
    """What --trials says is counted."""
    known: dict[str, Trials] = {"all": "all", "heralded": "heralded", "coincidences": "coincidences"}
    if text is not None and text not in known:
        raise UnknownNameError.among("--trials", text, known)
    return None if text is None else known[text]


def setting_pairs(option: str, texts: list[str] | None) -> list[tuple[int, int]]:
    """Setting pairs ``X,Y`` of an option that may be repeated."""
    return [setting_pair(option, text) for text in texts or ()]


def setting_pair(option: str, text: str) -> tuple[int, int]:
    """A setting pair ``X,Y``, counted from 0."""
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise InputError(option, "a setting pair X,Y of two numbers from 0", repr(text))
    return int(parts[0]), int(parts[1])


def label_numbers(texts: list[str] | None) -> dict[str, dict[str, int]]:
    """Numbers of labels: ``a:+=0,-=1``."""
    found: dict[str, dict[str, int]] = {}
    for text in texts or ():
        role, colon, rest = text.partition(":")
        parts = [part.rpartition("=") for part in rest.split(",")]
        if not colon or role not in ("x", "y", "a", "b") or not all(e and n.isdecimal() for _, e, n in parts):
            raise InputError("--label", "ROLE:LABEL=NUMBER,.. as in a:+=0,-=1", repr(text))
        found[role] = {label: int(number) for label, _, number in parts}
    return found


def bits_of(text: str) -> tuple[int, ...]:
    """The bit of each outcome of Alice: ``0,1,1``."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError("--bits", "a number for each outcome of Alice, as in 0,1,1", repr(text))
    return tuple(int(part) for part in parts)


def two_numbers(option: str, text: str) -> tuple[float, float]:
    """Two numbers ``A,B``."""
    try:
        alice, bob = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(option, "two numbers A,B", repr(text)) from None
    return alice, bob
