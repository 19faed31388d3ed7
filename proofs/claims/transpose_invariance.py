"""Transposing Bob's side of state and measurements changes no probability; so K_DI(rho) <= K(rho^Gamma) for PPT rho."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, witness
from keybounds.proofs.claim import ProseClaim, Step


def transposed(effect: Monomial) -> Monomial:
    """Transpose of an operator with the indices j (row) and l (column)."""
    return effect.rename({"j": "l", "l": "j"})


def _probability(alice: Monomial, bob: Monomial, state: Monomial) -> Monomial:
    """tr[(A (x) B) rho] with A_ik, B_jl and <k l|rho|i j> (its rows named k, l), contracted."""
    return contract(alice * bob * state, ("i", "j", "k", "l"), symbol("r") ** 2)


def derivation(effect: Callable[[Monomial], Monomial] = transposed) -> Iterator[Step]:
    """Prove the invariance on matrix units, which span; Bob's effects go over to `effect` of themselves."""
    import sympy as sp

    one = sp.Integer(1)
    alice = Monomial(one, deltas=(("i", "a"), ("k", "a2")))  # |a><a2|
    bob = Monomial(one, deltas=(("j", "b"), ("l", "b2")))  # |b><b2|
    state = Monomial(one, deltas=(("k", "c"), ("i", "c2"), ("l", "e"), ("j", "e2")))  # |c><c2| (x) |e><e2|
    flipped = state.rename({"j": "l", "l": "j"})
    yield holds(
        "for all matrix units A = |a><a'|, B = |b><b'|, rho = |c><c'| (x) |e><e'| of any dimensions the two traces are "
        "the same product of deltas; both sides are linear in each of A, B, rho",
        _probability(alice, bob, state) == _probability(alice, effect(bob), flipped),
        formula=r"\mathrm{tr}[(A\otimes B)\rho] = \mathrm{tr}[(A\otimes B^T)\rho^\Gamma]",
    )
    identity_matrix = Monomial(one, deltas=(("j", "l"),))
    yield holds(
        "effects that sum to the identity still do after transposition",
        contract(effect(identity_matrix), (), one) == contract(identity_matrix, (), one),
        formula=r"\sum_b B_b^T = \left(\sum_b B_b\right)^T = 1",
    )
    yield cited(
        "a matrix and its transpose have the same characteristic polynomial: transposed effects are positive",
        "textbook",
        formula=r"B \ge 0 \;\Longrightarrow\; B^T \ge 0",
    )
    yield cited(
        "rho^Gamma >= 0 with Bob's transposed measurements is then a device with the same behaviour as rho, and Eve "
        "may hold its purification instead",
        "christandl2021, Eqs. (2) and (3)",
        formula=r"K_{DI}(\rho) \le K_{DI}(\rho^\Gamma) \le K(\rho^\Gamma)",
    )


def numerical() -> Iterator[Step]:
    """Both traces for dense, unstructured complex matrices of unequal dimensions."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):

        def matrix(n: int, seed: int) -> mp.matrix:
            return mp.matrix(
                [[mp.cos(mp.mpf(seed + 5 * i + 11 * j)) + mp.j * mp.sin(mp.mpf(seed * i - 3 * j)) for j in range(n)]
                 for i in range(n)]
            )  # fmt: skip

        for m, n in ((2, 3), (3, 2)):
            alice, bob, state = matrix(m, 1), matrix(n, 2), matrix(m * n, 3)
            left = dense.trace(dense.kron(alice, bob) * state)
            right = dense.trace(dense.kron(alice, bob.T) * dense.partial_transpose(state, m, n))
            yield witness(f"tr[(A (x) B) rho], {m} x {n}", right, left)


CLAIM = ProseClaim(
    name="transpose-invariance",
    statement="For all finite dimensions, transposing Bob's system and his effects leaves every probability "
    "tr[(A (x) B) rho] as it is and takes POVMs to POVMs. So for PPT rho the device-independent key obeys "
    "K_DI(rho) <= K(rho^Gamma).",
    formula=r"\mathrm{tr}[(A\otimes B)\rho] = \mathrm{tr}[(A\otimes B^T)\rho^\Gamma],\quad "
    r"\rho^\Gamma\ge 0 \;\Longrightarrow\; K_{DI}(\rho) \le K(\rho^\Gamma)",
    source="christandl2021, Eq. (3)",
    derivation=derivation,
    witness=numerical,
)
