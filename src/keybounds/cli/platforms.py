"""Tables of a user's own device: a platform with parameters, or a state and measurements in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keybounds.cli.app import app, emit
from keybounds.cli.options import Out
from keybounds.errors import InputError, UnknownNameError
from keybounds.files import check_target

_PLATFORMS = ("photonic", "ion")


@app.command()
def model(
    subject: Annotated[
        str, typer.Argument(metavar="photonic|ion|FILE", help="a platform, or a .toml file of a device")
    ],
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="a parameter of the platform; see --list")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="the parameters: default, unit, range, meaning")] = False,
    out: Out = None,
) -> None:
    """The correlations of your own device, as CSV for rate and read.

    A platform with some parameters set, or a state with measurements in a TOML file; `keybounds model ... | keybounds
    rate - --key 0,2`.
    """
    if out is not None:
        check_target(out, "--out")
    if subject in _PLATFORMS:
        emit(_listed(subject, assign) if listing else _platform(subject, assign), out)
        return
    if Path(subject).suffix != ".toml":
        raise UnknownNameError.among("model", subject, (*_PLATFORMS, "a file NAME.toml"))
    if assign or listing:
        raise InputError("--list" if listing else "--set", "a platform with parameters", f"the file {subject}")
    from keybounds.experiments.csv_table import table_text
    from keybounds.experiments.device_file import read_device

    behaviour = read_device(subject)
    emit(f"# {_one_line(behaviour.provenance or subject)}\n{table_text(behaviour)}", out)


def _platform(platform: str, assign: list[str] | None) -> str:
    from keybounds.experiments.csv_table import table_text
    from keybounds.experiments.platforms import platform_behaviour

    behaviour, values = platform_behaviour(platform, assigned(assign))
    head = [f"# {behaviour.provenance}", *(f"# {name} = {value}" for name, value in values.items())]
    return "\n".join(head) + "\n" + table_text(behaviour)


def _listed(platform: str, assign: list[str] | None) -> str:
    from keybounds.experiments.platforms import parameters

    if assign:
        raise InputError("--list", "either --list or --set", "both")
    rows = [("name", "default", "unit", "range", "meaning")]
    rows += [(name, p.default or "-", p.unit, p.range, p.meaning) for name, p in parameters(platform).items()]
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    return "".join("  ".join([*map(str.ljust, row, widths), row[4]]) + "\n" for row in rows)


def assigned(assign: list[str] | None) -> dict[str, str]:
    """The parameters of --set by name."""
    found: dict[str, str] = {}
    for text in assign or ():
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            raise InputError("--set", "NAME=VALUE", repr(text))
        if name in found:
            raise InputError("--set", f"{name} once", f"{found[name]} and {value}")
        found[name] = value.strip()
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
