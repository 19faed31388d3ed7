"""What can be asked for by name: comparisons, tables and figures."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from keybounds.errors import UnknownNameError
from keybounds.reports.comparison import Comparison
from keybounds.tables import Table

# name: module and function, imported on use so that one subject does not load another's libraries
_COMPARISONS = {
    "channels": ("keybounds.reports.channels", "compare_channels"),
    "ion": ("keybounds.reports.ion", "compare_ion"),
    "photonic": ("keybounds.reports.photonic", "compare_photonic"),
    "private-states": ("keybounds.reports.private_states", "compare_private_states"),
    "smallest-gap": ("keybounds.reports.gap", "compare_smallest_gap"),
}

COMPARISONS = tuple(_COMPARISONS)

# tables that are no comparison
_TABLES = {
    "finite-size": ("keybounds.reports.finite_table", "finite_size_table"),
    "finite-photonic": ("keybounds.reports.finite_photonic", "finite_photonic_table"),
}

TABLES = tuple(_TABLES)

# tables that are no comparison and take a minute: not part of the report
_LONG_TABLES = {"thresholds": ("keybounds.reports.thresholds", "thresholds_table")}


def compare(subject: str) -> Comparison:
    """Achievable key against its ceilings for one subject.

    Parameters
    ----------
    subject
        ``"channels"``: standard channels and Λ_d; ``"ion"``: the trapped-ion experiment (nadlinger2022);
        ``"photonic"``: the photonic one (liu2022); ``"private-states"``: the PPT private states rho_d;
        ``"smallest-gap"``: states of few dimensions with more key than device-independent key.

    Returns
    -------
    Comparison
        All bounds, and each pair lower <= ceiling that their scopes make comparable, checked.

    Raises
    ------
    UnknownNameError
        No such subject.
    InconsistencyError
        Two proven bounds contradict each other: a defect of this package.
    """
    if subject not in _COMPARISONS:
        raise UnknownNameError.among("subject", subject, _COMPARISONS)
    module, function = _COMPARISONS[subject]
    build: Callable[[], Comparison] = getattr(import_module(module), function)
    return build()


def table(name: str, *, workers: int = 1) -> Table:
    """One publication table.

    Parameters
    ----------
    name
        That of a comparison, ``"finite-size"``, ``"finite-photonic"`` or ``"thresholds"``.
    workers
        Processes for the table of thresholds, which takes one process about a minute.

    Raises
    ------
    UnknownNameError
        No such table.
    """
    if name in _LONG_TABLES:
        module, function = _LONG_TABLES[name]
        build: Callable[[int], Table] = getattr(import_module(module), function)
        return build(workers)
    if name in _TABLES:
        module, function = _TABLES[name]
        build_plain: Callable[[], Table] = getattr(import_module(module), function)
        return build_plain()
    if name not in _COMPARISONS:
        raise UnknownNameError.among("table", name, (*_COMPARISONS, *_TABLES, *_LONG_TABLES))
    return compare(name).table
