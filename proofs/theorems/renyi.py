"""Operators, systems and the sandwiched quasi-entropy Q: definitions of the Rényi claims, and what is published."""

from __future__ import annotations

from keybounds.proofs.logic.kernel import ForAll, Meaning, Theorem
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.sums import Total, Words
from keybounds.proofs.logic.terms import real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive, is_state
from keybounds.proofs.notions_renyi import (
    ROUNDS,
    START,
    G,
    Q,
    T,
    action,
    after,
    bounds_rounds,
    dagger,
    device,
    eve,
    filtered,
    is_below,
    is_channel,
    is_device,
    is_run,
    joint,
    measured,
    moved,
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
    Total(weight(v, k) * Q(alpha, eve(measured(A, M, k)), eve(A)), k, ROUNDS),
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
    Total(path_weight(h, v) * Q(alpha, eve(joint(P, h)), reference(P, h)), h, Words(n, ROUNDS)),
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
