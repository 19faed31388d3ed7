"""`keybounds finite`: the key of one run, term by term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from keybounds.bounds import Adversary, Direction, Link, Run
from keybounds.bounds.run import FiniteKey, key_of_run
from keybounds.errors import InputError, UnknownNameError
from keybounds.experiments import Behaviour
from keybounds.formatting import significant
from keybounds.tables import Cell, Column, Number, Table


@dataclass(frozen=True, slots=True)
class FiniteReport:
    """What `keybounds finite` prints: the key, its terms as a table, and the run's figures."""

    key: FiniteKey
    table: Table

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"name": self.table.name, "title": self.table.title, **self.key.to_dict()}

    def to_text(self) -> str:
        """The terms, then threshold, completeness and balance sheet."""
        return self.table.render("text")


def finite_report(subject: str, run: Run, *, theorem: str = "eat-2019", extractor: str = "trevisan") -> FiniteReport:
    """The key of one run of the ion experiment's protocol, term by term.

    Parameters
    ----------
    subject
        ``"ion"``.
    run
        Of a link from numbers, or from `measured_link`.
    theorem, extractor
        As in `finite_key`.

    Raises
    ------
    UnknownNameError
        Another subject, or no such theorem or extractor.
    UnsupportedError
        An extractor for which the theorem is not shown.
    """
    if subject != "ion":
        raise UnknownNameError.among("subject", subject, ("ion",))
    key = key_of_run(run, theorem=theorem, extractor=extractor)
    return FiniteReport(key, _terms_table(key))


def measured_link(path: Path, key: tuple[int, int], unmeasured: Sequence[tuple[int, int]]) -> Link:
    """The link of a CSV file of correlations, at its point values.

    Raises
    ------
    DataFileError, BehaviourError, InputError, QuestionError
        As in `Behaviour.from_csv` and `Link.of`.
    """
    return Link.of(Behaviour.from_csv(path, unmeasured=unmeasured), key)


def _terms_table(key: FiniteKey) -> Table:
    sheet = key.balance
    lines = "; ".join(
        f"{item.step}: {item.consumed} consumed, {item.reusable} reusable"
        + (f", {item.generated} generated" if item.generated else "")
        for item in sheet.items
    )
    length = f"{key.length} bits of key"
    if not key.length:
        length = f"no key: {key.deficit} bits are missing for the first one"
    passes = ""
    if key.completeness is not None:
        passes = f" An honest run reaches it with probability >= {significant(key.completeness, 6, Direction.LOWER)}."
    accepted = f"a score of {key.provenance['score']:.1f} or more" if "score" in key.provenance else ""
    accepted = accepted or f"{key.provenance['accepted_losses']} lost tests or fewer"
    rows: list[tuple[Cell, ...]] = [
        (term.name, term.formula, Number(term.bits, f"{term.bits:.1f}"), term.meaning) for term in key.terms
    ]
    rows.append(("length", "ℓ", Number(key.length, str(key.length)), "whole bits of key"))
    return Table(
        name="finite",
        title=f"Key of {key.rounds} rounds: {length}, {significant(key.rate, 6, Direction.LOWER)} bit/round",
        columns=(
            Column("term", "term"),
            Column("formula", "formula"),
            Column("bits", "bits"),
            Column("meaning", "meaning"),
        ),
        rows=tuple(rows),
        notes=(
            f"Theorem {key.theorem}, {key.reference}; soundness {key.soundness:g}; extractor {key.extractor}.",
            f"Accepted: {accepted}, ω_thr = {key.threshold:.6f}.{passes}",
            f"{_AGAINST[key.adversary]} That error correction succeeds is not part of this.",
            f"Shared secret bits. {lines}.",
            f"Balance: {sheet.initial} before, {sheet.final} after, net {sheet.net:+d}.",
            "Assumed: " + "; ".join(key.assumptions) + ".",
            "Parameters: " + ", ".join(f"{name} {value:.6g}" for name, value in key.parameters.items()) + ".",
        ),
    )


_AGAINST = {
    Adversary.GENERAL: "Against general attacks and devices with memory.",
    Adversary.COLLECTIVE: "Against collective attacks only, on rounds that are independent and alike.",
}


def exact_number(option: str, text: str) -> Fraction:
    """A command line's number as the exact rational it is: ``1.5e6``, ``13/256``, ``1e-10``.

    Raises
    ------
    InputError
        Not a number.
    """
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise InputError(option, "a number such as 1.5e6, 0.018 or 13/256", repr(text)) from None
