"""The key of a run that is accepted by its number of lost tests, put together from a theorem's terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from keybounds.bounds.bound import Status
from keybounds.bounds.run.extractors import Extractor
from keybounds.bounds.run.key import FiniteKey, Term
from keybounds.bounds.run.run import (
    Run,
    accepted_losses,
    balance_sheet,
    completeness,
    run_certificate,
    syndrome_length,
    winning_threshold,
)
from keybounds.bounds.scope import Adversary
from keybounds.enclosure import round_down, round_up
from keybounds.errors import InputError

PRECISION = 256
"""Bits at which terms are to be evaluated: none loses more than some dozens of them."""


_LEAST_BUDGET = Fraction(1, 10**100)  # far below any use; no error is a hundred powers of ten below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Theorem:
    """What is said of a theorem beside the key it grants.

    Attributes
    ----------
    name, reference, adversary, assumptions
        As in `FiniteKey`.
    error_weight
        c, where the theorem loses c log(1/ε_PA) beside the extractor.
    words
        Formula and meaning of each term by name, but for the extractor's.
    certified
        Whether the verifier re-derives its lengths.
    """

    name: str
    reference: str
    adversary: Adversary
    assumptions: tuple[str, ...]
    error_weight: int
    words: Mapping[str, tuple[str, str]]
    certified: bool = False


def in_doubles(run: Run) -> Run:
    """Return the run, if doubles can hold errors that share what is left of its soundness for secrecy.

    Raises
    ------
    InputError
        They cannot: the theorem's parameters would be 0, which none admits.
    """
    if not run.budget >= _LEAST_BUDGET:
        least = f"{float(_LEAST_BUDGET):g}"
        found = f"{float(run.budget):.3g} above it"
        raise InputError("soundness", f"at least {least} above 2^-59, for a theorem with several errors", found)
    return run


def whole_key(
    theorem: Theorem,
    run: Run,
    chosen: Extractor,
    values: Mapping[str, arb],
    *,
    parameters: Mapping[str, Fraction],
    searched: Mapping[str, Fraction] | None = None,
) -> FiniteKey:
    """The longest key that the terms allow: the greatest whole ℓ whose own cost their sum covers.

    `parameters`, with ε_PA as ``extractor_error``, enter the formula; `searched` ones only say where it was evaluated.
    """
    with ctx.workprec(PRECISION):
        entropy = sum(values.values(), arb(0))
        length = chosen.length(entropy)
        named = _named({**values, "extractor_output": -chosen.overhead(length)}, theorem, chosen)
        deficit = 0 if length else math.ceil(round_up(1 - entropy))
        threshold = round_up(winning_threshold(run))
    losses = accepted_losses(run)
    certificate = None
    if theorem.certified:
        certificate = run_certificate(theorem.name, run, chosen, parameters, accepted_losses=losses)
    found = searched or {}
    seed = chosen.seed(run.rounds, length, float(parameters["extractor_error"])) if length else 0
    return FiniteKey(
        thing=run.thing,
        length=length,
        rounds=run.rounds,
        soundness=float(run.soundness),
        theorem=theorem.name,
        reference=theorem.reference,
        extractor=chosen.name,
        threshold=threshold,
        syndrome_length=syndrome_length(run),
        terms=named,
        parameters={name: float(value) for name, value in {**parameters, **found}.items()},
        balance=balance_sheet(length, seed),
        completeness=completeness(run),
        status=Status.ENCLOSED if length else Status.NO_KEY,
        assumptions=theorem.assumptions,
        adversary=theorem.adversary,
        deficit=deficit,
        certificate=certificate,
        provenance={**run.provenance, "accepted_losses": losses},
    )


def _named(values: Mapping[str, arb], theorem: Theorem, chosen: Extractor) -> tuple[Term, ...]:
    """The terms with their formulas and meanings."""
    words = {
        **theorem.words,
        "extractor_error": (
            f"-{theorem.error_weight + chosen.error_weight} log(1/ε_PA)"
            + (f" + {chosen.constant}" if chosen.constant else ""),
            f"privacy amplification at error ε_PA, {chosen.name}",
        ),
        "extractor_output": (
            f"-{chosen.log_weight} log ℓ" if chosen.log_weight else "0",
            f"what the length itself costs, {chosen.name}",
        ),
    }
    return tuple(Term(name, words[name][0], round_down(value), words[name][1]) for name, value in values.items())
