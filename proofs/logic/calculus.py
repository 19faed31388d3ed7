"""Linear inequalities between the entropies of parts of a state, from basic ones and from what is given.

`entropic` proves S(AC) + S(BC) >= S(C) + S(ABC) and whatever follows linearly from such inequalities, from classical
systems, and from facts such as I(A:B|C) = 0. The multipliers are found in floating point and rounded to rationals; that
the multiples add up to what is claimed is then decided exactly by `kernel.linear`, and each basic inequality is an
instance of a theorem of `theorems.information`, whose hypothesis says which systems the state has.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Any, TypeAlias

import sympy as sp

from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.kernel import Fact, StepFailedError, Theorem
from keybounds.proofs.logic.propositions import Proposition, Relation
from keybounds.proofs.logic.terms import expanded
from keybounds.proofs.notions import S
from keybounds.proofs.notions_attacks import entropy_of, has_parts, part
from keybounds.proofs.theorems import information

Form: TypeAlias = dict[Any, Fraction]  # linear in its keys: entropies, or terms that are left as they are
Group: TypeAlias = tuple[Any, ...]  # systems that occur together everywhere

_GROUPS = 7  # of one state: the basic inequalities are about n^2 2^n many
_DENOMINATOR = 720  # of multipliers: vertices of these programs have small ones


def entropic(
    words: str,
    relation: Relation,
    states: Sequence[Fact],
    given: Sequence[Fact] = (),
    under: Iterable[Proposition] = (),
) -> Fact:
    """`relation`, linear in entropies, from the basic inequalities of `states` and from `given` relations.

    `states` are facts of `has_parts`. An equation is proved as two inequalities.

    Raises
    ------
    StepFailedError
        It is no such relation, or no combination of the basic inequalities and of what is given is it.
    """
    if relation.relation == "=":
        if relation.left == relation.right:
            raise StepFailedError(words, "both sides are the same expression: nothing is shown")
        kinds = (Relation(relation.left, kind, relation.right) for kind in ("<=", ">="))
        return kernel.both_ways(words, *(entropic(words, one, states, given, under) for one in kinds))
    if relation.relation not in ("<=", ">="):
        raise StepFailedError(words, "entropies are compared by =, <= and >=")
    up = relation.relation == ">="
    target = _form(words, relation, up=up)
    # of each relation its form, whether that is 0 rather than >= 0, and how to make the fact
    rows: list[tuple[Form, bool, Any]] = [
        (_form(words, fact.relation, up=None), fact.relation.relation == "=", fact) for fact in given
    ]
    forms = [target, *(form for form, *_ in rows)]
    for state in states:
        rows += [(form, False, (make, state)) for form, make in _basic(words, state, forms)]
    multipliers = _multipliers(target, [form for form, *_ in rows], [free for _, free, _ in rows])
    if multipliers is None:
        raise StepFailedError(words, "it is no combination of basic inequalities and of what is given")
    terms = []
    for multiplier, (_, free, made) in zip(multipliers, rows, strict=True):
        if multiplier:
            fact = made if isinstance(made, Fact) else _instance(*made)
            # `linear` turns inequalities to point as the relation does; an equation keeps its sign
            factor = multiplier if up or not free else -multiplier
            terms.append((sp.Rational(factor.numerator, factor.denominator), fact))
    return kernel.linear(words, relation, terms, under)


def _instance(make: Callable[[], Theorem], state: Fact) -> Fact:
    theorem = make()
    return kernel.by_theorem(theorem.words.rstrip("."), theorem, {information.tau: state.arguments[0]}, state)


def _form(words: str, relation: Relation, *, up: bool | None) -> Form:
    """Left - right as a linear form that is >= 0 (or 0); `up` turns it, None by its own relation."""
    if relation.relation not in ("=", "<=", ">="):
        raise StepFailedError(words, f"{relation} is strict: entropies are compared by =, <= and >=")
    sign = -1 if (relation.relation == "<=" if up is None else not up) else 1
    form: Form = {}
    for term in sp.Add.make_args(sp.expand(expanded(relation.left) - expanded(relation.right))):
        coefficient, rest = term.as_coeff_Mul()
        if not coefficient.is_Rational:
            raise StepFailedError(words, f"{coefficient} is no rational factor")
        if coefficient:
            form[rest] = form.get(rest, Fraction(0)) + sign * Fraction(int(coefficient.p), int(coefficient.q))
    return form


def _basic(words: str, state: Fact, forms: Iterable[Form]) -> Iterator[tuple[Form, Callable[[], Theorem]]]:
    """The basic inequalities among the systems of one state that occur in `forms`, and the theorem of each."""
    if getattr(state.proposition, "definition", None) != has_parts:
        raise StepFailedError(words, "of a state it is to be known which systems it has")
    name, quantum, classical = state.arguments
    if len(set(quantum) | set(classical)) < len(quantum) + len(classical):
        raise StepFailedError(words, f"the systems of {name} are not distinct")
    occurring = {frozenset(atom.args[0].args[1:]) for form in forms for atom in form if _is_entropy(atom, name)}
    known = frozenset(quantum) | frozenset(classical)
    if not all(one <= known for one in occurring):
        raise StepFailedError(words, f"a system is none of {name}")
    groups = _groups(occurring, frozenset(classical))
    if len(groups) > _GROUPS:
        raise StepFailedError(words, f"more than {_GROUPS} systems of {name} are told apart")

    @cache
    def entropy(systems: frozenset[Any]) -> Any:
        return entropy_of(name, *systems)

    for theorem, parts, signs in _inequalities(groups):
        form: Form = {}
        for sign, systems in signs:
            if systems:
                atom = entropy(frozenset(systems))
                form[atom] = form.get(atom, Fraction(0)) + sign
        yield form, partial(theorem, tuple(quantum), tuple(classical), *parts)


def _is_entropy(atom: Any, name: Any) -> bool:
    return isinstance(atom, S) and isinstance(atom.args[0], part) and atom.args[0].args[0] == name  # type: ignore[arg-type]


def _groups(occurring: set[frozenset[Any]], classical: frozenset[Any]) -> list[tuple[Group, bool]]:
    """Systems by where they occur, and whether all that occur together are classical."""
    ordered = sorted(occurring, key=lambda one: sorted(map(str, one)))
    found: dict[tuple[bool, ...], list[Any]] = {}
    for system in sorted(frozenset[Any]().union(*ordered), key=str):
        found.setdefault(tuple(system in one for one in ordered), []).append(system)
    return [(tuple(together), classical.issuperset(together)) for together in found.values()]


_Terms: TypeAlias = list[tuple[int, Group]]


def _inequalities(
    groups: Sequence[tuple[Group, bool]],
) -> Iterator[tuple[Callable[..., Theorem], tuple[Group, ...], _Terms]]:
    """Theorems from which every other one of these kinds among the groups follows, their parts, and what they say.

    That the entropies with their signs are what the theorem says is left to the kernel: a slip here fails there.
    """
    every = [group for group, _ in groups]

    def joined(chosen: Iterable[Group]) -> Group:
        return tuple(itertools.chain.from_iterable(chosen))

    def subsets(of: Sequence[Group]) -> Iterator[list[Group]]:
        for bits in itertools.product((False, True), repeat=len(of)):
            yield list(itertools.compress(of, bits))

    for a, b in itertools.combinations(every, 2):
        for given in map(joined, subsets([one for one in every if one not in (a, b)])):
            signs = [(1, a + given), (1, b + given), (-1, given), (-1, a + b + given)]
            yield information.strong_subadditivity, (a, b, given), signs
    for a in every:
        others = [one for one in every if one != a]
        for first in subsets(others):
            second = [one for one in others if one not in first]
            if (len(first), str(first)) <= (len(second), str(second)):
                b, c = joined(first), joined(second)
                yield information.weak_monotonicity, (a, b, c), [(1, a + b), (1, a + c), (-1, b), (-1, c)]
    numbers = [group for group, is_classical in groups if is_classical]
    for a in numbers:
        rest = joined(one for one in every if one != a)
        yield information.classical_given, (a, rest), [(1, a + rest), (-1, rest)]
    for chosen in map(joined, subsets(numbers)):
        for rest in map(joined, subsets([one for one in every if one not in numbers])):
            if chosen and rest:
                yield information.given_classical, (chosen, rest), [(1, chosen + rest), (-1, chosen)]


def _multipliers(target: Form, forms: Sequence[Form], free: Sequence[bool]) -> list[Fraction] | None:
    """Rationals m_k with sum m_k form_k = target, m_k >= 0 unless free; None if none are found."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csc_matrix, hstack

    atoms = {atom: k for k, atom in enumerate(sorted({a for form in (target, *forms) for a in form}, key=str))}
    if not forms:
        return [] if not target else None
    entries = [(atoms[a], k, float(c)) for k, form in enumerate(forms) for a, c in form.items()]
    rows, columns, values = zip(*entries, strict=True)
    matrix = csc_matrix((values, (rows, columns)), shape=(len(atoms), len(forms)))
    negative = [k for k, one in enumerate(free) if one]
    right = np.zeros(len(atoms))
    for atom, coefficient in target.items():
        right[atoms[atom]] = float(coefficient)
    whole: Any = hstack([matrix, -matrix[:, negative]])
    found: Any = linprog(np.ones(whole.shape[1]), A_eq=whole, b_eq=right, method="highs-ds")
    if not found.success:
        return None
    exact = [Fraction(x).limit_denominator(_DENOMINATOR) for x in found.x]
    multipliers = exact[: len(forms)]
    for k, back in zip(negative, exact[len(forms) :], strict=True):
        multipliers[k] -= back
    return multipliers if _sum(zip(multipliers, forms, strict=True)) == {a: c for a, c in target.items() if c} else None


def _sum(terms: Iterable[tuple[Fraction, Mapping[Any, Fraction]]]) -> Form:
    total: Form = {}
    for multiplier, form in terms:
        for atom, coefficient in form.items() if multiplier else ():
            total[atom] = total.get(atom, Fraction(0)) + multiplier * coefficient
    return {atom: c for atom, c in total.items() if c}
