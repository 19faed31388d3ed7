"""The key by entropy accumulation, put together: parameters, terms, the integer length, and what goes with it."""

from __future__ import annotations

import math

from flint import arb, ctx

from keybounds.bounds.bound import Status
from keybounds.bounds.lower.finite_size.eat import EatParameters, certificate, eat_terms
from keybounds.bounds.lower.finite_size.eat_search import eat_parameters
from keybounds.bounds.lower.finite_size.extractors import Extractor, extractor
from keybounds.bounds.lower.finite_size.key import FiniteKey, Term
from keybounds.bounds.lower.finite_size.run import (
    Run,
    accepted_losses,
    balance_sheet,
    completeness,
    syndrome_length,
    winning_threshold,
)
from keybounds.enclosure import round_down, round_up

_PRECISION = 256  # bits: no term loses more than some dozens of them


def eat_key(run: Run, extractor_name: str, parameters: EatParameters | None = None) -> FiniteKey:
    """The key by entropy accumulation, at given parameters or at the best ones that `eat_parameters` finds.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    UnknownNameError
        No such extractor.
    """
    chosen = extractor(extractor_name)
    best = parameters if parameters is not None else eat_parameters(run, chosen)
    with ctx.workprec(_PRECISION):
        values = eat_terms(run, best, chosen)
        entropy = sum(values.values(), arb(0))
        length = chosen.length(entropy)
        values["extractor_output"] = -chosen.overhead(length)
        terms = _named(values, chosen)
        deficit = 0 if length else math.ceil(round_up(1 - entropy))
        threshold = round_down(winning_threshold(run))
    losses = accepted_losses(run)
    seed = chosen.seed(run.rounds, length, best.extractor_error) if length else 0
    return FiniteKey(
        length=length,
        rounds=run.rounds,
        soundness=float(run.soundness),
        theorem="eat-2019",
        reference="nadlinger2022, Eq. (73)",
        extractor=chosen.name,
        threshold=threshold,
        syndrome_length=syndrome_length(run),
        terms=terms,
        parameters={name: float(value) for name, value in best.fractions().items()},
        balance=balance_sheet(length, seed),
        completeness=completeness(run),
        status=Status.ENCLOSED if length else Status.NO_KEY,
        deficit=deficit,
        certificate=certificate(run, best, chosen.name, losses, length),
        provenance={
            "rounds": run.rounds,
            "gamma": float(run.gamma),
            "chsh": float(run.chsh),
            "qber": float(run.qber),
            "soundness": float(run.soundness),
            "deviations": float(run.deviations),
            "accepted_losses": losses,
        },
    )


def _named(values: dict[str, arb], chosen: Extractor) -> tuple[Term, ...]:
    """The terms with their formulas and meanings."""
    words = {
        **_WORDS,
        "extractor_error": (
            f"-{1 + chosen.error_weight} log(1/ε_PA)" + (f" + {chosen.constant}" if chosen.constant else ""),
            f"privacy amplification at error ε_PA, {chosen.name}",
        ),
        "extractor_output": (
            f"-{chosen.log_weight} log ℓ" if chosen.log_weight else "0",
            f"what the length itself costs, {chosen.name}",
        ),
    }
    return tuple(Term(name, words[name][0], round_down(value), words[name][1]) for name, value in values.items())


_WORDS = {
    "accumulated": ("n g(ω_thr)", "entropy per round at the threshold, by the tangent at t"),
    "variance": ("n inf [η - g - δ' V]", "second order: what the tangent loses, and the variance of its estimate"),
    "third_order": ("-n δ'² K", "remainder of the second-order expansion"),
    "test_outcomes": ("-n γ", "Bob's outcomes in test rounds, counted in the accumulation and not Alice's"),
    "test_outcomes_variance": ("-n δ'' log² 5", "second order for Bob's outcomes"),
    "smoothing": ("-(ϑ(ε') + α' log(1/ε_EA))/δ'", "smoothing, and acceptance with probability ε_EA only"),
    "test_outcomes_smoothing": ("-(ϑ(ε'') + α'' log(1/ε_EA))/δ''", "the same for Bob's outcomes"),
    "chain_rule": ("-3 ϑ(ε_s - ε' - 2ε'')", "taking Bob's outcomes out again"),
    "syndrome": ("-m", "published for error correction"),
    "constant": ("-264", "published beside the syndrome, and constants of the theorem"),
}
