"""Rounds multiply: the sum over histories of products of weights and Q is at most g^n, for devices with memory.

Products of sandwiched quasi-entropies over rounds are quantum probability estimation (zhang2020), generalised by
arqand2025 and arqandtan2025; the filtered state is that of the Rényi chain rule of dupuis2020. This is the case of
classical outcomes with weights. wooltorton2026 shows that one natural tightening of the device-independent chain rule
cannot hold. None is used here: Q compares with Eve's own state, in the n rounds and in each of them, and a step is an
identity, Q(next|sigma) = t Q(omega^next|omega) with t = Q(history|sigma), whose second factor is of a normalised state
with its own part on Eve's system as reference, whatever sigma is. A reference that is optimised (H^up) would have to
take the place of omega there, for which this derivation gives nothing. That this is the tightening of wooltorton2026 is
inferred from its abstract, not read in its theorem; see docs/prior-art.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.dense import kron
from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Words
from keybounds.proofs.logic.terms import symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    START,
    Q,
    T,
    action,
    after,
    bounds_rounds,
    dagger,
    device,
    eve,
    filtered,
    is_run,
    joint,
    measured,
    outcomes,
    path_weight,
    power,
    reference,
    sandwich,
    side,
    weight,
)
from keybounds.proofs.theorems import operators
from keybounds.proofs.theorems import renyi as theorems
from keybounds.proofs.theorems.renyi import A, alpha, g, h, n, v
from keybounds.proofs.theorems.renyi import k as outcome

P, X, t = thing("P"), thing("X"), symbol("t")
QUASI_VALUES = (theorems.alpha, theorems.tau, theorems.sigma)


def state() -> Statement:
    """Return the statement, for any finite dimensions."""
    return Statement(
        parameters=(
            Parameter(n, "rounds, in order"),
            Parameter(alpha, "order"),
            Parameter(g, "a bound on the sum of one round"),
            Parameter(v, "weights, none negative, of a round's outcomes, fixed before"),
            Parameter(P, "devices with memory; Eve may act and send states to them between rounds, knowing the inputs"),
        ),
        hypotheses=(greater(alpha, 1), is_run(P), bounds_rounds(g, alpha, v), at_least(g, 0)),
        clauses=(Clause("rounds multiply", at_most(T(alpha, v, P, n), g**n)),),
        meanings=(theorems.QUASI, theorems.ROUND, theorems.HISTORIES, theorems.PATH, theorems.NO_ROUND),
    )


def filter_operator(order: Any, total: Any, inner: Any, sigma: Any) -> Any:
    """F = t^{-1/(2 alpha)} omega^{-s} sigma^s with omega = X^alpha/t: it makes of the history a state."""
    omega = power(inner, order) / total
    return total ** (-1 / (2 * order)) * power(omega, -side(order)) * power(sigma, side(order))


def derive(goal: Goal) -> None:
    """Bound the next round given any history by a filtered state; then sum over histories, and over rounds."""
    given = [k.assume(one) for one in goal.hypotheses]
    run, bounds = goal.granted(is_run(P)), goal.granted(bounds_rounds(g, alpha, v))
    known = History(run)
    round_ = k.by_cases(
        "whatever the history's weight, a round's sum is at most g times what the history has",
        _filtered_round(known, bounds),
        _empty_round(known, given),
        greater(known.value, 0),
    )
    _induction(goal, known, _with_channel(known, round_, given))


class History:
    """What is known after a history h in a run: Eve's part, her reference, and what a further round makes of them."""

    def __init__(self, run: k.Fact) -> None:
        self.run = run
        self.joint, self.sigma, self.device = joint(P, h), reference(P, h), device(P, h)
        self.part = eve(self.joint)
        self.value = Q(alpha, self.part, self.sigma)
        self.positive = self.says("the state after a history is positive", theorems.POSITIVE)
        self.sigma_positive = self.says("so is Eve's state given the inputs", theorems.REFERENCE_POSITIVE)
        self.below = self.says("what Eve has after the history is a summand of it", theorems.PART)
        self.is_device = self.says("the devices measure", theorems.DEVICE)
        self.part_positive = _eve_positive(self.joint, self.positive)
        self.next = measured(self.joint, self.device, outcome)
        self.next_part = eve(self.next)
        self.next_value = Q(alpha, self.next_part, self.sigma)
        values = {theorems.M: self.device, theorems.A: self.joint, theorems.k: outcome}
        self.next_positive = k.by_theorem(
            "what an outcome leaves is positive", theorems.OUTCOME_POSITIVE, values, self.is_device, self.positive
        )
        self.next_below = k.by_theorem(
            "Eve's part of it is at most what she had", theorems.NO_SIGNALLING, values, self.is_device, self.positive
        )
        self.next_part_positive = _eve_positive(self.next, self.next_positive)
        self.inner_positive = self._sandwiched(self.part, self.part_positive)
        self.next_inner_positive = self._sandwiched(self.next_part, self.next_part_positive)
        self.inner_below = self._ordered()

    def says(self, words: str, which: int) -> k.Fact:
        """A part of the definition of a run, at h and the outcome k."""
        values = {theorems.P: P, theorems.h: h, theorems.k: outcome}
        return k.specialised(words, theorems.RUN, values, self.run, which=which)

    def _root_is_own_adjoint(self, part: Any, positive: k.Fact) -> k.Fact:
        root = power(self.sigma, side(alpha))
        return k.operator_identity(
            "the power is self-adjoint",
            root * part * dagger(root),
            sandwich(part, self.sigma, alpha),
            positive,
            self.sigma_positive,
        )

    def _sandwiched(self, part: Any, positive: k.Fact) -> k.Fact:
        values = {theorems.A: part, theorems.C: power(self.sigma, side(alpha))}
        found = k.by_theorem("a congruence keeps it positive", theorems.CONGRUENCE_POSITIVE, values, positive)
        return k.rewritten("sigma^s tau sigma^s is positive", found, self._root_is_own_adjoint(part, positive))

    def _ordered(self) -> k.Fact:
        values = {theorems.A: self.next_part, theorems.B: self.part, theorems.C: power(self.sigma, side(alpha))}
        found = k.by_theorem("a congruence keeps the order", theorems.CONGRUENCE, values, self.next_below)
        return k.rewritten(
            "sigma^s tau^next sigma^s is at most sigma^s tau^h sigma^s",
            found,
            self._root_is_own_adjoint(self.next_part, self.next_part_positive),
            self._root_is_own_adjoint(self.part, self.part_positive),
        )


def _eve_positive(operator: Any, positive: k.Fact) -> k.Fact:
    return k.by_theorem("Eve's part is positive", theorems.EVE_POSITIVE, {theorems.A: operator}, positive)


def _quasi(part: Any, sigma: Any) -> k.Fact:
    return k.by_definition(theorems.QUASI, dict(zip(QUASI_VALUES, (alpha, part, sigma), strict=True)))


def _filtered_round(known: History, bounds: k.Fact) -> k.Fact:
    """Where t = Q(rho^h|sigma) > 0: the sum over the next round is t times that of a state, hence at most t g."""
    fold = k.assume(equal(sandwich(known.part, known.sigma, alpha), X))
    weighs = k.assume(equal(known.value, t))
    positive = k.assume(is_positive(X))
    facts = (positive, known.sigma_positive, known.part_positive)
    F = filter_operator(alpha, t, X, known.sigma)
    omega, made = power(X, alpha) / t, filtered(known.joint, F)
    comes_out = k.by_theorem(
        "the filter comes out of the partial trace", theorems.FILTER_EVE, {theorems.A: known.joint, theorems.F: F}
    )
    eve_part = k.chain(
        "Eve's part of what is filtered is omega",
        comes_out,
        k.operator_identity("the powers leave omega", comes_out.right, omega, fold, *facts),
    )
    is_state_ = _normalised(known, made, eve_part, weighs, fold, positive)
    outcome_value = _outcome(known, F, made, eve_part, fold, positive)
    device_ = known.is_device
    bounded = k.specialised(
        "g bounds the sum of a round, of this state as of any",
        theorems.BOUND,
        {theorems.g: g, theorems.alpha: alpha, theorems.v: v, A: made, theorems.M: known.device},
        bounds,
        is_state_,
        device_,
    )
    round_ = k.by_definition(theorems.ROUND, {theorems.alpha: alpha, theorems.v: v, A: made, theorems.M: known.device})
    weighted = k.linear(
        "each outcome's share is t times that of the state",
        equal(weight(v, outcome) * known.next_value, t * weight(v, outcome) * outcome_value.left),
        [(-t * weight(v, outcome), outcome_value)],
    )
    added = k.totalled("sum over the outcomes", weighted, outcome, outcomes(v))
    out = k.sums_equal("t comes out of the sum", added.right, t * round_.right)
    shares = k.chain("the round's sum is t times that of the state", added, out)
    at_most_ = k.linear(
        "so it is at most g t",
        at_most(shares.left, g * t),
        [(1, shares), (-t, round_), (t, bounded)],
    )
    placed = k.instantiated(
        at_most_,
        {X: sandwich(known.part, known.sigma, alpha), t: known.value},
        [greater(known.value, 0)],
        "with X = sigma^s rho^h sigma^s and t = Q(rho^h|sigma)",
    )
    return k.cut(placed, known.inner_positive, words="X is positive")


def _normalised(known: History, made: Any, eve_part: k.Fact, weighs: k.Fact, fold: k.Fact, positive: k.Fact) -> k.Fact:
    filtered_positive = k.by_theorem(
        "what is filtered is positive", theorems.FILTER_POSITIVE, {theorems.A: known.joint, theorems.F: made.args[1]},
        known.positive,
    )  # fmt: skip
    trace = k.by_theorem("the trace is that of Eve's part", theorems.EVE_TRACE, {theorems.A: made})
    power_ = _quasi(known.part, known.sigma)
    folded = k.operator_identity(
        "with X for sigma^s rho^h sigma^s", power_.right, Tr(power(X, alpha)), fold, positive, known.sigma_positive,
        known.part_positive,
    )  # fmt: skip
    one = k.linear(
        "the trace is Q/t = 1",
        equal(Tr(power(X, alpha) / t), 1),
        [(-1 / t, folded), (-1 / t, power_), (1 / t, weighs)],
    )
    whole = k.chain(
        "so the trace is 1", k.turned("the trace of the whole", trace), k.put_in("of omega", trace.left, eve_part), one
    )
    return k.by_theorem(
        "the filtered operator is a state", operators.STATE, {operators.A: made}, filtered_positive, whole
    )


def _outcome(known: History, F: Any, made: Any, eve_part: k.Fact, fold: k.Fact, positive: k.Fact) -> k.Fact:
    """Q of an outcome of the filtered state, with omega as reference: 1/t times Q of the outcome after h."""
    values = {theorems.A: known.joint, theorems.F: F, theorems.M: known.device, theorems.k: outcome}
    commutes = k.by_theorem(
        "filtering before the round is filtering after it", theorems.FILTER_COMMUTES, values, known.is_device
    )
    comes_out = k.by_theorem(
        "the filter comes out of the partial trace", theorems.FILTER_EVE, {theorems.A: known.next, theorems.F: F}
    )
    part = k.chain(
        "Eve's part of an outcome of the filtered state",
        k.put_in("the outcome", eve(measured(made, known.device, outcome)), commutes),
        comes_out,
    )
    here = Q(alpha, part.left, eve_part.left)
    in_powers = _quasi(part.right, eve_part.right)
    folded_below = k.rewritten("the outcome's operator is at most X", known.inner_below, fold)
    unchanged = k.by_theorem(
        "the projector on the support of X leaves the outcome's operator as it is",
        theorems.SUPPORT,
        {theorems.A: sandwich(known.next_part, known.sigma, alpha), theorems.B: X},
        known.next_inner_positive,
        positive,
        folded_below,
    )
    plain = _quasi(known.next_part, known.sigma)
    powers = k.operator_identity(
        "the powers of omega and those in the filter cancel up to that projector, and the powers of t leave 1/t",
        in_powers.right,
        plain.right / t,
        unchanged,
        positive,
        known.sigma_positive,
        known.next_part_positive,
    )
    share = k.linear("as the definition says", equal(plain.right / t, plain.left / t), [(-1 / t, plain)])
    return k.chain(
        "Q of an outcome of the filtered state is 1/t times that after the history",
        k.put_in("what is known of both operators", here, part, eve_part),
        in_powers,
        powers,
        share,
    )


def _empty_round(known: History, given: list[k.Fact]) -> k.Fact:
    """Where Q(rho^h|sigma) is not positive it is 0, and so is every outcome's share."""
    values = {
        theorems.A: sandwich(known.next_part, known.sigma, alpha),
        theorems.B: sandwich(known.part, known.sigma, alpha),
        theorems.alpha: alpha,
    }
    monotone = k.by_theorem(
        "an outcome's trace of the power is at most that of the history",
        theorems.TRACE_MONOTONE,
        values,
        known.next_inner_positive,
        known.inner_below,
    )
    whole, part = _quasi(known.part, known.sigma), _quasi(known.next_part, known.sigma)
    least = k.by_theorem(
        "and that is not negative",
        theorems.TRACE_POSITIVE,
        {theorems.A: sandwich(known.part, known.sigma, alpha), theorems.x: alpha},
        known.inner_positive,
    )
    none = k.assume(at_most(known.value, 0))
    factor = weight(v, outcome)
    share = k.linear(
        "so no outcome has a share",
        at_most(factor * known.next_value, 0),
        [(factor, monotone), (factor, part), (-factor, whole), (factor, none)],
    )
    added = k.totalled("sum over the outcomes", share, outcome, outcomes(v))
    nothing = k.sums_equal("a sum of zeros", added.right, 0)
    value_positive = k.linear("Q is not negative", at_least(known.value, 0), [(1, whole), (1, least)])
    bound = k.linear(
        "which is at most g times nothing",
        at_most(0, g * known.value),
        [(g, value_positive)],
        [one.proposition for one in given],
    )
    return k.chain("the sum of the round is at most g t", added, nothing, bound)


def _with_channel(known: History, round_: k.Fact, given: list[k.Fact]) -> k.Fact:
    """The same after Eve's channel, by data processing: joint and reference as the run has them after the outcome."""
    acts = action(P, h, outcome)
    next_joint = known.says("after the outcome Eve applies her channel", theorems.NEXT)
    next_reference = known.says("which moves her reference too", theorems.NEXT_REFERENCE)
    channel = known.says("what she does is a channel", theorems.CHANNEL)
    kept = k.by_theorem(
        "what she keeps depends on her part only",
        theorems.LOCAL_CHANNEL,
        {theorems.N: acts, theorems.A: known.next},
        channel,
    )
    below = k.by_theorem(
        "the outcome's part is below the reference",
        theorems.ORDER,
        {theorems.A: known.next_part, theorems.B: known.part, theorems.C: known.sigma},
        known.next_below,
        known.below,
    )
    processed = k.by_theorem(
        "the channel does not raise Q",
        theorems.DATA_PROCESSING,
        {theorems.N: acts, theorems.tau: known.next_part, theorems.sigma: known.sigma, theorems.alpha: alpha},
        channel,
        known.next_part_positive,
        known.sigma_positive,
        below,
        *given,
    )
    part = k.chain("what Eve has then", k.put_in("after the channel", eve(next_joint.left), next_joint), kept)
    here = k.put_in("the run after the outcome", Q(alpha, part.left, next_reference.left), part, next_reference)
    falls = k.chain("Q after the round", here, processed)
    factor = weight(v, outcome)
    share = k.linear("weighted", at_most(factor * falls.left, factor * falls.right), [(factor, falls)])
    return k.chain(
        "the round's sum after Eve's channel", k.totalled("sum over the outcomes", share, outcome, outcomes(v)), round_
    )


def _induction(goal: Goal, known: History, step: k.Fact) -> None:
    """Sum over the histories, then over the number of rounds."""
    claimed = goal["rounds multiply"].relation
    values = {theorems.alpha: alpha, theorems.v: v, theorems.P: P}

    def histories(rounds: Any) -> k.Fact:
        return k.by_definition(theorems.HISTORIES, {**values, theorems.n: rounds})

    weighted = k.linear(
        "with the weight of the history",
        at_most(path_weight(h, v) * step.left, path_weight(h, v) * step.right),
        [(path_weight(h, v), step)],
    )
    summed = k.totalled("sum over the histories", weighted, h, Words(n, outcomes(v)))
    longer = histories(n + 1)
    split = k.over_words("the last round apart", longer.right, outcome, outcomes(v), after, START)
    weights = k.by_definition(theorems.PATH, {theorems.h: h, theorems.v: v, theorems.k: outcome})
    multiplied = k.put_in("weights multiply", split.right.body.body, weights)
    for words, index, over in (("outcomes", outcome, outcomes(v)), ("histories", h, Words(n, outcomes(v)))):
        multiplied = k.totalled(f"summed over the {words}", multiplied, index, over)
    pulled = k.sums_equal("the history's weight comes out", multiplied.right, summed.left)
    now = histories(n)
    factor = k.sums_equal("g comes out", summed.right, g * now.right)
    grown = k.chain("a further round", longer, split, multiplied, pulled, summed, factor)
    one_more = k.linear(
        "a further round multiplies by g at most",
        at_most(grown.left, g * now.left),
        [(1, grown), (-g, now)],
    )
    before = k.assume(claimed)
    stepped = k.linear(
        "from n rounds to n + 1",
        claimed.substituted({n: n + 1}),
        [(1, one_more), (g, before)],
        goal.hypotheses,
    )
    goal.conclude(
        "rounds multiply",
        k.by_induction("by induction over the rounds", n, 0, _no_rounds(claimed, histories(0)), stepped, claimed),
    )


def _no_rounds(claimed: Any, histories: k.Fact) -> k.Fact:
    """Before the first round the sum is Q(rho_E|rho_E) = Tr rho_E = 1."""
    run = k.assume(is_run(P))

    def says(words: str, which: int) -> k.Fact:
        return k.specialised(
            words, theorems.RUN, {theorems.P: P, theorems.h: START, theorems.k: outcome}, run, which=which
        )

    start = joint(P, START)
    positive = _eve_positive(start, says("the first state is positive", theorems.POSITIVE))
    own = says("the reference is Eve's part of the first state", theorems.FIRST_REFERENCE)
    power_ = _quasi(eve(start), eve(start))
    one = k.operator_identity("the exponents are alpha (2 s + 1) = 1", power_.right, Tr(eve(start)), positive)
    trace = k.by_theorem("the trace", theorems.EVE_TRACE, {theorems.A: start})
    value = k.chain(
        "Q before the first round", k.put_in("the reference", Q(alpha, eve(start), own.left), own), power_, one, trace,
        says("is 1", theorems.NORMALISED),
    )  # fmt: skip
    alone = k.over_words("there is one history of no rounds", histories.right, outcome, outcomes(v), after, START)
    weighs = k.by_definition(theorems.NO_ROUND, {theorems.v: v})
    first = k.chain("the sum before the first round", histories, alone, k.put_in("is 1", alone.right, weighs, value))
    return k.weakened("the bound before the first round", first, claimed.substituted({n: sp.Integer(0)}))


def numerical(statement: Statement) -> Iterator[Step]:
    """Two rounds of two qubits with a memory, entangled with Eve: the product rule, from dense matrices."""
    import mpmath as mp

    del statement  # an inequality over all devices: what is compared is the identity behind each round
    with mp.workdps(DIGITS + 10):
        order = mp.mpf(13) / 10
        psi = renyi.pure_state(4, 4, 1)
        everything = mp.eye(4)
        rho = renyi.eve_state(psi, everything)
        for first, second in ((0, 3), (1, 1)):
            later = _memory() * kron(renyi.projector(mp.mpf(1) / 3, first), mp.eye(2)) * psi
            outcome_ = kron(renyi.projector(mp.mpf(7) / 5, second >> 1), renyi.projector(mp.mpf(2), second & 1))
            history = renyi.eve_state(later, everything)
            both = renyi.eve_state(outcome_ * later, everything)
            total = renyi.sandwiched(history, rho, order)
            root = renyi.power(rho, side(order))
            omega = renyi.power(root * history * root, order) / total
            filter_ = renyi.power(omega, -side(order)) * root / total ** (1 / (2 * order))
            marginal = filter_ * history * filter_.H
            yield witness(f"the filter leaves omega, outcome {first}", omega[0, 1], marginal[0, 1])
            yield witness(
                f"Q of outcomes {first}, {second} in two rounds with memory is the product of the rounds'",
                total * renyi.sandwiched(filter_ * both * filter_.H, omega, order),
                renyi.sandwiched(both, rho, order),
            )


def _memory() -> Any:
    """A unitary of both devices together, without pattern."""
    import mpmath as mp

    q, _ = mp.qr(renyi.pseudorandom(4, 4, 5))
    return q


CLAIM = Claim(
    name="renyi-chain-rule",
    title="Rounds multiply, whatever the devices remember",
    source="this project, after dupuis2020, zhang2020 and arqand2025",
    state=state,
    derive=derive,
    witness=numerical,
)
