"""Verbs on a table of correlations: what a file says, and what key it is worth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from keybounds.cli.app import app, emit, to_json
from keybounds.cli.options import (
    JSON,
    Decimal,
    Json,
    Labels,
    Layout,
    Out,
    Relabel,
    Sheet,
    bits_of,
    chosen_form,
    effort_of,
    label_numbers,
    named,
    setting_pair,
    setting_pairs,
    trials_of,
)
from keybounds.errors import InputError


@app.command()
def read(
    file: Annotated[
        Path,
        typer.Argument(help="a table or a list of trials: text, .xlsx, .npy, .mat, .json, or a folder; - for stdin"),
    ],
    layout: Layout = None,
    label: Labels = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """What a file of correlations is understood to say.

    Settings, outcomes, counts, the CHSH value in the best labelling and the signalling, and every guess on the way.
    """
    from keybounds.experiments import read_table
    from keybounds.reports.reading import ReadingReport

    form = chosen_form(form, out, JSON)
    reading = read_table(file, layout=layout, labels=label_numbers(label), decimal=decimal, sheet=sheet)
    report = ReadingReport(named(file), reading)
    emit(to_json(report.to_dict()) if form == "json" else report.to_text(), out)


@app.command()
def rate(
    file: Annotated[Path, typer.Argument(help="a table of counts or probabilities, as for read")],
    key: Annotated[str, typer.Option(help="key setting X,Y, counted from 0")],
    noise: Annotated[
        float | None, typer.Option(help="noisy preprocessing q in [0, 1/2]; default: none, and the best where it helps")
    ] = None,
    keep: Annotated[float, typer.Option(help="probability p in (0, 1] of keeping outcome 1 in key rounds")] = 1.0,
    effort: Annotated[str, typer.Option(help="fast, or best: ten times as long")] = "fast",
    level: Annotated[
        str | None, typer.Option(help="one more moment relaxation: 11, 22, 22+b01, s6, 22+b4, ... or auto")
    ] = None,
    nodes: Annotated[int | None, typer.Option(help="nodes of the entropy integral in that relaxation")] = None,
    unmeasured: Annotated[list[str] | None, typer.Option(help="a setting pair X,Y that was not measured")] = None,
    relabel: Relabel = None,
    bits: Annotated[str | None, typer.Option(help="bit that each outcome of Alice is read as, as in 0,1,1")] = None,
    confidence: Annotated[
        float | None, typer.Option(help="of the rate that heads the answer for counts; default: 0.99")
    ] = None,
    trials: Annotated[
        str | None,
        typer.Option(help="what is counted: all trials, heralded ones, or coincidences; default: all, and said"),
    ] = None,
    layout: Layout = None,
    label: Labels = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Lower and upper bounds on the key of your own correlations."""
    form = chosen_form(form, out, JSON)
    from keybounds.bounds import Hierarchy, one_way
    from keybounds.experiments import read_table
    from keybounds.reports.progress import steps
    from keybounds.reports.rate import rate_table

    protocol = one_way(setting_pair("--key", key), noise=noise or 0.0, keep=keep)
    asked = level is not None or nodes is not None
    reading = read_table(
        file,
        layout=layout,
        labels=label_numbers(label),
        decimal=decimal,
        sheet=sheet,
        unmeasured=setting_pairs("--unmeasured", unmeasured),
    )
    if confidence is not None and reading.counts is None:
        raise InputError("--confidence", "a table of counts, of which alone it is said", f"{named(file)}, of none")
    if trials is not None and reading.behaviour.exact:
        raise InputError("--trials", "counts or estimates, which come of trials", f"{named(file)}, exact")
    with steps(visible=sys.stderr.isatty()) as progress:
        answer = rate_table(
            reading,
            protocol,
            effort_of(effort),
            name=named(file),
            relabel=relabel,
            bits=None if bits is None else bits_of(bits),
            confidence=0.99 if confidence is None else confidence,
            trials=trials_of(trials),
            hierarchy=Hierarchy(level or "22", 32 if nodes is None else nodes) if asked else None,
            progress=progress,
        )
    emit(to_json(answer.to_dict()) if form == "json" else str(answer), out)
