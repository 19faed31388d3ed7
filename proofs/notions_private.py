"""Notions of the claims about private states: sources of bits and their keys, product vectors, eigenprojectors."""

from __future__ import annotations

from typing import Any

from keybounds.proofs.logic.kernel import ForAll, Infimum, Meaning
from keybounds.proofs.logic.propositions import Definition, at_most, equal
from keybounds.proofs.logic.terms import construction, functional, real, thing
from keybounds.proofs.notions import D, E_r, is_separable


def _bits(name: str, *arguments: Any) -> bool:
    from keybounds.proofs.algebra import bits as algebra

    return bool(getattr(algebra, name)(*arguments))


def _decide(name: str, *arguments: Any) -> bool:
    from keybounds.proofs.algebra import interpretation

    return bool(getattr(interpretation, name)(*arguments))


# ---------------------------------------------------------------------------------------------------- sources of bits

bits = construction("bits", r"\beta_{{0}}")
"""bits(p): independent triples of Alice's uniform bit x, Bob's y, other than x with probability p, and Eve's z, which
tells whether y is other than x, and then x as well."""
pair = construction("pair", r"\beta_{{0}}\beta_{{1}}")
"""pair(q, p): a triple of bits(q) and one of bits(p); s and t are the sums of Alice's and of Bob's two bits, z is what
Eve knows of both; the pair matches if s = t, and v is then the first x and y, nothing otherwise."""
dimmed = construction("dimmed", r"\beta_{{0}}^{({1})}")
"""dimmed(p, w): a triple of bits(p) of which Alice tells x with probability w, and Bob then takes the other bit; zx is
what Eve then knows."""


def named(word: str) -> Any:
    """Return the name of a part of a source: no place for a value."""
    return construction(word)()


H = functional("H", "H({0}|{1})_{{2}}", separator="|")
"""H(a|b|source): conditional entropy of the part a given the part b, in bits; parts are named by words."""
K_bits = functional("K_bits", r"K_{\mathrm{bits}}", nonnegative=True)
"""K_bits(p): secret key a triple of bits(p) by public discussion, both ways."""
K_source = functional("K_source", r"K")
"""K_source(source): secret key a copy of a source of bits, by public discussion, both ways."""
K_hashed = functional("K_hashed", r"K_{\mathrm{hash}}")
"""K_hashed(a, b, e, source): key a copy of the part a by messages of Alice that depend on a alone and tell it to who
holds b, secret from one who hears them and holds e."""
K_matched = functional("K_matched", r"K_{\mathrm{match}}")
"""K_matched(e, source): key a pair from v, by discussion of v alone between two who know which pairs match, secret from
one who holds e."""

pair_parity = functional("S_pairs", "S_{{0}}({1})")
"""S_pairs(n, p): rate of n levels of hashed pair parities on bits(p), defined by recursion over the levels."""

is_secret_or_known = Definition(
    "is_secret_or_known",
    "measured in the key basis, {0} gives uniform bits that differ with probability {1}, and where they agree Eve's "
    "state is one for both values",
    decide=lambda operator, p: _decide("is_secret_or_known", operator, p),
    meaning="With M_ab the projectors on the keys a and b, Tr M_00 rho = Tr M_11 rho = (1-p)/2 and Tr M_01 rho = "
    "Tr M_10 rho = p/2, and sqrt(rho) M_00 sqrt(rho) = sqrt(rho) M_11 sqrt(rho): up to a transposition these are the "
    "states of Eve's part of a purification, with their probabilities.",
)
has_conditional_entropy = Definition(
    "has_conditional_entropy",
    "the conditional entropy of {0} given {1} in {2} is {3}",
    r"H({0}|{1}) = {3}",
    decide=lambda *arguments: _bits("has_conditional_entropy", *arguments),
    meaning="-sum P(a,b) log P(a|b) over the finite table of the source, for all error probabilities between 0 and 1.",
)
determines = Definition(
    "determines",
    "in {2}, {1} is a function of {0}",
    decide=lambda *arguments: _bits("determines", *arguments),
    meaning="No value of the one goes with two values of the other.",
)
leaves = Definition(
    "leaves",
    "of {0} a copy is left with probability {2}, and of this {1} tells no more than the z of an error probability {3}",
    decide=lambda *arguments: _bits("leaves", *arguments),
    meaning="Given that it is left, x and y have the probabilities of bits({3}), and the part of Eve depends on them "
    "through z only, so that she could make it of z. Of a pair that matches the first copy is left, of another none.",
)
converts = Definition(
    "converts",
    "public discussion makes of {0} triples of bits({1}), with probability {2}, one of bits({3})",
    meaning="Both know whether it succeeded; what Eve holds and hears then can be made of the z of that one.",
)

# ------------------------------------------------------------------------------------------- separable states and E_r

place, tau = thing("A"), thing("tau")
bound = real("v")

below_all_divergences = Definition(
    "below_all_divergences",
    "{0} is at most the relative entropy of {1} to every separable state",
    meaning="A lower bound of what is minimised.",
)
LOWER = ForAll(
    "a lower bound of the relative entropies to separable states",
    below_all_divergences(bound, place),
    (tau,),
    (is_separable(tau),),
    (at_most(bound, D(place, tau)),),
)
ENTANGLEMENT = Infimum("relative entropy of entanglement", E_r(place), LOWER)

is_product_average = Definition(
    "is_product_average",
    "{0} is an average of product vectors",
    decide=lambda operator: _decide("is_product_average", operator),
    meaning="Of |x><x| (x) |y><y|, over i, j and three equally spaced phases s, x = (|0,i> + e^{is}|1,j>)/sqrt 2, "
    "y = (|0,j> + e^{it}|1,i>)/sqrt 2, where e^{i(t-s)} is the phase of u_ij; or of the same with y complex conjugate.",
)
is_diagonal_state = Definition(
    "is_diagonal_state",
    "{0} is a state that is diagonal in a product basis",
    decide=lambda operator: _decide("is_diagonal_state", operator),
    meaning="It has no entry off the diagonal, none that is negative on it, and the trace 1.",
)
equal_keys = construction("equal_keys", r"\kappa_{{0}}")
"""equal_keys(d): equal keys, each with probability 1/2, and maximally mixed shields."""
has_eigenprojectors = Definition(
    "has_eigenprojectors",
    "{0} is a sum of orthogonal projectors, with eigenvalues and ranks {1}",
    decide=lambda *arguments: _decide("has_eigenprojectors", *arguments),
    meaning="It is sum x Pi over the triples (x, Pi, m), with orthogonal projectors Pi of rank m.",
)
have_common_spectrum = Definition(
    "have_common_spectrum",
    "{0} and {1} are sums of the same orthogonal projectors, with the eigenvalues and ranks {2}",
    decide=lambda *arguments: _decide("have_common_spectrum", *arguments),
    meaning="{0} = sum x Pi and {1} = sum y Pi, with Pi of rank m, over the triples (x, y, m).",
)

# ---------------------------------------------------------------------------------- product vectors, and a witness

Pi_X, Pi_Y = construction("Pi_X", r"\Pi_X"), construction("Pi_Y", r"\Pi_Y")
"""Pi_X(d), Pi_Y(d): support projectors of rho(d, p) on equal and on different keys."""
Pi_key = construction("Pi_key", r"\Pi_{=}")
"""Pi_key(d): both keys equal, whatever the shields."""
Pi_plus, Pi_minus = construction("Pi_plus", r"\Pi_+"), construction("Pi_minus", r"\Pi_-")
"""Pi_plus(d), Pi_minus(d): the eigenprojectors of the partial transpose of rho(d, p) on different keys."""

x, y = thing("x"), thing("y")
expectation = functional("expectation", r"\left\langle {0}\right\rangle_{{1},{2}}")
"""expectation(W, x, y): of W on the product vector of x and y."""
part0, part1 = construction("part0", "{0}_0"), construction("part1", "{0}_1")
"""part0(x), part1(x): the components of a vector of key and shield with the key 0 and with the key 1."""
times = construction("times", r"{0}\circ {1}")
"""times(a, b): the vector of a_i b_i."""
times_bar = construction("times_bar", r"{0}\circ\overline{{1}}")
"""times_bar(a, b): the vector of a_i times the conjugate of b_i."""
phases = construction("phases", r"\hat U_{{0}}")
"""phases(d): the matrix of sqrt d u_ij, of entries of modulus 1."""
norm = functional("norm", r"\left\|{0}\right\|", nonnegative=True)
"""norm(a): Euclidean norm."""
one_norm = functional("one_norm", r"\left\|{0}\right\|_1", nonnegative=True)
"""one_norm(a): sum of the moduli of the components."""
form = functional("form", "F_{{0}}({1}, {2})")
"""form(c, a, b): real part of the sum of c_ij times the conjugate of a_i times b_j."""

is_unit = Definition("is_unit", "{0} is a unit vector", meaning="The squares of the norms of its parts sum to 1.")
UNIT = Meaning(
    "a unit vector, by the norms of its parts", is_unit(x), equal(norm(part0(x)) ** 2 + norm(part1(x)) ** 2, 1)
)
has_expectation = Definition(
    "has_expectation",
    "{0} has the expectation {3} on the product vector of {1} and {2}",
    decide=lambda *arguments: _decide("has_expectation", *arguments),
    meaning="For all vectors, block by block of {0}.",
)
has_unimodular_entries = Definition(
    "has_unimodular_entries",
    "the entries of {0} have modulus 1",
    decide=lambda matrix: _decide("has_unimodular_entries", matrix),
    meaning="Each entry times its conjugate is 1.",
)
bounds_products = Definition(
    "bounds_products", "no product of unit vectors has an expectation of {1} above {0}", meaning="A witness's bound."
)
PRODUCTS = ForAll(
    "a bound of the expectations on products",
    bounds_products(bound, place),
    (x, y),
    (is_unit(x), is_unit(y)),
    (at_most(expectation(place, x, y), bound),),
)

# --------------------------------------------------------------------------------------------- devices made of states

keeps_probabilities = Definition(
    "keeps_probabilities",
    "taking Bob's effects to their {0} and states to their {1} changes no probability",
    decide=lambda *arguments: _decide("keeps_probabilities", *arguments),
    meaning="Tr[(A (x) B) rho] is the same, for all operators of any finite dimensions; decided on matrix units.",
)
keeps_measurements = Definition(
    "keeps_measurements",
    "taking each effect of a measurement to its {0} makes a measurement",
    decide=lambda *arguments: _decide("keeps_measurements", *arguments),
    meaning="It takes |v><v| to a projector of the same kind, so positive operators to positive ones, and 1 to 1.",
)
simulates = Definition(
    "simulates",
    "every behaviour of many copies of {1} is one of as many copies of {0}",
    meaning="For every measurement of Alice and of Bob on n copies of the one, joint ones included, there is one on n "
    "copies of the other with the same probabilities of all outcomes for all settings.",
)

# ------------------------------------------------------------------------------------------------------ unequal sectors

sectors = construction("sectors", r"\sigma_{{0},{1},{2}}")
"""sectors(m, n, p): Alice holds C^m + C^n and Bob C^n + C^m, the key is the sector, U the first m rows of a complex
Hadamard matrix over sqrt n. With v_ij = sqrt n u_ij it is (1-p)/mn times the sum of the projectors on
(|0i,0j> + conj(v_ij)|1j,1i>)/sqrt 2, and p/2m and p/2n times those on the |0i,1i> and on the |1j,0j>."""
sector_keys = construction("sector_keys", r"\kappa_{{0},{1}}")
"""sector_keys(m, n): equal keys, each with probability 1/2, and maximally mixed within their sectors."""
D_blocks = functional("D_blocks", r"D_{A}")
"""D_blocks(m, n, r): D(A_r || A_1) of the 2 x 2 matrices with the diagonal 1/2m, 1/2n and r/(2 m sqrt n) off it."""
has_blocks = Definition(
    "has_blocks",
    "{0} has the eigenvalues {1}, with multiplicities, and on {4} orthogonal pairs of vectors {2} times the block "
    "with the diagonal and off-diagonal entries {3}",
    decide=lambda *arguments: _decide("has_blocks", *arguments),
    meaning="It is the sum of eigenvalues times projectors and block entries times matrix units; the block (a, b, c) "
    "has a and c on the diagonal and b twice off it. The pairs and projectors are the same for all such operators.",
)
