"""E_r(rho_{d,p}) <= 1 - h(p): the state of the same family at p = 1/2 is separable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family
from keybounds.proofs.algebra.symbols import binary_entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.er_ceiling_transpose import ensemble_steps


def ceiling(p: Any) -> Any:
    """1 - h(p)."""
    return 1 - binary_entropy(p)


def derivation(ceiling: Callable[[Any], Any] = ceiling) -> Iterator[Step]:
    """Prove that rho_{d,1/2} is separable and that D(rho_{d,p} || rho_{d,1/2}) is `ceiling`."""
    import sympy as sp

    p, half = symbol("p"), sp.Rational(1, 2)
    yield from family.definition()
    yield from ensemble_steps()
    yield holds(
        "sigma = rho_{d,1/2} partially transposed is the average of these product vectors; transposing Bob's factors "
        "back keeps them product vectors, so sigma is separable",
        family.equal(family.partial_transpose(family.rho(half)), family.ensemble_average()),
        formula=r"\rho_{d,1/2}^\Gamma = \overline{|x\rangle\langle x|\otimes|y\rangle\langle y|},\quad "
        r"\rho_{d,1/2} = \overline{|x\rangle\langle x|\otimes|\bar y\rangle\langle\bar y|}",
    )
    rho, sigma = family.spectrum_rho(p), family.spectrum_rho(half)
    yield family.spectral_step(
        "rho_{d,p} has the eigenprojectors Pi_X and Pi_Y whatever p is",
        family.rho(p),
        rho,
        formula=r"\rho_{d,p} = \frac{1-p}{d^2}\Pi_X + \frac{p}{2d}\Pi_Y",
    )
    divergence = sum(
        rank * value * log2(value / other) for (value, _, rank), (other, _, _) in zip(rho, sigma, strict=True)
    )
    yield identity(
        "their relative entropy is the stated ceiling",
        divergence,
        ceiling(p),
        formula=r"D(\rho_{d,p}\|\rho_{d,1/2}) = (1-p)\log 2(1-p) + p\log 2p = 1 - h(p)",
    )
    yield cited(
        "the relative entropy of entanglement is at most that of any separable state, and bounds the key from above",
        "horodecki2005; horodecki2009",
        formula=r"K(\rho) \le E_r(\rho) \le D(\rho\|\sigma)",
    )


def numerical(ceiling: Callable[[Any], Any] = ceiling) -> Iterator[Step]:
    """D(rho_{d,p} || sigma) of dense matrices, sigma summed from its product vectors and partially transposed."""
    import mpmath as mp
    import sympy as sp

    p = symbol("p")
    with mp.workdps(DIGITS + 10):
        for d in (2, 3):
            sigma = dense.partial_transpose(dense.separable_ensemble(d, mp.mpf(1) / 2), 2 * d, 2 * d)
            found = dense.relative_entropy(dense.ppt_private_state(d, mp.mpf(2) / 5), sigma)
            yield witness(f"D(rho || sigma), d = {d}, p = 2/5", number(ceiling(p), {p: sp.Rational(2, 5)}), found)


CLAIM = ProseClaim(
    name="er-ceiling",
    statement="For every d >= 2 and 0 < p < 1, E_r(rho_{d,p}), and with it every key rate of rho_{d,p}, is at most "
    "1 - h(p); the separable state is rho_{d,1/2}.",
    formula=r"K(\rho_{d,p}) \le E_r(\rho_{d,p}) \le D(\rho_{d,p}\|\rho_{d,1/2}) = 1 - h(p)",
    source="this project",
    derivation=derivation,
    witness=numerical,
)
