"""The command line. Each verb is a call of the library with its result printed; see ``keybounds --help``.

Exit status: 0 on success, 2 on bad input (one line on stderr: what was wrong, expected, found), 1 where a bound could
not be established.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from keybounds.errors import InputError, KeyboundsError, UnknownNameError
from keybounds.files import check_target, is_stream, write_atomically
from keybounds.formatting import printable
from keybounds.reports.catalogue import Kind, names_line

if TYPE_CHECKING:
    from keybounds.bounds.door import Effort

app = typer.Typer(
    name="keybounds",
    help="Achievable rates and proven ceilings for device-independent quantum key distribution.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[str | None, typer.Option("--format", help="text or json; default: as --out is called, or text")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]

Layout = Annotated[
    str | None,
    typer.Option(help="long, wide, events, angles, abxy or xyab, or the columns: x,y,a,b,count; default: recognised"),
]
Labels = Annotated[
    list[str] | None, typer.Option(help="numbers of labels, as in a:+=0,-=1; default: by convention, and said")
]
Decimal = Annotated[str | None, typer.Option(help="decimal mark; default: recognised")]
Relabel = Annotated[str | None, typer.Option(help="another labelling: swap-x, swap-y, flip-b-1, ..; see read")]

JSON = {"text": "txt", "json": "json"}
TABLES = {"text": "txt", "latex": "tex", "csv": "csv", "markdown": "md", "html": "html", "json": "json"}
IMAGES = {"pdf": "pdf", "png": "png", "svg": "svg"}
"""Formats, and how a file of each is called."""


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

    form = _form(form, out, JSON)
    answer = compare_subject(subject)
    _emit(_json(answer.to_dict()) if form == "json" else answer_text(answer, tables_of(answer)), out)


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="a table or a list of trials: text, .xlsx, .npy, .npz or .mat")],
    layout: Layout = None,
    label: Labels = None,
    decimal: Decimal = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """What a file of correlations is understood to say.

    Settings, outcomes, counts, the CHSH value in the best labelling and the signalling, and every guess on the way.
    """
    from keybounds.experiments import read_table
    from keybounds.reports.reading import ReadingReport

    form = _form(form, out, JSON)
    reading = read_table(file, layout=layout, labels=_labels(label), decimal=decimal)
    report = ReadingReport(file.name, reading)
    _emit(_json(report.to_dict()) if form == "json" else report.to_text(), out)


@app.command()
def rate(
    file: Annotated[Path, typer.Argument(help="a table of counts or probabilities, as for read")],
    key: Annotated[str, typer.Option(help="key setting X,Y, counted from 0")],
    noise: Annotated[
        float | None, typer.Option(help="noisy preprocessing q in [0, 1/2]; default: none, and the best for S and Q")
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
    confidence: Annotated[float, typer.Option(help="of the rate that heads the answer for counts")] = 0.99,
    layout: Layout = None,
    label: Labels = None,
    decimal: Decimal = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Lower and upper bounds on the key of your own correlations."""
    form = _form(form, out, JSON)
    from keybounds.bounds import Hierarchy, one_way
    from keybounds.experiments import read_table
    from keybounds.reports.rate import rate_table

    protocol = one_way(_pair("--key", key), noise=noise or 0.0, keep=keep)
    asked = level is not None or nodes is not None
    reading = read_table(
        file,
        layout=layout,
        labels=_labels(label),
        decimal=decimal,
        unmeasured=_pairs("--unmeasured", unmeasured),
    )
    answer = rate_table(
        reading,
        protocol,
        _effort(effort),
        name=file.name,
        relabel=relabel,
        bits=None if bits is None else _bits(bits),
        confidence=confidence,
        hierarchy=Hierarchy(level or "22", 32 if nodes is None else nodes) if asked else None,
    )
    _emit(_json(answer.to_dict()) if form == "json" else str(answer), out)


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

    form = _form(form, out, TABLES)
    _emit(build(name, workers=os.cpu_count() or 1).render(form), out)


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

    form = _form(form, out, IMAGES, exclusive=True)
    path = out or Path(f"{name}.{form}")
    check_target(path, "--out")
    image = draw(name, form, workers=os.cpu_count() or 1)
    write_atomically(path, image)
    if not is_stream(path):
        _say(f"{path}\n")


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

    form = _form(form, out, JSON)
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
            hierarchy=Hierarchy(level, nodes),
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

    form = _form(form, out, JSON)
    setting = _pair("--key", key)
    if correlations is None:
        s, q = exact_number("--chsh", chsh or "2.64"), exact_number("--qber", qber or "0.018")
        link = Link(s, q, setting)
    elif chsh is None and qber is None:
        link = measured_link(correlations, setting, _pairs("--unmeasured", unmeasured))
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
    _emit(_json(result.to_dict()) if form == "json" else result.to_text(), out)


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

    form = "text" if (latex or explain) and form is None else _form(form, out, JSON)
    if latex + explain + (form == "json") > 1:
        raise InputError("--latex", "one of --latex, --explain and --format json", "several")
    if explain and claim is None:
        raise InputError("--explain", "the name of the claim to explain", "none")
    if out is not None:
        check_target(out, "--out")
    report = proof_report(claim)
    text = report.to_latex() if latex else report.explained() if explain else report.to_text()
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
        line = f"{one.file or 'none'}  {head}" + ("" if one.accepted else f"  ({one.reason})")
        _say(line.replace("\n", " ") + "\n")
    _say(f"{share(one.accepted for one in found)} bounds certified\n")
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
    _emit(entries(what), out)


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", help="folder for the report")] = Path("report"),
) -> None:
    """All tables and figures and an index page."""
    from keybounds.reports.report import write_report

    index = write_report(out, progress=sys.stderr.isatty())
    _say(f"{index}\n")


@app.command()
def datasets() -> None:
    """The published data sets that come with the package."""
    from keybounds.experiments import available

    width = max(map(len, available())) + 2
    for name, line in available().items():
        _say(f"{name:{width}}{line}\n")


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _form(form: str | None, out: Path | None, known: dict[str, str], *, exclusive: bool = False) -> str:
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


def _effort(text: str) -> Effort:
    known: dict[str, Effort] = {"fast": "fast", "best": "best"}
    if text not in known:
        raise UnknownNameError.among("--effort", text, known)
    return known[text]


def _pairs(option: str, texts: list[str] | None) -> list[tuple[int, int]]:
    return [_pair(option, text) for text in texts or ()]


def _pair(option: str, text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise InputError(option, "a setting pair X,Y of two numbers from 0", repr(text))
    return int(parts[0]), int(parts[1])


def _labels(texts: list[str] | None) -> dict[str, dict[str, int]]:
    """Numbers of labels: ``a:+=0,-=1``."""
    found: dict[str, dict[str, int]] = {}
    for text in texts or ():
        role, colon, rest = text.partition(":")
        parts = [part.rpartition("=") for part in rest.split(",")]
        if not colon or role not in ("x", "y", "a", "b") or not all(e and n.isdecimal() for _, e, n in parts):
            raise InputError("--label", "ROLE:LABEL=NUMBER,.. as in a:+=0,-=1", repr(text))
        found[role] = {label: int(number) for label, _, number in parts}
    return found


def _bits(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError("--bits", "a number for each outcome of Alice, as in 0,1,1", repr(text))
    return tuple(int(part) for part in parts)


def _numbers(option: str, text: str) -> tuple[float, float]:
    try:
        alice, bob = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(option, "two numbers A,B", repr(text)) from None
    return alice, bob


def _emit(text: str, out: Path | None) -> None:
    """Print, or write to `out` as a whole."""
    if out is None:
        _say(text)
    else:
        write_atomically(out, text)


def _say(text: str, *, err: bool = False) -> None:
    """Print, here and nowhere else: much of it stands in files or is the name of one."""
    typer.echo(printable(text), nl=False, err=err)


def run() -> NoReturn:
    """Run the command line and exit with its status; errors become one line on stderr."""
    if len(sys.argv) == 1:  # what can be asked for is the answer, on stdout as for --help
        sys.argv.append("--help")
    if sys.stdout is None:  # closed by who started us: what is printed is wanted nowhere
        sys.stdout = io.StringIO()
    status = 0
    try:
        # not `app()`, which exits with 1 where the reader of a pipe has gone, and without a word where interrupted
        command = typer.main.get_command(app)
        try:
            with command.make_context("keybounds", sys.argv[1:]) as context:
                command.invoke(context)
        except typer.Exit as ended:
            status = ended.exit_code
        sys.stdout.flush()
    except InputError as error:
        _fail(str(error), 2)
    except KeyboundsError as error:
        _fail(str(error), 1)
    except typer.TyperException as error:
        _fail(error.format_message(), 2)
    except MemoryError as error:
        _fail(f"out of memory: {error}", 1)
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror or error}", 2)
    sys.exit(status)


def _fail(message: str, status: int) -> NoReturn:
    _say("keybounds: " + " ".join(message.split()) + "\n", err=True)
    sys.exit(status)
