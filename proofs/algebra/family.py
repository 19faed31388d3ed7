"""The PPT private states rho_{d,p} for every d at once, in an exact operator algebra.

Key qubits A, B; shields A', B' of dimension d = r^2; U a complex Hadamard matrix, |u_ij| = 1/r. An operator is a 4x4
array over the key basis (00, 01, 10, 11 of AB) of combinations of five operators on the shields A'B':

- ``1``, the identity;
- ``V`` = r sum_ij u_ij |i j><j i| and ``V*``, its adjoint;
- ``P`` = sum_i |ii><ii|;
- ``U`` = sum_ij u_ij |ii><jj| and ``U*``, its adjoint.

Products, traces and partial transposes of these are not tabulated but contracted from their indices
(`keybounds.proofs.algebra.indices`) when needed; one that leaves their span raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.terms import symbol

Shield = Mapping[str, Any]
"""Coefficients of the shield operators."""
Operator = Mapping[tuple[str, str], Shield]
"""Shield operators by (row, column) of the key basis; what is absent is zero."""

KEYS = ("00", "01", "10", "11")
LETTERS = ("1", "V", "V*", "P", "U", "U*")


@cache
def letter(name: str) -> Monomial:
    """<i j| operator |k l> in the indices i, j (row: A', B') and k, l (column)."""
    import sympy as sp

    r = symbol("r")
    if name.endswith("*"):
        return letter(name[0]).conjugate().rename({"i": "k", "j": "l", "k": "i", "l": "j"})
    return {
        "1": Monomial(sp.Integer(1), deltas=(("i", "k"), ("j", "l"))),
        "V": Monomial(r, deltas=(("i", "l"), ("j", "k")), entries=(("i", "j"),)),
        "P": Monomial(sp.Integer(1), deltas=(("i", "j"), ("j", "k"), ("k", "l"))),
        "U": Monomial(sp.Integer(1), deltas=(("i", "j"), ("k", "l")), entries=(("i", "k"),)),
    }[name]


def dimension() -> Any:
    """Return d = r^2."""
    return symbol("r") ** 2


def recognise(monomial: Monomial, summed: Sequence[str] = ()) -> Shield:
    """Write a function of the indices i, j, k, l as a multiple of a letter.

    Raises
    ------
    ValueError
        It is none.
    """
    found = contract(monomial, summed, dimension())
    for name in LETTERS:
        known = contract(letter(name), (), dimension())
        if found.same_indices(known):
            return {name: found.coefficient / known.coefficient}
    raise ValueError(f"{found} is not a multiple of one of {', '.join(LETTERS)}")


@cache
def _product(left: str, right: str) -> Shield:
    first = letter(left).rename({"k": "m", "l": "n"})
    return recognise(first * letter(right).rename({"i": "m", "j": "n"}), ("m", "n"))


@cache
def _trace(name: str) -> Any:
    closed = letter(name).rename({"k": "i", "l": "j"})
    return contract(closed, ("i", "j"), dimension()).coefficient


@cache
def _transpose(name: str) -> Shield:
    return recognise(letter(name).rename({"j": "l", "l": "j"}))


def _combine(terms: Sequence[tuple[Any, Shield]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for factor, shield in terms:
        for name, coefficient in shield.items():
            total[name] = total.get(name, 0) + factor * coefficient
    return total


def add(*terms: tuple[Any, Operator]) -> Operator:
    """Sum of factor * operator."""
    places = {place for _, operator in terms for place in operator}
    return {place: _combine([(f, operator.get(place, {})) for f, operator in terms]) for place in places}


def multiply(left: Operator, right: Operator) -> Operator:
    """Product of two operators."""
    total: dict[tuple[str, str], Shield] = {}
    for (row, middle), first in left.items():
        for (other, column), second in right.items():
            if middle == other:
                terms = [(a * b, _product(x, y)) for x, a in first.items() for y, b in second.items()]
                total[row, column] = _combine([(1, total.get((row, column), {})), *terms])
    return total


def trace(operator: Operator) -> Any:
    """Trace over keys and shields."""
    return sum(c * _trace(name) for key in KEYS for name, c in operator.get((key, key), {}).items())


def partial_transpose(operator: Operator) -> Operator:
    """Transpose on Bob's side, B and B' together."""
    return {
        (row[0] + column[1], column[0] + row[1]): _combine([(c, _transpose(name)) for name, c in shield.items()])
        for (row, column), shield in operator.items()
    }


def adjoint(operator: Operator) -> Operator:
    """Hermitian adjoint; coefficients are real."""
    starred = {"V": "V*", "V*": "V", "U": "U*", "U*": "U"}
    return {
        (column, row): {starred.get(name, name): c for name, c in shield.items()}
        for (row, column), shield in operator.items()
    }


def equal(left: Operator, right: Operator) -> bool:
    """Whether two operators agree for all d and all values of the symbols."""
    difference = add((1, left), (-1, right))
    return all(vanishes(c) for shield in difference.values() for c in shield.values())


def rho(p: Any) -> Operator:
    """rho_{d,p} as defined: half of (1-p)(sqrt(XX*), X; X*, sqrt(X*X)) on keys 00, 11 and of pY on 01 and on 10.

    X = V/d^2 and Y = P/d; XX* = X*X = 1/d^4, so that both roots are 1/d^2 (V is unitary: a test has it).
    """
    d = dimension()
    good, bad = (1 - p) / (2 * d**2), p / (2 * d)
    return {
        ("00", "00"): {"1": good},
        ("00", "11"): {"V": good},
        ("11", "00"): {"V*": good},
        ("11", "11"): {"1": good},
        ("01", "01"): {"P": bad},
        ("10", "10"): {"P": bad},
    }


def good_projector() -> Operator:
    """Pi_X, the support projector of the part of rho on keys 00 and 11."""
    import sympy as sp

    half = sp.Rational(1, 2)
    return {("00", "00"): {"1": half}, ("00", "11"): {"V": half}, ("11", "00"): {"V*": half}, ("11", "11"): {"1": half}}


def error_projector() -> Operator:
    """Pi_Y, the support projector of the part of rho on keys 01 and 10."""
    return {("01", "01"): {"P": 1}, ("10", "10"): {"P": 1}}


def correlated_projector() -> Operator:
    """Pi_{00,11}: both keys equal, whatever the shields."""
    return {("00", "00"): {"1": 1}, ("11", "11"): {"1": 1}}


def sign_projector(sign: int) -> Operator:
    """Pi_+ and Pi_-, on which the 01/10 block of the partial transpose is diagonal."""
    import sympy as sp

    half = sp.Rational(1, 2)
    return {
        ("01", "01"): {"P": half},
        ("01", "10"): {"U": sign * half},
        ("10", "01"): {"U*": sign * half},
        ("10", "10"): {"P": half},
    }


def ensemble_average() -> Operator:
    """Average over i, j and the phase s of the product vectors of the separable ensemble, as an operator.

    Alice holds (|0,i> + e^{is} |1,j>)/sqrt 2, Bob (|0,j> + e^{it} |1,i>)/sqrt 2 with e^{i(t-s)} = r u_ij. The phase s
    takes any values with vanishing averages of e^{is} and e^{2is}, such as 0, 2 pi/3, 4 pi/3.
    """
    import sympy as sp

    r, d = symbol("r"), dimension()
    alice = {"0": ("a", 0, 0), "1": ("b", 1, 0)}  # key: shield index, multiples of s and of arg u_ij in the phase
    bob = {"0": ("b", 0, 0), "1": ("a", 1, 1)}
    vector = {
        x + y: (alice[x][0], bob[y][0], alice[x][1] + bob[y][1], alice[x][2] + bob[y][2]) for x in "01" for y in "01"
    }
    average: dict[tuple[str, str], Shield] = {}
    for row, (i, j, s, t) in vector.items():
        for column, (k, m, s2, t2) in vector.items():
            if s != s2:  # |s - s2| <= 2, and these phases average to 0
                continue
            term = Monomial(sp.Rational(1, 4) / d**2, deltas=(("i", i), ("j", j), ("k", k), ("l", m)))
            if t > t2:
                term = term * Monomial(r, entries=(("a", "b"),))
            elif t < t2:
                term = term * Monomial(r, conjugates=(("a", "b"),))
            average[row, column] = recognise(term, ("a", "b"))
    return average
