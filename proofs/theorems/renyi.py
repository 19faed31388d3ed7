"""Operators, systems and the sandwiched quasi-entropy Q: definitions of the Rényi claims, and what is published."""

from __future__ import annotations

import sympy as sp

from keybounds.proofs.algebra import bell
from keybounds.proofs.logic.kernel import ForAll, Meaning, Theorem
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.sums import Total, Words
from keybounds.proofs.logic.terms import real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive, is_state
from keybounds.proofs.notions_renyi import (
    START,
    E,
    G,
    Q,
    Q_key,
    T,
    action,
    after,
    bounds_rounds,
    chsh,
    dagger,
    device,
    diagonal,
    effect,
    eve,
    filtered,
    has_compression,
    is_below,
    is_channel,
    is_device,
    is_projector,
    is_run,
    joint,
    measured,
    moved,
    outcomes,
    path_weight,
    power,
    reference,
    sandwich,
    sent,
    weight,
    whole,
)

A, B, C, F, M, N, P = (thing(name) for name in "ABCFMNP")
h, k, v = (thing(name) for name in "hkv")
sigma, tau = thing("sigma"), thing("tau")
alpha, x = symbol("alpha"), real("x")
g, n = real("g"), whole("n")

# ------------------------------------------------------------------------------------------------------- definitions

QUASI = Meaning("the sandwiched quasi-entropy", Q(alpha, tau, sigma), Tr(power(sandwich(tau, sigma, alpha), alpha)))
ROUND = Meaning(
    "the sum of a round, Eve's own state as reference",
    G(alpha, v, A, M),
    Total(weight(v, k) * Q(alpha, eve(measured(A, M, k)), eve(A)), k, outcomes(v)),
)
BOUND = ForAll(
    "g bounds the sum of a round",
    bounds_rounds(g, alpha, v),
    (A, M),
    (is_state(A), is_device(M)),
    (at_most(G(alpha, v, A, M), g),),
)
RUN = ForAll(
    "a run: devices and Eve start in a state; in a round the devices measure, then Eve applies a channel",
    is_run(P),
    (h, k),
    (),
    (
        equal(Tr(joint(P, START)), 1),
        equal(reference(P, START), eve(joint(P, START))),
        is_positive(joint(P, h)),
        is_positive(reference(P, h)),
        is_below(eve(joint(P, h)), reference(P, h)),
        is_device(device(P, h)),
        is_channel(action(P, h, k)),
        equal(joint(P, after(h, k)), sent(action(P, h, k), measured(joint(P, h), device(P, h), k))),
        equal(reference(P, after(h, k)), moved(action(P, h, k), reference(P, h))),
    ),
)
NORMALISED, FIRST_REFERENCE, POSITIVE, REFERENCE_POSITIVE, PART, DEVICE, CHANNEL, NEXT, NEXT_REFERENCE = range(9)
"""Which conclusion of `RUN` says what. `PART`: what Eve has after a history is a part of her state given the inputs."""
PATH = Meaning("weights multiply over the rounds", path_weight(after(h, k), v), path_weight(h, v) * weight(v, k))
NO_ROUND = Meaning("no rounds weigh 1", path_weight(START, v), 1)
HISTORIES = Meaning(
    "the sum over the histories of n rounds",
    T(alpha, v, P, n),
    Total(path_weight(h, v) * Q(alpha, eve(joint(P, h)), reference(P, h)), h, Words(n, outcomes(v))),
)

# --------------------------------------------------------------------------------------------------------- operators

CONGRUENCE = Theorem(
    name="congruence",
    source="bhatia1997, Section V.1",
    words="A <= B gives C A C* <= C B C*.",
    hypotheses=(is_below(A, B),),
    conclusion=is_below(C * A * dagger(C), C * B * dagger(C)),
)
ORDER = Theorem(
    name="order of operators",
    source="bhatia1997, Section V.1",
    words="A <= B and B <= C give A <= C.",
    hypotheses=(is_below(A, B), is_below(B, C)),
    conclusion=is_below(A, C),
)
POWER_POSITIVE = Theorem(
    name="powers of positive operators",
    source="nielsen2010, Section 2.1.8",
    words="Real powers on the support of a positive operator are positive.",
    hypotheses=(is_positive(A),),
    conclusion=is_positive(power(A, x)),
)
CONGRUENCE_POSITIVE = Theorem(
    name="positivity under congruence",
    source="nielsen2010, Section 2.1.6",
    words="C A C* is positive with A.",
    hypotheses=(is_positive(A),),
    conclusion=is_positive(C * A * dagger(C)),
)
SUPPORT = Theorem(
    name="supports of ordered operators",
    source="bhatia1997, Section V.1",
    words="0 <= A <= B: the kernel of B is in that of A, so that the projector on the support of B leaves A as it is.",
    hypotheses=(is_positive(A), is_positive(B), is_below(A, B)),
    conclusion=equal(power(B, 0) * A * power(B, 0), A),
)
TRACE_MONOTONE = Theorem(
    name="monotone eigenvalues",
    source="bhatia1997, Corollary III.2.3 (Weyl)",
    words="0 <= A <= B: the eigenvalues in order are ordered, and so are the traces of powers.",
    hypotheses=(is_positive(A), is_below(A, B), greater(alpha, 0)),
    conclusion=at_most(Tr(power(A, alpha)), Tr(power(B, alpha))),
)
TRACE_POSITIVE = Theorem(
    name="traces of powers",
    source="nielsen2010, Section 2.1.8",
    words="The trace of a power of a positive operator is a sum of numbers that are not negative.",
    hypotheses=(is_positive(A),),
    conclusion=at_least(Tr(power(A, x)), 0),
)

# ----------------------------------------------------------------------------------------------------------- systems

EVE_POSITIVE = Theorem(
    name="partial trace of a positive operator",
    source="nielsen2010, Section 2.4.3",
    words="The partial trace of a positive operator is positive.",
    hypotheses=(is_positive(A),),
    conclusion=is_positive(eve(A)),
)
EVE_TRACE = Theorem(
    name="trace of a partial trace",
    source="nielsen2010, Section 2.4.3",
    words="The partial trace keeps the trace.",
    hypotheses=(),
    conclusion=equal(Tr(eve(A)), Tr(A)),
)
FILTER_EVE = Theorem(
    name="Eve's part of what she filters",
    source="watrous2018, Section 1.1",
    words="Operators on one system come out of the partial trace over the other.",
    hypotheses=(),
    conclusion=equal(eve(filtered(A, F)), F * eve(A) * dagger(F)),
)
FILTER_POSITIVE = Theorem(
    name="what is filtered stays positive",
    source="nielsen2010, Section 8.2.3",
    words="A -> (1 x F) A (1 x F)* is completely positive.",
    hypotheses=(is_positive(A),),
    conclusion=is_positive(filtered(A, F)),
)
FILTER_COMMUTES = Theorem(
    name="maps on different systems commute",
    source="watrous2018, Section 2.2",
    words="Eve's filter and the devices' measurement act on different systems.",
    hypotheses=(is_device(M),),
    conclusion=equal(measured(filtered(A, F), M, k), filtered(measured(A, M, k), F)),
)
OUTCOME_POSITIVE = Theorem(
    name="an outcome's operator",
    source="nielsen2010, Section 8.2.4",
    words="What a measurement leaves of a positive operator is positive.",
    hypotheses=(is_device(M), is_positive(A)),
    conclusion=is_positive(measured(A, M, k)),
)
NO_SIGNALLING = Theorem(
    name="an outcome is a part",
    source="nielsen2010, Section 8.2.4",
    words="Outcomes' operators add up, for each input, to what Eve had: each is at most that.",
    hypotheses=(is_device(M), is_positive(A)),
    conclusion=is_below(eve(measured(A, M, k)), eve(A)),
)
LOCAL_CHANNEL = Theorem(
    name="what Eve keeps",
    source="watrous2018, Section 2.2",
    words="What Eve keeps depends on her own part only.",
    hypotheses=(is_channel(N),),
    conclusion=equal(eve(sent(N, A)), moved(N, eve(A))),
)
DATA_PROCESSING = Theorem(
    name="data processing of the sandwiched divergence",
    source="frank2013, Theorem 1; beigi2013",
    words="For alpha > 1, Q does not grow when both arguments pass through the same channel.",
    hypotheses=(
        is_channel(N),
        is_positive(tau),
        is_positive(sigma),
        is_below(tau, sigma),
        greater(alpha, 1),
    ),
    conclusion=at_most(Q(alpha, moved(N, tau), moved(N, sigma)), Q(alpha, tau, sigma)),
)

# ------------------------------------------------------------------------------------------------------------ qubits

bell_weights = tuple(real(name) for name in "abcd")
theta, angle_x, angle_y, turned_x, turned_y = (real(name) for name in ("theta", "x", "y", "x'", "y'"))
first, second, off = real("m_1"), real("m_2"), real("m_3")
root = sp.Symbol("r", nonnegative=True)

EVE_OF_BELL = Meaning(
    "Eve purifies a Bell-diagonal state: her operator for an outcome of Alice's is L^{1/2} P L^{1/2}",
    Q_key(alpha, *bell_weights, theta),
    sp.Add(
        *(
            Q(
                alpha,
                power(diagonal(*bell_weights), sp.Rational(1, 2))
                * effect(theta, sign)
                * power(diagonal(*bell_weights), sp.Rational(1, 2)),
                diagonal(*bell_weights),
            )
            for sign in (1, -1)
        )
    ),
)
EXPECTATION = Meaning(
    "the expectation of two observables in the plane of Z and X",
    E(*bell_weights, angle_x, angle_y),
    bell.expectation(bell_weights, sp.kronecker_product(bell.planar(angle_x), bell.planar(angle_y))),
)
CHSH = Meaning(
    "the CHSH value",
    chsh(*bell_weights, angle_x, turned_x, angle_y, turned_y),
    E(*bell_weights, angle_x, angle_y)
    + E(*bell_weights, angle_x, turned_y)
    + E(*bell_weights, turned_x, angle_y)
    - E(*bell_weights, turned_x, turned_y),
)
PROJECTOR = Theorem(
    name="projectors",
    source="nielsen2010, Section 2.1.6",
    words="A projector is its own square.",
    hypotheses=(is_projector(A),),
    conclusion=equal(A * A, A),
)
PROJECTOR_POSITIVE = Theorem(
    name="projectors are positive",
    source="nielsen2010, Section 2.1.6",
    words="A projector is positive.",
    hypotheses=(is_projector(A),),
    conclusion=is_positive(A),
)
DIAGONAL_POSITIVE = Theorem(
    name="diagonal operators",
    source="nielsen2010, Section 2.1.5",
    words="A diagonal operator whose entries are not negative is positive.",
    hypotheses=tuple(at_least(entry, 0) for entry in bell_weights),
    conclusion=is_positive(diagonal(*bell_weights)),
)
DIAGONAL_POWER = Theorem(
    name="functions of diagonal operators",
    source="nielsen2010, Section 2.1.8",
    words="A positive power of a diagonal operator has the powers of its entries.",
    hypotheses=(*(at_least(entry, 0) for entry in bell_weights), greater(x, 0)),
    conclusion=equal(power(diagonal(*bell_weights), x), diagonal(*(entry**x for entry in bell_weights))),
)
EXCHANGE = Theorem(
    name="eigenvalues of C C* and C* C",
    source="nielsen2010, Section 2.1.10",
    words="C C* and C* C have the same eigenvalues other than 0, by the singular values of C.",
    hypotheses=(greater(alpha, 0),),
    conclusion=equal(Tr(power(C * dagger(C), alpha)), Tr(power(dagger(C) * C, alpha))),
)
COMPRESSION = Theorem(
    name="eigenvalues of a compression of rank two",
    source="nielsen2010, Section 2.1.5",
    words="The eigenvalues of P A P are those of its 2 x 2 matrix on the range of P, and 0.",
    hypotheses=(
        has_compression(A, sp.Tuple(*bell_weights), first, second, off),
        is_positive(diagonal(*bell_weights)),
        greater(alpha, 0),
        equal(root**2, (first - second) ** 2 + 4 * off**2),
    ),
    conclusion=equal(
        Tr(power(A * diagonal(*bell_weights) * A, alpha)),
        ((first + second + root) / 2) ** alpha + ((first + second - root) / 2) ** alpha,
    ),
)
_a, _b, _c, _d = (sp.Symbol(name, nonnegative=True) for name in ("a_1", "a_2", "b_1", "b_2"))
MINKOWSKI_PLACES = (_a, _b, _c, _d)
MINKOWSKI = Theorem(
    name="Minkowski's inequality for exponents below 1",
    source="hardy1952, Section 2.11",
    words="For 0 < q < 1 the function (sum x^q)^{1/q} of vectors that are not negative is superadditive; q = 1/alpha.",
    hypotheses=(greater(alpha, 1),),
    conclusion=at_most(
        (_a ** (1 / alpha) + _b ** (1 / alpha)) ** alpha + (_c ** (1 / alpha) + _d ** (1 / alpha)) ** alpha,
        ((_a + _c) ** (1 / alpha) + (_b + _d) ** (1 / alpha)) ** alpha,
    ),
)

_t, _r, _s = real("t"), sp.Symbol("s_1", nonnegative=True), real("s_2")
MAJORISATION_PLACES = (_t, _r, _s)


def _pair(total: object, spread: object, exponent: object) -> object:
    return ((total + spread) / 2) ** exponent + ((total - spread) / 2) ** exponent  # type: ignore[operator]


MAJORISATION = Theorem(
    name="majorisation, convex",
    source="bhatia1997, Theorem II.3.1",
    words="At a fixed sum, x^alpha + y^alpha grows with the distance of x and y, for alpha >= 1.",
    hypotheses=(at_most(_r, _s), at_most(_s, _t), at_least(alpha, 1)),
    conclusion=at_most(_pair(_t, _r, alpha), _pair(_t, _s, alpha)),
)
MAJORISATION_CONCAVE = Theorem(
    name="majorisation, concave",
    source="bhatia1997, Theorem II.3.1",
    words="At a fixed sum, x^q + y^q falls with the distance of x and y, for 0 < q <= 1; q = 1/alpha.",
    hypotheses=(at_most(_r, _s), at_most(_s, _t), at_least(alpha, 1)),
    conclusion=at_most(_pair(_t, _s, 1 / alpha), _pair(_t, _r, 1 / alpha)),
)
MCCARTHY = Theorem(
    name="McCarthy's inequality",
    source="mccarthy1967; bhatia1997, Section IV.2",
    words="Tr A^alpha + Tr B^alpha <= Tr (A + B)^alpha for A, B >= 0 and alpha >= 1.",
    hypotheses=(is_positive(A), is_positive(B), at_least(alpha, 1)),
    conclusion=at_most(Tr(power(A, alpha)) + Tr(power(B, alpha)), Tr(power(A + B, alpha))),
)
LOEWNER = Theorem(
    name="Loewner-Heinz inequality",
    source="bhatia1997, Theorem V.1.9",
    words="0 <= A <= B gives A^r <= B^r for 0 <= r <= 1.",
    hypotheses=(is_positive(A), is_below(A, B), at_least(x, 0), at_most(x, 1)),
    conclusion=is_below(power(A, x), power(B, x)),
)
TRACE_ORDER = Theorem(
    name="traces of ordered operators",
    source="bhatia1997, Section V.1",
    words="A <= B gives Tr C A <= Tr C B for C >= 0.",
    hypotheses=(is_below(A, B), is_positive(C)),
    conclusion=at_most(Tr(C * A), Tr(C * B)),
)
SUPPORT_LEFT = Theorem(
    name="supports of ordered operators, left",
    source="bhatia1997, Section V.1",
    words="0 <= A <= B: the projector on the support of B leaves A as it is.",
    hypotheses=(is_positive(A), is_positive(B), is_below(A, B)),
    conclusion=equal(power(B, 0) * A, A),
)
SUPPORT_RIGHT = Theorem(
    name="supports of ordered operators, right",
    source="bhatia1997, Section V.1",
    words="0 <= A <= B: the projector on the support of B leaves A as it is.",
    hypotheses=(is_positive(A), is_positive(B), is_below(A, B)),
    conclusion=equal(A * power(B, 0), A),
)
PROJECTOR_BELOW = Theorem(
    name="a projector is at most 1",
    source="bhatia1997, Section V.1",
    words="P <= 1 gives C P C <= C C for C >= 0.",
    hypotheses=(is_projector(A), is_positive(C)),
    conclusion=is_below(C * A * C, C * C),
)
