"""Channels: Choi states, covariance and simulation, ceilings on their capacities."""

from __future__ import annotations

from functools import cache

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import Equivalence, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.terms import h, integer, log2, real, symbol, thing
from keybounds.proofs.notions import D, E_r, K, X, is_positive, is_separable, is_state, rho, transposed
from keybounds.proofs.notions_channels import (
    P2,
    P2_DI,
    PAIRS,
    Q2,
    adds_at_most,
    adds_at_most_rains,
    amplitude_damping,
    averaged,
    averages,
    bounds_splits,
    bounds_splitting,
    choi,
    dephasing,
    depolarising,
    diagonal_input,
    erasure,
    excitation,
    has_dimensions,
    has_flat_marginal,
    have_common_choi_spectrum,
    is_channel,
    is_choi_near,
    is_complete_teleportation,
    is_diagonal_choi,
    is_fourier,
    is_invariant,
    is_near,
    is_simulable,
    is_splitting,
    isotropic,
    keeps_channel_probabilities,
    keeps_traces,
    leaves_spectra,
    map_with,
    minus,
    output,
    plus,
    pure_loss,
    rotates_choi,
    signed,
    split_entropy,
    teleported,
    transposes_choi,
    turned,
    without_b,
)
from keybounds.proofs.notions_private import keeps_measurements, named

A, B, Lambda = (thing(name) for name in ("A", "B", "Lambda"))
d, p = integer("d"), symbol("p")
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
COVARIANT = Theorem(
    name="covariance by the Choi state",
    source="pirandola2017, on teleportation-covariant channels",
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
    source="pirandola2017, on teleportation-covariant channels",
    words="Transposition of the output turns the unitaries V_g into their conjugates.",
    hypotheses=(is_simulable(Lambda), is_channel(turned(Lambda))),
    conclusion=is_simulable(turned(Lambda)),
)
SIMULATION = Theorem(
    name="teleportation simulation",
    source="pirandola2017, Theorem 5; wilde2017",
    words="The private capacity with public discussion is the key of the Choi state.",
    hypotheses=(is_channel(Lambda), is_simulable(Lambda)),
    conclusion=equal(P2(Lambda), K(choi(Lambda))),
)
CEILING = Theorem(
    name="ceiling of a simulable channel",
    source="pirandola2017, Theorem 5; wilde2017",
    words="The private capacity is at most the relative entropy of the Choi state to any separable state.",
    hypotheses=(is_channel(Lambda), is_simulable(Lambda), is_separable(A)),
    conclusion=at_most(P2(Lambda), D(choi(Lambda), A)),
)


sigma, omega, Lambda2 = thing("sigma"), thing("omega"), thing("Lambda2")
d_in, d_out = integer("d_A"), integer("d_B")
e, w, v = real("e"), real("w"), real("v")
FIRST, SECOND = (output(one, sigma) for one in (Lambda, Lambda2))
PARTS = plus(Lambda, Lambda2, sigma, e), minus(Lambda, Lambda2, sigma, e)
_NEAR = (is_channel(Lambda), is_channel(Lambda2), is_near(Lambda, Lambda2, e), is_state(sigma), greater(e, 0))

TELEPORTATION = Theorem(
    name="teleportation through a state",
    source="bennett1993; horodecki1999",
    words="A complete measurement followed by unitaries is a channel.",
    hypotheses=(is_state(omega), is_complete_teleportation(teleported(omega))),
    conclusion=is_channel(teleported(omega)),
)
ROTATED = Theorem(
    name="mean over outcomes",
    source="nielsen2010, Section 2.2.5",
    words="Without the outcome, what is left is the sum over outcomes.",
    hypotheses=(is_complete_teleportation(teleported(omega)), rotates_choi(teleported(omega))),
    conclusion=equal(choi(teleported(omega)), averaged(omega)),
)
DECOMPOSED = Theorem(
    name="states behind a difference",
    source="nielsen2010, Section 9.2.1",
    words="The difference of two outputs is e times one of states, if their trace distance is at most e.",
    hypotheses=_NEAR,
    conclusion=equal(FIRST + e * PARTS[1], SECOND + e * PARTS[0]),
)
SAME_MARGINALS = Theorem(
    name="marginals that a channel does not touch",
    source="nielsen2010, Section 9.2.1",
    words="Both outputs have one marginal without B, and so have the two states of their difference.",
    hypotheses=_NEAR,
    conclusion=equal(without_b(PARTS[0]), without_b(PARTS[1])),
)
CONVEXITY = Theorem(
    name="convexity of the relative entropy of entanglement",
    source="vedral1997; horodecki2009, Section XV.D",
    words="A mixture has at most the mean.",
    hypotheses=(at_least(w, 0), at_most(w, 1)),
    conclusion=at_most(E_r(w * A + (1 - w) * B), w * E_r(A) + (1 - w) * E_r(B)),
)
ALMOST_CONCAVITY = Theorem(
    name="almost concavity of the relative entropy of entanglement",
    source="khorodecki2005; winter2016, Lemma 7",
    words="A mixture has at least the mean less the entropy of the weights.",
    hypotheses=(at_least(w, 0), at_most(w, 1)),
    conclusion=at_least(E_r(w * A + (1 - w) * B), w * E_r(A) + (1 - w) * E_r(B) - h(w)),
)
NOT_LOCKED = Theorem(
    name="the relative entropy of entanglement is not lockable",
    source="khorodecki2005",
    words="Without a system of dimension d it falls by at most 2 log d.",
    hypotheses=(has_dimensions(Lambda, d_in, d_out),),
    conclusion=at_most(E_r(PARTS[0]), E_r(without_b(PARTS[0])) + 2 * log2(d_out)),
)
MONOTONE = Theorem(
    name="monotonicity under a partial trace",
    source="vedral1997",
    words="Removing a system does not raise it.",
    hypotheses=(),
    conclusion=at_most(E_r(without_b(A)), E_r(A)),
)
RESOURCE = Theorem(
    name="entanglement after teleportation",
    source="kaur2018",
    words="Teleportation is local with public communication, which does not raise E_r, and E_r is subadditive.",
    hypotheses=(is_state(sigma), is_state(omega), is_channel(teleported(omega))),
    conclusion=at_most(E_r(output(teleported(omega), sigma)), E_r(sigma) + E_r(omega)),
)
AMORTISED = Theorem(
    name="amortised relative entropy of entanglement",
    source="kaur2018; wilde2017",
    words="The private capacity is at most what one use adds, over all inputs.",
    hypotheses=(is_channel(Lambda), adds_at_most(Lambda, v)),
    conclusion=at_most(P2(Lambda), v),
)
AMORTISED_RAINS = Theorem(
    name="amortised Rains relative entropy",
    source="tomamichel2017; kaur2018",
    words="The quantum capacity with classical communication is at most what one use adds, over all inputs.",
    hypotheses=(is_channel(Lambda), adds_at_most_rains(Lambda, v)),
    conclusion=at_most(Q2(Lambda), v),
)
DIAMOND = Theorem(
    name="diamond norm by the Choi states",
    source="watrous2018, Section 3.3",
    words="Half the diamond norm is at most d times the trace distance of the Choi states.",
    hypotheses=(
        is_channel(Lambda),
        is_channel(Lambda2),
        has_dimensions(Lambda, d_in, d_out),
        is_choi_near(Lambda, Lambda2, e),
    ),
    conclusion=is_near(Lambda, Lambda2, d_in * e),
)


@cache
def divergence(n: int) -> Theorem:
    """D = sum m x log(x/y) over n common projectors."""
    x, y = ([real(f"{name}_{k}") for k in range(1, n + 1)] for name in "xy")
    m = [symbol(f"m_{k}") for k in range(1, n + 1)]
    triples = sp.Tuple(*(sp.Tuple(*one) for one in zip(x, y, m, strict=True)))
    return Theorem(
        name=f"relative entropy of {n} common eigenvalues",
        source="nielsen2010, Eq. (11.50)",
        words="Of commuting operators it is sum x log(x/y); where x = 0 nothing is added.",
        hypotheses=(
            have_common_choi_spectrum(A, B, triples),
            *(at_least(one, 0) for one in x),
            *(greater(one, 0) for one in y),
        ),
        conclusion=equal(D(A, B), sp.Add(*(m[i] * x[i] * log2(x[i] / y[i]) for i in range(n)))),
    )


@cache
def diagonal(n: int) -> Theorem:
    """A diagonal state is separable."""
    x, m = [real(f"x_{k}") for k in range(1, n + 1)], [symbol(f"m_{k}") for k in range(1, n + 1)]
    pairs = sp.Tuple(*(sp.Tuple(*one) for one in zip(x, m, strict=True)))
    return Theorem(
        name="diagonal states",
        source="werner1989, Section II",
        words="A state that is diagonal in a product basis is separable.",
        hypotheses=(
            is_diagonal_choi(A, pairs),
            *(at_least(one, 0) for one in x),
            equal(sp.Add(*(m[i] * x[i] for i in range(n))), 1),
        ),
        conclusion=is_separable(A),
    )


ISOTROPIC = Theorem(
    name="separable isotropic state",
    source="horodecki1999",
    words="The isotropic state with the fidelity 1/d is separable.",
    hypotheses=(at_least(d, 2),),
    conclusion=is_separable(isotropic(d)),
)
_KINDS = (erasure, dephasing, depolarising)
CHANNELS = {
    make: Theorem(
        name="standard channels",
        source="nielsen2010, Section 8.3",
        words="With a probability from 0 to 1, it is a channel.",
        hypotheses=(at_least(d, 2), at_least(v, 0), at_most(v, 1)),
        conclusion=is_channel(make(d, v)),
    )
    for make in _KINDS
}
COVARIANT_CHANNELS = {
    make: Theorem(
        name="teleportation-covariant channels",
        source="pirandola2017, on teleportation-covariant channels",
        words="Erasure, dephasing and depolarising channels of every dimension are covariant under the Weyl operators.",
        hypotheses=(is_channel(make(d, v)),),
        conclusion=is_simulable(make(d, v)),
    )
    for make in _KINDS
}

eta = symbol("eta")
SPLITTING_CEILING = Theorem(
    name="squashed entanglement of pure loss",
    source="takeoka2014",
    words="An even beam splitter in the environment leaves g((1+eta)n/2) - g((1-eta)n/2) at n photons, which bounds "
    "the key; thermal inputs are the best of given energy.",
    hypotheses=(less(eta, 1), bounds_splitting(eta, v)),
    conclusion=at_most(P2(pure_loss(eta)), v),
)
LOSS = Theorem(
    name="capacity of pure loss",
    source="pirandola2017; wilde2017; garciapatron2009",
    words="Teleportation through infinitely squeezed light simulates the loss; the reverse coherent information "
    "reaches what this leaves.",
    hypotheses=(less(eta, 1),),
    conclusion=equal(P2(pure_loss(eta)), -log2(1 - eta)),
)

V = thing("V")
g, q, x, y = symbol("g"), real("q"), real("x"), real("y")
WEIGHTS = tuple(
    Theorem(
        name="weights of a state",
        source="nielsen2010, Theorem 2.5",
        words="A diagonal entry of a state is a probability.",
        hypotheses=(is_state(A),),
        conclusion=bound,
    )
    for bound in (at_least(excitation(A), 0), at_most(excitation(A), 1))
)
DEPHASED = Theorem(
    name="random signs",
    source="nielsen2010, Section 8.3.3",
    words="With a random sign on |1> only the diagonal of a qubit's state is left.",
    hypotheses=(is_state(A),),
    conclusion=equal(A / 2 + signed(A) / 2, diagonal_input(excitation(A))),
)
CONCAVE = Theorem(
    name="concavity of conditional entropy",
    source="lieb1973",
    words="S(B|E) is concave, and so is a sum of two.",
    hypotheses=(is_splitting(V, g), is_state(A)),
    conclusion=at_least(
        split_entropy(V, A / 2 + signed(A) / 2), split_entropy(V, A) / 2 + split_entropy(V, signed(A)) / 2
    ),
)
SIGNED = Theorem(
    name="unitary invariance of entropies",
    source="nielsen2010, Section 11.3",
    words="Signs on B, E' and F change no entropy.",
    hypotheses=(is_splitting(V, g), is_state(A)),
    conclusion=equal(split_entropy(V, signed(A)), split_entropy(V, A)),
)
SPLIT_ENTROPY = Theorem(
    name="entropies by spectra",
    source="nielsen2010, Eq. (11.40)",
    words="S(B|E') = S(BE') - S(E'), and S(B|F) is the same.",
    hypotheses=(
        is_splitting(V, g),
        leaves_spectra(V, q, x, y),
        at_least(x, 0),
        at_most(x, 1),
        at_least(y, 0),
        at_most(y, 1),
    ),
    conclusion=equal(split_entropy(V, diagonal_input(q)), 2 * (h(x) - h(y))),
)
SQUASHED = Theorem(
    name="squashed entanglement of a channel",
    source="takeoka2014",
    words="The private capacity is at most half of S(B|E') + S(B|F), for any splitting of the environment, over all "
    "inputs.",
    hypotheses=(is_splitting(V, g), bounds_splits(V, v)),
    conclusion=at_most(P2(amplitude_damping(g)), v),
)
