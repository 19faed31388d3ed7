"""Finite-size keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keybounds.cli.app import app, emit, to_json
from keybounds.cli.options import JSON, Json, Out, chosen_form, setting_pair, setting_pairs
from keybounds.errors import InputError


@app.command()
def finite(
    subject: Annotated[str, typer.Argument(help="ion")],
    rounds: Annotated[str, typer.Option(help="number of rounds n")] = "1.5e6",
    gamma: Annotated[str, typer.Option(help="probability of a test round")] = "13/256",
    chsh: Annotated[str | None, typer.Option(help="CHSH value S of honest devices; default 2.64")] = None,
    qber: Annotated[str | None, typer.Option(help="key error rate Q of honest devices; default 0.018")] = None,
    correlations: Annotated[Path | None, typer.Option(help="take S and Q from this CSV file, as in rate")] = None,
    key: Annotated[str, typer.Option(help="key setting X,Y, counted from 0; Alice's is a CHSH setting")] = "0,2",
    unmeasured: Annotated[list[str] | None, typer.Option(help="a setting pair X,Y that was not measured")] = None,
    soundness: Annotated[str, typer.Option(help="security parameter of the key")] = "1e-10",
    theorem: Annotated[
        str, typer.Option(help="eat-2019, renyi, eat-2018, or aep-iid (collective attacks only)")
    ] = "eat-2019",
    extractor: Annotated[
        str, typer.Option(help="trevisan, toeplitz or circulant; renyi: one of the latter")
    ] = "trevisan",
    leakage: Annotated[
        int | None, typer.Option(help="bits published for error correction; default: as published")
    ] = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Finite-size key of one run, term by term.

    By default the published run of the ion experiment.
    """
    from keybounds.bounds import Link, Run
    from keybounds.reports.finite import exact_number, finite_report, measured_link

    form = chosen_form(form, out, JSON)
    setting = setting_pair("--key", key)
    if correlations is None:
        s, q = exact_number("--chsh", chsh or "2.64"), exact_number("--qber", qber or "0.018")
        link = Link(s, q, setting)
    elif chsh is None and qber is None:
        link = measured_link(correlations, setting, setting_pairs("--unmeasured", unmeasured))
    else:
        raise InputError("--correlations", "either a file, or --chsh and --qber", "both")
    run = Run(
        link,
        rounds=exact_number("--rounds", rounds),  # type: ignore[arg-type]  # a whole number, as `Run` checks
        gamma=exact_number("--gamma", gamma),
        soundness=exact_number("--soundness", soundness),
        leakage=leakage,
    )
    result = finite_report(subject, run, theorem=theorem, extractor=extractor)
    emit(to_json(result.to_dict()) if form == "json" else result.to_text(), out)
