"""Relative entropy of entanglement: separable states, divergences of commuting states, witnesses, ceilings on key."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import Equivalence, at_least, at_most, equal, greater
from keybounds.proofs.logic.terms import log2, real, symbol, thing
from keybounds.proofs.notions import D, E_r, K, Tr, is_positive, is_ppt, is_separable, is_state, transposed
from keybounds.proofs.notions_private import (
    bounds_products,
    form,
    has_blocks,
    has_eigenprojectors,
    has_expectation,
    has_unimodular_entries,
    have_common_spectrum,
    is_diagonal_state,
    is_product_average,
    norm,
    one_norm,
    times,
    times_bar,
)
from keybounds.proofs.notions_private import expectation as expectation_of

A, B, tau = thing("A"), thing("B"), thing("tau")
a, b, c, x, y = thing("a"), thing("b"), thing("c"), thing("x"), thing("y")
value, weight = real("v"), real("w")

PRODUCTS_SEPARABLE = Theorem(
    name="averages of product states",
    source="werner1989",
    words="An average of product states is separable.",
    hypotheses=(is_product_average(A),),
    conclusion=is_separable(A),
)
DIAGONAL_SEPARABLE = Theorem(
    name="diagonal states",
    source="werner1989",
    words="A state that is diagonal in a product basis is separable.",
    hypotheses=(is_diagonal_state(A),),
    conclusion=is_separable(A),
)
MIXTURE = Theorem(
    name="mixtures of separable states",
    source="werner1989",
    words="Separable states form a convex set.",
    hypotheses=(is_separable(A), is_separable(B), at_least(weight, 0), at_most(weight, 1)),
    conclusion=is_separable(weight * A + (1 - weight) * B),
)
CEILING = Theorem(
    name="relative entropy of entanglement as a ceiling",
    source="horodecki2005; horodecki2009",
    words="The key is at most the relative entropy of entanglement.",
    hypotheses=(is_state(A),),
    conclusion=at_most(K(A), E_r(A)),
)

TRANSPOSED_STATE = Theorem(
    name="partial transpose of a PPT state",
    source="horodecki1996",
    words="Partial transposition keeps the trace; of a PPT state it is positive, and so a state.",
    hypotheses=(is_state(A), is_ppt(A)),
    conclusion=is_state(transposed(A)),
)


def _pair(k: int) -> tuple[Any, Any, Any]:
    return real(f"x_{k}"), real(f"y_{k}"), symbol(f"m_{k}")


@cache
def divergence(n: int, zeros: int = 0) -> Theorem:
    """D(A || B) = sum m x log(x/y) over n common eigenvalues, the last `zeros` of which are 0 in A."""
    places = [_pair(k) for k in range(1, n + 1)]
    kept, void = places[: n - zeros], places[n - zeros :]
    return Theorem(
        name=f"divergence of states that commute, {n} eigenvalues" + (f", {zeros} of them 0" if zeros else ""),
        source="nielsen2010, Section 11.3.1",
        words="On common eigenprojectors the relative entropy is sum m x log(x/y), where 0 log 0 = 0.",
        hypotheses=(
            have_common_spectrum(A, B, sp.Tuple(*(sp.Tuple(*place) for place in places))),
            *(greater(x, 0) for x, _, _ in kept),
            *(equal(x, 0) for x, _, _ in void),
            *(greater(y, 0) for _, y, _ in places),
        ),
        conclusion=equal(D(A, B), sp.Add(*(m * x * log2(x / y) for x, y, m in kept))),
    )


def divergence_values(first: Any, second: Any, triples: Any) -> dict[Any, Any]:
    """The values of the symbols of `divergence`."""
    found = {A: first, B: second}
    for k, triple in enumerate(triples, start=1):
        found.update(zip(_pair(k), triple, strict=True))
    return found


def _projector(k: int) -> tuple[Any, Any, Any, Any]:
    return real(f"x_{k}"), thing(f"Pi_{k}"), symbol(f"m_{k}"), symbol(f"f_{k}")


@cache
def witness(n: int) -> Theorem:
    """D(A || tau) >= sum m x log f, if sum f Tr Pi tau <= 1."""
    places = [_projector(k) for k in range(1, n + 1)]
    return Theorem(
        name=f"witness of a relative entropy, {n} projectors",
        source="berta2017, Lemma 1",
        words="Measuring does not increase the relative entropy, which then is at least Tr A log W + 1 - Tr tau W for "
        "every W > 0: here W = sum f Pi + epsilon (1 - sum Pi), epsilon to 0.",
        hypotheses=(
            has_eigenprojectors(A, sp.Tuple(*(sp.Tuple(x, Pi, m) for x, Pi, m, _ in places))),
            is_state(A),
            is_separable(tau),
            at_most(sp.Add(*(f * Tr(Pi * tau) for _, Pi, _, f in places)), 1),
        ),
        conclusion=at_least(D(A, tau), sp.Add(*(m * x * log2(f) for x, _, m, f in places))),
    )


def witness_values(operator: Any, triples: Any, factors: Any) -> dict[Any, Any]:
    """The values of the symbols of `witness`; tau stays."""
    found = {A: operator, tau: tau}
    for k, (triple, factor) in enumerate(zip(triples, factors, strict=True), start=1):
        found.update(zip(_projector(k), (*triple, factor), strict=True))
    return found


ON_PRODUCTS = Theorem(
    name="expectations of separable states",
    source="werner1989; horodecki1996",
    words="A separable state is a mixture of products of pure states, so no expectation exceeds the greatest on them.",
    hypotheses=(bounds_products(value, A), is_separable(tau)),
    conclusion=at_most(Tr(A * tau), value),
)
EXPECTATION = Theorem(
    name="expectation on a product vector",
    source="nielsen2010, Section 2.2.5",
    words="The expectation is the sum over the blocks.",
    hypotheses=(has_expectation(A, x, y, value),),
    conclusion=equal(expectation_of(A, x, y), value),
)
CAUCHY = {
    product: Theorem(
        name="Cauchy-Schwarz inequality",
        source="bhatia1997, Chapter I",
        words="The sum of |a_i||b_i| is at most the product of the norms.",
        hypotheses=(),
        conclusion=at_most(one_norm(product(a, b)), norm(a) * norm(b)),
    )
    for product in (times, times_bar)
}
NORMS = Theorem(
    name="two norms",
    source="bhatia1997, Chapter IV",
    words="The Euclidean norm is at most the sum of the moduli.",
    hypotheses=(),
    conclusion=at_most(norm(a), one_norm(a)),
)
TRIANGLE = Theorem(
    name="triangle inequality",
    source="bhatia1997, Chapter I",
    words="A sum is at most the sum of the moduli, which for |c_ij| = 1 is a product.",
    hypotheses=(has_unimodular_entries(c),),
    conclusion=at_most(form(c, a, b), one_norm(a) * one_norm(b)),
)


# --------------------------------------------------------------------------------------------------- states with blocks

_x1, _x2, _m1, _m2, _weight, _count = (real(s) for s in ("x_1", "x_2", "n_1", "n_2", "u", "n"))
_a, _b, _c = (real(s) for s in ("a_11", "a_12", "a_22"))
_e, _f, _g = (real(s) for s in ("b_11", "b_12", "b_22"))
_high, _low, _top, _bottom = (real(s) for s in ("lambda_1", "lambda_2", "mu_1", "mu_2"))
_PAIRS = sp.Tuple(sp.Tuple(_x1, _m1), sp.Tuple(_x2, _m2))
_FIRST, _SECOND = sp.Tuple(_a, _b, _c), sp.Tuple(_e, _f, _g)


def block_values(shown: Any, other: Any = None, eigenvalues: Any = ()) -> dict[Any, Any]:
    """The values of the symbols of the theorems on blocks, from the arguments of `has_blocks`."""
    operator, pairs, weight_, block, count = shown
    places = (A, _x1, _m1, _x2, _m2, _weight, _count, _a, _b, _c)
    found = dict(zip(places, (operator, *pairs[0], *pairs[1], weight_, count, *block), strict=True))
    if other is not None:
        found |= dict(zip((B, _e, _f, _g), (other[0], *other[3]), strict=True))
        found |= dict(zip((_high, _low, _top, _bottom), eigenvalues, strict=True))
    return found


BLOCKS_POSITIVE = Theorem(
    name="positivity of blocks",
    source="nielsen2010, Section 2.1.5; bhatia1997, Chapter I",
    words="With positive eigenvalues else, it is positive if and only if the determinant of the block, of positive "
    "diagonal, is not negative.",
    hypotheses=(
        has_blocks(A, _PAIRS, _weight, _FIRST, _count),
        *(greater(one, 0) for one in (_x1, _x2, _weight, _a, _c, _count)),
    ),
    conclusion=Equivalence(is_positive(A), at_least(_a * _c - _b**2, 0)),
)


@cache
def block_divergence(zeros: int = 0) -> Theorem:
    """D(A || B) = u n D(X || Y) for u times the blocks X, Y, of eigenvalues lambda and mu; `zeros` of them 0 in X."""
    trace, overlap = _a + _c, _a * _e + 2 * _b * _f + _c * _g
    share = (overlap - _bottom * trace) / (_top - _bottom)  # of Tr X on the eigenvector of mu_1
    own = _high * log2(_high) + (0 if zeros else _low * log2(_low))
    return Theorem(
        name="divergence of states with blocks" + (", one eigenvalue 0" if zeros else ""),
        source="nielsen2010, Section 11.3.1",
        words="Where the states agree there is no divergence; the blocks X, Y contribute Tr X (log X - log Y), for Y "
        "with two eigenvalues, log Y being the line through the logarithms of these.",
        hypotheses=(
            has_blocks(A, _PAIRS, _weight, _FIRST, _count),
            has_blocks(B, _PAIRS, _weight, _SECOND, _count),
            greater(_x1, 0),
            greater(_x2, 0),
            greater(_weight, 0),
            equal(_high + _low, trace),
            equal(_high * _low, _a * _c - _b**2),
            greater(trace, 0),
            (equal if zeros else greater)(_a * _c - _b**2, 0),
            equal(_top + _bottom, _e + _g),
            equal(_top * _bottom, _e * _g - _f**2),
            greater(_top, _bottom),
            greater(_e, 0),
            greater(_e * _g - _f**2, 0),
        ),
        conclusion=equal(D(A, B), _weight * _count * (own - share * log2(_top) - (trace - share) * log2(_bottom))),
    )
