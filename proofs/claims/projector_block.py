"""A moment matrix over base (x) {1, Z} for a projector Z of Eve's is two matrices of half the size.

Projectors for Eve are what kossmann2024 reduces the operators of an integral formula to; this is the change of basis
that halves the matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, holds, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import thing
from keybounds.proofs.notions import is_positive
from keybounds.proofs.notions_entropies import are_congruent, is_moment_matrix
from keybounds.proofs.theorems import entropies

G, G_Z = thing("Gamma"), thing("Gamma_Z")
WHOLE = sp.ImmutableMatrix([[G, G_Z], [G_Z, G_Z]])
STEP = sp.ImmutableMatrix([[1, -1], [0, 1]])  # subtracts the second block row from the first


def state() -> Statement:
    """Return the statement, for matrices of any size."""
    return Statement(
        parameters=(
            Parameter(G, "the moment matrix over a base of words, with entries <u* v>"),
            Parameter(G_Z, "the matrix of the <u* v Z>, for a projector Z that commutes with every word of the base"),
        ),
        hypotheses=(),
        clauses=(
            Clause("blocks", is_moment_matrix(WHOLE, G, G_Z)),
            Clause("difference", is_positive(G - G_Z), (is_positive(WHOLE),)),
            Clause("part with Z", is_positive(G_Z), (is_positive(WHOLE),)),
            Clause("whole", is_positive(WHOLE), (is_positive(G - G_Z), is_positive(G_Z))),
        ),
    )


def derive(goal: Goal) -> None:
    """A congruence with an invertible matrix leaves the two halves on the diagonal."""
    goal.conclude(
        "blocks", k.decided("Z^2 = Z, and Z commutes with the letters of Alice and Bob", goal["blocks"].predicate)
    )
    upper, lower = (goal[name].predicate.arguments[0] for name in ("difference", "part with Z"))
    (whole,) = goal["whole"].predicate.arguments
    halves = sp.ImmutableMatrix([[upper, 0], [0, lower]])
    congruent = k.decided(
        "subtracting the second block row and column from the first leaves the halves on the diagonal",
        are_congruent(whole, halves, STEP),
    )
    both = k.by_theorem(
        "the matrix is positive if and only if the direct sum of the halves is",
        entropies.CONGRUENCE,
        {entropies.A: whole, entropies.B: halves, entropies.T: STEP},
        congruent,
    )
    parts = {entropies.A: upper, entropies.B: lower}
    direct = k.replaced("the direct sum is positive", k.assume(is_positive(whole)), both)
    for name, theorem in zip(("difference", "part with Z"), entropies.SUMMANDS, strict=True):
        goal.conclude(name, k.by_theorem("so is each half", theorem, parts, direct))
    given = [k.assume(is_positive(part)) for part in (upper, lower)]
    summed = k.by_theorem("positive halves have a positive direct sum", entropies.DIRECT_SUM, parts, *given)
    goal.conclude("whole", k.replaced("and a positive whole", summed, both))


def _terms(matrix: Any) -> list[tuple[Any, int]]:
    """The matrices in a sum with their integer factors."""
    parts = (term.as_coeff_Mul() for term in sp.Add.make_args(matrix))
    return [(symbol, int(factor)) for factor, symbol in parts]


def numerical(statement: Statement) -> Iterator[Step]:
    """The determinant of the whole against those of the halves, for moments of a dense state."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):

        def pure(n: int, seed: int) -> Any:
            v = mp.matrix([mp.cos(seed * (k + 1)) + mp.j * mp.sin(seed + 2 * k) for k in range(n)])
            return v * v.H / mp.re((v.H * v)[0])

        one = mp.eye(2)
        letters = [dense.kron(one, one), dense.kron(pure(2, 1), one), dense.kron(pure(2, 3), one)]
        z = dense.kron(one, pure(2, 5))
        raw = mp.matrix([[mp.expj(3 * i + j * j) for j in range(4)] for i in range(4)]) + mp.eye(4)
        rho = raw * raw.H / dense.trace(raw * raw.H)

        def moments(words: list[Any]) -> Any:
            return mp.matrix([[dense.trace(rho * u.H * v) for v in words] for u in words])

        words = [*letters, *(w * z for w in letters)]
        plain = moments(letters)
        with_z = mp.matrix([[dense.trace(rho * u.H * v * z) for v in letters] for u in letters])
        stated = [statement[name].predicate.arguments[0] for name in ("difference", "part with Z")]
        upper, lower = (sum((c * {G: plain, G_Z: with_z}[m] for m, c in _terms(one)), mp.zeros(3)) for one in stated)
        found = mp.det(moments(words))
        yield witness("determinant of the whole moment matrix", mp.re(mp.det(upper) * mp.det(lower)), mp.re(found))
        leasts = [dense.eigenvalues(m)[0] for m in (upper, lower)]
        least = f"least eigenvalue {mp.nstr(min(leasts), 20)}"
        yield holds("both halves are positive, as moments of a state", min(leasts) > 0, detail=least)


CLAIM = Claim(
    name="projector-block",
    title="Half the moment matrix for a projector of the adversary",
    source="this project, after navascues2008 and kossmann2024",
    state=state,
    derive=derive,
    witness=numerical,
)
