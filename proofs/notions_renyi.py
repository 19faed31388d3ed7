"""The notions of the Rényi claims: devices and Eve, rounds and histories, quasi-entropies, hashing.

Devices are one system, Eve's is another; all are finite-dimensional. A round has an outcome k, which stands for all
that happens in it: the input i, the devices' outputs and what is computed of them.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.propositions import Definition, UndecidedError
from keybounds.proofs.logic.sums import Listed
from keybounds.proofs.logic.terms import Uninterpreted, construction, functional

# ------------------------------------------------------------------------------------------------- powers of operators


class power(Uninterpreted):  # noqa: N801
    """power(A, x): A^x on the support of a positive operator A, 0 off it; A^0 is the projector on the support."""

    latex_name = "power"
    is_commutative = False

    def _eval_is_commutative(self) -> bool:
        return False

    def _latex(self, printer: Any, exp: Any = None) -> str:
        base, exponent = (printer._print(a) for a in self.args)
        inside = base if self.args[0].is_Symbol else rf"\left({base}\right)"
        text = rf"{{{inside}}}^{{{exponent}}}"
        return rf"\left({text}\right)^{{{exp}}}" if exp is not None else text

    def _sympystr(self, printer: Any) -> str:
        base, exponent = (printer._print(a) for a in self.args)
        return f"({base})^({exponent})" if not self.args[0].is_Symbol else f"{base}^({exponent})"


dagger = construction("dagger", r"{0}^{\dagger}")
"""dagger(A): the adjoint."""

is_below = Definition(
    "is_below", "{0} is at most {1} as an operator", r"{0} \le {1}", meaning="The difference is positive semidefinite."
)

# --------------------------------------------------------------------------------------------------- devices and Eve

eve = construction("eve", r"\mathrm{Tr}_D")
"""eve(A): Eve's part of an operator on the devices' system and Eve's, the trace over the devices."""
filtered = construction("filtered", r"\mathrm{Flt}")
"""filtered(A, F) = (1 x F) A (1 x F)*: F acts on Eve's system."""
measured = construction("measured", r"\mathcal{M}^{{1}}_{{2}}({0})")
"""measured(A, M, k): what is left of A when the devices M have had the outcome k; its trace is the probability."""
moved = construction("moved", r"\mathcal{N}_{{0}}({1})")
"""moved(N, A): what Eve keeps of her operator A when she has applied N and sent a part to the devices."""
sent = construction("sent", r"\mathcal{S}_{{0}}({1})")
"""sent(N, A): A, on the devices' system and Eve's, when she has applied N and the devices have got their part."""

is_device = Definition(
    "is_device",
    "{0} are two devices",
    meaning="For each input of a round, completely positive maps of the devices' system, one for each output, whose "
    "sum keeps the trace. Alice's and Bob's device each measure a part of their own, and learn their own input only.",
)
is_channel = Definition("is_channel", "{0} is a channel", meaning="Completely positive, and keeps the trace.")

# -------------------------------------------------------------------------------------------------- rounds, histories

START = construction("start", r"\varnothing")()
"""The history of no rounds."""
after = construction("after", r"{0}\,{1}")
"""after(h, k): the history h followed by a round with the outcome k."""
joint = construction("joint", r"\rho^{{0}}_{{1}}")
"""joint(P, h): the state of devices and Eve in the run P after the history h, of the weight of h given its inputs."""
reference = construction("reference", r"\sigma^{{0}}_{{1}}")
"""reference(P, h): Eve's state in the run P given the inputs of h: what her channels make of her system by itself."""
device = construction("device", r"\mathcal{D}^{{0}}_{{1}}")
"""device(P, h): the devices' measurements in the round that follows h, their memory included."""
action = construction("action", r"\mathcal{A}^{{0}}_{{1},{2}}")
"""action(P, h, k): what Eve does after the round k that follows h; it depends on the inputs only."""
key = construction("key", r"\mathrm{key}_{{0}}")
"""key(a): a key round in which Alice's device, asked x = 0, answers a."""
test = construction("test", r"\mathrm{test}^{{0}{1}}_{{2}{3}}")
"""test(x, y, a, b): a test round with inputs x, y and answers a, b; it is won if a + b = x y modulo 2."""
game = construction("game", r"\mathrm{game}")
"""game(w, w_0, w_1): weights of a key round's outcomes, of a lost test's and a won one's; negative ones count as 0."""
GAME = (*(key(a) for a in (0, 1)), *(test(x, y, a, b) for x in (0, 1) for y in (0, 1) for a in (0, 1) for b in (0, 1)))


class outcomes(Uninterpreted):  # noqa: N801
    """outcomes(v): the set of a round's outcomes; those of the CHSH game are known one by one."""

    latex_name = r"\mathcal{K}"
    is_commutative = False

    def _eval_is_commutative(self) -> bool:
        return False

    @classmethod
    def eval(cls, v: Any) -> Any:
        """List the outcomes of the game."""
        return Listed(*GAME) if isinstance(v, game) else None  # type: ignore[arg-type]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\mathcal{{K}}_{{{printer._print(self.args[0])}}}"


is_run = Definition(
    "is_run",
    "{0} is a run with devices and Eve",
    meaning="Devices that keep a memory. In each round an input "
    "is drawn, the devices answer, and then Eve, who learns the input, acts on her system and may send a part of it to "
    "them.",
)
bounds_rounds = Definition(
    "bounds_rounds",
    "{0} bounds the sum of a round, of order {1} with the weights {2}",
    r"\sup G_{{1},{2}} \le {0}",
    meaning="It does so for all states of devices and Eve, and all measurements of the devices.",
)


class Weighted(Uninterpreted):
    """A function that is not negative."""

    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True


class weight(Weighted):  # noqa: N801
    """weight(v, k) >= 0: the weight of a round's outcome k, p(i) u_c; v names the choice of p and u."""

    latex_name = "w"

    @classmethod
    def eval(cls, v: Any, k: Any) -> Any:
        """Read the weights of the game off, where they are known not to be negative."""
        if not isinstance(v, game) or k not in GAME:  # type: ignore[arg-type]
            return None
        on_key, lost, won = v.args
        if isinstance(k, key):  # type: ignore[arg-type]
            value = on_key
        else:
            x, y, a, b = (int(one) for one in k.args)
            value = won if a ^ b == x * y else lost
        return value if value.is_nonnegative else None


class path_weight(Weighted):  # noqa: N801
    """path_weight(h, v) >= 0: the product of the weights of the rounds of h."""

    latex_name = "W"


class Q(Weighted):
    """Q(alpha; tau; sigma) = Tr (sigma^s tau sigma^s)^alpha, s = (1-alpha)/(2 alpha): the sandwiched quasi-entropy.

    Of positive operators, so that it is not negative.
    """

    latex_name = r"Q_{{0}}({1}\,\|\,{2})"
    separator = ";"


G = functional("G", "G_{{0},{1}}({2}, {3})")
"""G(alpha, v, A, M): the sum of a round, of devices M and the state A of devices and Eve."""
T = functional("T", "T_{{0},{1}}({2}, {3})")
"""T(alpha, v, P, n): the same sum over all histories of n rounds of the run P."""


def side(alpha: Any) -> Any:
    """s = (1-alpha)/(2 alpha), the power of sigma on each side of tau in Q."""
    return (1 - alpha) / (2 * alpha)


def sandwich(tau: Any, sigma: Any, alpha: Any) -> Any:
    """sigma^s tau sigma^s."""
    return power(sigma, side(alpha)) * tau * power(sigma, side(alpha))


def whole(name: str) -> Any:
    """The symbol of an integer >= 0."""
    return sp.Symbol(name, integer=True, nonnegative=True)


# ----------------------------------------------------------------------------------------------------- pairs of qubits

diagonal = construction("diagonal", r"\mathrm{diag}")
"""diagonal(a, b, c, d): the operator with these entries in the Bell basis Phi+, Phi-, Psi+, Psi-."""
effect = construction("effect", "P_{{0}}^{({1})}")
"""effect(theta, e): Alice's projector (1 + e (cos theta Z + sin theta X) x 1)/2 on two qubits, e = 1 or -1."""
E = functional("E", "E")
"""E(a, b, c, d, x, y): expectation of (cos x Z + sin x X) x (cos y Z + sin y X) in the state diagonal(a, b, c, d)."""
chsh = functional("chsh", r"S_{\mathrm{CHSH}}")
"""chsh(a, b, c, d, x, x', y, y') = E(x, y) + E(x, y') + E(x', y) - E(x', y') of the state diagonal(a, b, c, d)."""
Q_key = functional("Q_key", r"Q_{\mathrm{key}}")
"""Q_key(alpha, a, b, c, d, theta): sum over Alice's outcomes at theta of Q, Eve purifying diagonal(a, b, c, d)."""


def _is_projector(operator: Any) -> bool:
    from keybounds.proofs.algebra.bell import is_projector as decide

    return decide(operator)


def _has_compression(projector: Any, entries: Any, first: Any, second: Any, off: Any) -> bool:
    from keybounds.proofs.algebra.bell import has_compression as decide

    return decide(projector, entries, first, second, off)


is_projector = Definition(
    "is_projector",
    "{0} is a projector",
    r"{0} = {0}^2 = {0}^\dagger",
    decide=_is_projector,
    meaning="P P = P = P*.",
)
has_compression = Definition(
    "has_compression",
    "on the range of {0}, the operator with the entries {1} in the Bell basis has the matrix ({2}, {4}; {4}, {3})",
    r"V^T \mathrm{diag}\,{1}\,V = \left(\begin{smallmatrix} {2} & {4} \\ {4} & {3} \end{smallmatrix}\right),\ "
    r"V V^T = {0}",
    decide=_has_compression,
    meaning="There is an isometry V of two real dimensions onto the range of P such that V* A V is this matrix.",
)


# ------------------------------------------------------------------------------------------------------------- hashing

toeplitz = construction("toeplitz", r"\mathrm{Toeplitz}")
"""toeplitz(l, n): the l x n Toeplitz matrices over two elements, of l + n - 1 uniform bits."""
circulant = construction("circulant", r"\mathrm{circulant}")
"""circulant(l, n, N): l rows of the N x N circulant matrices of N uniform bits, on n bits followed by N - n zeros."""
STRINGS = construction("strings", r"\mathcal{A}")()
"""The set of Alice's strings."""
keys = construction("keys", r"\mathcal{Z}_{{0}}")
"""keys(F): the set of what F makes of strings."""
seeds = construction("seeds", r"\mathcal{S}_{{0}}")
"""seeds(F): the set of F's seeds."""
hashed = construction("hashed", "{{0}}_{{1}}({2})")
"""hashed(F, s, a): what F makes of the string a with the seed s."""
collision = functional("collision", r"\Pr")
"""collision(F, a, b): probability that F makes the same of both strings."""
is_uniform_hash = Definition(
    "is_uniform_hash",
    "{0} makes the same of two different strings with probability exactly 1/{1}",
    meaning="1/K for any two different strings, K being the number of keys.",
)


class Positive(Uninterpreted):
    """A function that is positive."""

    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool:
        return True


schatten = functional("schatten", r"\mathrm{S}")
"""schatten(p, A): the p-th power of the Schatten norm, Tr |A|^p."""
entry = functional("entry", r"\mathrm{S}")
"""entry(p, X, a): the p-th power of the Schatten norm of the member a of the family X of operators."""
inner = functional("inner", r"\mathrm{I}")
"""inner(X, a, b) = Re Tr X_a* X_b."""
deviation = functional("deviation", r"\mathrm{Dev}")
"""deviation(p, F, s, z, X): p-th power of the Schatten norm of sum_a ([F_s(a) = z] - 1/K) X_a."""
spread = functional("spread", r"\mathrm{N}")
"""spread(p, F, X): the mean over seeds of the sum over keys of deviation(p, F, s, z, X)."""
bounds_hash = Definition(
    "bounds_hash",
    "hashing with {0} has norm at most {2} from order {1} to order {1}",
    meaning="For all families X, the mean over seeds of the sum over keys z of deviation({1}, {0}, s, z, X) is at most "
    "{2}^{1} times the sum over a of entry({1}, X, a).",
)
distance = functional("distance", r"\Delta")
"""distance(F, X): half the mean trace norm between the hashed key with Eve, who has X_a for a, and a uniform one."""
held = construction("held", r"\tau^{{0}}_{{1}}")
"""held(W, a): Eve's operator for the string a, in the situation W."""
is_family = Definition(
    "is_family",
    "Eve's operators in {0} are positive and live where {1} does",
    meaning="tau_a is positive semidefinite, and the support of tau_a is in that of sigma, for each string a.",
)


# ------------------------------------------------------------------------------------- strings and their differences

bit = functional("bit", "d_{{2}}({0}, {1})")
"""bit(a, b, j): 1 if the strings a and b differ in the place j, else 0; 0 beyond their ends."""
first = functional("first", "f")
"""first(a, b): the first place in which two different strings differ."""
coefficient = functional("coefficient", "T_{{2},{3}}({0}, {1})")
"""coefficient(a, b, i, j): in row i of the image of a + b under a Toeplitz matrix, the coefficient of its bit j - f."""
minor = functional("minor", r"\det_{{2}}({0}, {1})")
"""minor(a, b, l): determinant over two elements of the coefficients (i, j), 1 <= i, j <= l."""
begins = Definition(
    "begins", "{0} and {1} agree before their first difference", meaning="d_j = 0 for every j before f."
)
column_vanishes = Definition(
    "column_vanishes",
    "the column {2} + 1 of the coefficients of {0} and {1} vanishes above the diagonal",
    meaning="T_{i, l+1} = 0 for i <= l.",
)
is_prime = Definition(
    "is_prime",
    "{0} is a prime",
    decide=lambda N: _decided_number(N, lambda n: sp.isprime(n)),
    meaning="It has no other divisors.",
)
two_generates = Definition(
    "two_generates",
    "2 generates the residues modulo {0}",
    decide=lambda N: _decided_number(N, lambda n: sp.is_primitive_root(2, n)),
    meaning="Its powers are all residues but 0.",
)


class Polynomial(Uninterpreted):
    """A polynomial over two elements: an element of a commutative ring."""

    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True


variable = type("variable", (Polynomial,), {"latex_name": "x"})()
"""The variable x of polynomials."""
Phi = type("Phi", (Polynomial,), {"latex_name": r"\Phi"})
"""Phi(N) = 1 + x + ... + x^{N-1}."""
difference = type("difference", (Polynomial,), {"latex_name": "d"})
"""difference(a, b) = sum_j d_j x^j of the difference of two strings."""
cofactor = type("cofactor", (Polynomial,), {"latex_name": "u"})
other_cofactor = type("other_cofactor", (Polynomial,), {"latex_name": "v"})
"""cofactor(a, b, N), other_cofactor(a, b, N): u and v of Bezout's identity u d + v Phi = 1."""
degree = functional("degree", r"\deg")
"""degree(d): degree of a polynomial."""
is_irreducible = Definition(
    "is_irreducible", "{0} is irreducible over two elements", meaning="It is no product of two of smaller degree."
)
divides = Definition("divides", "{0} divides {1}", meaning="The second polynomial is a multiple of the first.")


def _decided_number(value: Any, decide: Any) -> bool:
    if not value.is_Integer:
        raise UndecidedError(f"{value} is no given number")
    return bool(decide(int(value)))


# ------------------------------------------------------------------------------------------------------------ schemes

chance = type("chance", (Positive,), {"latex_name": "p"})
"""chance(V, i) > 0: the probability of the inputs i of all rounds."""
bits = functional("bits", r"\log r")
"""bits(V, c): the sum of log r over the results c of the tests, r being a reference distribution of a test's result."""
occurrence = type("occurrence", (Positive,), {"latex_name": "w"})
"""occurrence(V, c) = r(c) times the probability of the inputs that fit c."""
score = functional("score", r"\textstyle\sum f")
"""score(V, c): the sum of the weights f over the results c of the tests."""
length = functional("length", r"\ell")
"""length(V, c): bits of key where the tests have the results c."""
chosen = construction("chosen", "F_{{0},{1}}")
"""chosen(V, c): the hash family that is used where the tests have the results c."""
RESULTS = construction("results", r"\mathcal{C}")()
"""The set of the tests' results that can occur."""
fitting = construction("fitting", r"\mathcal{I}")
"""fitting(c): the inputs of all rounds that fit the results c of the tests."""
syndromes = construction("syndromes", r"\mathcal{M}")
"""syndromes(V): the set of syndromes."""
syndrome = construction("syndrome", "m")
"""syndrome(V, a): the syndrome of the string a."""
TAGS = construction("tags", r"\mathcal{H}")()
"""The set of values of the tag."""
left_over = construction("left_over", r"\rho^{{0}}_{{1},{2},{3}}")
"""left_over(V, a, i, c): Eve's operator, before what is published at the end, for inputs i, string a, results c."""
prior = construction("prior", r"\rho^{{0}}_{{1}}")
"""prior(V, i): Eve's state given the inputs i."""
situation = construction("situation", "W")
"""situation(V, c): what Eve holds where the tests have the results c; inputs, syndrome and padded tag included."""
is_scheme = Definition(
    "is_scheme",
    "{0} is a scheme with {1} bits of syndrome",
    meaning="Hashing for each result of the tests that is exactly uniform; a syndrome that is a function of the "
    "string; a tag under a one-time pad; a reference distribution r of the tests' results, fixed before, with "
    "r(0) + r(1) <= 1, so that the weights of the results that can occur add up to 1 at most; Eve's operator "
    "for a string, given inputs and results, lives where her state given the inputs does.",
)
has_lengths = Definition(
    "has_lengths",
    "each length of {0} is at most {1} + sum f + sum log r",
    r"\ell_{0}(c) \le {1} + \textstyle\sum f + \sum \log r",
    meaning="For each result c of the tests.",
)


# ----------------------------------------------------------------------------------------- from devices to Bell pairs

share = type("share", (Positive,), {"latex_name": "w_{{2}}({0}, {1})"})
"""share(A, M, f) > 0: probability of the block f of devices M in the state A."""
block = construction("block", "{{0}}_{{2}}")
"""block(A, M, f): the state in the block f."""
part = construction("part", "{{0}}_{{1}}")
"""part(M, f): the devices in the block f."""
blocks = construction("blocks", r"\mathcal{F}")
"""blocks(A, M): the set of blocks."""
FORGET = construction("forget", r"\mathrm{Tr}_F")()
"""The channel that forgets the label of the block."""
planar = construction("planar", r"\Pi")
"""planar(x, x', y, y'): two qubits measured along cos Z + sin X, at Alice's two angles and Bob's two."""
block_angle = functional("block_angle", r"\vartheta_{{1},{2}}({0})")
"""block_angle(M, f, j): the j-th of the four angles of the devices in the block f."""
is_certain = Definition(
    "is_certain", "one of the four measurements of {0} has a certain outcome", meaning="On every state of its system."
)
is_pair = Definition("is_pair", "the devices' system in {0} is two qubits", meaning="One qubit for each device.")
bounds_planar = Definition(
    "bounds_planar",
    "{0} bounds the sum of a round, of order {1} with the weights {2}, of qubits measured in a plane",
    meaning="For all states of two qubits and Eve, and all angles.",
)
bounds_certain = Definition(
    "bounds_certain",
    "{0} bounds the sum of a round, of order {1} with the weights {2}, of devices with a certain outcome",
    meaning="For all states of devices and Eve, and devices one of whose four measurements has a certain outcome.",
)
bounds_bell = Definition(
    "bounds_bell",
    "{0} bounds the sum of a round, of order {1} with the weights {2}, {3}, {4}, of Bell-diagonal pairs",
    meaning="For all Bell-diagonal states of two qubits that Eve purifies, and all angles in the plane of Z and X.",
)
pair = construction("pair", r"\rho_{{0}}")
"""pair(A): the two qubits' state."""
seen = construction("seen", r"\omega_{{1}}({0})")
"""seen(rho, F): Eve's operator, who purifies rho, where the qubits have the effect F."""
ONE = construction("one", "1")()
"""The effect that always happens."""
recovery = construction("recovery", r"\mathcal{R}")
"""recovery(A): the channel by which Eve's system in A comes from the purifying one."""
both = construction("both", "P_{{0},{1}}^{({2},{3})}")
"""both(x, y, e, f): Alice's effect of sign e at the angle x and Bob's of sign f at y."""
q = type("q", (Weighted,), {"latex_name": "q_{{0}}({1}, {2})"})
"""q(alpha, rho, F) = Q(alpha; seen(rho, F); seen(rho, 1))."""
pair_sum = functional("pair_sum", "G")
"""pair_sum(alpha, w, w_0, w_1, rho, x, x', y, y'): the sum of a round of two qubits that Eve purifies."""
mean = construction("mean", r"\tfrac12({0}+{1})")
"""mean(rho, rho'): (rho + rho')/2."""
flipped = construction("flipped", r"\widetilde{{0}}")
"""flipped(rho): (Y x Y) rho (Y x Y)."""
conjugate = construction("conjugate", r"\overline{{0}}")
"""conjugate(rho): the complex conjugate in the basis of Z."""
rotated = construction("rotated", "R_{{1},{2}}({0})")
"""rotated(rho, s, t): (R(s) x R(t)) rho (R(s) x R(t))^T, R the rotations about Y."""
splitting = construction("splitting", r"\mathcal{L}")
"""splitting(rho, rho'): the channel by which Eve learns which of two states made up the mean."""
oplus = construction("oplus", r"{0}\oplus {1}")
"""oplus(A, B): the direct sum."""
turn = functional("turn", "s_{{1}}({0})")
"""turn(rho, j): the angle by which Alice's (j = 0) or Bob's (j = 1) qubit is turned to diagonalise rho."""
bell_weight = type("bell_weight", (Weighted,), {"latex_name": r"\lambda_{{1}}({0})"})
"""bell_weight(rho, j): the weights of the Bell states after that."""


def _on_bell(name: str) -> Any:
    def decide(*arguments: Any) -> bool:
        from keybounds.proofs.algebra import bell

        return bool(getattr(bell, name)(*arguments))

    return decide


is_flip = Definition(
    "is_flip",
    "Y x Y takes the effect {0} to {1}",
    decide=_on_bell("is_flip"),
    meaning="(Y x Y) F (Y x Y) = F'.",
)
is_real_effect = Definition(
    "is_real_effect", "the effect {0} is real", decide=_on_bell("is_real_effect"), meaning="In the basis of Z."
)
is_turned = Definition(
    "is_turned",
    "the rotation by {2} and {3} takes the effect {0} to {1}",
    decide=_on_bell("is_turned"),
    meaning="(R(s) x R(t)) F (R(s) x R(t))^T = F'.",
)
turns_blocks = Definition(
    "turns_blocks",
    "rotations by {0} and {1} turn the span of Phi+, Psi- by {2} and that of Phi-, Psi+ by {3}, and Y x Y has "
    "different signs on the two",
    decide=_on_bell("turns_blocks"),
    meaning="R(s) x R(t) = R(u) + R(v) in these bases, which are real.",
)
has_trace = Definition(
    "has_trace",
    "the effect {1} has the probability {2} in the Bell-diagonal state of weights {0}",
    decide=_on_bell("has_trace"),
    meaning="Tr(rho F) is this.",
)
is_sum = Definition(
    "is_sum", "the effect {0} is the sum of {1} and {2}", decide=_on_bell("is_sum"), meaning="F = F' + F''."
)
alice = construction("alice", r"\mathcal{M}^{{1}}_{{3}|{2}}({0})")
"""alice(A, M, x, a): what is left of A when Alice's device, asked x, has answered a."""
bounds_ceiling = Definition(
    "bounds_ceiling",
    "{0} is at least (1 - {2} + {2} {3}) Q*(S) + {2} ({4} - {3}) (1/2 + S/8), of order {1}, for all S from 2 to sqrt 8",
    meaning="Q*(S) = 2^{1-alpha} (p^{1/alpha} + (1-p)^{1/alpha})^alpha with p = (1 + sqrt(S^2/4 - 1))/2.",
)
is_protocol = Definition(
    "is_protocol",
    "{0} is the run of {1} rounds in the scheme {2}, with weights {3}",
    meaning="Inputs, Alice's string and the tests' results determine a history; Eve's operators are those of the run.",
)
inputs_of = construction("inputs_of", "i_{{0}}")
string_of = construction("string_of", "a_{{0}}")
results_of = construction("results_of", "c_{{0}}")
"""inputs_of(h), string_of(h), results_of(h): inputs, Alice's string and the tests' results of a history."""
insecurity = functional("insecurity", r"\varepsilon")
"""insecurity(V): distance of the two parties' keys, with Eve, from equal ideal ones, where the run does not abort."""
is_checked = Definition(
    "is_checked",
    "in {0} a wrong string of Bob's passes with probability at most {1}",
    meaning="Bob computes the tests' results and his key from his corrected string, which is checked by a padded tag; "
    "where it is Alice's, both are those of Alice's string.",
)
