"""Finite-size keys."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fractions import Fraction
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
    label_numbers,
    named,
    setting_pair,
    setting_pairs,
    trials_of,
)
from keybounds.errors import InputError

PLATFORMS = ("ion", "photonic")


@app.command()
def finite(
    subject: Annotated[str, typer.Argument(help="ion, photonic, or a file as for read; - for stdin")],
    rounds: Annotated[str | None, typer.Option(help="number of rounds n; default: the published run's")] = None,
    rate: Annotated[str | None, typer.Option(help="rounds a second: with --hours, instead of --rounds")] = None,
    hours: Annotated[str | None, typer.Option(help="how long the run takes")] = None,
    shortest: Annotated[bool, typer.Option("--shortest", help="the fewest rounds with --least bits of key")] = False,
    least: Annotated[str | None, typer.Option(help="bits of key of the shortest run; default 1")] = None,
    gamma: Annotated[str | None, typer.Option(help="probability of a test round; default 13/256, as published")] = None,
    optimise: Annotated[bool, typer.Option("--optimise", help="choose gamma, and the theorem, for most key")] = False,
    chsh: Annotated[str | None, typer.Option(help="ion: CHSH value S of honest devices; default 2.64")] = None,
    qber: Annotated[str | None, typer.Option(help="ion: key error rate Q of honest devices; default 0.018")] = None,
    key: Annotated[str, typer.Option(help="key setting X,Y, counted from 0; Alice's is a CHSH setting")] = "0,2",
    soundness: Annotated[str, typer.Option(help="security parameter of the key")] = "1e-10",
    theorem: Annotated[
        str | None,
        typer.Option(help="renyi, eat-2019, eat-2018, or aep-iid (collective attacks only); default: most key"),
    ] = None,
    extractor: Annotated[
        str | None, typer.Option(help="toeplitz, circulant, or trevisan (not for renyi); default: the theorem's own")
    ] = None,
    code_efficiency: Annotated[
        str | None, typer.Option(help="f: bits published, over the Shannon limit; default: of a code seen to decode")
    ] = None,
    leakage: Annotated[int | None, typer.Option(help="bits published for error correction, instead of f")] = None,
    relabel: Relabel = None,
    bits: Annotated[str | None, typer.Option(help="file: bit that each outcome of Alice is read as")] = None,
    confidence: Annotated[
        str | None, typer.Option(help="file: of the devices that counts leave possible; default 0.99")
    ] = None,
    unmeasured: Annotated[list[str] | None, typer.Option(help="file: a setting pair X,Y that was not measured")] = None,
    layout: Layout = None,
    label: Labels = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
    trials: Annotated[
        str | None, typer.Option(help="file: what is counted: all trials, or heralded ones; default: all, and said")
    ] = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Finite-size key of one run of the CHSH protocol, term by term, and what each theorem grants.

    S and Q of honest devices are those of a platform or of a file. By default the published run of the ion experiment.
    """
    form = chosen_form(form, out, JSON)
    from keybounds.reports import finite_devices as devices
    from keybounds.reports.finite import Plan, exact_number, finite_report
    from keybounds.reports.finite_table import published
    from keybounds.reports.progress import solves

    file_only = {
        "--relabel": relabel,
        "--bits": bits,
        "--confidence": confidence,
        "--unmeasured": unmeasured,
        "--layout": layout,
        "--label": label,
        "--decimal": decimal,
        "--sheet": sheet,
        "--trials": trials,
    }
    _refused({"ion": "a file", "photonic": "a file"}.get(subject), file_only, subject)
    _refused(None if subject == "ion" else "ion", {"--chsh": chsh, "--qber": qber}, subject)
    setting = setting_pair("--key", key)
    contradictions(
        (("--rounds", rounds), ("--rate", rate if not shortest else None)),
        (("--rounds", rounds), ("--hours", hours)),
        (("--shortest", shortest), ("--rounds", rounds)),
        (("--shortest", shortest), ("--hours", hours)),
        (("--optimise", optimise), ("--gamma", gamma)),
        (("--code-efficiency", code_efficiency), ("--leakage", leakage)),
        (("--leakage", leakage), ("--optimise", optimise)),
        (("--leakage", leakage), ("--shortest", shortest)),
    )
    if (rate is None) != (hours is None) and not shortest:
        raise InputError("--rate", "both --rate and --hours, which make a number of rounds", "one of them")
    if least is not None and not shortest:
        raise InputError("--least", "--shortest, whose bits it counts", "--least alone")
    free = optimise or (shortest and gamma is None)
    a_second = None if rate is None else _positive("--rate", rate)
    number: Fraction | int | None = None
    if hours is not None and a_second is not None:
        number = int(a_second * _positive("--hours", hours) * 3600)
    elif rounds is not None:
        number = exact_number("--rounds", rounds)
    elif not shortest:
        number = devices.published_photonic_rounds() if subject == "photonic" else int(published("rounds"))
    plan = Plan(
        rounds=number,  # type: ignore[arg-type]  # a whole number, as `Run` checks
        gamma=None if free else published("test_fraction") if gamma is None else exact_number("--gamma", gamma),
        soundness=exact_number("--soundness", soundness),
        least=1 if least is None else _whole("--least", least),
        theorem=theorem,
        extractor=extractor,
        leakage=leakage,
        efficiency=None if code_efficiency is None else exact_number("--code-efficiency", code_efficiency),
        rate=a_second,
        assumed=_assumed(subject, rounds is None and hours is None and not shortest, gamma is None and not free),
    )
    if subject == "ion":
        s, q = (None if t is None else exact_number(o, t) for o, t in (("--chsh", chsh), ("--qber", qber)))
        honest = devices.ion_devices(s, q, setting)
    elif subject == "photonic":
        honest = devices.photonic_devices(setting)
    else:
        from keybounds.experiments import read_table

        file = Path(subject)
        if subject != "-" and not file.exists():
            raise InputError("subject", f"one of {', '.join(PLATFORMS)}, or a file", f"{subject!r}, no such file")
        reading = read_table(
            file,
            layout=layout,
            labels=label_numbers(label),
            decimal=decimal,
            sheet=sheet,
            unmeasured=setting_pairs("--unmeasured", unmeasured),
        )
        honest = devices.measured_devices(
            reading,
            setting,
            name=named(file),
            trials=trials_of(trials),
            relabel=relabel,
            bits=None if bits is None else bits_of(bits),
            confidence=exact_number("--confidence", "0.99" if confidence is None else confidence),
        )
    with solves(visible=sys.stderr.isatty() and free) as after:
        report = finite_report(honest, plan, after)
    emit(to_json(report.to_dict()) if form == "json" else report.to_text(), out)


def contradictions(*pairs: tuple[tuple[str, object], tuple[str, object]]) -> None:
    """Refuse options of which one says what the other says differently.

    Raises
    ------
    InputError
        Both of a pair are given.
    """
    for (one, first), (other, second) in pairs:
        if first not in (None, False) and second not in (None, False):
            raise InputError(one, f"either {one} or {other}", "both")


def _assumed(subject: str, rounds: bool, gamma: bool) -> str:
    """What was not asked for, and is as published."""
    if subject == "ion":
        return ""
    words = [f"n as {'in its run' if subject == 'photonic' else 'for ion'}"] if rounds else []
    words += ["γ as for ion, --optimise chooses one"] if gamma else []
    return "; ".join(words)


def _refused(needs: str | None, given: Mapping[str, object], subject: str) -> None:
    """Refuse options that this subject has no use for."""
    for option, value in given.items():
        if needs is not None and value not in (None, []):
            raise InputError(option, f"{needs} as the subject", repr(subject))


def _positive(option: str, text: str) -> Fraction:
    from keybounds.reports.finite import exact_number

    value = exact_number(option, text)
    if not value > 0:
        raise InputError(option, "a number above 0", text)
    return value


def _whole(option: str, text: str) -> int:
    value = _positive(option, text)
    if value.denominator != 1:
        raise InputError(option, "a whole number", text)
    return int(value)
