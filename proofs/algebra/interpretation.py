"""Which operator of the exact algebras a name in a statement stands for: the executable side of `proofs.notions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import devices, family, sectors
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.propositions import UndecidedError
from keybounds.proofs.logic.terms import symbol
from keybounds.proofs.notions_private import form, norm, part0, part1, phases, times, times_bar


def family_operator(name: Any) -> family.Operator:
    """The operator of the family's algebra that `name` stands for, e.g. transposed(rho(r^2, p)).

    Raises
    ------
    UndecidedError
        It is none of that algebra, or its dimension is not written as r^2.
    """
    kind = type(name).__name__
    if kind in ("rho", "X", "Y"):
        dimension = name.args[0]
        if dimension != symbol("r") ** 2:
            raise UndecidedError(f"the dimension {dimension} is not written as r^2")
        if kind == "rho":
            return family.rho(name.args[1])
        return {("00", "00"): {"V": dimension**-2} if kind == "X" else {"P": 1 / dimension}}
    if kind == "transposed":
        return family.partial_transpose(family_operator(name.args[0]))
    if kind in _NAMED:
        if name.args[0] != symbol("r") ** 2:
            raise UndecidedError(f"the dimension {name.args[0]} is not written as r^2")
        return _NAMED[kind]()
    if name.is_Add:
        return family.add(*((1, family_operator(term)) for term in name.args))
    if name.is_Mul:
        numbers, operators = name.args_cnc()
        if len(operators) == 1:
            return family.add((sp.Mul(*numbers), family_operator(operators[0])))
    raise UndecidedError(f"{name} is no operator of the family's algebra")


def _diagonal() -> family.Operator:
    return family.add((1 / (2 * family.dimension() ** 2), family.correlated_projector()))


_NAMED: dict[str, Callable[[], family.Operator]] = {
    "Pi_X": family.good_projector,
    "Pi_Y": family.error_projector,
    "Pi_key": family.correlated_projector,
    "Pi_plus": lambda: family.sign_projector(1),
    "Pi_minus": lambda: family.sign_projector(-1),
    "equal_keys": _diagonal,
}
_PROJECTORS: tuple[Callable[[], family.Operator], ...] = (
    family.good_projector,
    family.error_projector,
    family.correlated_projector,
    lambda: family.sign_projector(1),
    lambda: family.sign_projector(-1),
)


@dataclass(frozen=True, slots=True)
class Algebra:
    """Where the operators of a statement live: that of the family, or that of unequal sectors."""

    operator: Callable[[Any], family.Operator]
    multiply: Callable[[family.Operator, family.Operator], family.Operator]
    trace: Callable[[family.Operator], Any]
    projectors: tuple[family.Operator, ...]
    average: Callable[[], family.Operator]
    turned: Callable[[family.Operator], family.Operator]


def algebra_of(name: Any) -> Algebra:
    """The algebra to which an operator belongs."""
    if any(type(e).__name__ in ("sectors", "sector_keys") for e in sp.preorder_traversal(name)):
        return Algebra(
            sector_operator,
            sectors.multiply,
            sectors.trace,
            tuple(sectors.projectors().values()),
            lambda: sectors.by_letters(sectors.ensemble_average()),
            sectors.turned,
        )
    return Algebra(
        family_operator,
        family.multiply,
        family.trace,
        tuple(make() for make in _PROJECTORS),
        family.ensemble_average,
        family.partial_transpose,
    )


def sector_operator(name: Any) -> family.Operator:
    """The operator with sectors of dimensions m = M^2 and n = N^2 that `name` stands for."""
    kind = type(name).__name__
    if kind in ("sectors", "sector_keys"):
        m, n = sectors.roots()
        if tuple(name.args[:2]) != (m**2, n**2):
            raise UndecidedError(f"the dimensions {name.args[:2]} are not written as M^2 and N^2")
        if kind == "sectors":
            return sectors.by_letters(sectors.state(name.args[2]))
        return family.add((1 / (2 * m**2 * n**2), sectors.projectors()["equal keys"]))
    if kind == "transposed":
        return sectors.turned(sector_operator(name.args[0]))
    if name.is_Add:
        return family.add(*((1, sector_operator(term)) for term in name.args))
    if name.is_Mul:
        numbers, operators = name.args_cnc()
        if len(operators) == 1:
            return family.add((sp.Mul(*numbers), sector_operator(operators[0])))
    raise UndecidedError(f"{name} is no operator of the algebra of sectors")


def has_spectrum(operator: Any, pairs: Any) -> bool:
    """Whether `operator` is sum x_k Pi_k with orthogonal projectors of ranks m_k, for all values of the symbols.

    The projectors are searched among those of the algebra: a spectrum that needs others is not found here. Of the
    states of `algebra.devices` it is decided by the characteristic polynomial.
    """
    if type(operator).__name__ in ("part", "shared", "pinched"):
        return devices.has_spectrum(operator, pairs)
    algebra = algebra_of(operator)
    matrix, known = algebra.operator(operator), list(algebra.projectors)
    chosen: list[family.Operator] = []
    for value, rank in pairs:
        for projector in known:
            if projector in chosen or not vanishes(algebra.trace(projector) - rank):
                continue
            if family.equal(algebra.multiply(matrix, projector), family.add((value, projector))):
                chosen.append(projector)
                break
        else:
            return False
    total = family.add(*((value, projector) for (value, _), projector in zip(pairs, chosen, strict=True)))
    return _orthogonal(algebra, chosen) and family.equal(matrix, total)


def is_partial_isometry(operator: Any, factor: Any, rank: Any) -> bool:
    """Whether A A*/x^2 is a projector of the given rank, for all values of the symbols."""
    matrix = family_operator(operator)
    projector = family.add((factor**-2, family.multiply(matrix, family.adjoint(matrix))))
    return family.equal(family.multiply(projector, projector), projector) and vanishes(family.trace(projector) - rank)


def has_eigenprojectors(operator: Any, triples: Any) -> bool:
    """Whether `operator` is sum x Pi over triples (x, Pi, m), with orthogonal projectors Pi of rank m."""
    matrix = family_operator(operator)
    projectors = [family_operator(projector) for _, projector, _ in triples]
    total = family.add(*((value, one) for (value, _, _), one in zip(triples, projectors, strict=True)))
    ranks = all(vanishes(family.trace(one) - rank) for (_, _, rank), one in zip(triples, projectors, strict=True))
    return ranks and _orthogonal(algebra_of(operator), projectors) and family.equal(matrix, total)


def _orthogonal(algebra: Algebra, projectors: list[family.Operator]) -> bool:
    return all(
        family.equal(algebra.multiply(first, second), first if first is second else {})
        for first in projectors
        for second in projectors
    )


def have_common_spectrum(first: Any, second: Any, triples: Any) -> bool:
    """Whether two operators are sum x Pi and sum y Pi over triples (x, y, m), with orthogonal projectors Pi of rank m.

    The projectors are searched among those of the algebra.
    """
    algebra = algebra_of(first)
    matrices = algebra.operator(first), algebra.operator(second)
    chosen: list[family.Operator] = []
    for *values, rank in triples:
        for projector in algebra.projectors:
            if any(family.equal(projector, one) for one in chosen) or not vanishes(algebra.trace(projector) - rank):
                continue
            if all(
                family.equal(algebra.multiply(matrix, projector), family.add((value, projector)))
                for matrix, value in zip(matrices, values, strict=True)
            ):
                chosen.append(projector)
                break
        else:
            return False
    sums = [family.add(*((t[k], one) for t, one in zip(triples, chosen, strict=True))) for k in (0, 1)]
    return _orthogonal(algebra, chosen) and all(family.equal(m, total) for m, total in zip(matrices, sums, strict=True))


def is_product_average(operator: Any) -> bool:
    """Whether `operator` is the average of the family's product vectors, or of those with Bob's factor conjugate."""
    algebra = algebra_of(operator)
    average, matrix = algebra.average(), algebra.operator(operator)
    conjugate = algebra.turned(average)  # of |y><y| that is the projector on the conjugate of y
    return phases_average_to_zero() and (family.equal(matrix, average) or family.equal(matrix, conjugate))


def phases_average_to_zero() -> bool:
    """Whether three equally spaced phases average e^{is}, e^{2is} and their conjugates to zero."""
    spaced = [sp.exp(2 * sp.pi * sp.I * k / 3) for k in range(3)]
    return all(sp.expand(sum(z**m for z in spaced), complex=True) == 0 for m in (-2, -1, 1, 2))


def is_diagonal_state(operator: Any) -> bool:
    """Whether `operator` is diagonal in the product basis, without a negative entry and with trace 1."""
    algebra = algebra_of(operator)
    matrix = algebra.operator(operator)
    entries = [(row, column, name, value) for (row, column), shield in matrix.items() for name, value in shield.items()]
    diagonal = all(row == column and name in ("1", "P") and value.is_positive for row, column, name, value in entries)
    return diagonal and vanishes(algebra.trace(matrix) - 1)


def has_unimodular_entries(matrix: Any) -> bool:
    """Whether an entry of sqrt d U times its conjugate is 1."""
    if type(matrix).__name__ != "phases" or matrix.args[0] != symbol("r") ** 2:
        raise UndecidedError(f"{matrix} is not the matrix of phases for a dimension that is written as r^2")
    entry = Monomial(symbol("r"), entries=(("i", "j"),))
    return contract(entry * entry.conjugate(), (), family.dimension()) == Monomial(sp.Integer(1))


def has_expectation(operator: Any, x: Any, y: Any, value: Any) -> bool:
    """Whether <x y|operator|x y> is `value`, block by block, for vectors x and y of key and shield.

    With a the part of x and b that of y, letter by letter: <a b|1|a b> = |a|^2 |b|^2; <a b|P|a b> = sum |a_i b_i|^2;
    <a b|V|c e> = sum sqrt d u_ij conj(a_i b_j) c_j e_i, <a b|U|c e> = sum u_ij conj(a_i b_i) c_j e_j.
    """
    parts = {"0": (part0(x), part0(y)), "1": (part1(x), part1(y))}
    matrix = family_operator(operator)
    if not family.equal(matrix, family.adjoint(matrix)):
        raise UndecidedError(f"{operator} is not Hermitian")
    coherent = {
        "V": lambda a, b, c, e: form(phases(family.dimension()), times_bar(a, e), times_bar(c, b)),
        "U": lambda a, b, c, e: form(phases(family.dimension()), times(a, b), times(c, e)) / symbol("r"),
    }
    total = sp.Integer(0)
    for (row, column), shield in matrix.items():
        a, b = parts[row[0]][0], parts[row[1]][1]
        c, e = parts[column[0]][0], parts[column[1]][1]
        for name, coefficient in shield.items():
            if row == column and name == "1":
                total += coefficient * norm(a) ** 2 * norm(b) ** 2
            elif row == column and name == "P":
                total += coefficient * norm(times(a, b)) ** 2
            elif row != column and name.rstrip("*") in coherent:
                # a block and its adjoint contribute the same real part
                places = (c, e, a, b) if name.endswith("*") else (a, b, c, e)
                total += coefficient * coherent[name.rstrip("*")](*places)
            elif not vanishes(coefficient):
                raise UndecidedError(f"{name} between the keys {row} and {column} has no expectation here")
    return vanishes(total - value)


def is_secret_or_known(operator: Any, p: Any) -> bool:
    """Whether keys agree or differ with these weights, and sqrt(rho) M_00 sqrt(rho) = sqrt(rho) M_11 sqrt(rho)."""
    algebra = algebra_of(operator)
    root = _square_root(algebra, algebra.operator(operator))
    measured = {key: {(key, key): {"1": sp.Integer(1)}} for key in family.KEYS}
    eve = {key: algebra.multiply(algebra.multiply(root, one), root) for key, one in measured.items()}
    weights = {"00": (1 - p) / 2, "11": (1 - p) / 2, "01": p / 2, "10": p / 2}
    return family.equal(eve["00"], eve["11"]) and all(
        vanishes(algebra.trace(state) - weights[key]) for key, state in eve.items()
    )


def _square_root(algebra: Algebra, matrix: family.Operator) -> family.Operator:
    """The positive square root, by those projectors of the algebra on which `matrix` is a multiple of the identity."""
    terms, rest = [], matrix
    for projector in algebra.projectors:
        value = sp.factor(algebra.trace(algebra.multiply(rest, projector)) / algebra.trace(projector))
        if not vanishes(value) and family.equal(algebra.multiply(rest, projector), family.add((value, projector))):
            terms.append((sp.sqrt(value), projector))
            rest = family.add((1, rest), (-value, projector))
    if not family.equal(rest, {}) or not _orthogonal(algebra, [projector for _, projector in terms]):
        raise UndecidedError("the projectors of the algebra do not diagonalise the operator")
    return family.add(*terms)


_EFFECTS = {
    "identity": lambda effect: effect,
    "transpose": lambda effect: effect.rename({"j": "l", "l": "j"}),
}
"""Maps of an operator with the indices j (row) and l (column)."""
_STATES = {"identity": _EFFECTS["identity"], "partial_transpose": _EFFECTS["transpose"]}


def _map(table: dict[str, Callable[[Monomial], Monomial]], name: Any) -> Callable[[Monomial], Monomial]:
    if type(name).__name__ not in table:
        raise UndecidedError(f"{name} is no map of operators that is known here")
    return table[type(name).__name__]


def keeps_probabilities(effect: Any, state: Any) -> bool:
    """Whether tr[(A (x) f(B)) g(rho)] = tr[(A (x) B) rho] on matrix units A, B, rho, which span, of any dimensions."""
    one, dimension = sp.Integer(1), symbol("r") ** 2
    alice = Monomial(one, deltas=(("i", "a"), ("k", "a2")))  # |a><a2|, row i, column k
    bob = Monomial(one, deltas=(("j", "b"), ("l", "b2")))  # |b><b2|
    unit = Monomial(one, deltas=(("k", "c"), ("i", "c2"), ("l", "e"), ("j", "e2")))  # |c><c2| (x) |e><e2|, rows k, l
    summed = ("i", "j", "k", "l")
    changed = alice * _map(_EFFECTS, effect)(bob) * _map(_STATES, state)(unit)
    return contract(alice * bob * unit, summed, dimension) == contract(changed, summed, dimension)


def keeps_measurements(effect: Any) -> bool:
    """Whether f takes |b><b2| to a matrix unit with the same diagonal ones, or all of them the other way, and 1 to 1.

    |v><v| has the entries v_b conj(v_b2): taken to themselves, or to the transposed ones, they are those of |v><v| or
    of the projector on the conjugate of v.
    """
    change = _map(_EFFECTS, effect)
    unit = Monomial(sp.Integer(1), deltas=(("j", "b"), ("l", "b2")))
    image = contract(change(unit), (), 1)
    turned = unit.rename({"b": "b2", "b2": "b"})
    same = any(image == contract(one, (), 1) for one in (unit, turned))
    identity = Monomial(sp.Integer(1), deltas=(("j", "l"),))
    return same and contract(change(identity), (), 1) == contract(identity, (), 1)


def has_blocks(operator: Any, pairs: Any, weight: Any, block: Any, count: Any) -> bool:
    """Whether `operator` is sum x Pi + weight (a E_11 + b (E_12 + E_21) + c E_22), for the block (a, b, c).

    The Pi are orthogonal projectors of the algebra, of the ranks m over pairs (x, m), and orthogonal to the E, which
    multiply as matrix units do, E_11 of rank `count`: as many orthogonal pairs of vectors carry weight times the block.
    """
    matrix = sector_operator(operator)
    chosen = []
    for _, rank in pairs:
        for projector in sectors.projectors().values():
            if projector not in chosen and vanishes(sectors.trace(projector) - rank):
                chosen.append(projector)
                break
        else:
            return False
    units = sectors.units()
    total = family.add(
        *((x, one) for (x, _), one in zip(pairs, chosen, strict=True)),
        *((weight * entry, unit) for entry, unit in zip(block, units, strict=True)),
    )
    first, mixed, second = units
    products: tuple[tuple[family.Operator, family.Operator, family.Operator], ...] = (
        (first, first, first),
        (second, second, second),
        (first, second, {}),
        (mixed, mixed, family.add((1, first), (1, second))),
        (family.add((1, first), (-1, second)), mixed, {("01", "10"): mixed["01", "10"], ("10", "01"): {"U*": -1}}),
    )
    return (
        all(family.equal(sectors.multiply(a, b), c) for a, b, c in products)
        and vanishes(sectors.trace(first) - count)
        and _orthogonal(algebra_of(operator), chosen)
        and all(family.equal(sectors.multiply(one, unit), {}) for one in chosen for unit in units)
        and family.equal(matrix, total)
    )
