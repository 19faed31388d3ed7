"""The trapped-ion experiment: achievable key against its ceilings."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from keybounds.bounds import Bound, Unit
from keybounds.bounds.lower import coherent_information
from keybounds.bounds.upper import relative_entropy_of_entanglement
from keybounds.experiments import DataSet, IonExperiment, load
from keybounds.reports.behaviours import behaviour_rows, chsh_rows, measured_note, sandwich_rows
from keybounds.reports.comparison import Comparison, comparison

LINK, PROTOCOL = "nadlinger2022-link", "nadlinger2022-protocol"
KEY = (0, 2)


def compare_ion() -> Comparison:
    """Compare the rates and ceilings of nadlinger2022, in bits per heralded pair.

    Four subjects: the link at its printed S and Q; the measured table, projected onto the no-signalling behaviours; a
    state fitted to the printed fidelity, S and Q, with trusted and with untrusted devices; and the S and Q that the
    key-generation run was designed for.
    """
    link = load(LINK)
    measured, notes = _measured_rows()
    design = load(PROTOCOL).values
    s, q = _number(design["design_chsh"].value), _number(design["design_qber"].value)
    rows = [
        *_published_rows(link),
        *measured,
        *_model_rows(),
        *chsh_rows(s, q, key=KEY, subject=f"design point of the key run, S = {s}, Q = {q}", unit=Unit.PER_HERALD),
    ]
    return comparison(
        "ion",
        "Trapped-ion experiment: achievable key and ceilings",
        rows,
        notes=[
            *notes,
            (
                "Brackets: from the printed uncertainties of S and Q. Noisy preprocessing is tried; shown only "
                "where it helps."
            ),
            "The fitted state is measured without error; its S and Q are the printed ones up to rounding.",
            (
                "Ceilings from (S,Q) bind protocols whose guarantee rests on these two numbers alone: they may lie "
                "below the ceilings for the full table, and below the rates that it proves."
            ),
        ],
        with_intervals=True,
    )


def _published_rows(link: DataSet) -> list[Bound]:
    s, q = link.values["chsh"].ufloat, link.values["qber"].ufloat
    subject = f"{LINK}, printed S = {s:.1uS}, Q = {100 * q:.1uS} %"

    def rows(chsh: float, qber: float) -> list[Bound]:
        return chsh_rows(chsh, qber, key=KEY, subject=subject, unit=Unit.PER_HERALD, noise=0.0)

    def spread(k: int) -> float:
        """The uncertainty that row k inherits from S and Q, to first order."""
        import uncertainties

        return float(uncertainties.wrap(lambda chsh, qber: rows(chsh, qber)[k].value)(s, q).s)

    return [
        replace(bound, diagnostics={**bound.diagnostics, "uncertainty": spread(k)})
        for k, bound in enumerate(rows(s.n, q.n))
    ]


@cache
def _model_rows() -> tuple[Bound, ...]:
    """The Bell-diagonal state, with trusted devices and with untrusted ones."""
    model = load(LINK).models["bell-diagonal"]
    assert isinstance(model, IonExperiment)
    state = model.pair.matrix()  # the array: a Qobj would load qutip, which takes seconds
    subject = f"{LINK}, Bell-diagonal state fitted to the printed F, S and Q"
    trusted = (
        coherent_information(state, (2, 2), subject=subject),
        relative_entropy_of_entanglement(state, (2, 2), subject=subject),
    )
    behaviour = model.behaviour()
    return (
        *behaviour_rows(behaviour, key=KEY, subject=subject, unit=Unit.PER_HERALD),
        *sandwich_rows(behaviour, key=KEY, subject=subject, unit=Unit.PER_HERALD, effort="best"),
        *(replace(bound, unit=Unit.PER_HERALD) for bound in trusted),
    )


@cache
def _measured_rows() -> tuple[tuple[Bound, ...], tuple[str, ...]]:
    link = load(LINK)
    projection = link.projection()
    behaviour, table = projection.behaviour, link.behaviour
    assert table is not None
    note = (
        "Measured table: Table S4 of the paper's supplement with Alice and Bob, captioned the wrong way round there, "
        f"swapped back; the pair (1,2) was not measured. {measured_note(table, KEY, projection)}"
    )
    subject = f"{LINK}, measured table projected"
    rows = (
        *behaviour_rows(behaviour, key=KEY, subject=subject, unit=Unit.PER_HERALD),
        *sandwich_rows(behaviour, key=KEY, subject=subject, unit=Unit.PER_HERALD, effort="best"),
    )
    return rows, (note,)


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)
