"""From devices to Bell pairs: Jordan's lemma, purification, symmetries; the sum of a round of pairs."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import ForAll, Meaning, Theorem
from keybounds.proofs.logic.propositions import Implication, Negation, at_least, at_most, equal
from keybounds.proofs.logic.sums import Direct, Total
from keybounds.proofs.logic.terms import real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive, is_state
from keybounds.proofs.notions_renyi import (
    FORGET,
    GAME,
    ONE,
    G,
    Q,
    alice,
    bell_weight,
    block,
    block_angle,
    blocks,
    both,
    bounds_bell,
    bounds_certain,
    bounds_planar,
    conjugate,
    diagonal,
    effect,
    eve,
    flipped,
    game,
    has_trace,
    is_below,
    is_certain,
    is_channel,
    is_device,
    is_flip,
    is_pair,
    is_projector,
    is_real_effect,
    is_sum,
    is_turned,
    key,
    mean,
    measured,
    moved,
    oplus,
    pair,
    pair_sum,
    part,
    planar,
    power,
    q,
    recovery,
    rotated,
    seen,
    share,
    splitting,
    test,
    turn,
    turns_blocks,
    weight,
)

A, B, C, D, F, F_2, M = (thing(name) for name in ("A", "B", "C", "D", "F", "F'", "M"))
f, k, v, rho, rho_2 = (thing(name) for name in ("f", "k", "v", "rho", "rho'"))
alpha, g = symbol("alpha"), real("g")
angles = tuple(real(name) for name in ("x", "x'", "y", "y'"))
on_key, on_lost, on_won = (sp.Symbol(name, nonnegative=True) for name in ("w", "w_0", "w_1"))
weights = tuple(real(name) for name in "abcd")

PLANAR = ForAll(
    "a bound for two qubits measured in a plane",
    bounds_planar(g, alpha, v),
    (A, *angles),
    (is_state(A), is_pair(A)),
    (at_most(G(alpha, v, A, planar(*angles)), g),),
)
CERTAIN = ForAll(
    "a bound for devices with a certain outcome",
    bounds_certain(g, alpha, v),
    (A, M),
    (is_state(A), is_device(M), is_certain(M)),
    (at_most(G(alpha, v, A, M), g),),
)

INPUTS, OUTPUT = (thing("i"), thing("j")), thing("a")


def _won(outcome: Any) -> bool:
    x, y, a, b = (int(one) for one in outcome.args)
    return a ^ b == x * y


# ------------------------------------------------------------------------------------------------------ Jordan's lemma

_JORDAN = "pironio2009, Section 2 (Jordan's lemma); nielsen2010, Section 2.2.8 (projective measurements suffice)"


def _jordan(words: str, conclusion: Any) -> Theorem:
    return Theorem(
        name="Jordan's lemma",
        source=_JORDAN,
        words=words,
        hypotheses=(is_state(A), is_device(M)),
        conclusion=conclusion,
    )


BLOCK_OUTCOME = _jordan(
    "Each party's two measurements are block-diagonal with blocks of at most two dimensions, and measuring the block "
    "does not change the outcomes: Eve's operator for an outcome is the sum over blocks.",
    equal(
        eve(measured(A, M, k)),
        moved(
            FORGET,
            Direct(share(A, M, f) * eve(measured(block(A, M, f), part(M, f), k)), f, blocks(A, M)),
        ),
    ),
)
BLOCK_EVE = _jordan(
    "So is Eve's own state.",
    equal(eve(A), moved(FORGET, Direct(share(A, M, f) * eve(block(A, M, f)), f, blocks(A, M)))),
)
BLOCK_STATE = _jordan("The state in a block is a state.", is_state(block(A, M, f)))
BLOCK_DEVICE = _jordan("What measures it are two devices.", is_device(part(M, f)))
BLOCK_PAIR = _jordan(
    "In a block without a certain outcome both devices have a qubit.",
    Implication(frozenset({Negation(is_certain(part(M, f)))}), is_pair(block(A, M, f))),
)
BLOCK_PLANAR = _jordan(
    "There all measurements are of rank one and lie in a plane of each Bloch sphere, turned to that of Z and X.",
    Implication(
        frozenset({Negation(is_certain(part(M, f)))}),
        equal(part(M, f), planar(*(block_angle(M, f, j) for j in range(4)))),
    ),
)
BLOCK_SHARES = _jordan("The blocks' probabilities add up to 1.", equal(Total(share(A, M, f), f, blocks(A, M)), 1))
FORGETS = Theorem(
    name="forgetting a label",
    source="nielsen2010, Section 8.2.3",
    words="A partial trace is a channel.",
    hypotheses=(),
    conclusion=is_channel(FORGET),
)
STATE_POSITIVE = Theorem(
    name="states are positive",
    source="nielsen2010, Theorem 2.5",
    words="A state is positive.",
    hypotheses=(is_state(A),),
    conclusion=is_positive(A),
)

SCALED_BELOW = Theorem(
    name="multiples of ordered operators",
    source="bhatia1997, Section V.1",
    words="A <= B gives w A <= w B for w >= 0.",
    hypotheses=(is_below(A, B), at_least(real("lambda"), 0)),
    conclusion=is_below(real("lambda") * A, real("lambda") * B),
)

# -------------------------------------------------------------------------------------------------------- purification

EFFECTS = {
    **{key(a): effect(angles[0], 1 - 2 * a) for a in (0, 1)},
    **{
        k_: both(angles[int(k_.args[0])], angles[2 + int(k_.args[1])], 1 - 2 * k_.args[2], 1 - 2 * k_.args[3])
        for k_ in GAME
        if len(k_.args) == 4
    },
}
"""Which effect of two qubits an outcome of the game has."""
SEEN = Meaning("Eve purifies: Q of an effect", q(alpha, rho, F), Q(alpha, seen(rho, F), seen(rho, ONE)))


def game_sum(state: Any, places: Any = angles) -> Any:
    """The sum of a round of the game, of qubits in `state` that Eve purifies."""
    put = dict(zip(angles, places, strict=True))
    rules = game(on_key, on_lost, on_won)
    return sp.Add(*(weight(rules, k_) * q(alpha, state, F_.subs(put, simultaneous=True)) for k_, F_ in EFFECTS.items()))


PAIR_SUM = Meaning(
    "the sum of a round of two qubits that Eve purifies",
    pair_sum(alpha, on_key, on_lost, on_won, rho, *angles),
    game_sum(rho),
)
BELL = ForAll(
    "a bound for Bell-diagonal pairs",
    bounds_bell(g, alpha, on_key, on_lost, on_won),
    (*weights, *angles),
    (*(at_least(one, 0) for one in weights), equal(sp.Add(*weights), 1)),
    (at_most(pair_sum(alpha, on_key, on_lost, on_won, diagonal(*weights), *angles), g),),
)


def purified(outcome: Any) -> Theorem:
    """Eve's operator for an outcome of the game comes from that of the purification by a channel of hers."""
    return Theorem(
        name="purification",
        source="nielsen2010, Section 2.5; wilde2017, Chapter 5",
        words="Every state of two qubits and Eve comes from a purification of the qubits' state by a channel on the "
        "purifying system.",
        hypotheses=(is_state(A), is_pair(A)),
        conclusion=equal(
            eve(measured(A, planar(*angles), outcome)), moved(recovery(A), seen(pair(A), EFFECTS[outcome]))
        ),
    )


PURIFIED = Theorem(
    name="purification, Eve's own state",
    source="nielsen2010, Section 2.5; wilde2017, Chapter 5",
    words="So does Eve's own state.",
    hypotheses=(is_state(A), is_pair(A)),
    conclusion=equal(eve(A), moved(recovery(A), seen(pair(A), ONE))),
)
RECOVERS = Theorem(
    name="recovery",
    source="nielsen2010, Section 2.5; wilde2017, Chapter 5",
    words="What relates an extension to the purification is a channel.",
    hypotheses=(is_state(A), is_pair(A)),
    conclusion=is_channel(recovery(A)),
)
PAIR_STATE = Theorem(
    name="reduced states",
    source="nielsen2010, Section 2.4.3",
    words="The reduced state is a state.",
    hypotheses=(is_state(A), is_pair(A)),
    conclusion=is_state(pair(A)),
)
SEEN_POSITIVE = Theorem(
    name="Eve's operator for an effect",
    source="nielsen2010, Section 2.4.3",
    words="The partial trace of F^{1/2} psi F^{1/2} is positive.",
    hypotheses=(is_state(rho), is_projector(F)),
    conclusion=is_positive(seen(rho, F)),
)
SEEN_BELOW = Theorem(
    name="an effect is a part",
    source="nielsen2010, Section 2.4.3",
    words="A projector is at most 1, and the partial trace keeps the order.",
    hypotheses=(is_state(rho), is_projector(F)),
    conclusion=is_below(seen(rho, F), seen(rho, ONE)),
)
OWN_POSITIVE = Theorem(
    name="Eve's own state",
    source="nielsen2010, Section 2.4.3",
    words="Eve's part of the purification is a state.",
    hypotheses=(is_state(rho),),
    conclusion=is_positive(seen(rho, ONE)),
)

# ---------------------------------------------------------------------------------------------------------- symmetries

FLIPPED = Theorem(
    name="purification of a rotated state",
    source="nielsen2010, Section 2.5",
    words="(U x 1) psi purifies U rho U*, and U* F U on psi is F on it: Eve's operators are the same.",
    hypotheses=(is_state(rho), is_flip(F, F_2)),
    conclusion=equal(q(alpha, flipped(rho), F), q(alpha, rho, F_2)),
)
CONJUGATED = Theorem(
    name="complex conjugation",
    source="nielsen2010, Section 2.5",
    words="Conjugate states and effects have conjugate operators of Eve's, with the same eigenvalues.",
    hypotheses=(is_state(rho), is_real_effect(F)),
    conclusion=equal(q(alpha, conjugate(rho), F), q(alpha, rho, F)),
)
ROTATED = Theorem(
    name="purification of a rotated state",
    source="nielsen2010, Section 2.5",
    words="(U x 1) psi purifies U rho U*, and U* F U on psi is F on it: Eve's operators are the same.",
    hypotheses=(is_state(rho), is_turned(F, F_2, real("s"), real("t"))),
    conclusion=equal(q(alpha, rho, F), q(alpha, rotated(rho, real("s"), real("t")), F_2)),
)
FLIPPED_STATE = Theorem(
    name="unitary images of states",
    source="nielsen2010, Section 2.4.1",
    words="U rho U* is a state.",
    hypotheses=(is_state(rho),),
    conclusion=is_state(flipped(rho)),
)
CONJUGATE_STATE = Theorem(
    name="conjugate states",
    source="nielsen2010, Theorem 2.5",
    words="The complex conjugate of a state is positive with trace 1.",
    hypotheses=(is_state(rho),),
    conclusion=is_state(conjugate(rho)),
)
MEAN_STATE = Theorem(
    name="mixtures",
    source="nielsen2010, Section 2.4.1",
    words="A mixture of states is a state.",
    hypotheses=(is_state(rho), is_state(rho_2)),
    conclusion=is_state(mean(rho, rho_2)),
)
SPLIT = Theorem(
    name="ensembles of a purification",
    source="nielsen2010, Theorem 2.6 and Section 2.5",
    words="Eve, who purifies a mixture, learns by a channel of her own which state it was, and purifies that.",
    hypotheses=(is_state(rho), is_state(rho_2)),
    conclusion=equal(
        moved(splitting(rho, rho_2), seen(mean(rho, rho_2), F)), oplus(seen(rho, F) / 2, seen(rho_2, F) / 2)
    ),
)
SPLITS = Theorem(
    name="ensembles of a purification, the channel",
    source="nielsen2010, Theorem 2.6 and Section 2.5",
    words="That is a channel.",
    hypotheses=(is_state(rho), is_state(rho_2)),
    conclusion=is_channel(splitting(rho, rho_2)),
)
SUM_OF_TWO = Theorem(
    name="Q of a direct sum of two",
    source="tomamichel2016, Section 4.3",
    words="Powers and traces of direct sums are taken block by block.",
    hypotheses=(),
    conclusion=equal(Q(alpha, oplus(A, B), oplus(C, D)), Q(alpha, A, C) + Q(alpha, B, D)),
)
TWIRLED = mean(mean(rho, flipped(rho)), conjugate(mean(rho, flipped(rho))))
"""The state after both mixtures: real, and block-diagonal as Y x Y is."""
_S, _T = turn(TWIRLED, 0), turn(TWIRLED, 1)
TURNS = turns_blocks(_S, _T, _T - _S, _S + _T)
"""What the two rotations do to the two blocks."""
DIAGONALISED = Theorem(
    name="real symmetric blocks",
    source="nielsen2010, Section 2.1.5",
    words="A state that is real and commutes with Y x Y has two real symmetric blocks of two dimensions in the real "
    "Bell basis. Rotations diagonalise them, by any two angles: these are the difference and the sum of two free ones.",
    hypotheses=(is_state(rho), TURNS),
    conclusion=equal(
        rotated(TWIRLED, turn(TWIRLED, 0), turn(TWIRLED, 1)), diagonal(*(bell_weight(TWIRLED, j) for j in range(4)))
    ),
)
EIGENVALUES = Theorem(
    name="eigenvalues of a state",
    source="nielsen2010, Theorem 2.5",
    words="The eigenvalues of a state add up to 1.",
    hypotheses=(is_state(rho), TURNS),
    conclusion=equal(sp.Add(*(bell_weight(TWIRLED, j) for j in range(4))), 1),
)
SCHMIDT = Theorem(
    name="purification of a diagonal state",
    source="nielsen2010, Section 2.5",
    words="Eve's operator is L^{1/2} F L^{1/2}, transposed in the eigenbasis, which Q does not see.",
    hypotheses=tuple(at_least(one, 0) for one in weights),
    conclusion=equal(
        q(alpha, diagonal(*weights), F),
        Q(
            alpha,
            power(diagonal(*weights), sp.Rational(1, 2)) * F * power(diagonal(*weights), sp.Rational(1, 2)),
            diagonal(*weights),
        ),
    ),
)
SPLIT_EFFECT = Theorem(
    name="effects that add up",
    source="nielsen2010, Section 2.2.6",
    words="That the effect F is the sum of two is an equation of operators, which is used as A = F - B.",
    hypotheses=(is_sum(F, A, B),),
    conclusion=equal(A, F - B),
)
PROBABILITY = Theorem(
    name="Born's rule",
    source="nielsen2010, Section 2.4.1",
    words="The probability of an effect is Tr rho F.",
    hypotheses=(has_trace(sp.Tuple(*weights), F, real("p")),),
    conclusion=equal(Tr(diagonal(*weights) * F), real("p")),
)
NO_SIGNALLING_ALICE = Theorem(
    name="no signalling from Bob to Alice",
    source="nielsen2010, Section 2.4.3",
    words="Bob's outputs, for either of his inputs, add up to what Alice's output leaves.",
    hypotheses=(is_device(M),),
    conclusion=equal(
        eve(measured(A, M, test(*INPUTS, OUTPUT, 0))) + eve(measured(A, M, test(*INPUTS, OUTPUT, 1))),
        eve(alice(A, M, INPUTS[0], OUTPUT)),
    ),
)
KEY_ROUND = Theorem(
    name="a key round",
    source="nielsen2010, Section 2.4.3",
    words="In a key round Alice's device is asked x = 0, and does not learn that it is one.",
    hypotheses=(is_device(M),),
    conclusion=equal(eve(measured(A, M, key(OUTPUT))), eve(alice(A, M, 0, OUTPUT))),
)
ALICE_COMPLETE = Theorem(
    name="Alice's outputs",
    source="nielsen2010, Section 2.4.3",
    words="Alice's outputs add up to all.",
    hypotheses=(is_device(M),),
    conclusion=equal(eve(alice(A, M, INPUTS[0], 0)) + eve(alice(A, M, INPUTS[0], 1)), eve(A)),
)
ALICE_POSITIVE = Theorem(
    name="an output's operator",
    source="nielsen2010, Section 8.2.4",
    words="What a measurement leaves is positive.",
    hypotheses=(is_device(M), is_positive(A)),
    conclusion=is_positive(eve(alice(A, M, INPUTS[0], OUTPUT))),
)
LOCAL = Theorem(
    name="measurements that commute",
    source="landau1987; pironio2009, Section 2",
    words="With a certain outcome one party's two measurements commute; then S <= 2, and the four tests are won with "
    "probability 3 together at most.",
    hypotheses=(is_state(A), is_device(M), is_certain(M)),
    conclusion=at_most(sp.Add(*(Tr(measured(A, M, k_)) for k_ in GAME if len(k_.args) == 4 and _won(k_))), 3),
)
STATE_TRACE = Theorem(
    name="trace of a state",
    source="nielsen2010, Theorem 2.5",
    words="A state has trace 1.",
    hypotheses=(is_state(A),),
    conclusion=equal(Tr(A), 1),
)
