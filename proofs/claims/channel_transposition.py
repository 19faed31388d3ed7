"""A channel and its transposed one give the same correlations: P_2^DI(Lambda) <= P_2(theta o Lambda)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.transpose_invariance import transposed_effect as transposed


def derivation(effect: Callable[[Monomial], Monomial] = transposed) -> Iterator[Step]:
    """Prove the invariance on matrix units of states, effects and maps, which span; effects go over to `effect`."""
    import sympy as sp

    one, d = sp.Integer(1), symbol("r") ** 2
    alice = Monomial(one, deltas=(("i", "a"), ("k", "a2")))  # |a><a2|, rows i, columns k
    bob = Monomial(one, deltas=(("j", "b"), ("l", "b2")))  # |b><b2|
    state = Monomial(one, deltas=(("k", "c"), ("i", "c2"), ("m", "e"), ("n", "e2")))  # |c><c2| (x) |e><e2|
    # the map M -> <g|M|g2> |f><f2|: these span all linear maps; its output has the row l and the column j
    image = Monomial(one, deltas=(("m", "g"), ("n", "g2"), ("l", "f"), ("j", "f2")))
    flipped = image.rename({"l": "j", "j": "l"})
    summed = ("i", "j", "k", "l", "m", "n")
    yield holds(
        "for all matrix units A, B, rho and maps M -> <g|M|g'> |f><f'| of any dimensions the two probabilities are the "
        "same product of deltas; they are linear in each",
        contract(alice * bob * state * image, summed, d) == contract(alice * effect(bob) * state * flipped, summed, d),
        formula=r"\mathrm{tr}[(A\otimes B)(\mathrm{id}\otimes\Lambda)\rho] "
        r"= \mathrm{tr}[(A\otimes B^T)(\mathrm{id}\otimes\vartheta\circ\Lambda)\rho]",
    )
    choi = Monomial(1 / d, deltas=(("i", "m"), ("k", "n"))) * image  # (1/d) sum |m><n| (x) Lambda(|m><n|)
    turned = Monomial(1 / d, deltas=(("i", "m"), ("k", "n"))) * flipped
    partial = contract(choi, ("m", "n"), d).rename({"l": "j", "j": "l"})
    yield holds(
        "the Choi state of theta o Lambda is the partially transposed one of Lambda",
        contract(turned, ("m", "n"), d) == contract(partial, (), d),
        formula=r"J_{\vartheta\circ\Lambda} = J_\Lambda^\Gamma",
    )
    traced = Monomial(one, deltas=(("j", "l"),))
    yield holds(
        "transposition keeps the trace: theta o Lambda preserves it if Lambda does",
        contract(image * traced, ("j", "l"), d) == contract(flipped * traced, ("j", "l"), d),
        formula=r"\mathrm{tr}\,\Lambda(M)^T = \mathrm{tr}\,\Lambda(M)",
    )
    yield cited(
        "a map is completely positive if and only if its Choi matrix is positive; transposed effects of a measurement "
        "are one (claim transpose-invariance)",
        "textbook",
        formula=r"J_\Lambda^\Gamma \ge 0 \;\Longleftrightarrow\; \vartheta\circ\Lambda\ \mathrm{is\ a\ channel}",
    )
    yield cited(
        "so no protocol that goes by its devices' outputs can tell Lambda from theta o Lambda, on any state that the "
        "devices send and whatever they remember or announce: key secure for all devices is secure for the "
        "trusted ones "
        "on theta o Lambda",
        "christandl2021, Eq. (8)",
        formula=r"P_2^{DI}(\Lambda) \le P_2(\vartheta\circ\Lambda)",
    )


def numerical(effect: Callable[[Any], Any] = lambda b: b.T) -> Iterator[Step]:
    """Both probabilities for a dense map from a qubit to a qutrit, given by two Kraus-like matrices."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):

        def matrix(rows: int, columns: int, seed: int) -> Any:
            return mp.matrix(
                [[mp.expj(mp.mpf(seed * (i + 1) * (j + 2))) * (i + 2 * j + 1) for j in range(columns)]
                 for i in range(rows)]
            )  # fmt: skip

        left, right = matrix(3, 2, 1), matrix(3, 2, 4)
        alice, bob, state = matrix(2, 2, 2), matrix(3, 3, 3), matrix(4, 4, 5)

        def output(transpose: bool) -> Any:
            result = mp.zeros(6)
            for a in range(2):
                for c in range(2):
                    block = mp.matrix([[state[2 * a + i, 2 * c + j] for j in range(2)] for i in range(2)])
                    image = left * block * right.H
                    image = image.T if transpose else image
                    for i in range(3):
                        for j in range(3):
                            result[3 * a + i, 3 * c + j] = image[i, j]
            return result

        first = dense.trace(dense.kron(alice, bob) * output(transpose=False))
        second = dense.trace(dense.kron(alice, effect(bob)) * output(transpose=True))
        yield witness("tr[(A (x) B) (id (x) Lambda) rho], qubit to qutrit", second, first)


CLAIM = ProseClaim(
    name="channel-transposition",
    statement="For all finite dimensions, transposing the output of a channel and Bob's effects leaves every "
    "probability as it is, for every state sent. theta o Lambda has the partially transposed Choi state, and is a "
    "channel if and only if that is positive; then P_2^DI(Lambda) <= P_2(theta o Lambda).",
    formula=r"J_\Lambda^\Gamma \ge 0 \;\Longrightarrow\; P_2^{DI}(\Lambda) \le P_2(\vartheta\circ\Lambda)",
    source="christandl2021, Eq. (8)",
    derivation=derivation,
    witness=numerical,
)
