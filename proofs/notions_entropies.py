"""Notions of device-independent entropies: devices, the flip of outcomes, Eve's operators, what she can guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.kernel import ForAll, Infimum, Meaning
from keybounds.proofs.logic.propositions import Definition, UndecidedError, at_most, equal
from keybounds.proofs.logic.terms import (
    Defined,
    Uninterpreted,
    construction,
    functional,
    h,
    integer,
    linear,
    real,
    thing,
)
from keybounds.proofs.notions import D, Tr, norm1

# ------------------------------------------------------------------------------------------------- blocks and moments


def _congruent(first: Any, second: Any, by: Any) -> bool:
    if first.shape != second.shape or by.shape != first.shape or not by.free_symbols <= set():
        raise UndecidedError("matrices of one shape are wanted, the transforming one of numbers")
    difference = (by * first * by.T - second).applyfunc(sp.expand)
    return bool(by.det() != 0 and difference.is_zero_matrix)


def _moments(matrix: Any, plain: Any, with_z: Any) -> bool:
    if matrix.shape != (2, 2):
        raise UndecidedError("a matrix of 2 x 2 blocks is wanted")
    # (u Z^a)* v Z^b = u* v Z^(a+b), as Z is its own adjoint and commutes with u and v; Z^2 = Z
    return all(matrix[a, b] == (with_z if a + b else plain) for a in (0, 1) for b in (0, 1))


def _entries(operator: Any) -> Any:
    kind = type(operator).__name__
    if kind not in _ENTRIES:
        raise UndecidedError(f"{operator} is not given by its entries")
    found = _ENTRIES[kind](*operator.args)
    if found.has(sp.I):
        raise UndecidedError("real entries are wanted")
    return found


def _matrix_spectrum(operator: Any, pairs: Any) -> bool:
    matrix, x = _entries(operator), sp.Dummy("x", real=True)
    if not all(vanishes(entry) for entry in matrix - matrix.T):
        raise UndecidedError("the matrix is not symmetric")
    wanted = sp.Poly(sp.Mul(*((x - value) ** multiplicity for value, multiplicity in pairs)), x)
    found = sp.Poly((x * sp.eye(matrix.rows) - matrix).det(method="berkowitz"), x)
    return all(vanishes(coefficient) for coefficient in (found - wanted).all_coeffs())


def _sum(total: Any, *parts: Any) -> bool:
    difference = sp.Add(*(_entries(part) for part in parts[1:]), _entries(parts[0])) - _entries(total)
    return all(vanishes(entry) for entry in difference)


def _sides(*operators: Any) -> list[Any]:
    found = [_entries(operator) for operator in operators]
    if any(one.shape != (2, 2) for one in found):
        raise UndecidedError("observables of qubits are wanted")
    return found


def _chsh(vector: Any, first: Any, second: Any, third: Any, fourth: Any, value: Any) -> bool:
    """Whether the observables are +-1-valued and give the value in the state of A B, E traced out."""
    psi = _entries(vector)
    observables = _sides(first, second, third, fourth)
    for one in observables:
        if not all(vanishes(entry) for entry in (*(one - one.T), *(one * one - sp.eye(2)))):
            return False
    norm = (psi.T * psi)[0] - 1
    rest = sp.eye(psi.rows // 4)
    total = sum(
        sign * (psi.T * sp.kronecker_product(a, b, rest) * psi)[0]
        for sign, a, b in zip(
            (1, 1, 1, -1), [*observables[:2]] * 2, [observables[2]] * 2 + [observables[3]] * 2, strict=True
        )
    )
    return vanishes(norm) and vanishes(total - value)


def _eve_operators(vector: Any, observable: Any, noise: Any, zero: Any, one: Any) -> bool:
    """Whether Alice's outcomes +1 and -1, exchanged with probability `noise`, leave Eve with these two operators."""
    psi, (alice_,) = _entries(vector), _sides(observable)
    size = psi.rows // 4
    found = []
    for sign in (1, -1):
        after = sp.kronecker_product((sp.eye(2) + sign * alice_) / 2, sp.eye(2 * size)) * psi
        parts = [after[k * size : (k + 1) * size, :] for k in range(4)]
        found.append(sum((part * part.T for part in parts), sp.zeros(size, size)))
    noisy_ = [(1 - noise) * found[c] + noise * found[1 - c] for c in (0, 1)]
    wanted = [_entries(operator) for operator in (zero, one)]
    return all(vanishes(entry) for n, w in zip(noisy_, wanted, strict=True) for entry in n - w)


are_congruent = Definition(
    "are_congruent",
    "{1} is T {0} T* with the invertible T = {2}",
    r"{1} = T\,{0}\,T^\dagger,\ T = {2}",
    decide=_congruent,
    meaning="Of block matrices; T has numbers times the identity as its blocks, and its determinant is not 0.",
)
is_moment_matrix = Definition(
    "is_moment_matrix",
    "{0} is the moment matrix over the words u and uZ, if {1} has the entries <u* v> and {2} the entries <u* v Z>",
    r"{0} = \left(\langle (uZ^a)^\dagger vZ^b\rangle\right),\quad {1} = \left(\langle u^\dagger v\rangle\right),\quad "
    r"{2} = \left(\langle u^\dagger vZ\rangle\right)",
    decide=_moments,
    meaning="Block (a, b) has the entries <(u Z^a)* v Z^b> for words u, v of the base. Z is a projector that commutes "
    "with all words, so that these are <u* v> for a = b = 0 and <u* v Z> else.",
)
matrix_has_spectrum = Definition(
    "matrix_has_spectrum",
    "{0} has the eigenvalues {1}, each with its multiplicity",
    r"\mathrm{spec}\,{0} = {1}",
    decide=_matrix_spectrum,
    meaning="It is Hermitian, and its characteristic polynomial is the product of the x - eigenvalue.",
)
is_sum = Definition("is_sum", "{0} is the sum of {1} and {2}", "{0} = {1} + {2}", decide=_sum, meaning="By entries.")
is_chsh_device = Definition(
    "is_chsh_device",
    "in the state {0} of A, B and E the observables {1}, {2} of Alice and {3}, {4} of Bob have the CHSH value {5}",
    decide=_chsh,
    meaning="The observables are Hermitian with square 1, the vector has length 1, and <A_0 B_0> + <A_1 B_0> + "
    "<A_0 B_1> - <A_1 B_1> is the value.",
)
are_eve_operators = Definition(
    "are_eve_operators",
    "in the state {0}, for the outcome of {1} flipped with probability {2}, Eve holds {3} or {4}",
    decide=_eve_operators,
    meaning="Partial traces over A and B of the state after Alice's projector, mixed with weights 1-q and q.",
)

# --------------------------------------------------------------------------------------------------- named functions


class chsh_curve(Defined):  # noqa: N801
    """f(S, q) = 1 - h((1+C)/2) + h((1+R)/2), C = sqrt(S^2/4 - 1), R = sqrt(1 - q(1-q)(8-S^2)); at q = 0, R = 1."""

    nargs = 2
    latex_name = "f"

    def definition(self) -> Any:
        """Return it in binary entropies."""
        chsh, noise = self.args
        value = 1 - h((1 + sp.sqrt(chsh**2 / 4 - 1)) / 2)
        return value if noise == 0 else value + h((1 + sp.sqrt(1 - noise * (1 - noise) * (8 - chsh**2))) / 2)


class chsh_slope(Defined):  # noqa: N801
    """f'(S, q) = S (A(C) - 4q(1-q) A(R))/(4 ln 2), A(x) = artanh(x)/x: derivative of f in S."""

    nargs = 2
    latex_name = "f'"

    def definition(self) -> Any:
        """Return it in logarithms."""
        chsh, noise = self.args
        value = artanh_ratio(sp.sqrt(chsh**2 / 4 - 1))
        if noise != 0:
            root = sp.sqrt(1 - noise * (1 - noise) * (8 - chsh**2))
            value -= 4 * noise * (1 - noise) * artanh_ratio(root)
        return chsh * value / (4 * sp.log(2))


class score(Defined):  # noqa: N801
    """score(x) = (2 + sqrt(1 + x^2))/4: sweeps (3/4, (1 + 1/sqrt 2)/2) as x sweeps (0, 1)."""

    nargs = 1
    latex_name = r"\Omega"

    def definition(self) -> Any:
        """Return it in x."""
        return (2 + sp.sqrt(1 + self.args[0] ** 2)) / 4


class score_entropy(Defined):  # noqa: N801
    """score_entropy(x) = 1 - h((1+x)/2): the CHSH entropy at the score of x."""

    nargs = 1
    latex_name = r"\eta"

    def definition(self) -> Any:
        """Return it in binary entropies."""
        return 1 - h((1 + self.args[0]) / 2)


class score_slope(Defined):  # noqa: N801
    """score_slope(x) = 4 sqrt(1 + x^2) artanh(x)/(x ln 2): its derivative in the score."""

    nargs = 1
    latex_name = r"\eta'"

    def definition(self) -> Any:
        """Return it in logarithms."""
        (x,) = self.args
        return 4 * sp.sqrt(1 + x**2) * artanh_ratio(x) / sp.log(2)


class key_weight(Defined):  # noqa: N801
    """w(t, q) = 1/(q + (1-2q)t) + 1/(q + (1-2q)(1-t))."""

    nargs = 2
    latex_name = "w"

    def definition(self) -> Any:
        """Return it."""
        t, q = self.args
        return 1 / (q + (1 - 2 * q) * t) + 1 / (q + (1 - 2 * q) * (1 - t))


class rising_weight(Defined):  # noqa: N801
    """Integral of w(t, q) (t-a)/(b-a) from a to b, the weight of the node b of a chord; of (a, b, q)."""

    nargs = 3
    latex_name = r"W^{+}"

    def definition(self) -> Any:
        """Return it in logarithms."""
        a, b, q = self.args
        return (_rising(a, b, q) + _falling(1 - b, 1 - a, q)) / (b - a)


class falling_weight(Defined):  # noqa: N801
    """Integral of w(t, q) (b-t)/(b-a) from a to b, the weight of the node a of a chord; of (a, b, q)."""

    nargs = 3
    latex_name = r"W^{-}"

    def definition(self) -> Any:
        """Return it in logarithms."""
        a, b, q = self.args
        return (_falling(a, b, q) + _rising(1 - b, 1 - a, q)) / (b - a)


def artanh_ratio(x: Any) -> Any:
    """A(x) = artanh(x)/x."""
    return (sp.log(1 + x) - sp.log(1 - x)) / (2 * x)


def _rising(a: Any, b: Any, q: Any) -> Any:
    """Integral of (t-a)/(q+rt) from a to b, r = 1-2q."""
    r = 1 - 2 * q
    return (b - a) / r - (q + r * a) * sp.log((q + r * b) / (q + r * a)) / r**2


def _falling(a: Any, b: Any, q: Any) -> Any:
    """Integral of (b-t)/(q+rt) from a to b, r = 1-2q."""
    r = 1 - 2 * q
    return (q + r * b) * sp.log((q + r * b) / (q + r * a)) / r**2 - (b - a) / r


# ------------------------------------------------------------------------------------------------ devices and the flip

matrix = construction("matrix")
"""matrix(M): the operator with these entries, which are real wherever the roots in them are."""
sigma_x, sigma_z = construction("sigma_x", r"\sigma_x")(), construction("sigma_z", r"\sigma_z")()
"""The Pauli matrices."""
chsh_state = construction("chsh_state", r"\psi")
"""chsh_state(S) = sqrt((1+C)/2) |Phi+>|0> + sqrt((1-C)/2) |Phi->|1> of A, B and E, C = sqrt(S^2/4 - 1)."""
tilted = construction("tilted", "B")
"""tilted(S, s) = (2/S) (sigma_z + s C sigma_x), for a sign s."""
pointer = construction("pointer", "K")
"""pointer(S, q, s): (1 + C sigma_z + s (1-2q) sqrt(1-C^2) sigma_x)/4, for a sign s."""
pointers = construction("pointers", "K")
"""pointers(S) = (1 + C sigma_z)/2."""


def _coherence(chsh: Any) -> Any:
    return sp.sqrt(chsh**2 / 4 - 1)


def _chsh_vector(chsh: Any) -> Any:
    vector = sp.zeros(8, 1)
    for k, sign in enumerate((1, -1)):
        weight = sp.sqrt((1 + sign * _coherence(chsh)) / 2)
        vector[k], vector[6 + k] = weight / sp.sqrt(2), sign * weight / sp.sqrt(2)
    return vector


def _pointer(chsh: Any, noise: Any, sign: Any) -> Any:
    c = _coherence(chsh)
    off = sign * (1 - 2 * noise) * sp.sqrt(1 + c) * sp.sqrt(1 - c) / 4
    return sp.Matrix([[(1 + c) / 4, off], [off, (1 - c) / 4]])


_PAULI_X, _PAULI_Z = sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[1, 0], [0, -1]])
_ENTRIES: dict[str, Callable[..., Any]] = {
    "matrix": lambda entries: entries,
    "sigma_x": lambda: _PAULI_X,
    "sigma_z": lambda: _PAULI_Z,
    "chsh_state": _chsh_vector,
    "tilted": lambda chsh, sign: 2 * (_PAULI_Z + sign * _coherence(chsh) * _PAULI_X) / chsh,
    "pointer": _pointer,
    "pointers": lambda chsh: sp.diag((1 + _coherence(chsh)) / 2, (1 - _coherence(chsh)) / 2),
}
alice, bob = construction("alice", r"A"), construction("bob", r"B")
"""alice(x), bob(y): the projector on outcome 0 of a setting."""
letter = construction("letter", r"E")
"""letter(k): the k-th letter of a word, any projector of either party."""
_LETTERS = ("alice", "bob", "letter")


class word(Uninterpreted):  # noqa: N801
    """word(n): any word of n letters, word(1) = letter(1) and word(n+1) = letter(n+1) word(n)."""

    latex_name = "w"
    is_commutative = False

    @classmethod
    def eval(cls, n: Any) -> Any:
        """Take the last letter off where n is 1 or a successor."""
        if n == 1:
            return letter(1)
        rest, constant = n.as_coeff_Add()[1], n.as_coeff_Add()[0]
        if constant.is_Integer and constant >= 1 and (rest != 0 or constant > 1):
            return letter(n) * cls(n - 1)
        return None

    def _eval_is_commutative(self) -> bool:
        return False


class flip(Uninterpreted):  # noqa: N801
    """flip(X): X with 1 - E in place of each projector E of both parties, in sums of products of them."""

    latex_name = "F"
    is_commutative = False

    @classmethod
    def eval(cls, operator: Any) -> Any:
        """Go through sums, products and powers down to the letters."""
        if operator.is_commutative:
            return operator
        if operator.is_Add or operator.is_Mul:
            return operator.func(*(cls(one) for one in operator.args))
        if operator.is_Pow and operator.exp.is_Integer and operator.exp > 0:
            return sp.Mul(*([cls(operator.base)] * int(operator.exp)), evaluate=True)
        if type(operator).__name__ in _LETTERS:
            return 1 - operator
        return None

    def _eval_is_commutative(self) -> bool:
        return False


eve = linear("eve", r"\mathcal{E}", operators=True)
"""eve(rho, X) = Tr_AB(X rho): Eve's operator for an operator X of the parties, finite-dimensional; linear in X."""


class blocks(Uninterpreted):  # noqa: N801
    """blocks(A, B): A and B on the two values of a flag that Eve holds; sums in A and B are multiplied out."""

    latex_name = r"\mathrm{diag}"
    is_commutative = False

    @classmethod
    def eval(cls, *parts: Any) -> Any:
        """Multiply out."""
        form = [sp.expand(part) for part in parts]
        return None if form == list(parts) else cls(*form)

    def _eval_is_commutative(self) -> bool:
        return False


SWAP = construction("SWAP", r"\mathrm{SWAP}")()
"""The unitary that exchanges the two values of the flag."""


class conjugated(Uninterpreted):  # noqa: N801
    """conjugated(V, A) = V A V*; linear in A. SWAP exchanges the blocks of blocks(A, B)."""

    latex_name = r"\mathrm{Ad}"
    is_commutative = False

    @classmethod
    def eval(cls, unitary: Any, operator: Any) -> Any:
        """Take sums and numbers out of A."""
        terms = sp.Add.make_args(sp.expand(operator))
        if len(terms) > 1:
            return sp.Add(*(cls(unitary, term) for term in terms))
        numbers, operators = terms[0].args_cnc()
        factor, rest = sp.Mul(*numbers), sp.Mul(*operators)
        if factor != 1 or rest != operator:
            return factor * cls(unitary, rest)
        if unitary == SWAP and type(rest).__name__ == "blocks":
            return blocks(*rest.args[::-1])
        return None

    def _eval_is_commutative(self) -> bool:
        return False


def _unitary(operator: Any) -> bool:
    if operator == SWAP:
        exchange = sp.Matrix([[0, 1], [1, 0]])
        return bool(exchange * exchange.T == sp.eye(2))
    if operator.is_number:
        return bool(abs(operator) == 1)
    raise UndecidedError(f"{operator} is no known matrix")


is_unitary = Definition(
    "is_unitary", "{0} is unitary", r"{0}{0}^\dagger = 1", decide=_unitary, meaning="V V* = V* V = 1."
)
is_device = Definition(
    "is_device",
    "{0} is a device of two outcomes a side",
    meaning="A state of Alice, Bob and Eve with projectors alice(x), bob(y) of the two sides, which commute; one can "
    "be had for all that two parties without communication can do, Eve holding the purification. Finite dimensions.",
)
is_projector = Definition("is_projector", "{0} is a projector of Eve's", meaning="Z* = Z = Z^2.")
is_table = Definition("is_table", "{0} has the table {1}", meaning="The probabilities below, at all settings.")
is_flip_invariant = Definition(
    "is_flip_invariant",
    "{0} is flip-invariant, with the unitary {1} of Eve's",
    meaning="Flipping both parties' outcomes is undone by V: eve(rho, F(w)) = V eve(rho, w) V* "
    "for all words w, such as the letters alice(x).",
)
relabelled = construction("relabelled", r"\mathrm{F}")
"""relabelled(rho): rho with the names of the two outcomes exchanged, on both sides."""
mixed = construction("mixed", r"\mathrm{mix}")
"""mixed(rho): one half each of rho and relabelled(rho), with a flag that Eve holds."""
symmetrised = construction("symmetrised", r"\mathrm{sym}")
"""symmetrised(P) = (P + FP)/2."""

H_blocks = functional("H_blocks", "H")
"""H_blocks(K_0, K_1, K): entropy of a symbol given Eve, who holds K_0 or K_1, K in sum."""
H_outcome = functional("H_outcome", "H")
"""H_outcome(rho): entropy, given Eve, of Alice's outcome in the setting of the key."""
winning_probability = functional("winning_probability", r"\omega")
"""winning_probability(rho): with which the device wins the CHSH game, (S + 4)/8."""
P_A, P_B, P_AB = (functional(f"P_{name}", f"P_{{{name}}}") for name in ("A", "B", "AB"))
"""P_A(P, x), P_B(P, y), P_AB(P, x, y): probability in a table of outcome 0 of Alice, of Bob, of both."""
eta = functional("eta", r"\eta")
"""eta(A) = -Tr A log A, of a positive operator."""
Tr_minus = functional("Tr_minus", r"\mathrm{Tr}_-")
"""Tr_minus(A): trace of the negative part of a Hermitian operator."""
H_key = functional("H_key", "H")
"""H_key(rho, x, q): entropy, given Eve, of Alice's symbol for setting x after a flip with probability q."""
H_noisy = functional("H_noisy", r"\mathrm{H}")
"""H_noisy(q, L_0, L_1) = p_V H(A'|E,V), if L_c is Eve's operator for the key symbol c on what is kept."""
is_below_error = Definition("is_below_error", "{0} is at most Eve's error at {1} with {2} and {3}")
eve_error = functional("eve_error", "e")
"""eve_error(t, L_0, L_1): the least (1-t) Tr L_0 (1-Z) + t Tr L_1 Z over projectors Z."""
is_below_entropy = Definition("is_below_entropy", "{0} is a lower bound for table {1}, setting {2} and noise {3}")
H_flip = functional("H_flip", r"H_F")
"""H_flip(P, x, q): the infimum of H_key(rho, x, q) over flip-invariant devices with the table P."""

_rho, _sigma, _V, _X, _P, _Z = (thing(name) for name in ("rho", "sigma", "V", "X", "P", "Z"))
_A, _L0, _L1 = thing("A"), thing("L_0"), thing("L_1")
_n, _x, _y = (integer(name) for name in "nxy")
_q, _t, _v = real("q"), real("t"), real("v")


def noisy(key: Any, noise: Any) -> tuple[Any, Any]:
    """(1-q) L_c + q L_{1-c} for c = 0, 1, L_0 the projector `key` and L_1 = 1 - L_0."""
    return (1 - noise) * key + noise * (1 - key), (1 - noise) * (1 - key) + noise * key


def noisy_operators(first: Any, second: Any, noise: Any) -> tuple[Any, Any]:
    """K_c = (1-q) L_c + q L_{1-c} for c = 0, 1."""
    return (1 - noise) * first + noise * second, (1 - noise) * second + noise * first


TABLE = ForAll(
    "a device has the table that its probabilities make",
    is_table(_rho, _P),
    (_x, _y),
    (),
    (
        equal(Tr(eve(_rho, alice(_x))), P_A(_P, _x)),
        equal(Tr(eve(_rho, bob(_y))), P_B(_P, _y)),
        equal(Tr(eve(_rho, alice(_x) * bob(_y))), P_AB(_P, _x, _y)),
    ),
)
FLIP_INVARIANT = ForAll(
    "flip-invariant means that a unitary of Eve's undoes the flip",
    is_flip_invariant(_rho, _V),
    (_n, _x),
    (),
    (
        is_unitary(_V),
        equal(eve(_rho, flip(word(_n))), conjugated(_V, eve(_rho, word(_n)))),
        equal(eve(_rho, flip(alice(_x))), conjugated(_V, eve(_rho, alice(_x)))),
        equal(eve(_rho, sp.Integer(1)), conjugated(_V, eve(_rho, sp.Integer(1)))),
    ),
)
RELABELLED = Meaning(
    "with the names exchanged, 1 - E stands where E stood",
    eve(relabelled(_rho), _X),
    eve(_rho, flip(_X)),
)
MIXED = Meaning(
    "one half each of a device and its relabelled twin, with a flag of Eve's",
    eve(mixed(_rho), _X),
    blocks(eve(_rho, _X) / 2, eve(relabelled(_rho), _X) / 2),
)
SYMMETRISED = (
    Meaning("of the mean of P and FP", P_A(symmetrised(_P), _x), sp.Rational(1, 2)),
    Meaning("of the mean of P and FP", P_B(symmetrised(_P), _y), sp.Rational(1, 2)),
    Meaning(
        "of the mean of P and FP",
        P_AB(symmetrised(_P), _x, _y),
        (P_AB(_P, _x, _y) + (1 - P_A(_P, _x) - P_B(_P, _y) + P_AB(_P, _x, _y))) / 2,
    ),
)
ENTROPY = Meaning(
    "S(AE) - S(E) for Eve's two operators",
    H_key(_rho, _x, _q),
    eta(eve(_rho, noisy(alice(_x), _q)[0])) + eta(eve(_rho, noisy(alice(_x), _q)[1])) - eta(eve(_rho, sp.Integer(1))),
)
BELOW_ENTROPY = ForAll(
    "a lower bound for every flip-invariant device",
    is_below_entropy(_v, _P, _x, _q),
    (_sigma, _V),
    (is_device(_sigma), is_flip_invariant(_sigma, _V), is_table(_sigma, _P)),
    (at_most(_v, H_key(_sigma, _x, _q)),),
)
H_FLIP = Infimum("the infimum over flip-invariant devices", H_flip(_P, _x, _q), BELOW_ENTROPY)

_K0, _K1, _K = thing("K_0"), thing("K_1"), thing("K")
BLOCKS = Meaning("S(AE) - S(E) for Eve's two operators", H_blocks(_K0, _K1, _K), eta(_K0) + eta(_K1) - eta(_K))
NEGATIVE_PART = Meaning(
    "the negative part of A has the trace (norm of A - Tr A)/2", Tr_minus(_A), (norm1(_A) - Tr(_A)) / 2
)
NOISY_ENTROPY = Meaning(
    "the entropy of the symbol is minus its relative entropies",
    H_noisy(_q, _L0, _L1),
    -D(noisy_operators(_L0, _L1, _q)[0], _L0 + _L1) - D(noisy_operators(_L0, _L1, _q)[1], _L0 + _L1),
)
BELOW_ERROR = ForAll(
    "at most what each projector of Eve's gives",
    is_below_error(_v, _t, _L0, _L1),
    (_Z,),
    (is_projector(_Z),),
    (at_most(_v, (1 - _t) * Tr(_L0 * (1 - _Z)) + _t * Tr(_L1 * _Z)),),
)
ERROR = Infimum("Eve's least error", eve_error(_t, _L0, _L1), BELOW_ERROR)
