"""What goes into a paper: comparisons, tables, figures, the report and the bibliography."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from keybounds.cli.app import app, emit, say, to_json
from keybounds.cli.options import IMAGES, JSON, TABLES, Json, Out, chosen_form
from keybounds.files import check_target, is_stream, write_atomically
from keybounds.reports.catalogue import Kind, names_line


@app.command()
def compare(
    subject: Annotated[str, typer.Argument(help=names_line(Kind.COMPARISON))],
    form: Json = None,
    out: Out = None,
) -> None:
    """Achievable key against its ceilings.

    Every comparable pair is checked.
    """
    from keybounds.bounds.layout import answer_text
    from keybounds.reports.catalogue import compare as compare_subject
    from keybounds.reports.catalogue import tables_of

    form = chosen_form(form, out, JSON)
    answer = compare_subject(subject)
    emit(to_json(answer.to_dict()) if form == "json" else answer_text(answer, tables_of(answer)), out)


@app.command()
def table(
    name: Annotated[str, typer.Argument(help=names_line(Kind.COMPARISON, Kind.TABLE))],
    form: Annotated[
        str | None,
        typer.Option("--format", help="text, latex, csv, markdown, html or json; default: as --out is called, or text"),
    ] = None,
    out: Out = None,
) -> None:
    """One publication table."""
    from keybounds.reports.catalogue import table as build

    form = chosen_form(form, out, TABLES)
    emit(build(name, workers=os.cpu_count() or 1).render(form), out)


@app.command()
def figure(
    name: Annotated[str, typer.Argument(help=names_line(Kind.FIGURE))],
    form: Annotated[
        str | None, typer.Option("--format", help="pdf, png or svg; default: as --out is called, or pdf")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="the file to write; default NAME.FORMAT")] = None,
) -> None:
    """One publication figure."""
    from keybounds.reports.catalogue import draw

    form = chosen_form(form, out, IMAGES, exclusive=True)
    path = out or Path(f"{name}.{form}")
    check_target(path, "--out")
    image = draw(name, form, workers=os.cpu_count() or 1)
    write_atomically(path, image)
    if not is_stream(path):
        say(f"{path}\n")


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", help="folder for the report")] = Path("report"),
) -> None:
    """All tables and figures and an index page."""
    from keybounds.reports.report import write_report

    index = write_report(out, progress=sys.stderr.isatty(), workers=os.cpu_count() or 1)
    say(f"{index}\n")


@app.command()
def cite(
    what: Annotated[
        list[str], typer.Argument(metavar="KEY|FILE...", help="a key of the bibliography, or a result or certificate")
    ],
    out: Out = None,
) -> None:
    """BibTeX of a source, or of everything that a result rests on."""
    from keybounds.reports.bibliography import cite as entries

    if out is not None:
        check_target(out, "--out")
    emit(entries(what), out)


@app.command()
def datasets() -> None:
    """The published data sets that come with the package."""
    from keybounds.experiments import available

    width = max(map(len, available())) + 2
    for name, line in available().items():
        say(f"{name:{width}}{line}\n")
