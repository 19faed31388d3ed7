"""What the theorems ask of a run and no test of it can show: it belongs to a length as much as its soundness does."""

from __future__ import annotations

LABORATORIES = (
    "quantum theory holds, and the laboratories let nothing out but what the protocol announces",
    "inputs are drawn afresh for each round, whatever the devices and Eve hold",
    "Alice's device learns her setting and nothing else: not whether a round is tested",
    "the hashes that validate, authenticate and activate fail with probability 2^-61 at most on strings this long",
)
"""Of every theorem. A device that knew of the tests could play them well and give the key away."""

DESIGN = "threshold, syndrome length and the theorem's parameters are fixed before the run"
"""Of every theorem: the best parameters for data already seen are no admissible ones."""

IN_ORDER = "the rounds run in order, and Eve learns that a round is tested only after its state is fixed"
"""Of the theorems against general attacks."""

ALIKE = "collective attacks: the rounds are independent and alike, and the devices have no memory"
"""Of those for independent rounds. No test of a run can establish it."""

FINITE = "all systems have finite dimension, whichever it is"
"""Of the theorems proved here, which stand on statements for matrices."""
