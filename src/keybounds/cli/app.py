"""The program's one list of verbs, and how a verb ends: printed, or written as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from keybounds.files import write_atomically
from keybounds.formatting import printable

app = typer.Typer(
    name="keybounds",
    help="Achievable rates and proven ceilings for device-independent quantum key distribution.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def to_json(document: Any) -> str:
    """A document as JSON text, one line an entry."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def emit(text: str, out: Path | None) -> None:
    """Print, or write to `out` as a whole."""
    if out is None:
        say(text)
    else:
        write_atomically(out, text)


def say(text: str, *, err: bool = False) -> None:
    """Print, here and nowhere else: much of it stands in files or is the name of one."""
    typer.echo(printable(text), nl=False, err=err)
