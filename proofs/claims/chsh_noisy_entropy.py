"""The noisy-preprocessing CHSH entropy is attained by the device of `two_qubit_ceiling`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import binary_entropy, symbol
from keybounds.proofs.checks import DIGITS, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.two_qubit_ceiling import (
    block_entropy,
    chsh_value,
    coherence,
    device_steps,
    lean,
    mixed_pointer_step,
    pointer_states,
)

Formula = Callable[[Any, Any], Any]


def chsh_entropy(S: Any, q: Any) -> Any:
    """1 - h((1 + sqrt((S/2)^2 - 1))/2) + h((1 + sqrt(1 - q(1-q)(8-S^2)))/2)."""
    import sympy as sp

    root = sp.sqrt(1 - q * (1 - q) * (8 - S**2))
    return 1 - binary_entropy((1 + sp.sqrt((S / 2) ** 2 - 1)) / 2) + binary_entropy((1 + root) / 2)


def derivation(chsh_entropy: Formula = chsh_entropy) -> Iterator[Step]:
    """Prove that the device's H(A'|E), for Alice's key bit A' flipped with probability q, is `chsh_entropy`."""
    import sympy as sp

    k, q = lean(), symbol("Q")
    C, S = coherence(k), chsh_value(k)
    yield from device_steps(q)
    yield mixed_pointer_step(q)
    root = sp.sqrt(sp.factor(1 - q * (1 - q) * (8 - S**2)))
    yield identity(
        "H(A'|E) = S(A'E) - S(E), with Eve's mixture of e_+ and e_- for each value of the flipped bit A'",
        1 + binary_entropy((1 + root) / 2) - binary_entropy((1 + C) / 2),
        chsh_entropy(S, q),
        formula=r"H(\hat A|E) = 1 - h\left(\frac{1+\sqrt{(S/2)^2-1}}{2}\right) "
        r"+ h\left(\frac{1+\sqrt{1-q(1-q)(8-S^2)}}{2}\right)",
    )


def numerical(chsh_entropy: Formula = chsh_entropy) -> Iterator[Step]:
    """H(A'|E) from Eve's dense states at S = 2.677 and q = 0.13; without a flip on the other side."""
    import mpmath as mp
    import sympy as sp

    exact = sp.Rational(2677, 1000), sp.Rational(13, 100)
    with mp.workdps(DIGITS + 10):
        S, q = (mp.mpf(int(x.p)) / int(x.q) for x in exact)
        eve = pointer_states(S, q)  # the flip of the second bit stands for Alice's: both read the same key bit
        flipped = [eve[0, b] + eve[1, b] for b in (0, 1)]
        found = block_entropy(flipped) - block_entropy([flipped[0] + flipped[1]])
        yield witness("H(A'|E), S = 2.677, q = 0.13", number(chsh_entropy(*exact), {}), found)


CLAIM = ProseClaim(
    name="chsh-noisy-entropy",
    statement="For 2 < S < 2 sqrt 2 and 0 < q < 1/2 the two-qubit device with CHSH value S has H(A'|E) equal to the "
    "published lower bound 1 - h((1+sqrt((S/2)^2-1))/2) + h((1+sqrt(1-q(1-q)(8-S^2)))/2), A' being Alice's key bit "
    "flipped with probability q: the bound is attained. That no device goes below it is not shown here.",
    formula=r"H(\hat A|E) = 1 - h\left(\frac{1+\sqrt{(S/2)^2-1}}{2}\right) "
    r"+ h\left(\frac{1+\sqrt{1-q(1-q)(8-S^2)}}{2}\right)",
    source="ho2020; attainment rederived",
    derivation=derivation,
    witness=numerical,
)
