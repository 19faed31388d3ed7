"""Labellings: which settings and outcomes are called 0 and 1, and the one with the largest CHSH value.

S = E(0,0) + E(0,1) + E(1,0) - E(1,1) has its minus sign at (1,1). A laboratory may have it elsewhere, count its
settings in another order, or call an outcome 1 that another calls 0; none of that changes the device. A `Labelling`
says which two settings of each party become 0 and 1, and in which of them the outcomes are exchanged.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keybounds.errors import InputError, UnsupportedError
from keybounds.experiments.correlations import CHSH_SIGNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from keybounds.experiments.behaviour import Behaviour

_NAME = re.compile(r"(?P<what>swap|flip|order)-(?P<role>[xyab])(?P<list>(?:-\d+)*)")


@dataclass(frozen=True, slots=True)
class Labelling:
    """A new order of settings, and outcomes exchanged in some of them.

    Attributes
    ----------
    x, y
        The settings in their new order: setting k of the new table is setting x[k] of the old one.
    flip_a, flip_b
        Settings, by their new numbers, whose two outcomes are exchanged.
    """

    x: tuple[int, ...]
    y: tuple[int, ...]
    flip_a: frozenset[int] = frozenset()
    flip_b: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """As ``--relabel`` takes it: ``swap-x``, ``order-y-2-0-1``, ``flip-b-1``, joined by commas; or ``as given``."""
        parts = []
        for role, order in (("x", self.x), ("y", self.y)):
            if order == (1, 0, *range(2, len(order))):
                parts.append(f"swap-{role}")
            elif order != tuple(range(len(order))):
                parts.append(f"order-{role}-" + "-".join(map(str, order)))
        for role, flips in (("a", self.flip_a), ("b", self.flip_b)):
            if flips:
                parts.append(f"flip-{role}-" + "-".join(map(str, sorted(flips))))
        return ",".join(parts) or "as given"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, name: str, settings: tuple[int, int]) -> Labelling:
        """The labelling of this name for a table of so many settings.

        Raises
        ------
        InputError
            Not a name, or settings that the table does not have.
        """
        orders = {"x": tuple(range(settings[0])), "y": tuple(range(settings[1]))}
        flips: dict[str, frozenset[int]] = {"a": frozenset(), "b": frozenset()}
        for part in name.replace(" ", "").split(","):
            if part in ("as-given", "asgiven"):
                continue
            match = _NAME.fullmatch(part)
            numbers = tuple(int(text) for text in match["list"].split("-")[1:]) if match else ()
            if match is None or (match["what"] == "flip") != (match["role"] in "ab"):
                raise InputError(
                    "relabel", "swap-x, swap-y, order-x-1-0-2, flip-a-0, flip-b-1, .., joined by commas", repr(part)
                )
            role = match["role"]
            size = settings["xa".count(role) == 0]
            if match["what"] == "swap":
                numbers = (1, 0, *range(2, size))
            if match["what"] == "flip":
                if not set(numbers) <= set(range(size)) or not numbers:
                    raise InputError("relabel", f"settings from 0 to {size - 1} to flip", repr(part))
                flips[role] = frozenset(numbers)
            else:
                if sorted(numbers) != list(range(size)):
                    raise InputError("relabel", f"each setting from 0 to {size - 1} once", repr(part))
                orders[role] = numbers
        return cls(orders["x"], orders["y"], flips["a"], flips["b"])

    def apply(self, behaviour: Behaviour) -> Behaviour:
        """The same table under the new labels.

        Raises
        ------
        UnsupportedError
            Outcomes are exchanged of a party that has other than two.
        """
        for flips, outcomes, role in zip((self.flip_a, self.flip_b), behaviour.outcomes, "ab", strict=True):
            if flips and outcomes != 2:
                raise UnsupportedError("relabel", f"two outcomes {role} to exchange", str(outcomes))
        settings = behaviour.settings
        absent = [(self.x.index(x), self.y.index(y)) for x, y in behaviour.unmeasured]
        arrays = [self._moved(part, settings) for part in (behaviour.P, behaviour.counts, behaviour.uncertainty)]
        return behaviour.relabelled(*arrays, unmeasured=absent, labelling=self.name)

    def _moved(self, table: NDArray[np.generic] | None, settings: tuple[int, int]) -> NDArray[np.generic] | None:
        if table is None:
            return None
        moved = table[:, :, list(self.x), :][:, :, :, list(self.y)].copy()
        for x in self.flip_a:
            moved[:, :, x, :] = moved[::-1, :, x, :]
        for y in self.flip_b:
            moved[:, :, :, y] = moved[:, ::-1, :, y]
        return moved

    def moved_pair(self, pair: Sequence[int]) -> tuple[int, int]:
        """The new numbers of an old setting pair."""
        return self.x.index(int(pair[0])), self.y.index(int(pair[1]))


@dataclass(frozen=True, slots=True)
class LargestCHSH:
    """The largest CHSH value over labellings, the labelling that has it, and one standard deviation (None: exact)."""

    value: float
    labelling: Labelling
    deviation: float | None

    def __str__(self) -> str:
        spread = "" if self.deviation is None else f" ± {self.deviation:.2g}"
        return f"S = {self.value:.4f}{spread} with the labelling {self.labelling}"


def largest_chsh(behaviour: Behaviour) -> LargestCHSH | None:
    """The largest CHSH value of a table with two outcomes each; None if no two settings each were all measured.

    Over all pairs of settings of each party, their order, and exchanged outcomes of Bob. Of labellings with the same
    value, the one with the fewest changes; outcomes of Alice need none, as only products count.

    Examples
    --------
    >>> from keybounds.experiments import load
    >>> str(largest_chsh(load("nadlinger2022-link").models["bell-diagonal"].behaviour()).labelling)
    'as given'
    """
    if behaviour.outcomes != (2, 2) or min(behaviour.settings) < 2:
        return None
    table = behaviour.P
    E = table[0, 0] + table[1, 1] - table[0, 1] - table[1, 0]
    rounds = behaviour.rounds
    best: tuple[float, int, Labelling, float | None] | None = None
    nx, ny = behaviour.settings
    for (x0, x1), (y0, y1) in itertools.product(
        itertools.permutations(range(nx), 2), itertools.permutations(range(ny), 2)
    ):
        part = E[np.ix_((x0, x1), (y0, y1))]
        if np.isnan(part).any():
            continue
        for flips in ((), (0, 1), (0,), (1,)):
            signs = np.array([-1.0 if y in flips else 1.0 for y in (0, 1)])
            value = float((CHSH_SIGNS * part * signs).sum())
            labelling = Labelling(
                (x0, x1, *(x for x in range(nx) if x not in (x0, x1))),
                (y0, y1, *(y for y in range(ny) if y not in (y0, y1))),
                flip_b=frozenset(flips),
            )
            changes = 100 * len(flips) + sum(k != x for k, x in enumerate(labelling.x))
            changes += sum(k != y for k, y in enumerate(labelling.y))
            if best is None or value > best[0] + 1e-12 or (value > best[0] - 1e-12 and changes < best[1]):
                spread = None
                if rounds is not None:
                    variances = (1 - part**2) / rounds[np.ix_((x0, x1), (y0, y1))]
                    spread = math.sqrt(float(np.maximum(variances, 0).sum()))
                best = value, changes, labelling, spread
    return None if best is None else LargestCHSH(best[0], best[2], best[3])
