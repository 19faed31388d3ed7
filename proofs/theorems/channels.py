"""Channels: Choi states, covariance and simulation, ceilings on their capacities."""

from __future__ import annotations

from functools import cache

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import Equivalence, at_most, equal
from keybounds.proofs.logic.terms import log2, symbol, thing
from keybounds.proofs.notions import D, K, X, is_positive, is_separable, is_state, rho, transposed
from keybounds.proofs.notions_channels import (
    P2,
    P2_DI,
    PAIRS,
    averages,
    choi,
    has_flat_marginal,
    have_common_choi_spectrum,
    is_channel,
    is_fourier,
    is_invariant,
    is_simulable,
    keeps_channel_probabilities,
    keeps_traces,
    map_with,
    transposes_choi,
    turned,
)
from keybounds.proofs.notions_private import keeps_measurements, named

A, B, Lambda = (thing(name) for name in ("A", "B", "Lambda"))
d, p = sp.Symbol("d", integer=True, positive=True), symbol("p")
OUTPUT, EFFECT = named("transposed_output"), named("transpose")

CHOI = Theorem(
    name="Choi matrix of a transposed channel",
    source="choi1975, Theorem 2",
    words="What holds for maps that span holds for all, by linearity.",
    hypotheses=(transposes_choi(OUTPUT),),
    conclusion=equal(choi(turned(Lambda)), transposed(choi(Lambda))),
)
COMPLETE_POSITIVITY = Theorem(
    name="complete positivity",
    source="choi1975, Theorem 2",
    words="A map that keeps traces is a channel if and only if its Choi matrix is positive.",
    hypotheses=(keeps_traces(OUTPUT), is_channel(Lambda)),
    conclusion=Equivalence(is_channel(turned(Lambda)), is_positive(choi(turned(Lambda)))),
)
CHOI_STATE = Theorem(
    name="channels from Choi states",
    source="choi1975, Theorem 2",
    words="A state whose marginal of Alice is maximally mixed is the Choi state of a channel.",
    hypotheses=(is_state(A), has_flat_marginal(A)),
    conclusion=is_channel(map_with(A)),
)
TURNED = Theorem(
    name="device-independent key of a channel",
    source="christandl2021, Eq. (8)",
    words="What is secret for all devices is secret for trusted ones on theta o Lambda, which behave alike.",
    hypotheses=(
        keeps_channel_probabilities(EFFECT, OUTPUT),
        keeps_measurements(EFFECT),
        is_channel(Lambda),
        is_channel(turned(Lambda)),
    ),
    conclusion=at_most(P2_DI(Lambda), P2(turned(Lambda))),
)
TURNED_MAP = Theorem(
    name="Choi isomorphism",
    source="choi1975, Theorem 2",
    words="A map is known by its Choi matrix.",
    hypotheses=(transposes_choi(OUTPUT),),
    conclusion=equal(turned(map_with(A)), map_with(transposed(A))),
)
COVARIANT = Theorem(
    name="covariance by the Choi state",
    source="pirandola2017, Methods (teleportation-covariant channels)",
    words="A channel is covariant if its Choi state is invariant under conj(U_g) (x) V_g.",
    hypotheses=(
        is_fourier(X(d)),
        is_invariant(rho(d, p), PAIRS),
        averages(PAIRS),
        is_channel(map_with(rho(d, p))),
    ),
    conclusion=is_simulable(map_with(rho(d, p))),
)
TURNED_COVARIANT = Theorem(
    name="covariance of a transposed channel",
    source="pirandola2017, Methods (teleportation-covariant channels)",
    words="Transposition of the output turns the unitaries V_g into their conjugates.",
    hypotheses=(is_simulable(Lambda), is_channel(turned(Lambda))),
    conclusion=is_simulable(turned(Lambda)),
)
SIMULATION = Theorem(
    name="teleportation simulation",
    source="pirandola2017, Theorem 5; wilde2017, Theorem 12",
    words="The private capacity with public discussion is the key of the Choi state.",
    hypotheses=(is_channel(Lambda), is_simulable(Lambda)),
    conclusion=equal(P2(Lambda), K(choi(Lambda))),
)
CEILING = Theorem(
    name="ceiling of a simulable channel",
    source="pirandola2017, Theorem 5; wilde2017, Theorem 12",
    words="The private capacity is at most the relative entropy of the Choi state to any separable state.",
    hypotheses=(is_channel(Lambda), is_simulable(Lambda), is_separable(A)),
    conclusion=at_most(P2(Lambda), D(choi(Lambda), A)),
)


@cache
def divergence(n: int) -> Theorem:
    """D = sum m x log(x/y) over n common projectors."""
    x = [symbol(f"x_{k}") for k in range(1, n + 1)]
    y = [symbol(f"y_{k}") for k in range(1, n + 1)]
    m = [symbol(f"m_{k}") for k in range(1, n + 1)]
    triples = sp.Tuple(*(sp.Tuple(*one) for one in zip(x, y, m, strict=True)))
    return Theorem(
        name=f"relative entropy of {n} common eigenvalues",
        source="nielsen2010, Eq. (11.50)",
        words="Of commuting operators it is sum x log(x/y); where x = 0 nothing is added.",
        hypotheses=(have_common_choi_spectrum(A, B, triples),),
        conclusion=equal(D(A, B), sp.Add(*(m[i] * x[i] * log2(x[i] / y[i]) for i in range(n)))),
    )
