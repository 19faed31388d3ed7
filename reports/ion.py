"""The trapped-ion experiment: achievable key against its ceilings."""

from __future__ import annotations

from dataclasses import replace

from keybounds.bounds import Bound, Unit
from keybounds.bounds.lower import coherent_information
from keybounds.bounds.upper import relative_entropy_of_entanglement
from keybounds.experiments import DataSet, IonExperiment, load
from keybounds.reports.behaviours import behaviour_rows, chsh_rows, measured_note
from keybounds.reports.comparison import Comparison, comparison

LINK, PROTOCOL = "nadlinger2022-link", "nadlinger2022-protocol"
KEY = (0, 2)
_SUBJECT = "nadlinger2022-link"


def published_link() -> tuple[float, float]:
    """The printed CHSH value and key error rate of the link characterisation."""
    values = load(LINK).values
    return float(values["chsh"].ufloat.n), float(values["qber"].ufloat.n)


def compare_ion() -> Comparison:
    """Compare the rates and ceilings of nadlinger2022, in bits per heralded pair.

    Three subjects: the link at its printed S and Q, with the trusted-device bounds of a state that has this S and Q
    and the printed fidelity; the measured table, projected onto the no-signalling behaviours; and the S and Q that the
    key-generation run was designed for.
    """
    link = load(LINK)
    measured, notes = _measured_rows(link)
    design = load(PROTOCOL).values
    s, q = _number(design["design_chsh"].value), _number(design["design_qber"].value)
    rows = [
        *_published_rows(link),
        *measured,
        *chsh_rows(s, q, key=KEY, subject=f"design point of the key run (S = {s}, Q = {q})", unit=Unit.PER_HERALD),
    ]
    return comparison(
        "ion",
        "Trapped-ion experiment: achievable key and ceilings",
        rows,
        notes=[
            *notes,
            (
                "In brackets: the printed uncertainties of S and Q, propagated. Noisy preprocessing is tried and shown "
                "only where it helps."
            ),
            "Trusted-device rows are for the Bell-diagonal state fitted to the printed F, S and Q.",
        ],
    )


def _published_rows(link: DataSet) -> list[Bound]:
    s, q = link.values["chsh"].ufloat, link.values["qber"].ufloat
    subject = f"{_SUBJECT}, printed S = {s:.1uS}, Q = {100 * q:.1uS} %"

    def rows(chsh: float, qber: float) -> list[Bound]:
        return chsh_rows(chsh, qber, key=KEY, subject=subject, unit=Unit.PER_HERALD, noise=0.0)

    def spread(k: int) -> float:
        """The uncertainty that row k inherits from S and Q, to first order."""
        import uncertainties

        return float(uncertainties.wrap(lambda chsh, qber: rows(chsh, qber)[k].value)(s, q).s)

    correlations = [
        replace(bound, diagnostics={**bound.diagnostics, "uncertainty": spread(k)})
        for k, bound in enumerate(rows(s.n, q.n))
    ]
    model = link.models["bell-diagonal"]
    assert isinstance(model, IonExperiment)
    state = model.pair.matrix()  # the array: a Qobj would load qutip, which takes seconds
    trusted = [
        replace(bound, unit=Unit.PER_HERALD)
        for bound in (
            coherent_information(state, (2, 2), subject=subject),
            relative_entropy_of_entanglement(state, (2, 2), subject=subject),
        )
    ]
    return correlations + trusted


def _measured_rows(link: DataSet) -> tuple[list[Bound], list[str]]:
    projection = link.projection()
    behaviour, table = projection.behaviour, link.behaviour
    assert table is not None
    note = (
        "Measured table: Table S4 of the paper's supplement with Alice and Bob, captioned the wrong way round there, "
        f"swapped back; the pair (1,2) was not measured. {measured_note(table, KEY, projection)}"
    )
    subject = f"{_SUBJECT}, measured table projected"
    return behaviour_rows(behaviour, key=KEY, subject=subject, unit=Unit.PER_HERALD), [note]


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)
