"""`Hierarchy`: which moment relaxation bounds an entropy, and how finely its integral is cut."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from keybounds.errors import InputError, UnknownNameError

Level: TypeAlias = str | tuple[Any, ...]
Solver: TypeAlias = Literal["interior-point", "clarabel", "qics"]

SOLVERS: tuple[Solver, ...] = ("interior-point", "clarabel", "qics")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """How hard a lower bound from full correlations is worked for; any choice gives a valid bound.

    Attributes
    ----------
    level
        A level of `bounds.correlations.moments.levels` ("11", "22", "22+b01", "s6", …), a tuple of words, or
        ``"auto"``: climb the levels until one gains less than 1e-6 bit.
    nodes
        Number of chord nodes of the integral, placed by a coarse pilot solve, or the nodes themselves, increasing in
        (0, 1). The loss falls as the inverse square of their number; without noise it takes the most.
    solver
        ``"interior-point"`` (None), or a second opinion: ``"clarabel"``, ``"qics"``.

    Raises
    ------
    InputError, UnknownNameError
        No node; another solver. What a level means is for the scenario to say.
    """

    level: Level = "22"
    nodes: int | tuple[float, ...] = 32
    solver: Solver | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.level, str):
            object.__setattr__(self, "level", tuple(self.level))
        object.__setattr__(self, "nodes", _number_or_places(self.nodes))
        if self.solver is not None and self.solver not in SOLVERS:
            raise UnknownNameError.among("solver", str(self.solver), SOLVERS)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"level": self.level, "nodes": self.nodes, "solver": self.solver}

    def __str__(self) -> str:
        nodes = self.nodes if isinstance(self.nodes, int) else len(self.nodes)
        level = f'level "{self.level}"' if isinstance(self.level, str) else f"{len(self.level)} words"
        return f"{level}, {nodes} node{'s' if nodes != 1 else ''}"


def _number_or_places(nodes: Any) -> int | tuple[float, ...]:
    try:
        count = operator.index(nodes)
    except TypeError:
        try:
            places = tuple(float(t) for t in nodes)
        except (TypeError, ValueError):
            places = ()
        if places:
            return places
        count = 0
    if count < 1:
        raise InputError("nodes", "a number of nodes of at least 1, or their places in (0, 1)", repr(nodes))
    return count


def check_hierarchy(hierarchy: object) -> Hierarchy:
    """Return what was given, if it is a hierarchy.

    Raises
    ------
    InputError
        It is something else, such as the name of a level.
    """
    if not isinstance(hierarchy, Hierarchy):
        raise InputError("hierarchy", 'a Hierarchy, such as Hierarchy("22", 32)', repr(hierarchy))
    return hierarchy


STANDARD = Hierarchy()
"""What is taken where nothing is said."""
