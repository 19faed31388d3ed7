"""How often decoding failed, over channel, rounds and the syndrome's length; and the key that the best codes buy."""

from __future__ import annotations

from dataclasses import replace

from keybounds.bounds.run import Run, ShownCode, best_codes, key_of_run, shown_codes
from keybounds.bounds.run.codes import CONFIDENCE, ION, LIMIT
from keybounds.enclosure import Direction
from keybounds.formatting import significant
from keybounds.reports.finite_table import THEOREMS, design_run, links
from keybounds.tables import Cell, Column, Number, Table


def efficiency_table() -> Table:
    """One row a code that was tried; the best of each channel and number of rounds is marked."""
    best = set(best_codes())
    return Table(
        name="efficiency",
        title="Error correction: bits published over the Shannon limit, and how often decoding failed",
        columns=(
            Column("channel", "channel"),
            Column("rounds", "rounds"),
            Column("code", "code"),
            Column("f", "f"),
            Column("checks", "syndrome (bit)"),
            Column("trials", "trials"),
            Column("failures", "failed"),
            Column("wrong", "wrong strings", for_data=True),
            Column("limit", "failure, 95 %"),
            Column("seconds", "CPU s"),
            *(Column(f"key_{name}", f"key, {name}") for name in THEOREMS),
            Column("recommended", "recommended"),
        ),
        rows=tuple(_cells(one, one in best) for one in shown_codes()),
        notes=(
            (
                f"Failure: one-sided Clopper-Pearson limit at {100 * CONFIDENCE:g} % confidence, of independent trials "
                "that each draw the errors of all rounds. A string with the right syndrome that is another than "
                "Alice's is counted as a failure; the validation hash finds it. CPU s: of one decoding, all threads."
            ),
            (
                "ion: key rounds with 1.8 % of errors and 13/256 of test rounds with 17 %, as nadlinger2022 was "
                "designed for. The other channels have one error rate."
            ),
            (
                "Recommended: the least f whose failures are limited by "
                f"{100 * LIMIT:g} %. Key: of a run at the design point that publishes this syndrome; an honest run "
                "fails with its code too, so what limits its failures is to be taken off the probability to pass."
            ),
        ),
        group="channel",
    )


def key_bought(shown: ShownCode, theorem: str) -> int:
    """Bits of key of a run at the design point that publishes this code's syndrome."""
    run: Run = replace(design_run(links()[0].link, shown.rounds), leakage=shown.checks)
    return key_of_run(run, theorem=theorem, extractor=THEOREMS[theorem]).length


def _cells(one: ShownCode, best: bool) -> tuple[Cell, ...]:
    keys: list[Cell] = [""] * len(THEOREMS)
    if best and one.channel == ION:
        keys = [Number(length, str(length)) for length in (key_bought(one, theorem) for theorem in THEOREMS)]
    return (
        one.channel,
        Number(one.rounds, str(one.rounds)),
        one.text,
        Number(float(one.efficiency), f"{float(one.efficiency):.2f}"),
        Number(one.checks, str(one.checks)),
        Number(one.trials, str(one.trials)),
        Number(one.failures, str(one.failures)),
        Number(one.wrong, str(one.wrong)),
        Number(one.limit, significant(one.limit, 2, Direction.UPPER), "≤"),
        Number(one.seconds, significant(one.seconds, 2)),
        *keys,
        "yes" if best else "",
    )
