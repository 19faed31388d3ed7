"""Outcomes merged: what a party may do to its own outcomes before anything else, such as making bits of three."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError

if TYPE_CHECKING:
    from keybounds.experiments.behaviour import Behaviour


def merge_outcomes(behaviour: Behaviour, bits: Sequence[int]) -> Behaviour:
    """Alice reads outcome a as ``bits[a]``: P'(a'|..) is the sum of P(a|..) over the a with that reading.

    Parameters
    ----------
    behaviour
        A table of any number of outcomes.
    bits
        For each outcome of Alice the number it is read as, from 0 without a gap; two numbers make her key bits.

    Returns
    -------
    Behaviour
        The table of the merged outcomes, with the counts. Merging is local processing: a key of the merged table is a
        key of the device.

    Raises
    ------
    InputError
        Not one number an outcome, a gap, or a single number.

    Examples
    --------
    >>> from keybounds.experiments import Behaviour
    >>> three = Behaviour([[[[.2]], [[.1]]], [[[.1]], [[.2]]], [[[.2]], [[.2]]]])
    >>> merge_outcomes(three, (0, 1, 1)).P[:, :, 0, 0].round(3).tolist()
    [[0.2, 0.1], [0.3, 0.4]]
    """
    from keybounds.experiments.behaviour import Behaviour as Table

    numbers = [int(bit) for bit in bits]
    if len(numbers) != behaviour.outcomes[0]:
        raise InputError("bits", f"one number for each of Alice's {behaviour.outcomes[0]} outcomes", str(numbers))
    if sorted(set(numbers)) != list(range(max(numbers) + 1)) or max(numbers) < 1:
        raise InputError("bits", "numbers from 0 without a gap, at least two", str(numbers))

    def summed(table: NDArray[np.generic]) -> NDArray[np.generic]:
        found = np.zeros((max(numbers) + 1, *table.shape[1:]), dtype=table.dtype)
        for a, bit in enumerate(numbers):
            found[bit] = found[bit] + table[a]
        return found

    name = f"{behaviour.provenance or 'a table'}, Alice's outcomes read as {','.join(map(str, numbers))}"
    if behaviour.counts is not None:
        # what was accepted as a behaviour before stays accepted: merging creates no deviation
        return Table.from_counts(
            summed(behaviour.counts), unmeasured=behaviour.unmeasured, provenance=name, max_z=float("inf")
        )
    spread = None if behaviour.uncertainty is None else np.sqrt(summed(behaviour.uncertainty**2))
    return Table(
        summed(behaviour.P),
        unmeasured=behaviour.unmeasured,
        uncertainty=spread,
        provenance=name,
        atol=1e-8,
        max_z=float("inf"),
    )


def default_bits(behaviour: Behaviour) -> tuple[int, ...]:
    """Three outcomes of Alice as bits: the last, by convention a missed detection, joins the rarer of the others.

    Of more than three, all beyond the first two join it.
    """
    frequency = np.nan_to_num(behaviour.P).sum(axis=(1, 2, 3))
    rarer = 0 if frequency[0] < frequency[1] else 1
    return (0, 1, *([rarer] * (behaviour.outcomes[0] - 2)))
