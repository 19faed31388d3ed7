"""The ceiling from the correlations of Alice and Bob alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.chsh import input_kind, normalised, tables_of
from keybounds.bounds.scope import ANY_PROTOCOL, Scope, Trust, two_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import enclose, shannon_entropy

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


def mutual_information(
    behaviour: Behaviour,
    *,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling from the correlations alone, Eve knowing nothing but the settings: I(A:B|x,y).

    With a key setting, the ceiling for any public discussion of its outputs: the intrinsic information of [maurer1999]
    is an infimum over what Eve makes of her system, and throwing it away leaves I(A:B) at that setting. Without one,
    for every protocol that uses both sides of a round before a message depends on its outcomes: each round adds at most
    max over x, y of I(A:B|x,y), whatever is known of earlier rounds when its settings are chosen. The condition is
    needed: the claim has a table with which a party who hears of the other's outcome first shares more.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], any number of outcomes; every pair must be measured where `key` is None.
    key
        The announced key setting (x, y), counted from 0, or None for every protocol.
    subject, unit
        What the bound is about (default a digest of the table), and what a round is called.

    Raises
    ------
    InputError
        A setting that is needed is not in the table (`UnsupportedError`: not measured).

    Notes
    -----
    maurer1999 for the intrinsic-information ceiling; the claim ``flagged-mixtures`` for all protocols.
    """
    settings, about = behaviour.settings, subject or subject_of("behaviour", behaviour.P)
    if key is None:
        pairs = [(x, y) for x in range(settings[0]) for y in range(settings[1])]
        protocol = ANY_PROTOCOL
    else:
        pairs, protocol = [key], two_way(key)

    certificate = {
        "kind": "closed form",
        "formula": "mutual information",
        "inputs": {"tables": tables_of(behaviour, pairs), "key": list(key) if key else None},
    }

    def information(x: int, y: int) -> arb:
        table = normalised(behaviour, x, y)
        rows = [sum(row, arb(0)) for row in table]
        columns = [sum(column, arb(0)) for column in zip(*table, strict=True)]
        joint = shannon_entropy(p for row in table for p in row)
        return shannon_entropy(rows) + shannon_entropy(columns) - joint

    return max(
        (
            upper_bound(
                enclose(partial(information, x, y)),
                unit=unit,
                scope=Scope(subject=about, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
                method="mutual information" + ("" if key is not None else " of the best setting pair"),
                reference="maurer1999" + ("" if key is not None else "; this project, claim flagged-mixtures"),
                provenance={"setting": [x, y], "table": input_kind(behaviour)},
                certificate=certificate,
            )
            for x, y in pairs
        ),
        key=lambda bound: bound.value,
    )
