"""Everything that can be asked for by name: comparisons, tables and figures, each listed once.

Help texts, captions and the report are made of this list. What an entry names is imported on use, so that one subject
does not load another's libraries, and no module that draws or tabulates is imported by another one for its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from keybounds.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from keybounds.bounds import Answer
    from keybounds.tables import Table


class Kind(Enum):
    """What a name stands for. A comparison has tables, the first of which goes by its name."""

    COMPARISON = "comparison"
    TABLE = "table"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be asked for.

    Attributes
    ----------
    name, kind, caption
        What it is called, what it is, and a sentence for help texts and for the report.
    builder
        ``module:function`` within `keybounds.reports`: `Answer` of nothing, `Table` of nothing or of the number of
        worker processes, or what draws on a matplotlib figure.
    layout
        Of a comparison that has a table of its own: ``module:function`` from the answer to it.
    long
        It takes a minute, and is no part of the report.
    workers
        The builder takes a number of worker processes.
    uncertified
        Why the bounds of a table have no certificate, but for those that have one.
    """

    name: str
    kind: Kind
    caption: str
    builder: str
    layout: str = ""
    long: bool = False
    workers: bool = False
    uncertified: str = ""


CATALOGUE = (
    Entry(
        "channels",
        Kind.COMPARISON,
        "Standard channels and Λ_d: private capacities against their ceilings, closed forms beside general routines.",
        "channels:compare_channels",
    ),
    Entry(
        "ion",
        Kind.COMPARISON,
        "The trapped-ion experiment: printed S and Q, measured table, fitted state, and the design of the key run.",
        "ion:compare_ion",
    ),
    Entry(
        "photonic",
        Kind.COMPARISON,
        "The photonic experiment at three fibre lengths: published rates, and models fitted to the printed figures.",
        "photonic:compare_photonic",
    ),
    Entry(
        "private-states",
        Kind.COMPARISON,
        "The PPT private states rho_d: key with trusted devices against ceilings on device-independent key.",
        "private_states:compare_private_states",
        layout="private_states:private_states_table",
    ),
    Entry(
        "smallest-gap",
        Kind.COMPARISON,
        "States of few dimensions with more key than device-independent key.",
        "gap:compare_smallest_gap",
        layout="gap:smallest_gap_table",
    ),
    Entry(
        "finite-size",
        Kind.TABLE,
        "The shortest runs of the ion experiment with key, and key per hour.",
        "finite_table:finite_size_table",
        uncertified="the probability that an honest run passes, which is none of the bounds on key",
    ),
    Entry(
        "finite-photonic",
        Kind.TABLE,
        "How long the photonic experiment must run for a key against collective attacks.",
        "finite_photonic:finite_photonic_table",
        uncertified="finite keys against collective attacks",
    ),
    Entry(
        "efficiency",
        Kind.TABLE,
        "Error correction: how often decoding failed, over rounds, error rates and the syndrome's length.",
        "efficiency_table:efficiency_table",
        uncertified="shares of trials, which are none of the bounds on key",
    ),
    Entry(
        "thresholds",
        Kind.TABLE,
        "Least detection efficiency with certified key, over the fidelity of the pair.",
        "thresholds:thresholds_table",
        long=True,
        workers=True,
    ),
    Entry(
        "finite-size",
        Kind.FIGURE,
        "Key per round of a finite run of the ion experiment, at its test fraction and soundness, by entropy "
        "accumulation.",
        "finite_figure:draw_finite",
    ),
    Entry(
        "efficiency",
        Kind.FIGURE,
        "Share of decodings that succeed over f, the syndrome's length over its Shannon limit. Bars: 95 % limits on "
        "either side.",
        "efficiency_figure:draw_efficiency",
    ),
    Entry(
        "private-states",
        Kind.FIGURE,
        "Key of the PPT private states rho_d with trusted devices (blue) against ceilings on their device-independent "
        "key (orange). Grey: proven gap.",
        "private_states_figure:draw_private_states",
    ),
    Entry(
        "smallest-gap",
        Kind.FIGURE,
        "Off the PPT edge: key by hashed pair parities (blue) against the partial-transpose ceilings (orange) over the "
        "error weight p, and the ceilings' ratio to that key; below 1 the gap is proven.",
        "gap_figure:draw_gap",
    ),
    Entry(
        "rates",
        Kind.FIGURE,
        "Rate and ceilings of protocols whose guarantee rests on CHSH value and key error. Grey: where the two-way key "
        "must lie. All asymptotic, against collective attacks.",
        "rates_figure:draw_rates",
    ),
    Entry(
        "ceilings",
        Kind.FIGURE,
        "Rates between lower bound and ceiling from explicit attacks, over visibility and over detection efficiency.",
        "ceilings_figure:draw_ceilings",
        long=True,
    ),
    Entry(
        "thresholds",
        Kind.FIGURE,
        "Least certified detection efficiency over the fidelity of the pair.",
        "thresholds_figure:draw_thresholds",
        long=True,
        workers=True,
    ),
)


def entries(*kinds: Kind, long: bool | None = None) -> tuple[Entry, ...]:
    """The entries of some kinds, or only those that take a minute, or only the others."""
    return tuple(entry for entry in CATALOGUE if entry.kind in kinds and long in (None, entry.long))


def names_line(*kinds: Kind) -> str:
    """The names of some kinds for a help text: "channels, ion, …; thresholds (a minute)"."""
    short, long = (", ".join(sorted(entry.name for entry in entries(*kinds, long=which))) for which in (False, True))
    return f"{short}; {long} (a minute)" if long else short


def find(argument: str, name: str, *kinds: Kind) -> Entry:
    """The entry of this name among some kinds.

    Raises
    ------
    UnknownNameError
        There is none; the message, about `argument`, offers the nearest.
    """
    known = {entry.name: entry for entry in entries(*kinds)}
    if name not in known:
        raise UnknownNameError.among(argument, name, known)
    return known[name]


def load(reference: str) -> Callable[..., Any]:
    """What ``module:function`` names within `keybounds.reports`."""
    module, _, function = reference.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"keybounds.reports.{module}"), function)
    return found


def compare(subject: str) -> Answer:
    """Achievable key against its ceilings for one subject that has a name.

    Parameters
    ----------
    subject
        ``"channels"``: standard channels and Λ_d; ``"ion"``: the trapped-ion experiment (nadlinger2022);
        ``"photonic"``: the photonic one (liu2022); ``"private-states"``: the PPT private states rho_d;
        ``"smallest-gap"``: states of few dimensions with more key than device-independent key.

    Returns
    -------
    Answer
        All bounds, and each pair lower <= ceiling that their scopes make comparable, checked.

    Raises
    ------
    InputError
        No name: a state, a channel, a link, a table or a run is for `keybounds.bounds_on`.
    UnknownNameError
        No such subject.
    InconsistencyError
        Two proven bounds contradict each other: a defect of this package.
    """
    answer: Answer = load(find("subject", _name(subject), Kind.COMPARISON).builder)()
    return answer


def _name(subject: object) -> str:
    if isinstance(subject, str):
        return subject
    named = names_line(Kind.COMPARISON)
    raise InputError(
        "subject",
        f"the name of a comparison ({named}); for the key of a thing, bounds_on(x)",
        f"{type(subject).__name__}",
    )


def tables_of(answer: Answer) -> tuple[Table, ...]:
    """The tables of a named comparison: its own, or those of any answer."""
    own = {entry.name: entry.layout for entry in entries(Kind.COMPARISON)}.get(answer.name)
    return (load(own)(answer),) if own else answer.tables


def table(name: str, *, workers: int = 1) -> Table:
    """One publication table.

    Parameters
    ----------
    name
        That of a comparison, ``"finite-size"``, ``"finite-photonic"``, ``"efficiency"`` or ``"thresholds"``.
    workers
        Processes for a table that takes one process about a minute.

    Raises
    ------
    UnknownNameError
        No such table.
    """
    entry = find("table", name, Kind.COMPARISON, Kind.TABLE)
    if entry.kind is Kind.COMPARISON:
        return tables_of(compare(name))[0]
    made: Table = load(entry.builder)(*([workers] if entry.workers else []))
    return made


def draw(name: str, form: str = "pdf", *, workers: int = 1) -> bytes:
    """One publication figure, as the bytes of a file. Every point is a bound's value on its safe side.

    matplotlib draws in memory without a display, so that the caller writes whole files.

    Parameters
    ----------
    name
        ``"finite-size"``, ``"efficiency"``, ``"private-states"``, ``"rates"``, ``"smallest-gap"``, ``"ceilings"`` or
        ``"thresholds"``.
    form
        ``"pdf"``, ``"png"`` or ``"svg"``.
    workers
        Processes for a figure that takes one process about a minute.

    Raises
    ------
    UnknownNameError
        Not a figure, or not a format.
    """
    from keybounds.reports.style import image_of

    entry = find("figure", name, Kind.FIGURE)
    drawer = load(entry.builder)
    return image_of(lambda figure: drawer(figure, *([workers] if entry.workers else [])), form)
