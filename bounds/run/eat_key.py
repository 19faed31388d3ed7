"""The key by entropy accumulation with its improved second order, put together."""

from __future__ import annotations

from flint import ctx

from keybounds.bounds.run.assumptions import DESIGN, IN_ORDER, LABORATORIES
from keybounds.bounds.run.eat import EatParameters, eat_terms
from keybounds.bounds.run.eat_search import eat_parameters
from keybounds.bounds.run.extractors import extractor
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.loss_limited import PRECISION, Theorem, in_doubles, whole_key
from keybounds.bounds.run.run import Run
from keybounds.bounds.scope import Adversary


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
    best = parameters if parameters is not None else eat_parameters(in_doubles(run), chosen)
    with ctx.workprec(PRECISION):
        values = eat_terms(run, best, chosen)
    exact = best.fractions()
    point = exact.pop("minimiser")
    return whole_key(_EAT_2019, run, chosen, values, parameters=exact, searched={"minimiser": point})


_EAT_2019 = Theorem(
    name="eat-2019",
    reference="nadlinger2022, Eq. (73)",
    adversary=Adversary.GENERAL,
    assumptions=(*LABORATORIES, IN_ORDER, DESIGN),
    error_weight=1,
    words={
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
    },
    certified=True,
)
