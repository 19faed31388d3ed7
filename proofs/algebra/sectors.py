"""Private states with unequal sectors for all dimensions m <= n at once, entry by entry.

Alice holds C^m + C^n and Bob C^n + C^m; the key is the sector. An operator is a `Monomial` for each pair of keys (row,
column), in the indices x, y (row: Alice's and Bob's within their sectors) and z, w (column). Indices of C^m are i and k
below, those of C^n j and l; U is the first m rows of an n x n complex Hadamard matrix over sqrt n.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.logic.terms import symbol

Entries = Mapping[tuple[str, str], Monomial]

SIDES = {"00": ("m", "n"), "01": ("m", "m"), "10": ("n", "n"), "11": ("n", "m")}
"""The sectors of Alice's and of Bob's index for each key."""


def roots() -> tuple[Any, Any]:
    """Return sqrt m and sqrt n, the symbols that everything is written in."""
    return symbol("M"), symbol("N")


def dimensions(row: str, column: str, **dummies: str) -> dict[str, Any]:
    """Dimension of each index of the block (row, column), and of summed indices given as name="m" or "n"."""
    m, n = roots()
    values = {"m": m**2, "n": n**2}
    names = dict(zip("xyzw", SIDES[row] + SIDES[column], strict=True)) | dummies
    return {name: values[sector] for name, sector in names.items()}


def state(p: Any) -> Entries:
    """The state as defined; (1-p) v_ij/(2mn) with v = sqrt n u between keys 00 and 11, p/2m and p/2n on 01 and 10."""
    m, n = roots()
    good = (1 - p) / (2 * m**2 * n**2)
    same = (("x", "z"), ("y", "w"))
    return {
        ("00", "00"): Monomial(good, deltas=same),
        ("11", "11"): Monomial(good, deltas=same),
        ("00", "11"): Monomial(good * n, deltas=(("x", "w"), ("y", "z")), entries=(("x", "y"),)),
        ("11", "00"): Monomial(good * n, deltas=(("x", "w"), ("y", "z")), conjugates=(("z", "w"),)),
        ("01", "01"): Monomial(p / (2 * m**2), deltas=(("x", "y"), ("y", "z"), ("z", "w"))),
        ("10", "10"): Monomial(p / (2 * n**2), deltas=(("x", "y"), ("y", "z"), ("z", "w"))),
    }


def ensemble_average() -> Entries:
    """Average over a in C^m, b in C^n and the phase s of the ensemble's product vectors.

    They are (|0,a> + e^{is} |1,b>)/sqrt 2 (x) (|0,b> + e^{it} |1,a>)/sqrt 2 with e^{i(t-s)} = sqrt n u_ab.
    """
    import sympy as sp

    m, n = roots()
    alice = {"0": ("a", 0, 0), "1": ("b", 1, 0)}  # key: index, multiples of s and of arg u_ab in the phase
    bob = {"0": ("b", 0, 0), "1": ("a", 1, 1)}
    vector = {
        x + y: (alice[x][0], bob[y][0], alice[x][1] + bob[y][1], alice[x][2] + bob[y][2]) for x in "01" for y in "01"
    }
    average = {}
    for row, (x, y, s, t) in vector.items():
        for column, (z, w, s2, t2) in vector.items():
            if s != s2:  # |s - s2| <= 2, and these phases average to 0
                continue
            term = Monomial(sp.Rational(1, 4) / (m**2 * n**2), deltas=(("x", x), ("y", y), ("z", z), ("w", w)))
            if t > t2:
                term = term * Monomial(n, entries=(("a", "b"),))
            elif t < t2:
                term = term * Monomial(n, conjugates=(("a", "b"),))
            average[row, column] = contract(term, ("a", "b"), dimensions(row, column, a="m", b="n"))
    return average


# ------------------------------------------------------------------------------------------------------- by letters

Letters = Mapping[str, Any]
"""Coefficients of the letters of a block: 1, V, P, U as in `proofs.algebra.family`, and Q = U*U."""
Operator = Mapping[tuple[str, str], Letters]


def letter(name: str) -> Monomial:
    """A letter as a function of the indices x, y (row) and z, w (column); Q is none."""
    import sympy as sp

    _, n = roots()
    one = sp.Integer(1)
    return {
        "1": Monomial(one, deltas=(("x", "z"), ("y", "w"))),
        "V": Monomial(n, deltas=(("x", "w"), ("y", "z")), entries=(("x", "y"),)),
        "V*": Monomial(n, deltas=(("x", "w"), ("y", "z")), conjugates=(("z", "w"),)),
        "P": Monomial(one, deltas=(("x", "y"), ("y", "z"), ("z", "w"))),
        "U": Monomial(one, deltas=(("x", "y"), ("z", "w")), entries=(("x", "z"),)),
        "U*": Monomial(one, deltas=(("x", "y"), ("z", "w")), conjugates=(("z", "x"),)),
    }[name]


def recognise(entry: Monomial, row: str, column: str) -> Letters:
    """Write a block as a multiple of a letter.

    Raises
    ------
    ValueError
        It is none.
    """
    found = contract(entry, (), dimensions(row, column))
    for name in ("1", "V", "V*", "P", "U", "U*"):
        known = contract(letter(name), (), dimensions(row, column))
        if found.same_indices(known):
            return {name: found.coefficient / known.coefficient}
    raise ValueError(f"{found} is not a multiple of a letter")


def by_letters(entries: Entries) -> Operator:
    """An operator given entry by entry, in letters."""
    return {place: recognise(entry, *place) for place, entry in entries.items()}


def _product(left: str, right: str, row: str, middle: str, column: str) -> Letters:
    if "1" in (left, right):
        return {right if left == "1" else left: 1}
    if (left, right) == ("U*", "U"):
        return {"Q": 1}
    if "Q" in (left, right):  # from UU* = P, which is contracted: U*UU* = U*, UU*U = U
        return {"Q": 1} if {left, right} <= {"P", "Q"} else {right if left == "Q" else left: 1}
    first = letter(left).rename({"z": "s", "w": "t"})
    second = letter(right).rename({"x": "s", "y": "t"})
    sizes = dimensions(row, column, s=SIDES[middle][0], t=SIDES[middle][1])
    return recognise(contract(first * second, ("s", "t"), sizes), row, column)


def multiply(left: Operator, right: Operator) -> Operator:
    """Product of two operators in letters."""
    total: dict[tuple[str, str], dict[str, Any]] = {}
    for (row, middle), first in left.items():
        for (other, column), second in right.items():
            if middle != other:
                continue
            block = total.setdefault((row, column), {})
            for a, f in first.items():
                for b, g in second.items():
                    for name, factor in _product(a, b, row, middle, column).items():
                        block[name] = block.get(name, 0) + f * g * factor
    return total


def trace(operator: Operator) -> Any:
    """Trace over the sectors."""
    m, _ = roots()
    total: Any = 0
    for key in SIDES:
        for name, coefficient in operator.get((key, key), {}).items():
            if name == "Q":  # tr U*U = tr UU*
                total += coefficient * m**2
            else:
                closed = letter(name).rename({"z": "x", "w": "y"})
                total += coefficient * contract(closed, ("x", "y"), dimensions(key, key)).coefficient
    return total


def turned(operator: Operator) -> Operator:
    """Partial transpose of an operator in letters, none of them Q."""
    found = {}
    for (row, column), block in operator.items():
        place = (row[0] + column[1], column[0] + row[1])
        for name, coefficient in block.items():
            entry = letter(name).rename({"y": "w", "w": "y"})
            found[place] = {other: coefficient * c for other, c in recognise(entry, *place).items()}
    return found


def projectors() -> dict[str, Operator]:
    """The projectors of the algebra that claims name."""
    import sympy as sp

    half, one = sp.Rational(1, 2), sp.Integer(1)
    return {
        "good": {
            ("00", "00"): {"1": half},
            ("00", "11"): {"V": half},
            ("11", "00"): {"V*": half},
            ("11", "11"): {"1": half},
        },
        "first": {("01", "01"): {"P": one}},
        "second": {("10", "10"): {"P": one}},
        "equal keys": {("00", "00"): {"1": one}, ("11", "11"): {"1": one}},
        "rest": {("10", "10"): {"P": one, "Q": -one}},
    }


def units() -> tuple[Operator, Operator, Operator]:
    """The matrix units of m pairs of vectors |0i,1i>, g_i = sum_j conj(u_ij)|1j,0j>: 11, 12 and 21 together, 22."""
    import sympy as sp

    one = sp.Integer(1)
    return {("01", "01"): {"P": one}}, {("01", "10"): {"U": one}, ("10", "01"): {"U*": one}}, {("10", "10"): {"Q": one}}
