"""Index calculus for every dimension d at once: products of Kronecker deltas and entries of a complex Hadamard matrix.

A `Monomial` is a coefficient times deltas, entries u(i,j) and conjugate entries of a unitary U with |u(i,j)|^2 = 1/d.
`contract` sums over named indices by four rules, which are all that is known of U and d:

- sum_m delta(m,k) f(m) = f(k),
- u(i,j) conj u(i,j) = 1/d,
- sum_m u(i,m) conj u(k,m) = delta(i,k) = sum_m u(m,i) conj u(m,k),
- sum_m 1 = d.

So an equality of two contracted monomials holds for all d and all such U. Where the dimension is given index by index,
U is the first m rows of a unitary: then |u(i,j)|^2 is 1 over the dimension of j, and of the two orthogonality relations
only that of the rows is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Monomial:
    """coefficient * product of delta(i,k) over `deltas` * product of u(i,j) * product of conj u(i,j)."""

    coefficient: Any
    deltas: Pairs = ()
    entries: Pairs = ()
    conjugates: Pairs = ()

    def __mul__(self, other: Monomial) -> Monomial:
        return Monomial(
            self.coefficient * other.coefficient,
            self.deltas + other.deltas,
            self.entries + other.entries,
            self.conjugates + other.conjugates,
        )

    def conjugate(self) -> Monomial:
        """Return the complex conjugate, for a real coefficient."""
        return replace(self, entries=self.conjugates, conjugates=self.entries)

    def rename(self, names: Mapping[str, str]) -> Monomial:
        """Give the indices other names, all at once."""

        def renamed(pairs: Pairs) -> Pairs:
            return tuple((names.get(i, i), names.get(j, j)) for i, j in pairs)

        return Monomial(self.coefficient, renamed(self.deltas), renamed(self.entries), renamed(self.conjugates))

    def same_indices(self, other: Monomial) -> bool:
        """Whether two contracted monomials differ at most in the coefficient."""
        return (self.deltas, self.entries, self.conjugates) == (other.deltas, other.entries, other.conjugates)


def contract(monomial: Monomial, summed: Iterable[str], dimension: Any) -> Monomial:
    """Sum over the indices `summed`, each from 1 to its dimension, and bring the rest to normal form.

    `dimension` is d, or a mapping from the names of all indices to theirs.

    Equal functions of the free indices that these rules can recognise get equal normal forms: each class of indices
    that the deltas make equal is named after its least member.

    Raises
    ------
    ValueError
        An index is left in a sum that the rules do not resolve.
    """
    dummies = set(summed)
    state = _merge(monomial, dummies)
    while True:
        state, paired = _unimodular(state, dimension)
        reduced = _orthogonal(state, dummies, (1,) if isinstance(dimension, Mapping) else (0, 1))
        if reduced is None and not paired:
            break
        if reduced is not None:
            state = _merge(reduced, dummies)
    for index in sorted(dummies):
        if any(index in pair for pair in state.entries + state.conjugates):
            raise ValueError(f"no rule resolves the sum over {index} in {state}")
        state = replace(state, coefficient=state.coefficient * _of(dimension, index))
    return replace(state, entries=tuple(sorted(state.entries)), conjugates=tuple(sorted(state.conjugates)))


def _merge(monomial: Monomial, dummies: set[str]) -> Monomial:
    """Resolve the deltas: eliminate summed indices equal to another index, name each class after its least free one.

    Eliminated indices leave `dummies`.
    """
    classes: list[set[str]] = []
    for pair in monomial.deltas:
        touched = [c for c in classes if c & set(pair)]
        classes = [c for c in classes if not c & set(pair)] + [set(pair).union(*touched)]
    names: dict[str, str] = {}
    deltas: list[tuple[str, str]] = []
    for members in classes:
        free = sorted(members - dummies)
        head = free[0] if free else min(members)
        names.update(dict.fromkeys(members, head))
        deltas += [(head, other) for other in free[1:]]
        dummies -= members - {head}
    merged = monomial.rename(names)
    return replace(merged, deltas=tuple(sorted(deltas)))


def _unimodular(monomial: Monomial, dimension: Any) -> tuple[Monomial, bool]:
    entries, conjugates = list(monomial.entries), list(monomial.conjugates)
    coefficient = monomial.coefficient
    common = [pair for pair in entries if pair in conjugates]
    for pair in common:
        if pair in conjugates:
            entries.remove(pair)
            conjugates.remove(pair)
            coefficient = coefficient / _of(dimension, pair[1])
    return Monomial(coefficient, monomial.deltas, tuple(entries), tuple(conjugates)), bool(common)


def _of(dimension: Any, index: str) -> Any:
    return dimension[index] if isinstance(dimension, Mapping) else dimension


def _orthogonal(monomial: Monomial, dummies: set[str], sides: Iterable[int]) -> Monomial | None:
    """Apply orthogonality once, to a summed index that stands in one entry and one conjugate and nowhere else.

    The index is the row (side 0) or the column (side 1) of both.
    """
    everywhere = [i for pair in monomial.deltas + monomial.entries + monomial.conjugates for i in pair]
    for index in sorted(dummies):
        if everywhere.count(index) != 2:
            continue
        for side in sides:
            left = [pair for pair in monomial.entries if pair[side] == index]
            right = [pair for pair in monomial.conjugates if pair[side] == index]
            if left and right:
                dummies.discard(index)
                return Monomial(
                    monomial.coefficient,
                    (*monomial.deltas, (left[0][1 - side], right[0][1 - side])),
                    tuple(pair for pair in monomial.entries if pair != left[0]),
                    tuple(pair for pair in monomial.conjugates if pair != right[0]),
                )
    return None
