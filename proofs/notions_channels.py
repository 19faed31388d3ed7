"""Notions of the claims about channels: capacities, Choi states, covariance, what simulates what."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import Meaning
from keybounds.proofs.logic.propositions import Definition
from keybounds.proofs.logic.terms import construction, functional, thing


def _decide(name: str, *arguments: Any) -> bool:
    from keybounds.proofs.algebra import channels

    return bool(getattr(channels, name)(*arguments))


def _common(name: str, *arguments: Any) -> bool:
    from keybounds.proofs.algebra import choi_states

    return bool(getattr(choi_states, name)(*arguments))


P2 = functional("P2", "P_2")
"""P2(Lambda): private capacity with public discussion, both ways, bits a use; trusted devices."""
P2_DI = functional("P2_DI", r"P_2^{DI}")
"""P2_DI(Lambda): the same, secure whatever the devices are that have this channel between them."""
choi = construction("choi", "J")
"""choi(Lambda) = (id (x) Lambda)(Phi), normalised."""
map_with = construction("map_with", r"\Lambda")
"""map_with(A): the linear map with the Choi matrix A."""
turned = construction("turned", r"\vartheta\circ")
"""turned(Lambda): Lambda followed by transposition of the output."""

is_channel = Definition(
    "is_channel", "{0} is a channel", meaning="Completely positive, trace-preserving, finite dimensions."
)
is_fourier = Definition(
    "is_fourier",
    "the Hadamard matrix in {0} is the Fourier matrix",
    meaning="u_ij = omega^{ij}/sqrt d, omega = e^{2 pi i/d}.",
)
is_simulable = Definition(
    "is_simulable",
    "{0} is covariant under an irreducible group",
    meaning="Unitaries U_g average every operator to its trace, and Lambda(U_g M U_g*) = V_g Lambda(M) V_g* with "
    "unitaries V_g: teleportation through the Choi state simulates the channel.",
)
keeps_channel_probabilities = Definition(
    "keeps_channel_probabilities",
    "with Bob's effects taken to their {0} and the channel followed by {1}, no probability changes",
    decide=lambda *arguments: _decide("keeps_channel_probabilities", *arguments),
    meaning="tr[(A (x) B)(id (x) Lambda) rho] is the same, for all operators and maps of finite dimensions; decided on "
    "matrix units and on maps that span.",
)
transposes_choi = Definition(
    "transposes_choi",
    "{0} takes the Choi matrix of a map to its partial transpose",
    decide=lambda output: _decide("transposes_choi", output),
    meaning="Decided on maps that span.",
)
keeps_traces = Definition(
    "keeps_traces",
    "{0} keeps the trace of every output",
    decide=lambda output: _decide("keeps_traces", output),
    meaning="Decided on maps that span.",
)
has_flat_marginal = Definition(
    "has_flat_marginal",
    "the marginal of Alice in {0} is maximally mixed",
    decide=lambda operator: _decide("has_flat_marginal", operator),
    meaning="The trace over Bob's key and shield is 1/2d.",
)
is_invariant = Definition(
    "is_invariant",
    "if U is the Fourier matrix, {0} is invariant under the pairs of unitaries {1}",
    decide=lambda *arguments: _decide("is_invariant", *arguments),
    meaning="key_phases: a phase of Alice's key 1, undone by Bob's. key_weyl: X^b Z^a or X^e Z^c on Alice's shield, by "
    "her key, and Bob's correction. key_flip: Alice's key flipped, her shield inverted on one key, and Bob's likewise. "
    "For every d, term by term.",
)
averages = Definition(
    "averages",
    "Alice's sides of the pairs {0} average every operator to its trace",
    decide=lambda pairs: _decide("averages", pairs),
    meaning="The mean of U M U* over the group is tr M/2d.",
)
have_common_choi_spectrum = Definition(
    "have_common_choi_spectrum",
    "{0} and {1} are sums of the same orthogonal projectors, with the eigenvalues and ranks {2}",
    decide=lambda *arguments: _common("have_common_spectrum", *arguments),
    meaning="{0} = sum x Pi and {1} = sum y Pi, with Pi of rank m, over the triples (x, y, m).",
)

PAIRS = sp.Tuple(*(construction(name)() for name in ("key_phases", "key_weyl", "key_flip")))
_A = thing("A")
MAP = Meaning("the map with a Choi matrix", choi(map_with(_A)), _A)
