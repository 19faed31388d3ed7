"""The noisy-preprocessing CHSH entropy is attained by a two-qubit device."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.two_qubit_ceiling import block_entropy, pointer_states
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, real, symbol
from keybounds.proofs.notions_entropies import (
    BLOCKS,
    H_blocks,
    are_eve_operators,
    chsh_state,
    is_chsh_device,
    is_sum,
    matrix_has_spectrum,
    pointer,
    pointers,
    sigma_x,
    sigma_z,
    tilted,
)
from keybounds.proofs.theorems import entropies, operators

S, q = symbol("S"), real("q")
HALF = sp.Rational(1, 2)
C = sp.sqrt(S**2 / 4 - 1)
ROOT = sp.sqrt(1 - q * (1 - q) * (8 - S**2))
DEVICE = chsh_state(S), sigma_z, sigma_x, tilted(S, 1), tilted(S, -1)
PARTS = pointer(S, q, 1), pointer(S, q, -1), pointers(S)


def state() -> Statement:
    """Return the statement; that no device goes below the bound is not part of it."""
    return Statement(
        parameters=(Parameter(S, "CHSH value"), Parameter(q, "probability of a flip of Alice's key bit")),
        hypotheses=(at_least(S, 2), at_most(S, 2 * sp.sqrt(2)), at_least(q, 0), at_most(q, HALF)),
        clauses=(
            Clause("device", is_chsh_device(*DEVICE, S)),
            Clause("Eve", are_eve_operators(*DEVICE[:2], q, *PARTS[:2])),
            Clause("sum", is_sum(PARTS[2], *PARTS[:2])),
            Clause("entropy", equal(H_blocks(*PARTS), 1 - h((1 + C) / 2) + h((1 + ROOT) / 2))),
        ),
    )


def derive(goal: Goal) -> None:
    """Eve's two operators have known eigenvalues, and so has their sum."""
    for name, words in (
        ("device", "the observables square to 1, and their CHSH value is S"),
        ("Eve", "partial traces after Alice's key measurement"),
        ("sum", "entry by entry"),
    ):
        goal.conclude(name, k.decided(words, goal[name].predicate, goal.hypotheses))
    wanted = goal["entropy"].relation
    parts = wanted.left.args
    noisy = ((1 + ROOT) / 4, (1 - ROOT) / 4)
    found = []
    for operator, values in zip(parts, (noisy, noisy, ((1 + C) / 2, (1 - C) / 2)), strict=True):
        pairs = sp.Tuple(*(sp.Tuple(value, 1) for value in values))
        spectrum = k.decided("trace and determinant give the eigenvalues", matrix_has_spectrum(operator, pairs))
        signs = [k.inequality("an eigenvalue is not negative", at_least(value, 0), goal.hypotheses) for value in values]
        found.append(
            k.by_theorem(
                "the entropy by the spectrum",
                entropies.block_entropy(2),
                {entropies.A: operator, **operators.values(pairs)},
                spectrum,
                *signs,
            )
        )
    places = dict(zip(BLOCKS.left.args, parts, strict=True))
    blocks = k.rewritten("S(A'E) - S(E)", k.by_definition(BLOCKS, places), *dict.fromkeys(found))
    goal.conclude("entropy", k.restated("in binary entropies", blocks, wanted.right, goal.hypotheses))


def numerical(statement: Statement) -> Iterator[Step]:
    """H(A'|E) from Eve's dense states at S = 2.677 and q = 0.13; without a flip on the other side."""
    import mpmath as mp

    exact = sp.Rational(2677, 1000), sp.Rational(13, 100)
    with mp.workdps(DIGITS + 10):
        chsh, noise = (mp.mpf(int(x.p)) / int(x.q) for x in exact)
        eve = pointer_states(chsh, noise)  # the flip of the second bit stands for Alice's: both read the same key bit
        flipped = [eve[0, b] + eve[1, b] for b in (0, 1)]
        found = block_entropy(flipped) - block_entropy([flipped[0] + flipped[1]])
        yield witness(
            "H(A'|E), S = 2.677, q = 0.13",
            number(statement["entropy"].right, dict(zip((S, q), exact, strict=True))),
            found,
        )


CLAIM = Claim(
    name="chsh-noisy-entropy",
    title="The CHSH entropy with noise is attained",
    source="ho2020; attainment rederived",
    state=state,
    derive=derive,
    witness=numerical,
)
