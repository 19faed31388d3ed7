"""Operating points with the most certified key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from keybounds.cli.app import app, emit, to_json
from keybounds.cli.options import JSON, Json, Out, chosen_form, two_numbers
from keybounds.errors import InputError


@app.command()
def optimise(
    subject: Annotated[str, typer.Argument(help="photonic")],
    efficiency: Annotated[float | None, typer.Option(help="detection efficiency of both sides")] = None,
    efficiencies: Annotated[str | None, typer.Option(help="detection efficiencies A,B; default: as published")] = None,
    statistics: Annotated[str, typer.Option(help="source: poisson, thermal or single-pair")] = "poisson",
    fidelity: Annotated[float | None, typer.Option(help="of the pair; default: as fitted to the experiment")] = None,
    imperfection: Annotated[str, typer.Option(help="white-noise or dephasing")] = "white-noise",
    mean_pairs: Annotated[float | None, typer.Option(help="pairs a round; default: optimised, or 1")] = None,
    level: Annotated[str, typer.Option(help="level of the moment relaxation")] = "22",
    nodes: Annotated[int, typer.Option(help="nodes of the integral")] = 16,
    threshold: Annotated[bool, typer.Option("--threshold", help="go down to the least efficiency with key")] = False,
    tolerance: Annotated[float, typer.Option(help="of the threshold efficiency")] = 1e-3,
    seconds: Annotated[float | None, typer.Option(help="time limit; the best so far is certified even then")] = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Operating point with the most certified key.

    With --threshold, the least efficiency with some.
    """
    from keybounds.bounds import Hierarchy
    from keybounds.reports.operating_point import operating_report
    from keybounds.reports.progress import solves

    form = chosen_form(form, out, JSON)
    if efficiency is not None and efficiencies is not None:
        raise InputError("--efficiency", "either --efficiency or --efficiencies", "both")
    pair = (efficiency, efficiency) if efficiency is not None else None
    with solves(visible=sys.stderr.isatty()) as progress:
        result = operating_report(
            subject,
            efficiencies=two_numbers("--efficiencies", efficiencies) if efficiencies is not None else pair,
            statistics=statistics,
            fidelity=fidelity,
            imperfection=imperfection,
            mean_pairs=mean_pairs,
            hierarchy=Hierarchy(level, nodes),
            threshold=threshold,
            tolerance=tolerance,
            seconds=seconds,
            progress=progress,
        )
    emit(to_json(result.to_dict()) if form == "json" else result.table.render("text"), out)
