"""Two qubits suffice: a bound on the sum of a round for Bell-diagonal pairs bounds it for all devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import renyi
from keybounds.proofs.checks import DIGITS, holds
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Negation, at_least, at_most, equal, greater
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Direct, Total
from keybounds.proofs.logic.terms import real, symbol, thing
from keybounds.proofs.notions import is_state
from keybounds.proofs.notions_renyi import (
    FORGET,
    ONE,
    Q,
    block,
    blocks,
    both,
    bounds_bell,
    bounds_certain,
    bounds_planar,
    bounds_rounds,
    conjugate,
    effect,
    eve,
    flipped,
    game,
    is_certain,
    is_device,
    is_flip,
    is_pair,
    is_projector,
    is_real_effect,
    is_turned,
    mean,
    measured,
    outcomes,
    pair,
    part,
    planar,
    recovery,
    seen,
    share,
    splitting,
    turn,
    turns_blocks,
    weight,
)
from keybounds.proofs.theorems import devices_renyi as theorems
from keybounds.proofs.theorems import hashing
from keybounds.proofs.theorems import renyi as entropies

alpha, g, v = symbol("alpha"), real("g"), thing("v")
on_key, on_lost, on_won = theorems.on_key, theorems.on_lost, theorems.on_won
A, M, f, outcome, rho, F = theorems.A, theorems.M, theorems.f, theorems.k, theorems.rho, theorems.F
angles = theorems.angles
RULES = game(on_key, on_lost, on_won)


def state() -> Statement:
    """Return the statement, for devices of any finite dimension."""
    return Statement(
        parameters=(
            Parameter(alpha, "order"),
            Parameter(g, "a bound"),
            Parameter(v, "weights of a round's outcomes, of which Alice's and Bob's two measurements each enter"),
            Parameter(on_key, "weight of a key round's outcome"),
            Parameter(on_lost, "weight of a lost test's"),
            Parameter(on_won, "weight of a won test's"),
        ),
        hypotheses=(greater(alpha, 1),),
        clauses=(
            Clause(
                "blocks",
                bounds_rounds(g, alpha, v),
                (bounds_planar(g, alpha, v), bounds_certain(g, alpha, v)),
            ),
            Clause(
                "Bell-diagonal pairs",
                bounds_planar(g, alpha, RULES),
                (bounds_bell(g, alpha, on_key, on_lost, on_won),),
            ),
        ),
        meanings=(entropies.QUASI, entropies.ROUND, theorems.SEEN, theorems.PAIR_SUM),
    )


def derive(goal: Goal) -> None:
    """Give Eve the block's label, then the purification and the labels of two mixtures."""
    given = [k.assume(one) for one in goal.hypotheses]
    _blocks(goal, given)
    _bell(goal, given)


# -------------------------------------------------------------------------------------------------------------- blocks


def homogeneous(factor: Any, tau: Any, sigma: Any, *positive: k.Fact, under: Sequence[Any] = ()) -> k.Fact:
    """Q(w tau|w sigma) = w Q(tau|sigma)."""
    scaled = quasi(factor * tau, factor * sigma)
    plain = quasi(tau, sigma)
    powers = k.operator_identity("the powers of a weight leave it", scaled.right, factor * plain.right, *positive)
    return k.linear(
        "a weight comes out", equal(scaled.left, factor * plain.left), [(1, scaled), (1, powers), (-factor, plain)]
    )


def quasi(tau: Any, sigma: Any) -> k.Fact:
    """Q by its definition."""
    return k.by_definition(entropies.QUASI, {entropies.alpha: alpha, entropies.tau: tau, entropies.sigma: sigma})


def _blocks(goal: Goal, given: list[k.Fact]) -> None:
    state_, device_ = k.assume(is_state(A)), k.assume(is_device(M))
    pair_ = {A: A, M: M}

    def jordan(words: str, theorem: Any, values: Any) -> k.Fact:
        return k.by_theorem(words, theorem, {**pair_, **values}, state_, device_)

    here, inside, w = block(A, M, f), part(M, f), share(A, M, f)
    in_block = jordan("the state in a block", theorems.BLOCK_STATE, {f: f})
    devices = jordan("the devices in a block", theorems.BLOCK_DEVICE, {f: f})
    block_positive = k.by_theorem("is positive", theorems.STATE_POSITIVE, {A: here}, in_block)
    own = k.by_theorem("so is Eve's part", entropies.EVE_POSITIVE, {entropies.A: here}, block_positive)
    values = {entropies.M: inside, entropies.A: here, entropies.k: outcome}
    left = k.by_theorem("and what an outcome leaves", entropies.OUTCOME_POSITIVE, values, devices, block_positive)
    part_ = k.by_theorem("and Eve's part of it", entropies.EVE_POSITIVE, {entropies.A: left.arguments[0]}, left)
    below = k.by_theorem("which is a part of hers", entropies.NO_SIGNALLING, values, devices, block_positive)
    tau, sigma = part_.arguments[0], own.arguments[0]
    # direct sums over the blocks
    labels = blocks(A, M)
    whole = [k.bound_together("the direct sum", _multiple(w, fact), Direct, f, labels) for fact in (part_, own)]
    order = k.bound_together("a direct sum keeps the order", _multiple_below(w, below, part_, own), Direct, f, labels)
    forgets = k.by_theorem("forgetting the label is a channel", theorems.FORGETS, {})
    processed = k.by_theorem(
        "Eve loses by forgetting it",
        entropies.DATA_PROCESSING,
        {
            entropies.N: FORGET,
            entropies.tau: whole[0].arguments[0],
            entropies.sigma: whole[1].arguments[0],
            alpha: alpha,
        },
        forgets,
        *whole,
        order,
        *given,
    )
    outcome_ = jordan("Eve's operator by blocks", theorems.BLOCK_OUTCOME, {outcome: outcome})
    hers = jordan("Eve's own state by blocks", theorems.BLOCK_EVE, {})
    theorem = hashing.direct_quasi(w * tau, w * sigma, f, labels)
    by_blocks = k.by_theorem("Q of a direct sum", theorem, {x: x for x in theorem.symbols})
    weighted = k.totalled("with each block's weight", homogeneous(w, tau, sigma, part_, own), f, labels)
    value = Q(alpha, eve(measured(A, M, outcome)), eve(A))
    share_ = k.chain(
        "Q of an outcome is at most its mean over the blocks",
        k.put_in("by blocks", value, outcome_, hers),
        processed,
        by_blocks,
        weighted,
    )
    factor = weight(v, outcome)
    summed = k.totalled(
        "summed over the outcomes",
        k.linear("weighted", at_most(factor * share_.left, factor * share_.right), [(factor, share_)]),
        outcome,
        outcomes(v),
    )
    round_ = k.by_definition(entropies.ROUND, {alpha: alpha, entropies.v: v, entropies.A: A, entropies.M: M})
    in_round = k.by_definition(entropies.ROUND, {alpha: alpha, entropies.v: v, entropies.A: here, entropies.M: inside})
    mean_ = k.totalled(
        "summed over the blocks",
        k.linear("weighted", equal(w * in_round.left, w * in_round.right), [(w, in_round)]),
        f,
        labels,
    )
    exchanged = k.sums_equal("in the other order", summed.right, mean_.right)
    bounded = _in_block(goal, in_block, devices, jordan, in_round.left)
    each = k.totalled(
        "summed over the blocks", k.linear("weighted", at_most(w * bounded.left, w * g), [(w, bounded)]), f, labels
    )
    out = k.sums_equal("g comes out", each.right, g * Total(w, f, labels))
    one = jordan("the blocks' weights", theorems.BLOCK_SHARES, {})
    found = k.chain(
        "the sum of a round is at most g",
        round_,
        summed,
        exchanged,
        k.turned("the mean over the blocks", mean_),
        each,
        out,
        k.put_in("which is g", out.right, one),
    )
    goal.conclude(
        "blocks",
        k.generalised("g bounds the sum of a round", entropies.BOUND, {g: g, alpha: alpha, entropies.v: v}, found),
    )


def _multiple(factor: Any, positive: k.Fact) -> k.Fact:
    """A positive multiple of a positive operator is positive."""
    return k.by_theorem(
        "a multiple is positive",
        hashing.SCALED,
        {hashing.A: positive.arguments[0], real("lambda"): factor},
        positive,
        k.inequality("a weight", at_least(factor, 0)),
    )


def _multiple_below(factor: Any, below: k.Fact, *positive: k.Fact) -> k.Fact:
    """w tau <= w sigma."""
    tau, sigma = below.arguments
    return k.by_theorem(
        "multiples keep the order",
        theorems.SCALED_BELOW,
        {theorems.A: tau, theorems.B: sigma, real("lambda"): factor},
        below,
        k.inequality("a weight", at_least(factor, 0)),
    )


def _in_block(goal: Goal, state_: k.Fact, devices: k.Fact, jordan: Any, value: Any) -> k.Fact:
    """In a block g bounds the sum, be there a certain outcome or not."""
    inside, here = part(M, f), block(A, M, f)
    certain = is_certain(inside)
    on_certain = goal.granted(bounds_certain(g, alpha, v), "blocks")
    on_planar = goal.granted(bounds_planar(g, alpha, v), "blocks")
    first = k.specialised(
        "in a block with a certain outcome",
        theorems.CERTAIN,
        {g: g, alpha: alpha, v: v, A: here, M: inside},
        on_certain,
        state_,
        devices,
        k.assume(certain),
    )
    other = k.assume(Negation(certain))
    two = k.applied("else there are two qubits", jordan("two qubits", theorems.BLOCK_PAIR, {f: f}), other)
    flat = k.applied("in a plane", jordan("a plane", theorems.BLOCK_PLANAR, {f: f}), other)
    second = k.specialised(
        "of which g bounds the sum",
        theorems.PLANAR,
        {g: g, alpha: alpha, v: v, A: here, **dict(zip(angles, flat.right.args, strict=True))},
        on_planar,
        state_,
        two,
    )
    second = k.chain("in these blocks", k.put_in("their devices", value, flat), second)
    return k.by_cases("in every block", first, second, certain)


# ------------------------------------------------------------------------------------------------- Bell-diagonal pairs


def _bell(goal: Goal, given: list[k.Fact]) -> None:
    """Purify, mix with two symmetric images, and turn the mixture to a Bell-diagonal state."""
    state_, two = k.assume(is_state(A)), k.assume(is_pair(A))
    bound = goal.granted(bounds_bell(g, alpha, on_key, on_lost, on_won), "Bell-diagonal pairs")
    first = pair(A)
    is_first = k.by_theorem("the qubits' state", theorems.PAIR_STATE, {A: A}, state_, two)
    purified = _purified(state_, two, is_first, given)
    image = k.by_theorem("its image under Y x Y", theorems.FLIPPED_STATE, {rho: first}, is_first)
    middle, is_middle, flipped_ = _mixed(first, flipped(first), is_first, image, _flips, given)
    conjugate_ = k.by_theorem("the conjugate state", theorems.CONJUGATE_STATE, {rho: middle}, is_middle)
    last, is_last, real_ = _mixed(middle, conjugate(middle), is_middle, conjugate_, _conjugates, given)
    turned = _turned(last, is_last, is_first, bound)
    round_ = k.by_definition(
        entropies.ROUND, {alpha: alpha, entropies.v: RULES, entropies.A: A, entropies.M: planar(*angles)}
    )
    listed = k.sums_equal("over the outcomes of the game", round_.right, purified.left)
    found = k.chain("g bounds the sum of a round of qubits", round_, listed, purified, flipped_, real_, turned)
    goal.conclude(
        "Bell-diagonal pairs",
        k.generalised("g bounds it for all qubits", theorems.PLANAR, {g: g, alpha: alpha, theorems.v: RULES}, found),
    )


def effect_is_projector(effect_: Any) -> k.Fact:
    """An effect of the game is a projector, decided for any angles."""
    generic = (real("x"), real("y"))
    if type(effect_).__name__ == "effect":
        fact = k.decided("Alice's effect is a projector", is_projector(effect(generic[0], effect_.args[1])))
        return k.instantiated(fact, {generic[0]: effect_.args[0]})
    fact = k.decided("a pair of effects is a projector", is_projector(both(*generic, *effect_.args[2:])))
    return k.instantiated(fact, dict(zip(generic, effect_.args[:2], strict=True)))


def _purified(state_: k.Fact, two: k.Fact, is_first: k.Fact, given: list[k.Fact]) -> k.Fact:
    """The sum over the game's outcomes is at most that with Eve's purification of the qubits."""
    channel = k.by_theorem("a channel of Eve's", theorems.RECOVERS, {A: A}, state_, two)
    own = k.by_theorem("Eve's own state", theorems.PURIFIED, {A: A}, state_, two)
    first = pair(A)
    own_positive = k.by_theorem("is positive", theorems.OWN_POSITIVE, {rho: first}, is_first)
    terms, total = [], sp.Integer(0)
    for outcome_, effect_ in theorems.EFFECTS.items():
        theorem = theorems.purified(outcome_)
        hers = k.by_theorem("Eve's operator", theorem, {x: x for x in theorem.symbols}, state_, two)
        projector = effect_is_projector(effect_)
        seen_ = {rho: first, F: effect_}
        positive = k.by_theorem("positive", theorems.SEEN_POSITIVE, seen_, is_first, projector)
        below = k.by_theorem("a part", theorems.SEEN_BELOW, seen_, is_first, projector)
        processed = k.by_theorem(
            "the channel does not raise Q",
            entropies.DATA_PROCESSING,
            {
                entropies.N: recovery(A),
                entropies.tau: seen(first, effect_),
                entropies.sigma: seen(first, ONE),
                alpha: alpha,
            },
            channel,
            positive,
            own_positive,
            below,
            *given,
        )
        meaning = k.by_definition(theorems.SEEN, {alpha: alpha, rho: first, F: effect_})
        value = Q(alpha, hers.left, own.left)
        one = k.chain(
            "an outcome", k.put_in("from the purification", value, hers, own), processed, k.turned("Q", meaning)
        )
        factor = weight(RULES, outcome_)
        terms.append((factor, one))
        total += factor * value
    meaning = k.by_definition(
        theorems.PAIR_SUM,
        {
            alpha: alpha,
            on_key: on_key,
            on_lost: on_lost,
            on_won: on_won,
            rho: first,
            **{x: x for x in angles},
        },
    )
    return k.linear("with the purification", at_most(total, meaning.left), [*terms, (-1, meaning)])


def _sum_of(state_: Any, places: Any = angles) -> k.Fact:
    """pair_sum by its definition."""
    weights_ = {on_key: on_key, on_lost: on_lost, on_won: on_won}
    return k.by_definition(
        theorems.PAIR_SUM,
        {alpha: alpha, **weights_, rho: state_, **dict(zip(angles, places, strict=True))},
    )


def mixture(first: Any, second: Any, is_first: k.Fact, is_second: k.Fact, given: list[k.Fact]) -> k.Fact:
    """(q(rho, F) + q(rho', F))/2 <= q((rho + rho')/2, F), for an effect F that is a projector."""
    projector = k.assume(is_projector(F))
    pair_ = {rho: first, theorems.rho_2: second}
    middle = mean(first, second)
    is_middle = k.by_theorem("the mean is a state", theorems.MEAN_STATE, pair_, is_first, is_second)
    channel = k.by_theorem("Eve learns which", theorems.SPLITS, pair_, is_first, is_second)
    splits = [
        k.by_theorem("by a channel of hers", theorems.SPLIT, {**pair_, F: one}, is_first, is_second) for one in (F, ONE)
    ]
    positive = k.by_theorem("positive", theorems.SEEN_POSITIVE, {rho: middle, F: F}, is_middle, projector)
    below = k.by_theorem("a part", theorems.SEEN_BELOW, {rho: middle, F: F}, is_middle, projector)
    own = k.by_theorem("Eve's own state", theorems.OWN_POSITIVE, {rho: middle}, is_middle)
    processed = k.by_theorem(
        "the channel does not raise Q",
        entropies.DATA_PROCESSING,
        {
            entropies.N: splitting(first, second),
            entropies.tau: seen(middle, F),
            entropies.sigma: seen(middle, ONE),
            alpha: alpha,
        },
        channel,
        positive,
        own,
        below,
        *given,
    )
    parts = k.put_in("in two blocks", processed.left, *splits)
    halves = [seen(one, effect_) / 2 for one in (first, second) for effect_ in (F, ONE)]
    blocks_ = k.by_theorem(
        "Q of two blocks",
        theorems.SUM_OF_TWO,
        {
            alpha: alpha,
            theorems.A: halves[0],
            theorems.C: halves[1],
            theorems.B: halves[2],
            theorems.D: halves[3],
        },
    )
    half = sp.Rational(1, 2)
    each = []
    for one, fact in ((first, is_first), (second, is_second)):
        tau = k.by_theorem("positive", theorems.SEEN_POSITIVE, {rho: one, F: F}, fact, projector)
        sigma = k.by_theorem("positive", theorems.OWN_POSITIVE, {rho: one}, fact)
        each.append(homogeneous(half, seen(one, F), seen(one, ONE), tau, sigma))
    meanings = [k.by_definition(theorems.SEEN, {alpha: alpha, rho: one, F: F}) for one in (first, second, middle)]
    return k.linear(
        "Q of a mean is at least the mean",
        at_most(half * meanings[0].left + half * meanings[1].left, meanings[2].left),
        [
            (half, meanings[0]),
            (half, meanings[1]),
            (-1, each[0]),
            (-1, each[1]),
            (-1, blocks_),
            (-1, parts),
            (1, processed),
            (-1, meanings[2]),
        ],
    )


def _mixed(
    first: Any, second: Any, is_first: k.Fact, is_second: k.Fact, symmetry: Any, given: list[k.Fact]
) -> tuple[Any, k.Fact, k.Fact]:
    """The mean with a symmetric image has no smaller sum: the image has the same one."""
    lemma = mixture(first, second, is_first, is_second, given)
    terms: list[tuple[Any, k.Fact]] = []
    for outcome_, effect_ in theorems.EFFECTS.items():
        here = k.cut(k.instantiated(lemma, {F: effect_}), effect_is_projector(effect_))
        terms.append((weight(RULES, outcome_), here))
        terms.append((-weight(RULES, outcome_) / 2, symmetry(first, effect_, is_first)))
    pair_ = {rho: first, theorems.rho_2: second}
    is_middle = k.by_theorem("the mean is a state", theorems.MEAN_STATE, pair_, is_first, is_second)
    before, after = _sum_of(first), _sum_of(mean(first, second))
    grows = k.linear(
        "the mean has no smaller sum", at_most(before.left, after.left), [*terms, (1, before), (-1, after)]
    )
    return mean(first, second), is_middle, grows


def _flips(state_: Any, effect_: Any, is_state_: k.Fact) -> k.Fact:
    """q of the image under Y x Y is that of the effect with all signs turned."""
    generic, signs = (real("x"), real("y")), (real("e"), real("h"))
    kind = type(effect_).__name__
    name = effect(generic[0], signs[0]) if kind == "effect" else both(*generic, *signs)
    other = effect(generic[0], -signs[0]) if kind == "effect" else both(*generic, *(-one for one in signs))
    fact = k.decided("Y x Y turns the signs of both observables", is_flip(name, other))
    fact = k.instantiated(fact, dict(zip(name.args, effect_.args, strict=True)))
    values = {alpha: alpha, rho: state_, F: effect_, theorems.F_2: fact.arguments[1]}
    return k.by_theorem("the image's Q", theorems.FLIPPED, values, is_state_, fact)


def _conjugates(state_: Any, effect_: Any, is_state_: k.Fact) -> k.Fact:
    """q of the conjugate state is the same."""
    generic, signs = (real("x"), real("y")), (real("e"), real("h"))
    name = effect(generic[0], signs[0]) if type(effect_).__name__ == "effect" else both(*generic, *signs)
    fact = k.decided("effects in the plane of Z and X are real", is_real_effect(name))
    fact = k.instantiated(fact, dict(zip(name.args, effect_.args, strict=True)))
    values = {alpha: alpha, rho: state_, F: effect_}
    return k.by_theorem("the conjugate's Q", theorems.CONJUGATED, values, is_state_, fact)


def _turned(last: Any, is_last: k.Fact, is_first: k.Fact, bound: k.Fact) -> k.Fact:
    """The sum of the mixture is that of a Bell-diagonal state at other angles, hence at most g."""
    s, t = turn(last, 0), turn(last, 1)
    generic, signs, turns = (real("x"), real("y")), (real("e"), real("h")), (real("s"), real("t"))
    blocks_ = k.instantiated(
        k.decided(
            "rotations turn the two spans of Bell states",
            turns_blocks(*turns, turns[1] - turns[0], turns[0] + turns[1]),
        ),
        dict(zip(turns, (s, t), strict=True)),
    )
    diagonal_ = k.by_theorem(
        "a rotation makes the mixture Bell-diagonal", theorems.DIAGONALISED, {rho: pair(A)}, is_first, blocks_
    )
    one = k.by_theorem("whose weights", theorems.EIGENVALUES, {rho: pair(A)}, is_first, blocks_)
    alone = k.decided(
        "rotations shift Alice's angle",
        is_turned(effect(generic[0], signs[0]), effect(generic[0] + 2 * turns[0], signs[0]), *turns),
    )
    pairs = k.decided(
        "rotations shift both angles",
        is_turned(
            both(*generic, *signs),
            both(generic[0] + 2 * turns[0], generic[1] + 2 * turns[1], *signs),
            *turns,
        ),
    )
    places = (angles[0] + 2 * s, angles[1] + 2 * s, angles[2] + 2 * t, angles[3] + 2 * t)
    terms = []
    for outcome_, effect_ in theorems.EFFECTS.items():
        shift = alone if type(effect_).__name__ == "effect" else pairs
        values = dict(zip(shift.arguments[0].args, effect_.args, strict=True))
        fact = k.instantiated(shift, {**values, **dict(zip(turns, (s, t), strict=True))})
        same = k.by_theorem(
            "Q after the rotation",
            theorems.ROTATED,
            {alpha: alpha, rho: last, F: effect_, theorems.F_2: fact.arguments[1], turns[0]: s, turns[1]: t},
            is_last,
            fact,
        )
        same = k.chain("of the Bell-diagonal state", same, k.put_in("the state", same.right, diagonal_))
        terms.append((weight(RULES, outcome_), same))
    before, after = _sum_of(last), _sum_of(diagonal_.right, places)
    same_sum = k.linear("the sums are the same", equal(before.left, after.left), [(1, before), *terms, (-1, after)])
    weights_ = diagonal_.right.args
    values = {
        g: g,
        alpha: alpha,
        on_key: on_key,
        on_lost: on_lost,
        on_won: on_won,
        **dict(zip(theorems.weights, weights_, strict=True)),
        **dict(zip(angles, places, strict=True)),
    }
    positive = [k.inequality("a weight", at_least(x, 0)) for x in weights_]
    bounded = k.specialised("which g bounds", theorems.BELL, values, bound, *positive, one)
    return k.chain("the mixture's sum", same_sum, bounded)


def round_sum(rho_: Any, places: tuple[Any, Any, Any, Any], order: Any, gamma: Any, u: tuple[Any, Any]) -> Any:
    """The sum of a round of two qubits in Eve's hands: rank 4, Alice's and Bob's angles, weights u of loss and win."""
    import mpmath as mp

    from keybounds.proofs.algebra.dense import kron

    amplitudes = renyi.power(rho_, mp.mpf(1) / 2)
    sigma = renyi.eve_state(amplitudes, mp.eye(4))
    total = mp.mpf(0)
    for a in range(2):
        one = kron(renyi.projector(places[0], a), mp.eye(2))
        total += (1 - gamma) * renyi.sandwiched(renyi.eve_state(amplitudes, one), sigma, order)
    for x, y, a, b in ((x, y, a, b) for x in (0, 1) for y in (0, 1) for a in (0, 1) for b in (0, 1)):
        one = kron(renyi.projector(places[x], a), renyi.projector(places[2 + y], b))
        won = int(a ^ b == x * y)
        total += gamma / 4 * u[won] * renyi.sandwiched(renyi.eve_state(amplitudes, one), sigma, order)
    return total


def numerical(statement: Statement) -> Iterator[Step]:
    """The sum for a state without pattern, for its images under the two symmetries, and for the mixture."""
    import mpmath as mp

    del statement  # a bound for all devices: what is compared is the sum of a round itself
    with mp.workdps(DIGITS + 10):
        psi = renyi.pure_state(4, 4, 11)
        state_ = psi * psi.H
        places = (mp.mpf(1) / 5, mp.mpf(9) / 5, mp.mpf(1), mp.mpf(-1) / 2)
        setting = mp.mpf(3) / 2, mp.mpf(1) / 3, (mp.mpf(1) / 2, mp.mpf(5) / 4)
        yy = mp.matrix([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
        value = round_sum(state_, places, *setting)
        for name, image in (("Y x Y", yy * state_ * yy), ("complex conjugation", state_.conjugate())):
            found = round_sum(image, places, *setting)
            yield holds(
                f"the sum is the same after {name}",
                abs(found - value) < mp.mpf(10) ** -40,
                detail=mp.nstr(found, 18),
            )
        middle = (state_ + yy * state_ * yy) / 2
        middle = (middle + middle.conjugate()) / 2
        found = round_sum(middle, places, *setting)
        yield holds(
            "and greater for the mixture",
            found >= value,
            detail=f"{mp.nstr(found, 10)} against {mp.nstr(value, 10)}",
        )


CLAIM = Claim(
    name="renyi-qubits",
    title="Two qubits suffice",
    source="pironio2009; rederived for the sum of a round",
    state=state,
    derive=derive,
    witness=numerical,
)
