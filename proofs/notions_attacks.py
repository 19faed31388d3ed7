"""The notions of the claims about attacks: parts of a state, their entropies, devices, behaviours, keys."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.propositions import Definition
from keybounds.proofs.logic.terms import Defined, Uninterpreted, construction, functional
from keybounds.proofs.notions import S

# --------------------------------------------------------------------------------------------- systems and entropies


def system(name: str, latex: str | None = None) -> Any:
    """The name of a system of a state: no number, and no place for a value."""
    return construction(f"system_{name}", latex or name)()


def _names(systems: Any, latex: bool) -> str:
    return "".join(type(one).latex_name if latex else type(one).__name__.removeprefix("system_") for one in systems)


class part(Uninterpreted):  # noqa: N801
    """part(tau, A, B): the state tau of the systems A and B alone, or the systems that are left of it."""

    latex_name = "{0}_{{1}{2}}"
    is_commutative = False

    def _eval_is_commutative(self) -> bool:
        return False

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.args[0])}_{_names(self.args[1:], latex=False)}"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"{{{printer._print(self.args[0])}}}_{{{_names(self.args[1:], latex=True)}}}"


def entropy_of(state: Any, *systems: Any) -> Any:
    """S of a part of a state, in bits; 0 of no system."""
    return S(part(state, *sorted(set(systems), key=str))) if systems else sp.Integer(0)


class _Entropic(Defined):
    """A combination of entropies of parts of one state, with the systems as tuples."""

    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    def _inside(self, latex: bool) -> str:
        raise NotImplementedError

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({self._inside(latex=False)})_{printer._print(self.args[0])}"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"{type(self).__name__}({self._inside(latex=True)})_{{{printer._print(self.args[0])}}}"


class I(_Entropic):  # noqa: E742
    """I(A:B|C) = S(AC) + S(BC) - S(C) - S(ABC) of a state; systems of C in A or B as well do not count there."""

    nargs = 4

    def definition(self) -> Any:
        """Return the four entropies."""
        state, *parts = self.args
        a, b, c = (set(one) for one in parts)
        return (
            entropy_of(state, *(a | c))
            + entropy_of(state, *(b | c))
            - entropy_of(state, *c)
            - entropy_of(state, *(a | b | c))
        )

    def _inside(self, latex: bool) -> str:
        a, b, c = (_names(one, latex) for one in self.args[1:])
        return f"{a}:{b}|{c}" if c else f"{a}:{b}"


class H(_Entropic):
    """H(A|C) = S(AC) - S(C) of a state."""

    nargs = 3

    def definition(self) -> Any:
        """Return the two entropies."""
        state, a, c = self.args
        return entropy_of(state, *(set(a) | set(c))) - entropy_of(state, *c)

    def _inside(self, latex: bool) -> str:
        a, c = (_names(one, latex) for one in self.args[1:])
        return f"{a}|{c}" if c else a


def information(state: Any, a: Any, b: Any, given: Any = ()) -> Any:
    """I(A:B|C) of a state, each of A, B, C one or several systems."""
    return I(state, *(sp.Tuple(*sorted(one, key=str)) for one in (a, b, given)))


def conditional(state: Any, a: Any, given: Any = ()) -> Any:
    """H(A|C) of a state."""
    return H(state, *(sp.Tuple(*sorted(one, key=str)) for one in (a, given)))


has_parts = Definition(
    "has_parts",
    "{0} is a state of the systems {1} and of the classical systems {2}",
    r"{0} \in \mathcal{S}({1};{2})",
    meaning="A state of these distinct systems, of finite dimension, which is diagonal in a fixed basis of each system "
    "of the second list, those that hold numbers.",
)
has_labels = Definition(
    "has_labels",
    "{0} has in the classical systems {1} the labels of {3}, which are states of the systems {2}",
    r"{0} = {3} \text{ on } {2} \text{ with labels in } {1}",
    meaning="Of these systems and the label it is the sum over the finitely many k of w_k tau_k with k written into "
    "the label's systems; the weights w_k are not negative, the tau_k are states of finite dimension.",
)


# ------------------------------------------------------------------------------------------- devices and what they do


def _reproduces(device: Any, statistics: Any) -> bool:
    from keybounds.proofs.algebra.devices import reproduces as decide

    return decide(device, statistics)


def _sharp(device: Any) -> bool:
    from keybounds.proofs.algebra.devices import is_sharp as decide

    return decide(device)


def _eve(device: Any, systems: Any) -> bool:
    from keybounds.proofs.algebra.devices import interpreted

    return bool(interpreted(device)) and tuple(systems) == (E,)


def _qubit(operator: Any) -> bool:
    from keybounds.proofs.algebra.devices import has_qubit as decide

    return decide(operator)


def _summary(table: Any, chsh: Any, error: Any) -> bool:
    from keybounds.proofs.tables import has_chsh_and_error as decide

    return decide(table, chsh, error)


def _mixture(table: Any, parts: Any) -> bool:
    from keybounds.proofs.tables import is_mixture as decide

    return decide(table, parts)


def _points(table: Any, weights: Any) -> bool:
    from keybounds.proofs.tables import has_points as decide

    return decide(table, weights)


def _key_part(table: Any, probabilities: Any) -> bool:
    from keybounds.proofs.tables import has_key_part as decide

    return decide(table, probabilities)


A, B, E = system("A"), system("B"), system("E")
"""Alice's and Bob's outcomes at the key setting, and what Eve has."""

tilted = construction("tilted", r"\delta")
"""tilted(k, q): a two-qubit device.

Eve purifies (Phi+ + k^2 Phi-)/(1+k^2). With C = (1-k^2)/(1+k^2) Alice measures Z, X and Bob (Z+CX)/sqrt(1+C^2),
(Z-CX)/sqrt(1+C^2), and for the key Z, where he flips his outcome with probability q.
"""
outcomes = construction("outcomes", r"\omega")
"""outcomes(delta): the state of both outcomes at the key setting and of Eve's systems, of a device delta."""
shared = construction("shared", r"\rho")
"""shared(delta): the state that Alice and Bob measure."""
pinched = construction("pinched", r"\mathcal{P}")
"""pinched(rho): rho without what is off the diagonal blocks in a basis of Alice's or of Bob's qubit; any basis, and for
tilted(k, q) that of Alice's Z."""

chsh_and_error = construction("chsh_and_error", r"\mathrm{stat}")
"""chsh_and_error(S, Q): these two numbers of a table, and no more."""
table = construction("table", "P_{{0}}")
"""table(v): of v Phi+ + (1-v) 1/4 with Alice's Z, X and Bob's (Z+X)/sqrt 2, (Z-X)/sqrt 2, and Z for the key."""
coin = construction("coin", r"P^{\perp}")
"""coin(): of Phi+ with the same settings, but for the key Bob measures X or -X, each half of the time."""
points = construction("points", r"P^{\mathrm{det}}")
"""points(g): of fair signs a, s: Alice answers a and a s; Bob a in the test setting where CHSH value 2 wants it, a fair
sign in the other, and a at the key setting with probability g."""

tables = construction("tables", r"\Sigma")
"""tables((w, P), ..): the sum of tables with weights."""

reproduces = Definition(
    "reproduces",
    "{0} has the statistics {1}",
    r"{0} \mapsto {1}",
    decide=_reproduces,
    meaning="Tr rho (M_a x N_b) is this table, or has this CHSH value and this probability of different outcomes at "
    "the key setting.",
)
is_sharp = Definition(
    "is_sharp",
    "the vector of {0} has norm 1, and its observables square to 1",
    decide=_sharp,
    meaning="The observables are symmetric and real, so that (1 +- A)/2 are projectors; all for every value of k.",
)
is_bell_device = Definition(
    "is_bell_device",
    "{0} is a device",
    meaning="A state of Alice, Bob and Eve, pure where Eve has all that is left, and measurements of Alice and Bob "
    "with classical outcomes, in finite dimension; Eve knows which it is.",
)
eve_holds = Definition(
    "eve_holds",
    "of {0} Eve holds the systems {1}",
    decide=_eve,
    meaning="They are all that Alice's and Bob's systems do not hold, or a part of that.",
)
has_qubit = Definition(
    "has_qubit",
    "{0} is a state, and Alice's system in it is a qubit, or Bob's",
    decide=_qubit,
    meaning="The qubit is all that this party has in it.",
)
has_chsh_and_error = Definition(
    "has_chsh_and_error",
    "the table {0} has the CHSH value {1} and the key error {2}",
    r"S({0}) = {1},\ Q({0}) = {2}",
    decide=_summary,
    meaning="S = E_00 + E_01 + E_10 - E_11, Q = P(a != b) at the key setting.",
)
is_mixture = Definition(
    "is_mixture",
    "the table {0} is the sum of tables with weights {1}",
    r"{0} = \textstyle\sum {1}",
    decide=_mixture,
    meaning="Each entry is the weighted sum of the tables' entries.",
)
has_points = Definition(
    "has_points",
    "the table {0} is a sum of deterministic tables, with weights and their multiplicities {1}",
    decide=_points,
    meaning="Each deterministic table fixes the outcomes of every setting of both parties.",
)
has_key_part = Definition(
    "has_key_part",
    "the key outcomes 00, 01, 10, 11 have the probabilities {1} in {0}",
    decide=_key_part,
    meaning="Those of the key setting.",
)
is_quantum = Definition("is_quantum", "the table {0} is quantum", meaning="Some device has it.")
is_local = Definition(
    "is_local",
    "the table {0} is local",
    meaning="A mixture of deterministic tables, with weights that are not negative.",
)


class Shared(Defined):
    """Shared((rows, ..)) = I(A:B|F) in bits of a distribution: for each f the rows (p_a0, p_a1, ..), one for each a."""

    nargs = 1
    latex_name = r"I"
    is_commutative = True

    def definition(self) -> Any:
        """Return the sum over f of entries and whole, as x log x, less those of the rows and of the columns."""
        total = sp.Integer(0)
        for rows in self.args[0]:
            columns = zip(*rows, strict=True)
            entries = [p for row in rows for p in row]
            total += sp.Add(*(_x_log_x(p) for p in (*entries, sp.Add(*entries))))
            total -= sp.Add(*(_x_log_x(sp.Add(*line)) for line in (*rows, *columns)))
        return total


class Unknown(Defined):
    """Unknown(((p_0, p_1), ..)) = H(A|F) in bits of a distribution, p_a for each f."""

    nargs = 1
    latex_name = r"H"
    is_commutative = True

    def definition(self) -> Any:
        """Return the sum over f of (p_0 + p_1) log(p_0 + p_1) - p_0 log p_0 - p_1 log p_1."""
        return sp.Add(*(_x_log_x(x + y) - _x_log_x(x) - _x_log_x(y) for x, y in self.args[0]))


def _x_log_x(x: Any) -> Any:
    x = sp.sympify(x)
    return sp.Integer(0) if x.is_zero else x * sp.log(x) / sp.log(2)


# --------------------------------------------------------------------------------------------------------------- keys

K_two = functional("K_two", r"K_{\leftrightarrow}")
"""K_two(P): key per round from statistics P by discussion, both ways, of the outcomes of one announced key setting.

The greatest that is secret against every device with the statistics; rounds are alike and independent.
"""
K_any = functional("K_any", r"K")
"""K_any(P): the same for any discussion of all settings and outcomes, at any time."""
K_one = functional("K_one", r"K_{\rightarrow}")
"""K_one(P, q): what can be hashed per round out of Alice's key outcomes, each flipped with probability q, once she has
sent Bob what he needs to know them."""


# -------------------------------------------------------------------------------------------------- mixtures, rounds


class weight(Uninterpreted):  # noqa: N801
    """weight(k): probability of label k."""

    latex_name = "w_{{0}}"
    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True


class chance(Uninterpreted):  # noqa: N801
    """chance(n, z): probability that the parties choose the inputs z in round n."""

    latex_name = "p_{{0}}({1})"
    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True


class moves(Uninterpreted):  # noqa: N801
    """moves(n): how often Alice and Bob speak before round n, and once more; 1, 2, .."""

    latex_name = r"\mu_{{0}}"
    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_integer(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool:
        return True


L, V = system("L"), system("V")
"""Eve's label of a strategy; the announced bit of post-selection."""
A_hat = system("A_hat", r"\hat A")
"""Alice's symbol after the fixed preprocessing: nothing where the round is discarded."""
R, a, b, s, t, m, l, x, y = (system(name) for name in ("R", "a", "b", "s", "t", "m", "l", "x", "y"))  # noqa: E741
"""All that Eve has of earlier rounds and messages; all that Alice and Bob have; fresh randomness and messages of both;
their inputs in a round."""
LABELS, PAIRS = sp.Symbol("Lambda", commutative=False), sp.Symbol("Z", commutative=False)
"""The finite sets of labels, and of pairs of inputs."""

strategy = construction("strategy", r"\delta_{{0}}")
"""strategy(k): the device that a mixture uses where its label is k."""
with_label = construction("with_label", r"\mathrm{lab}")
"""with_label(D): draws a label and does what the device with this label does; Eve keeps the label."""
with_common_label = construction("with_common_label", r"\mathrm{com}")
"""with_common_label(D): the same, and Alice and Bob have the label as well."""
tagged = construction("tagged", r"\mathrm{tag}")
"""tagged(rho, k): rho and |k> with Alice and Bob."""
processed = construction("processed", r"\hat\omega")
"""processed(delta, f): outcomes(delta) after Alice's preprocessing f: A_hat, the announced V, B, and what Eve has."""
product_device = construction("product_device", r"\pi")
"""product_device(delta, f): Alice answers f(x) without measuring, Bob measures his part of delta's state."""
talk = construction("talk", r"\tau_{{0},{1}}")
"""talk(n, j): what Alice, Bob and Eve have after n-1 completed rounds and j-1 messages each after that; with what they
do next, randomness s and message m of Alice, then t and l of Bob."""
round_ = construction("round", r"\varrho_{{0}}")
"""round(n): what they have after the outcomes A and B of round n, before a message depends on these."""
copy = construction("copy", r"\omega_{{0}}")
"""copy(z): outcomes of both, and Eve's systems, of a device with label at the inputs z."""
pair = construction("pair", r"\omega_{{0},{1}}")
"""pair(k, z): outcomes of both, and Eve's system, of strategy k at the inputs z."""

prob = functional("prob", "P_{{0}}({1}{2}|{3}{4})")
"""prob(delta, a, b, x, y): of outcomes a, b at settings x, y."""
margin = functional("margin", "P_{{0}}({1}|{2})")
"""margin(delta, b, y): of Bob's outcome alone."""
indicator = functional("indicator", "[{0}={1}]")
"""indicator(a, a') = 1 if they are the same, else 0."""
reply = construction("reply", "{0}({1})")
"""reply(f, x): the answer of f to x."""

K_rounds = functional("K_rounds", r"K_{\mathrm{rounds}}")
"""K_rounds(P): as K_any, of protocols of completed rounds: no message depends on an outcome of a round before both of
its inputs are chosen."""
K_sifted = functional("K_sifted", r"K_{\rightarrow}")
"""K_sifted(P, f): as K_one, after a fixed preprocessing f with post-selection, which is announced."""

is_attack = Definition(
    "is_attack",
    "the statistics {0} are those of the mixture of the devices {1}",
    r"{0} = \textstyle\sum_k w_k P_k \text{ of } {1}",
    meaning="For finitely many devices; the weights add up to 1, and the table is the mean of theirs.",
)
is_fixed = Definition(
    "is_fixed",
    "in {0} Alice's outcome is the answer of {1} to her setting",
    meaning="P(ab|xy) is P(b|y) for a = f(x), and else 0.",
)
have_same_table = Definition("have_same_table", "{0} and {1} have the same table", meaning="At all settings.")
bounds_pairs = Definition(
    "bounds_pairs",
    "at all inputs the mean over the labels of {1} of I(A:B|E) is at most {0}",
    r"\max_z \textstyle\sum_{{1}} w_k I(A:B|E)_{k,z} \le {0}",
    meaning="For every pair z of inputs.",
)
shares_at_most = Definition(
    "shares_at_most",
    "after n - 1 rounds I(a:b|R) is at most (n - 1) {0}, for all n",
    r"I(a:b|R) \le (n-1)\,{0}",
    meaning="At any time between rounds.",
)
completes_rounds = Definition(
    "completes_rounds",
    "talk and round are the states of a protocol of completed rounds on devices with the statistics {0}, labels {1}, "
    "inputs {2}",
    meaning="Between rounds s is independent of a, b, R and m is a function of a, s; t is independent of a, b, R, s, m "
    "and l is a function of b, t, m; all hear m and l. In a round x is a function of a, and y of b; E, L are "
    "independent of a, b, R; so are B, E, L given y, A, E, L given x, and A, B, E, L given x, y, with the state "
    "copy(z) for the inputs z, and pair(k, z) for the label k. At the start I(a:b|R) = 0.",
)

is_weighted = Definition(
    "is_weighted",
    "{0} are devices with weights",
    meaning="Finitely many devices with the same settings, and weights that are not negative and add up to 1.",
)
bounds_costs = Definition(
    "bounds_costs",
    "I(A:B|E) of the device of each label of {0} is at most its cost",
    r"I(A:B|E)_k \le c_k,\ k \in {0}",
    meaning="For every label.",
)
cost = functional("cost", "c_{{0}}")
"""cost(k): a number for each label."""
chsh_of, error_of = functional("chsh_of", "S"), functional("error_of", "Q")
"""chsh_of(delta), error_of(delta): CHSH value and key error of a device's table."""
