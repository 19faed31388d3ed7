"""Notions of the claims about channels: capacities, Choi states, covariance, what simulates what."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import ForAll, Meaning
from keybounds.proofs.logic.propositions import Definition, at_least, at_most
from keybounds.proofs.logic.terms import construction, functional, h, log2, real, symbol, thing
from keybounds.proofs.notions import E_r, is_state


def _decide(name: str, *arguments: Any) -> bool:
    from keybounds.proofs.algebra import channels

    return bool(getattr(channels, name)(*arguments))


def _common(name: str, *arguments: Any) -> bool:
    from keybounds.proofs.algebra import choi_states

    return bool(getattr(choi_states, name)(*arguments))


P2 = functional("P2", "P_2")
"""P2(Lambda): private capacity with public discussion, both ways, bits a use; trusted devices."""
P2_DI = functional("P2_DI", r"P_2^{\mathrm{DI}}")
"""P2_DI(Lambda): the same, secure whatever the devices are that have this channel between them."""
choi = construction("choi", "J")
"""choi(Lambda) = (id (x) Lambda)(Phi), normalised."""
map_with = construction("map_with", r"\Lambda[{0}]")
"""map_with(A): the linear map with the Choi matrix A."""
turned = construction("turned", r"\vartheta\circ {0}")
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
    meaning="Phases: one of Alice's key 1, undone by Bob's. Shifts: X^b Z^a or X^e Z^c on Alice's shield, by her key, "
    "and Bob's correction. Flip: Alice's key flipped, her shield inverted on one key, and Bob's likewise. For every d, "
    "term by term.",
)
averages = Definition(
    "averages",
    "Alice's sides of the pairs {0} average every operator to its trace",
    decide=lambda pairs: _decide("averages", pairs),
    meaning="The mean of U M U* over the group is tr M/2d.",
)
have_common_choi_spectrum = Definition(
    "have_common_choi_spectrum",
    "{0} and {1} have common eigenprojectors, with the eigenvalues and ranks {2}",
    decide=lambda *arguments: _common("have_common_spectrum", *arguments),
    meaning="{0} = sum x Pi and {1} Pi = y Pi, with orthogonal projectors Pi of rank m, over the triples (x, y, m).",
)
is_diagonal_choi = Definition(
    "is_diagonal_choi",
    "{0} is diagonal in a product basis, with the values and their numbers {1}",
    decide=lambda *arguments: _common("is_diagonal", *arguments),
    meaning="In the basis of the |ij>, j being any output or the flag of an erased one.",
)
erasure = construction("erasure")
"""erasure(d, e): M -> (1-e) M + e tr M |flag><flag|."""
dephasing = construction("dephasing")
"""dephasing(d, p): M -> (1-p) M + p/(d-1) times the sum over k = 1, .., d-1 of Z^k M Z^-k, each with p/(d-1)."""
depolarising = construction("depolarising")
"""depolarising(d, p): M -> (1-p) M + p tr M 1/d."""
pure_loss = construction("pure_loss")
"""pure_loss(eta): a beam splitter of transmissivity eta, with vacuum in the other port; of any input energy."""
amplitude_damping = construction("amplitude_damping")
"""amplitude_damping(g): |1> decays to |0> with probability g."""
correlated = construction("correlated", r"\tau")
"""correlated(d) = (1/d) sum_i |ii><ii|."""
correlated_or_erased = construction("correlated_or_erased", r"\tau")
"""correlated_or_erased(d, e) = (1-e) correlated(d) + e 1/d (x) |flag><flag|."""
isotropic = construction("isotropic", r"\sigma")
"""isotropic(d) = Phi/d + (1 - 1/d)(1 - Phi)/(d^2 - 1)."""
Q2 = functional("Q2", "Q_2")
"""Q2(Lambda): quantum capacity with classical communication, both ways."""
R = functional("R")
"""R(rho): Rains relative entropy, in bits."""
output = construction("out", r"\mathrm{out}")
"""out(Lambda, sigma): what Alice and Bob hold after Lambda took the first part of sigma from her to him."""
teleported = construction("teleported", r"\mathcal{T}")
"""teleported(omega): teleportation through omega, with any unitaries V_g for the outcomes g of a measurement of
(d^2/|G|) (U_g* (x) 1) Phi (U_g (x) 1), where the U_g average every operator to its trace."""
averaged = construction("averaged", r"\overline{\omega}")
"""averaged(omega): the mean of (U_g^T (x) V_g) omega (U_g^T (x) V_g)*; U^T is the conjugate of the inverse of U."""
rotates_choi = Definition(
    "rotates_choi",
    "through {0}, outcome by outcome, Phi becomes omega rotated by the transpose of U_g and by V_g",
    decide=lambda name: _decide("rotates_choi", name),
    meaning="On matrix units of omega, for N(M) = d tr_A'[(M^T (x) 1) omega] and all unitaries.",
)
without_b = construction("without_b", r"\mathrm{tr}_B")
"""without_b(A): what is left without what the channel handed to Bob."""
plus, minus = construction("plus", r"\Delta_+"), construction("minus", r"\Delta_-")
"""plus(Lambda, Lambda2, sigma, e), minus(..): states with e times their difference that of the two outputs."""
has_dimensions = Definition("has_dimensions", "{0} has an input of dimension {1} and an output of dimension {2}")
is_near = Definition(
    "is_near", "{0} is within {2} of {1}", meaning="Half the diamond norm of their difference is at most that."
)
is_choi_near = Definition("is_choi_near", "the Choi states of {0} and {1} have at most the trace distance {2}")
is_complete_teleportation = Definition(
    "is_complete_teleportation",
    "{0} teleports: its outcome g leaves N(U_g M U_g*)/|G|, and its effects add up to 1",
    decide=lambda name: _decide("is_complete_teleportation", name),
    meaning="On matrix units M and omega, <Phi| M (x) omega |Phi> = tr_A'[(M^T (x) 1) omega]/d, N(M) being d times "
    "that trace; and the sum of the effects is 1 if the U_g average every M to tr M/d.",
)
adds_at_most = Definition("adds_at_most", "a use of {0} adds at most {1} to the relative entropy of entanglement")
_Lambda, _sigma, _v = thing("Lambda"), thing("sigma"), real("v")
adds_at_most_rains = Definition("adds_at_most_rains", "a use of {0} adds at most {1} to the Rains relative entropy")
ADDS_RAINS = ForAll(
    "for every input, with whatever the two hold besides",
    adds_at_most_rains(_Lambda, _v),
    (_sigma,),
    (is_state(_sigma),),
    (at_most(R(output(_Lambda, _sigma)), R(_sigma) + _v),),
)
ADDS = ForAll(
    "for every input, with whatever the two hold besides",
    adds_at_most(_Lambda, _v),
    (_sigma,),
    (is_state(_sigma),),
    (at_most(E_r(output(_Lambda, _sigma)), E_r(_sigma) + _v),),
)

_A = thing("A")
is_splitting = Definition(
    "is_splitting",
    "{0} is an isometry of A to B E' F that damps for B with probability {1} and treats E' and F alike",
    decide=lambda *arguments: _decide("is_splitting", *arguments),
    meaning="V* V = 1; Bob's part is amplitude damping of every input; exchanging E' and F changes nothing; a sign on "
    "|1> passes through to signs on B, E' and F.",
)
leaves_spectra = Definition(
    "leaves_spectra",
    "for the input diag(1-q, q), q = {1}, {0} leaves B E' with the eigenvalues {2} and one less it, E' with {3} and "
    "one less it",
    decide=lambda *arguments: _decide("leaves_spectra", *arguments),
    meaning="The other eigenvalues are 0; by the characteristic polynomials.",
)
split_entropy = functional("split_entropy", "W")
"""split_entropy(V, A) = S(B|E') + S(B|F) for the input A, after V."""
signed = construction("signed", r"\mathrm{Z}")
"""signed(A) = Z A Z."""
diagonal_input = construction("diagonal_input", r"\mathrm{diag}")
"""diagonal_input(q) = diag(1-q, q)."""
excitation = functional("excitation", "q")
"""excitation(A) = <1|A|1>."""
bounds_splits = Definition("bounds_splits", "{1} bounds half the entropies that the splitting {0} leaves")
bounds_values = Definition("bounds_values", "{1} is at least h(q (1-{0}/2)) - h(q {0}/2) for every q from 0 to 1")
_V, _input = thing("V"), thing("A")
SPLITS = ForAll(
    "for every input",
    bounds_splits(_V, _v),
    (_input,),
    (is_state(_input),),
    (at_most(split_entropy(_V, _input) / 2, _v),),
)
_g, _q = symbol("g"), real("q")
VALUES = ForAll(
    "for every weight",
    bounds_values(_g, _v),
    (_q,),
    (at_least(_q, 0), at_most(_q, 1)),
    (at_most(h(_q * (1 - _g / 2)) - h(_q * _g / 2), _v),),
)
_eta, _m = symbol("eta"), symbol("m")
bounds_splitting = Definition("bounds_splitting", "{1} bounds what an even splitting of the loss at {0} leaves")


def thermal(share: Any, inverse: Any) -> Any:
    """g(a/m), the entropy of a thermal mode with a/m photons: g(n) = (n+1) log(n+1) - n log n."""
    n = share / inverse
    return (n + 1) * log2(n + 1) - n * log2(n)


SPLITTING = ForAll(
    "for every mean photon number 1/m",
    bounds_splitting(_eta, _v),
    (_m,),
    (),
    (at_most(thermal((1 + _eta) / 2, _m) - thermal((1 - _eta) / 2, _m), _v),),
)
PAIRS = sp.Tuple(
    construction("key_phases", r"\text{phases}")(),
    construction("key_weyl", r"\text{shifts}")(),
    construction("key_flip", r"\text{flip}")(),
)
MAP = Meaning("the map with a Choi matrix", choi(map_with(_A)), _A)
