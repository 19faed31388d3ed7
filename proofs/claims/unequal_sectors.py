"""Private states with unequal sectors C^m + C^n: PPT range, branches, and p m D(A_r || A_1) as a ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense_sectors
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.er_ceiling import HALF, below_separable
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import (
    Equivalence,
    at_least,
    at_most,
    equal,
    greater,
    less,
    relation_of,
)
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, log2, real, symbol
from keybounds.proofs.notions import K_DI, D, E_r, K, has_spectrum, is_ppt, is_separable, is_state, transposed
from keybounds.proofs.notions_private import (
    D_blocks,
    K_bits,
    has_blocks,
    have_common_spectrum,
    is_diagonal_state,
    is_product_average,
    is_secret_or_known,
    sector_keys,
    sectors,
)
from keybounds.proofs.theorems import entanglement, keys, operators

m, n, levels, p = integer("m"), integer("n"), integer("l"), symbol("p")
M, N, t = symbol("M"), symbol("N"), real("t")
EDGE = 1 / (sp.sqrt(m) + 1)


def eigenvalues(first: Any, second: Any, r: Any) -> tuple[Any, Any]:
    """Eigenvalues of the block A_r for sectors of these dimensions, the greater first."""
    root = sp.sqrt((second - first) ** 2 + 4 * second * r**2)
    return tuple((first + second + sign * root) / (4 * first * second) for sign in (1, -1))


def block(first: Any, second: Any, r: Any) -> Any:
    """A_r: its upper diagonal entry, the one off the diagonal, the lower."""
    return sp.Tuple(1 / (2 * first), r / (2 * first * sp.sqrt(second)), 1 / (2 * second))


def _divergence(first: Any, second: Any, r: Any, *, zero: bool = False) -> Any:
    """D(A_r || A_1), in eigenvalues and Tr A_r A_1; the second of A_r is left out if it is `zero`."""
    (high, low), (top, bottom) = eigenvalues(first, second, r), eigenvalues(first, second, sp.Integer(1))
    a, b, c = block(first, second, r)
    e, f, g = block(first, second, sp.Integer(1))
    trace = a + c
    share = (a * e + 2 * b * f + c * g - bottom * trace) / (top - bottom)
    own = high * log2(high) + (0 if zero else low * log2(low))
    return own - share * log2(top) - (trace - share) * log2(bottom)


DIVERGENCE = k.Meaning("D(A_r || A_1)", D_blocks(m, n, t), _divergence(m, n, t))


def sigma(first: Any, second: Any, error: Any) -> Any:
    """Return the separable state, 2p of the partial transpose at 1/2 and 1-2p of equal keys."""
    return 2 * error * transposed(sectors(first, second, HALF)) + (1 - 2 * error) * sector_keys(first, second)


def state() -> Statement:
    """Return the statement, for 2 <= m <= n, U the first m rows of a complex Hadamard matrix over sqrt n."""
    operator = sectors(m, n, p)
    value = p * m * D_blocks(m, n, (1 - p) / p)
    at_edge = p * m * _divergence(m, n, sp.sqrt(m), zero=True)
    inside, edge = (greater(p, EDGE), at_most(p, HALF)), (equal(p, EDGE),)
    return Statement(
        parameters=(
            Parameter(m, "dimension of the smaller sector"),
            Parameter(n, "dimension of the larger sector"),
            Parameter(p, "weight of the key's errors"),
        ),
        hypotheses=(at_least(m, 2), at_least(n, m), greater(p, 0), less(p, 1)),
        clauses=(
            Clause("state", is_state(operator)),
            Clause("edge", Equivalence(is_ppt(operator), at_least(p, EDGE))),
            Clause("branches", is_secret_or_known(operator, p)),
            Clause("key", at_least(K(operator), K_bits(p))),
            Clause("trusted ceiling", at_most(K(operator), 1 - h(p))),
            Clause("separable", is_separable(sigma(m, n, p)), (at_most(p, HALF),)),
            Clause("divergence", equal(D(transposed(operator), sigma(m, n, p)), value), inside),
            Clause("ceiling", at_most(E_r(transposed(operator)), value), inside),
            Clause("device-independent key", at_most(K_DI(operator), value), inside),
            Clause("ceiling at the edge", at_most(E_r(transposed(operator)), at_edge), edge),
            Clause("device-independent key at the edge", at_most(K_DI(operator), at_edge), edge),
        ),
        meanings=(DIVERGENCE,),
    )


def divergence_of(statement: Statement) -> k.Meaning:
    """The definition of D(A_r || A_1) in the statement."""
    (meaning,) = statement.meanings
    if not isinstance(meaning, k.Meaning):
        raise k.StepFailedError("D(A_r || A_1)", "it is not defined by a formula")
    return meaning


IN_ROOTS = {M: sp.sqrt(m), N: sp.sqrt(n)}


def in_dimensions(words: str, predicate: Any) -> k.Fact:
    """A predicate about these states, decided for m = M^2 and n = N^2, in terms of m and n, where m <= n."""
    return k.instantiated(k.decided(words, predicate, [at_least(n, m)]), IN_ROOTS)


def derive(goal: Goal) -> None:
    """Spectrum and branches; the partial transpose by its blocks; separable states on either side."""
    proper = _state(goal)
    _keys(goal, proper)
    _edge(goal)
    _ceilings(goal, proper)


def _state(goal: Goal) -> k.Fact:
    pairs = (((1 - p) / (M * N) ** 2, (M * N) ** 2), (p / (2 * M**2), M**2), (p / (2 * N**2), N**2))
    operator = sectors(m, n, p)
    whole = in_dimensions(
        "(1-p)/mn on mn vectors, p/2m on m and p/2n on n others",
        has_spectrum(sectors(M**2, N**2, p), sp.Tuple(*(sp.Tuple(*one) for one in pairs))),
    )
    known = operators.values(whole.arguments[1])
    signs = [k.inequality("an eigenvalue is positive", greater(x, 0), goal.hypotheses) for x, _ in whole.arguments[1]]
    both = k.by_theorem(
        "it is positive if and only if the last eigenvalue is not negative",
        operators.positivity(3),
        {operators.A: operator, **known},
        whole,
        *signs[:2],
    )
    last = whole.arguments[1][2][0]
    positive = k.replaced("it is positive", k.weakened("not negative", signs[2], at_least(last, 0)), both)
    trace = k.by_theorem("the trace is the sum", operators.trace(3), {operators.A: operator, **known}, whole)
    one = k.restated("the trace is 1", trace, 1, goal.hypotheses)
    proper = k.by_theorem("it is a state", operators.STATE, {operators.A: operator}, positive, one)
    goal.conclude("state", proper)
    return proper


def _keys(goal: Goal, proper: k.Fact) -> None:
    operator, error = goal["branches"].predicate.arguments
    branches = in_dimensions(
        "given equal keys Eve's state is one and the same for both values; keys differ with probability p",
        is_secret_or_known(operator.subs({m: M**2, n: N**2}), error),
    )
    goal.conclude("branches", branches)
    measured = k.by_theorem(
        "the key is at least that of the measured bits",
        keys.MEASURED,
        {keys.A: operator, keys.p: error},
        proper,
        branches,
    )
    goal.conclude("key", k.linear("against z", goal["key"].relation, [(1, measured)], goal.hypotheses))

    half = sectors(m, n, HALF)
    separable = _average("the state at p = 1/2 is an average of product vectors", half)
    triples = (
        ((1 - p) / (M * N) ** 2, HALF / (M * N) ** 2, (M * N) ** 2),
        (p / (2 * M**2), HALF / (2 * M**2), M**2),
        (p / (2 * N**2), HALF / (2 * N**2), N**2),
    )
    common = in_dimensions(
        "it has the same eigenprojectors whatever p is",
        have_common_spectrum(
            sectors(M**2, N**2, p), sectors(M**2, N**2, HALF), sp.Tuple(*(sp.Tuple(*one) for one in triples))
        ),
    )
    name = "trusted ceiling"
    first, second, triples = common.arguments
    signs = [k.inequality("an eigenvalue is positive", greater(v, 0), goal.given(name)) for x, y, _ in triples
             for v in (x, y)]  # fmt: skip
    found = k.by_theorem(
        "the relative entropy of commuting states",
        entanglement.divergence(3),
        entanglement.divergence_values(first, second, triples),
        common,
        *signs,
    )
    below = below_separable("E_r is at most that of a separable state", operator, separable, half)
    key = k.by_theorem("E_r bounds the key", entanglement.CEILING, {entanglement.A: operator}, proper)
    goal.conclude(name, k.linear(name, goal[name].relation, [(1, key), (1, below), (1, found)], goal.given(name)))


def _average(words: str, operator: Any) -> k.Fact:
    shown = in_dimensions(words, is_product_average(operator.subs({m: M**2, n: N**2})))
    return k.by_theorem(words, entanglement.PRODUCTS_SEPARABLE, {entanglement.A: operator}, shown)


def _blocks(words: str, operator: Any, error: Any, r: Any) -> k.Fact:
    pairs = (((1 - error) / (2 * (M * N) ** 2), 2 * (M * N) ** 2), (error / (2 * N**2), N**2 - M**2))
    return in_dimensions(
        words,
        has_blocks(operator, sp.Tuple(*(sp.Tuple(*one) for one in pairs)), error, block(M**2, N**2, r), M**2),
    )


def _edge(goal: Goal) -> None:
    name = "edge"
    given = goal.given(name)
    operator = sectors(m, n, p)
    flipped = _blocks(
        "the partial transpose has p A_r on m pairs |0i,1i>, sum_j conj(u_ij)|1j,0j>, and is positive else",
        transposed(sectors(M**2, N**2, p)),
        p,
        (1 - p) / p,
    )
    values = entanglement.block_values(flipped.arguments)
    (x1, _), (x2, _) = flipped.arguments[1]
    a, b, c = flipped.arguments[3]
    signs = [k.inequality("a number is positive", greater(one, 0), given) for one in (x1, x2, p, a, c, m)]
    decides = k.by_theorem(
        "positive if and only if the determinant is not negative", entanglement.BLOCKS_POSITIVE, values, flipped, *signs
    )
    edge = relation_of(goal[name].equivalence.right).right
    determinant = a * c - b**2
    ratio = (1 - p) / p
    multiple = (sp.sqrt(m) + ratio) * (sp.sqrt(m) + 1) / (4 * m**2 * n * p)
    factored = k.identity(
        "the determinant is a positive multiple of p - 1/(sqrt m + 1)", determinant, multiple * (p - edge), given
    )
    above = k.linear(
        "so it is not negative from there on",
        at_least(determinant, 0),
        [(1, factored), (multiple, k.assume(at_least(p, edge)))],
        given,
    )
    below = k.linear(
        "and negative below",
        less(determinant, 0),
        [(1, factored), (multiple, k.assume(less(p, edge)))],
        given,
    )
    ppt = k.by_definition(operators.PPT, {operators.A: operator})
    forward = k.replaced("above the edge it is PPT", k.replaced("positive", above, decides), ppt)
    seen = k.contraposed("where the determinant is not negative, p is not below", below, less(p, edge))
    from_ppt = k.replaced(
        "a PPT one has no negative determinant",
        k.replaced("its partial transpose is positive", k.assume(is_ppt(operator)), ppt),
        decides,
    )
    goal.conclude(name, k.equivalent("PPT from the edge on", k.cut(seen, from_ppt), forward))


def _ceilings(goal: Goal, proper: k.Fact) -> None:
    name = "separable"
    given = goal.given(name)
    average = _average(
        "at p = 1/2 the partial transpose is an average of product vectors", transposed(sectors(m, n, HALF))
    )
    diagonal = k.by_theorem(
        "equal keys are a diagonal state",
        entanglement.DIAGONAL_SEPARABLE,
        {entanglement.A: sector_keys(m, n)},
        in_dimensions("equal keys are a diagonal state", is_diagonal_state(sector_keys(M**2, N**2))),
    )
    separable = k.by_theorem(
        "their mixture is separable",
        entanglement.MIXTURE,
        {
            entanglement.A: transposed(sectors(m, n, HALF)),
            entanglement.B: sector_keys(m, n),
            entanglement.weight: 2 * p,
        },
        average,
        diagonal,
        k.inequality("a weight is not negative", at_least(2 * p, 0), given),
        k.inequality("nor more than 1", at_most(2 * p, 1), given),
    )
    goal.conclude(name, separable)
    _above(goal, proper, separable)
    _at_edge(goal, proper, separable)


def _eigenvalue_facts(first: Any, second: Any, r: Any, under: Any) -> list[k.Fact]:
    """Sum and product of the eigenvalues of A_r are its trace and its determinant."""
    high, low = eigenvalues(first, second, r)
    a, b, c = block(first, second, r)
    return [
        k.identity("the eigenvalues add up to the trace", high + low, a + c, under),
        k.identity("their product is the determinant", high * low, a * c - b**2, under),
    ]


def _divergence_of(goal: Goal, at: dict[Any, Any], under: Any) -> k.Fact:
    """D(rho^Gamma || sigma) from the blocks, above the edge or `at` it."""
    error = p.subs({p: 1 / (M + 1)}) if at else p
    r = M if at else (1 - p) / p
    shown = [
        _blocks(
            "the partial transpose has p A_r on m pairs of vectors", transposed(sectors(M**2, N**2, error)), error, r
        ),
        _blocks("sigma has p A_1 on the same pairs, and agrees else", sigma(M**2, N**2, error), error, sp.Integer(1)),
    ]
    ratio = sp.sqrt(m) if at else (1 - p) / p
    numbers = (*eigenvalues(m, n, ratio), *eigenvalues(m, n, sp.Integer(1)))
    (x1, _), (x2, _) = shown[0].arguments[1]
    (a, b, c), (e, f, g) = block(m, n, ratio), block(m, n, sp.Integer(1))
    facts = [
        *_eigenvalue_facts(m, n, ratio, under),
        *_eigenvalue_facts(m, n, sp.Integer(1), under),
        k.inequality("an eigenvalue is positive", greater(x1, 0), under),
        k.inequality("an eigenvalue is positive", greater(x2, 0), under),
        k.inequality("the weight is positive", greater(shown[0].arguments[2], 0), under),
        k.inequality("the trace is positive", greater(a + c, 0), under),
        k.inequality("an entry is positive", greater(e, 0), under),
        k.inequality("the determinant of A_1 is positive", greater(e * g - f**2, 0), under),
        k.inequality("the eigenvalues of A_1 differ", greater(numbers[2], numbers[3]), under),
    ]
    if not at:
        facts.append(k.inequality("the determinant of A_r is positive", greater(a * c - b**2, 0), under))
    return k.by_theorem(
        "the relative entropy of the blocks",
        entanglement.block_divergence(1 if at else 0),
        entanglement.block_values(shown[0].arguments, shown[1].arguments, numbers),
        *shown,
        *facts,
    )


def _above(goal: Goal, proper: k.Fact, separable: k.Fact) -> None:
    name = "divergence"
    given = goal.given(name)
    meaning = divergence_of(goal.statement)
    found = _divergence_of(goal, {}, given)
    value = k.by_definition(meaning, {t: (1 - p) / p})
    terms = [(1, found), (-p * m, value)]
    goal.conclude(name, k.linear(name, goal[name].relation, terms, given))
    ppt = k.replaced("it is PPT", k.assume(at_least(p, EDGE)), goal.proofs["edge"])
    ppt = k.cut(ppt, k.inequality("p is above the edge", at_least(p, EDGE), given))
    _bounds(goal, "", proper, ppt, separable, terms, given)


def _bounds(goal: Goal, suffix: str, proper: k.Fact, ppt: k.Fact, separable: k.Fact, terms: Any, given: Any) -> None:
    """E_r of the partial transpose and K_DI below the relative entropy, above the edge or `at the edge`."""
    operator = proper.arguments[0]
    made = separable.arguments[0]
    below = below_separable("E_r is at most that of a separable state", transposed(operator), separable, made)
    turned = k.by_theorem(
        "its partial transpose is a state", entanglement.TRANSPOSED_STATE, {entanglement.A: operator}, proper, ppt
    )
    key = k.by_theorem("E_r bounds the key", entanglement.CEILING, {entanglement.A: transposed(operator)}, turned)
    moved = goal.from_claim("the device-independent key", "transpose-invariance", "key", {entanglement.A: operator})
    moved = k.cut(moved, proper, ppt)
    for name, facts in (
        ("ceiling", [(1, below), *terms]),
        ("device-independent key", [(1, moved), (1, key), (1, below), *terms]),
    ):
        wanted = goal[name + suffix].relation
        if suffix:
            there = relation_of(goal[name + suffix].hypotheses[0]).right
            shown = k.linear(name + suffix, wanted.substituted({p: there}), facts, given)
            goal.conclude(name + suffix, k.where_equal(name + suffix, shown, p, there, wanted))
        else:
            goal.conclude(name, k.linear(name, wanted, facts, given))


def _at_edge(goal: Goal, proper: k.Fact, separable: k.Fact) -> None:
    at = {p: relation_of(goal["ceiling at the edge"].hypotheses[0]).right}
    given = [one.substituted(at) for one in goal.hypotheses]
    found = _divergence_of(goal, at, given)
    there = k.instantiated(proper, at, given)
    edge = k.instantiated(goal.proofs["edge"], at, given)
    ppt = k.replaced("it is PPT", k.inequality("p is at the edge", at_least(at[p], EDGE), given), edge)
    _bounds(goal, " at the edge", there, ppt, k.instantiated(separable, at, given), [(1, found)], given)


def numerical(statement: Statement) -> Iterator[Step]:
    """Dense matrices for sectors 2 and 3: D(rho^Gamma || sigma), the least eigenvalue, and Eve's states."""
    import mpmath as mp

    first, second = 2, 3
    sizes = {m: first, n: second}
    meaning = divergence_of(statement)
    with mp.workdps(DIGITS + 10):
        chosen = sp.Rational(9, 20)
        error = mp.mpf(9) / 20
        flipped = dense_sectors.partial_transpose(dense_sectors.state(first, second, error))
        ratio = (1 - chosen) / chosen
        factor = statement["divergence"].right.replace(
            lambda e: isinstance(e, type(meaning.left)), lambda e: sp.Integer(1)
        )
        stated = number(factor, {**sizes, p: chosen}) * number(meaning.right, {**sizes, t: ratio})
        found = dense_sectors.divergence(flipped, dense_sectors.separable_ensemble(first, second, error))
        yield witness("D(rho^Gamma || sigma), m = 2, n = 3, p = 9/20", stated, found)
        edge = relation_of(statement["edge"].equivalence.right).right
        lowest = dense_sectors.partial_transpose(dense_sectors.state(first, second, number(edge, sizes)))
        yield witness(
            "least eigenvalue of the partial transpose at the edge, m = 2, n = 3",
            0,
            dense_sectors.least_eigenvalue(lowest),
        )
        entropy = -error * mp.log(error, 2) - (1 - error) * mp.log(1 - error, 2)
        yield witness(
            "Devetak-Winter rate of the sectors, from Eve's density matrices, is 1 - h(p) - p",
            1 - entropy - error,
            dense_sectors.devetak_winter(first, second, error),
        )


CLAIM = Claim(
    name="unequal-sectors",
    title="Private states with unequal sectors",
    source="this project, after christandl2021",
    state=state,
    derive=derive,
    witness=numerical,
)
