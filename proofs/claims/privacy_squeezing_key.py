"""K(rho_{d,p}) >= 1 - h(p) - p, from what Eve holds after the key qubits are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family
from keybounds.proofs.algebra.indices import Monomial
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step


def key_rate(p: Any) -> Any:
    """1 - h(p) - p."""
    return 1 - binary_entropy(p) - p


def branch_structure() -> Iterator[Step]:
    """Show what Eve holds: nothing about the bit where Alice and Bob agree, the bit itself where they differ."""
    import sympy as sp

    r, p = symbol("r"), symbol("p")
    root = 1 / sp.sqrt(2)
    # Amplitudes <k, x y| psi_{i j}> of the eigenvectors of Pi_X, one for each pointer state |i j> of Eve.
    amplitude = {
        "00": Monomial(root, deltas=(("x", "i"), ("y", "j"))),
        "11": Monomial(root * r, deltas=(("x", "j"), ("y", "i")), conjugates=(("i", "j"),)),
    }
    rebuilt = {}
    for row, column in ((a, b) for a in amplitude for b in amplitude):
        left = amplitude[row].rename({"x": "i", "y": "j", "i": "e", "j": "f"})
        right = amplitude[column].conjugate().rename({"x": "k", "y": "l", "i": "e", "j": "f"})
        rebuilt[row, column] = family.recognise(left * right, ("e", "f"))
    yield holds(
        "the vectors (|00,ij> + sqrt d conj(u_ij) |11,ji>)/sqrt 2 are the eigenvectors of Pi_X; with |kk',ii> for "
        "keys k != k' in the error part they purify rho, with a pointer state of Eve for each",
        family.equal(rebuilt, family.good_projector()),
        formula=r"\Pi_X = \sum_{ij}|\psi_{ij}\rangle\langle\psi_{ij}|,\quad "
        r"|\psi_{ij}\rangle "
        r"= \frac{1}{\sqrt{2}}\left(|00,ij\rangle + \sqrt{d}\,\overline{u_{ij}}\,|11,ji\rangle\right)",
    )
    yield family.spectral_step(
        "the weights are (1-p)/d^2 for each psi_ij and p/2d for each error vector",
        family.rho(p),
        family.spectrum_rho(p),
        formula=r"\rho = \frac{1-p}{d^2}\Pi_X + \frac{p}{2d}\Pi_Y",
    )
    eve = {}
    for key, vector in amplitude.items():
        overlap = vector * vector.conjugate().rename({"i": "k", "j": "l"})
        eve[key] = family.recognise(overlap, ("x", "y"))
    yield holds(
        "given keys 00 and given keys 11 Eve's state on the pointers ij is the same, maximally mixed one: the shields "
        "stay with Alice and Bob, and the vectors |ij> of a key are orthonormal",
        all(set(state) == {"1"} and state["1"] == sp.Rational(1, 2) for state in eve.values()),
        formula=r"\mathrm{tr}_{A'B'}\langle 00|\psi_{ij}\rangle\langle\psi_{kl}|00\rangle "
        r"= \mathrm{tr}_{A'B'}\langle 11|\psi_{ij}\rangle\langle\psi_{kl}|11\rangle "
        r"= \frac{1}{2}\delta_{ik}\delta_{jl}",
    )
    yield holds(
        "keys 01 and 10 occur only in error vectors, whose pointers name the key: there Eve knows Alice's bit",
        all(not family.good_projector().get((k, k)) for k in ("01", "10"))
        and all(not family.error_projector().get((k, k)) for k in ("00", "11"))
        and not family.error_projector().get(("01", "10")),
        formula=r"\Pi_X \perp |01\rangle, |10\rangle,\quad \langle 01|\Pi_Y|10\rangle = 0",
    )


def derivation(key_rate: Callable[[Any], Any] = key_rate) -> Iterator[Step]:
    """Prove that the Devetak-Winter rate of the measured key qubits is `key_rate`."""
    import sympy as sp

    p, d = symbol("p"), family.dimension()
    yield from family.definition()
    yield from branch_structure()
    half = sp.Rational(1, 2)
    alice_bob = 2 - entropy([((1 - p) / 2, 2), (p / 2, 2)])
    yield identity(
        "Alice's and Bob's bits are uniform and differ with probability p",
        alice_bob,
        1 - binary_entropy(p),
        formula=r"I(A:B) = 1 - h(p)",
    )
    good, bad = (1 - p) / d**2, p / (2 * d)
    given_bit = entropy([(good, d**2), (2 * bad, d)])
    alice_eve = entropy([(good, d**2), (bad, 2 * d)]) - half * given_bit - half * given_bit
    yield identity(
        "Holevo information of Eve: spectra of her state, and of her states given Alice's bit",
        alice_eve,
        p,
        formula=r"I(A:E) = S(E) - \frac{1}{2}\sum_a S(E|a) = p",
    )
    yield cited(
        "one-way public discussion reaches I(A:B) - I(A:E)",
        "devetak2005",
        formula=r"K \ge I(A:B) - I(A:E)",
    )
    yield identity(
        "the difference is the stated rate", alice_bob - alice_eve, key_rate(p), formula=r"K \ge 1 - h(p) - p"
    )
    yield identity(
        "it is the rate published for the privacy-squeezed Bell-diagonal state",
        1 - entropy([(1 - p, 1), (p / 2, 2)]),
        key_rate(p),
        formula=r"1 - H(1-p, p/2, p/2) = 1 - h(p) - p",
    )


def numerical(key_rate: Callable[[Any], Any] = key_rate) -> Iterator[Step]:
    """Devetak-Winter rate from a numerical purification of the dense state."""
    import mpmath as mp
    import sympy as sp

    p = symbol("p")
    with mp.workdps(DIGITS + 10):
        for d in (2, 3):
            rho = dense.ppt_private_state(d, mp.mpf(9) / 20)
            eve = dense.eve_states(rho, [dense.keys(d, a, b) for a in (0, 1) for b in (0, 1)])
            probabilities = [mp.re(dense.trace(state)) for state in eve]
            alice_bob = 2 - dense.entropy(probabilities)
            total = dense.entropy(dense.eigenvalues(eve[0] + eve[1] + eve[2] + eve[3]))
            given = mp.fsum(dense.entropy(dense.eigenvalues(2 * (eve[2 * a] + eve[2 * a + 1]))) for a in (0, 1)) / 2
            stated = number(key_rate(p), {p: sp.Rational(9, 20)})
            yield witness(
                f"Devetak-Winter rate of the dense state, d = {d}, p = 9/20", stated, alice_bob - (total - given)
            )


CLAIM = ProseClaim(
    name="privacy-squeezing-key",
    statement="For every d >= 2 and 0 < p < 1, measuring the key qubits of rho_{d,p} and one-way discussion give the "
    "key rate 1 - h(p) - p: with probability 1-p the bits agree and Eve's state does not depend on them, with "
    "probability p they differ and Eve knows them.",
    formula=r"K(\rho_{d,p}) \ge 1 - h(p) - p",
    source="christandl2021, p. 3",
    derivation=derivation,
    witness=numerical,
)
