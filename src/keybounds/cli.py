"""The command line. Each verb is a call of the library with its result printed; see ``keybounds --help``.

Exit status: 0 on success, 2 on bad input (one line on stderr: what was wrong, expected, found), 1 where a bound could
not be established.
"""

from __future__ import annotations

import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from keybounds.errors import InputError, KeyboundsError, UnknownNameError

app = typer.Typer(
    name="keybounds",
    help="Achievable rates and proven ceilings for device-independent quantum key distribution.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[str, typer.Option("--format", help="text or json")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


@app.command()
def compare(
    subject: Annotated[str, typer.Argument(help="channels, ion, photonic, private-states or smallest-gap")],
    form: Json = "text",
    out: Out = None,
) -> None:
    """Achievable key against its ceilings.

    Every comparable pair is checked.
    """
    from keybounds.reports import compare as compare_subject

    _check_output(form, ("text", "json"), out)
    result = compare_subject(subject)
    _emit(_json(result.to_dict()) if form == "json" else result.to_text(), out)


@app.command()
def rate(
    file: Annotated[Path, typer.Argument(help="CSV with columns x,y,a,b and count or p (dp optional)")],
    key: Annotated[str, typer.Option(help="key setting X,Y, counted from 0")],
    noise: Annotated[float | None, typer.Option(help="noisy preprocessing q in [0, 1/2]; default: the best")] = None,
    keep: Annotated[float, typer.Option(help="probability p in (0, 1] of keeping outcome 1 in key rounds")] = 1.0,
    level: Annotated[str, typer.Option(help="moment relaxation: 11, 22, 22+b01, s6, 22+b4, ... or auto")] = "22",
    nodes: Annotated[int, typer.Option(help="nodes of the entropy integral")] = 32,
    unmeasured: Annotated[list[str] | None, typer.Option(help="a setting pair X,Y that was not measured")] = None,
    form: Json = "text",
    out: Out = None,
) -> None:
    """Lower and upper bounds on the key of your own correlations."""
    from keybounds.reports.rate import rate_table

    _check_output(form, ("text", "json"), out)
    pairs = [_pair("--unmeasured", text) for text in unmeasured or ()]
    setting = _pair("--key", key)
    result = rate_table(file, key=setting, noise=noise, keep=keep, level=level, nodes=nodes, unmeasured=pairs)
    _emit(_json(result.to_dict()) if form == "json" else result.to_text(), out)


@app.command()
def table(
    name: Annotated[
        str,
        typer.Argument(
            help="channels, finite-photonic, finite-size, ion, photonic, private-states, smallest-gap; "
            "thresholds (a minute)"
        ),
    ],
    form: Annotated[str, typer.Option("--format", help="text, latex, csv, markdown, html or json")] = "text",
    out: Out = None,
) -> None:
    """One publication table."""
    from keybounds.reports import FORMATS
    from keybounds.reports import table as build

    _check_output(form, tuple(FORMATS), out)
    _emit(build(name, workers=os.cpu_count() or 1).render(form), out)


@app.command()
def figure(
    name: Annotated[
        str, typer.Argument(help="finite-size, private-states, rates, smallest-gap; ceilings or thresholds (a minute)")
    ],
    form: Annotated[str, typer.Option("--format", help="pdf, png or svg")] = "pdf",
    out: Annotated[Path | None, typer.Option("--out", help="the file to write; default NAME.FORMAT")] = None,
) -> None:
    """One publication figure."""
    from keybounds.files import write_atomically
    from keybounds.reports.figures import draw

    path = out or Path(f"{name}.{form}")
    _check_target(path)
    image = draw(name, form, workers=os.cpu_count() or 1)
    write_atomically(path, image)
    typer.echo(str(path))


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
    form: Json = "text",
    out: Out = None,
) -> None:
    """Operating point with the most certified key.

    With --threshold, the least efficiency with some.
    """
    from keybounds.reports.operating_point import operating_report
    from keybounds.reports.progress import solves

    _check_output(form, ("text", "json"), out)
    if efficiency is not None and efficiencies is not None:
        raise InputError("--efficiency", "either --efficiency or --efficiencies", "both")
    pair = (efficiency, efficiency) if efficiency is not None else None
    with solves(visible=sys.stderr.isatty()) as progress:
        result = operating_report(
            subject,
            efficiencies=_numbers("--efficiencies", efficiencies) if efficiencies is not None else pair,
            statistics=statistics,
            fidelity=fidelity,
            imperfection=imperfection,
            mean_pairs=mean_pairs,
            level=level,
            nodes=nodes,
            threshold=threshold,
            tolerance=tolerance,
            seconds=seconds,
            progress=progress,
        )
    _emit(_json(result.to_dict()) if form == "json" else result.table.render("text"), out)


@app.command()
def finite(
    subject: Annotated[str, typer.Argument(help="ion")],
    rounds: Annotated[str, typer.Option(help="number of rounds n")] = "1.5e6",
    gamma: Annotated[str, typer.Option(help="probability of a test round")] = "13/256",
    chsh: Annotated[str | None, typer.Option(help="CHSH value S of honest devices; default 2.64")] = None,
    qber: Annotated[str | None, typer.Option(help="key error rate Q of honest devices; default 0.018")] = None,
    correlations: Annotated[Path | None, typer.Option(help="take S and Q from this CSV file, as in rate")] = None,
    key: Annotated[str, typer.Option(help="key setting X,Y of that file, counted from 0")] = "0,2",
    unmeasured: Annotated[list[str] | None, typer.Option(help="a setting pair X,Y that was not measured")] = None,
    soundness: Annotated[str, typer.Option(help="security parameter of the key")] = "1e-10",
    theorem: Annotated[
        str, typer.Option(help="eat-2019, renyi, eat-2018, or aep-iid (collective attacks only)")
    ] = "eat-2019",
    extractor: Annotated[
        str, typer.Option(help="trevisan, toeplitz or circulant; renyi: one of the latter")
    ] = "trevisan",
    syndrome: Annotated[
        int | None, typer.Option(help="bits published for error correction; default: as published")
    ] = None,
    form: Json = "text",
    out: Out = None,
) -> None:
    """Finite-size key of one run, term by term.

    By default the published run of the ion experiment.
    """
    from keybounds.reports.finite import exact_number, finite_report, measured_link

    _check_output(form, ("text", "json"), out)
    s, q = exact_number("--chsh", chsh or "2.64"), exact_number("--qber", qber or "0.018")
    if correlations is not None:
        if chsh is not None or qber is not None:
            raise InputError("--correlations", "either a file, or --chsh and --qber", "both")
        pairs = [_pair("--unmeasured", text) for text in unmeasured or ()]
        s, q = map(Fraction, measured_link(correlations, _pair("--key", key), pairs))
    result = finite_report(
        subject,
        rounds=exact_number("--rounds", rounds),
        gamma=exact_number("--gamma", gamma),
        chsh=s,
        qber=q,
        soundness=exact_number("--soundness", soundness),
        theorem=theorem,
        extractor=extractor,
        syndrome=syndrome,
    )
    _emit(_json(result.to_dict()) if form == "json" else result.to_text(), out)


@app.command()
def prove(
    claim: Annotated[str | None, typer.Argument(help="a claim's name; default: all")] = None,
    form: Json = "text",
    latex: Annotated[bool, typer.Option("--latex", help="an appendix for an article, in LaTeX")] = False,
    out: Out = None,
) -> None:
    """Run the symbolic claims; print statement and verdict."""
    from keybounds.reports.claims import proof_report

    _check_output(form, ("text", "json"), out)
    if latex and form == "json":
        raise InputError("--latex", "either --latex or --format json", "both")
    report = proof_report(claim)
    text = report.to_latex() if latex else report.to_text()
    _emit(_json(report.to_dict()) if form == "json" else text, out)
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
        typer.echo(f"{one.file or 'none'}  {head}" + ("" if one.accepted else f"  ({one.reason})"))
    typer.echo(f"{share(one.accepted for one in found)} bounds certified")
    if any(one.certificate is not None and not one.accepted for one in found):
        raise typer.Exit(1)


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="certificates")],
) -> None:
    """Re-derive certificates independently.

    Exit status: 0 accepted, 1 rejected, 2 unreadable.
    """
    from keybounds.proofs.verifier.__main__ import main

    raise typer.Exit(main([str(file) for file in files]))


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", help="folder for the report")] = Path("report"),
) -> None:
    """All tables and figures and an index page."""
    from keybounds.reports.report import write_report

    index = write_report(out, progress=sys.stderr.isatty())
    typer.echo(str(index))


@app.command()
def datasets() -> None:
    """The published data sets that come with the package."""
    from keybounds.experiments import available

    width = max(map(len, available())) + 2
    for name, line in available().items():
        typer.echo(f"{name:{width}}{line}")


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _check_output(form: str, known: tuple[str, ...], out: Path | None) -> None:
    """Refuse what cannot be written before anything is computed."""
    if form not in known:
        raise UnknownNameError.among("--format", form, known)
    if out is not None:
        _check_target(out)


def _pair(option: str, text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise InputError(option, "a setting pair X,Y of two numbers from 0", repr(text))
    return int(parts[0]), int(parts[1])


def _numbers(option: str, text: str) -> tuple[float, float]:
    try:
        alice, bob = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(option, "two numbers A,B", repr(text)) from None
    return alice, bob


def _check_target(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        raise InputError("--out", "a file in a folder that exists", str(path))


def _emit(text: str, out: Path | None) -> None:
    """Print, or write to `out` as a whole."""
    from keybounds.files import write_atomically

    if out is None:
        typer.echo(text, nl=False)
        return
    _check_target(out)
    write_atomically(out, text)


def run() -> NoReturn:
    """Run the command line and exit with its status; errors become one line on stderr."""
    if len(sys.argv) == 1:  # what can be asked for is the answer, on stdout as for --help
        sys.argv.append("--help")
    try:
        status = app(standalone_mode=False)
    except InputError as error:
        _fail(str(error), 2)
    except KeyboundsError as error:
        _fail(str(error), 1)
    except typer.TyperException as error:
        _fail(error.format_message(), 2)
    except typer.Abort:
        _fail("interrupted", 130)
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror or error}", 2)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> NoReturn:
    sys.stderr.write("keybounds: " + " ".join(message.split()) + "\n")
    sys.exit(status)
