"""The trapped-ion experiment: achievable key against its ceilings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from keybounds import bounds_on
from keybounds.bounds import Answer, Bound, Link, any_discussion, one_way, two_way
from keybounds.bounds.lower import chsh_rate, coherent_information
from keybounds.bounds.upper import chsh_ceiling, relative_entropy_of_entanglement
from keybounds.experiments import DataSet, IonExperiment, load
from keybounds.reports.behaviours import about, key_rates, measured_note, per_herald

LINK, PROTOCOL = "nadlinger2022-link", "nadlinger2022-protocol"
KEY = (0, 2)


def compare_ion() -> Answer:
    """Compare the rates and ceilings of nadlinger2022, in bits per heralded pair.

    Four subjects: the link at its printed S and Q; the measured table, projected onto the no-signalling behaviours; a
    state fitted to the printed fidelity, S and Q, with trusted and with untrusted devices; and the S and Q that the
    key-generation run was designed for.
    """
    measured, note = _measured_rows()
    return Answer.of(
        [*_printed_rows(load(LINK)), *measured, *_model_rows(), *_design_rows()],
        name="ion",
        title="Trapped-ion experiment: achievable key and ceilings",
        notes=[
            note,
            "Brackets: from the printed uncertainties of S and Q. Noisy preprocessing is shown only where it helps.",
            "The fitted state is measured without error; its S and Q are the printed ones up to rounding.",
            (
                "Ceilings from (S,Q) bind protocols whose guarantee rests on these two numbers alone: they may lie "
                "below the ceilings for the full table, and below the rates that it proves."
            ),
        ],
    )


_OF_A_LINK: tuple[Callable[[Link], Bound], ...] = (
    chsh_rate,
    lambda link: chsh_ceiling(link, two_way(link.key)),
    lambda link: chsh_ceiling(link, any_discussion()),
)


def _printed_rows(data: DataSet) -> list[Bound]:
    """Bounds at the printed S and Q, with the uncertainty that each inherits from them, to first order."""
    import uncertainties

    s, q = data.values["chsh"].ufloat, data.values["qber"].ufloat
    rows = []
    for bound in _OF_A_LINK:
        value = uncertainties.wrap(lambda chsh, qber, bound=bound: bound(Link(chsh, qber, KEY)).value)
        found = bound(Link(s.n, q.n, KEY))
        rows.append(replace(found, diagnostics={**found.diagnostics, "uncertainty": float(value(s, q).s)}))
    return about(f"{LINK}, printed S = {s:.1uS}, Q = {100 * q:.1uS} %", per_herald(rows))


@cache
def _measured_rows() -> tuple[tuple[Bound, ...], str]:
    link = load(LINK)
    projection, table = link.projection(), link.behaviour
    assert table is not None
    note = (
        "Measured table: Table S4 of the paper's supplement with Alice and Bob, captioned the wrong way round there, "
        f"swapped back; the pair (1,2) was not measured. {measured_note(table, KEY, projection)}"
    )
    rows = key_rates(bounds_on(projection.behaviour, one_way(KEY), effort="best"))
    return tuple(about(f"{LINK}, measured table projected", per_herald(rows))), note


@cache
def _model_rows() -> tuple[Bound, ...]:
    """The Bell-diagonal state, with untrusted devices and with trusted ones."""
    model = load(LINK).models["bell-diagonal"]
    assert isinstance(model, IonExperiment)
    state = model.pair.matrix()  # the array: a Qobj would load qutip, which takes seconds
    rows = [
        *key_rates(bounds_on(model.behaviour(), one_way(KEY), effort="best")),
        coherent_information(state, (2, 2)),
        relative_entropy_of_entanglement(state, (2, 2)),
    ]
    return tuple(about(f"{LINK}, Bell-diagonal state fitted to the printed F, S and Q", per_herald(rows)))


def _design_rows() -> list[Bound]:
    design = load(PROTOCOL).values
    s, q = _number(design["design_chsh"].value), _number(design["design_qber"].value)
    rows = key_rates(bounds_on(Link(s, q, KEY)))
    return about(f"design point of the key run, S = {s}, Q = {q}", per_herald(rows))


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)
