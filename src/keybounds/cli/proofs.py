"""Claims and certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keybounds.cli.app import app, emit, say, to_json
from keybounds.cli.options import JSON, Json, Out, chosen_form
from keybounds.errors import InputError
from keybounds.files import check_target


@app.command()
def prove(
    claim: Annotated[str | None, typer.Argument(help="a claim's name; default: all")] = None,
    form: Json = None,
    latex: Annotated[bool, typer.Option("--latex", help="an appendix for an article, in LaTeX")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="the whole proof of one claim, indented")] = False,
    out: Out = None,
) -> None:
    """Run the symbolic claims; print statement and verdict.

    PROVED: the statement follows from exact computations, definitions, published theorems and proved claims. ARGUED: a
    step is argued in words only, which is named. CHECKED: the derivation does not reach the statement. Exit status 1 if
    a claim is REFUTED.
    """
    from keybounds.reports.claims import proof_report

    form = "text" if (latex or explain) and form is None else chosen_form(form, out, JSON)
    if latex + explain + (form == "json") > 1:
        raise InputError("--latex", "one of --latex, --explain and --format json", "several")
    if explain and claim is None:
        raise InputError("--explain", "the name of the claim to explain", "none")
    if out is not None:
        check_target(out, "--out")
    report = proof_report(claim)
    text = report.to_latex() if latex else report.explained() if explain else report.to_text()
    emit(to_json(report.to_dict()) if form == "json" else text, out)
    if not report.holds:
        raise typer.Exit(1)


@app.command()
def certify(
    file: Annotated[Path, typer.Argument(help="a result that a command wrote with --format json")],
    out: Annotated[Path | None, typer.Option("--out", help="folder; default: NAME-certificates beside FILE")] = None,
) -> None:
    """Write a certificate for every bound in a result."""
    from keybounds.reports.certificates import certify_result, described, share

    found = certify_result(file, out)
    for one in found:
        bound = described(one.bound)
        head = f"{bound['subject']}: {bound['method']}, {bound['value']!r} {bound['unit']}"
        line = f"{one.file or 'none'}  {head}" + ("" if one.accepted else f"  ({one.reason})")
        say(line.replace("\n", " ") + "\n")
    say(f"{share(one.accepted for one in found)} bounds certified\n")
    if any(one.certificate is not None and not one.accepted for one in found):
        raise typer.Exit(1)


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="certificates")],
) -> None:
    """Re-derive certificates independently.

    Each may take 600 seconds of computing time and 4096 megabytes of memory.
    Exit status, the greatest of all: 0 accepted, 1 rejected, 2 unreadable, 3 not checked (more than that).
    """
    from keybounds.proofs.verifier.__main__ import main

    raise typer.Exit(main([str(file) for file in files]))
