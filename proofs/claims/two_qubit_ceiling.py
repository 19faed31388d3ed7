"""A two-qubit device with given CHSH value S and key error Q, and the ceilings that it sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step

Formula = Callable[[Any, Any], Any]


def two_way(S: Any, Q: Any) -> Any:
    """1 - h(Q) - h((1+C)/2) + h((1 + sqrt(1 - Q(1-Q)(8-S^2)))/2), C = sqrt(S^2/4 - 1)."""
    import sympy as sp

    C = sp.sqrt(S**2 / 4 - 1)
    root = sp.sqrt(1 - Q * (1 - Q) * (8 - S**2))
    return 1 - binary_entropy(Q) - binary_entropy((1 + C) / 2) + binary_entropy((1 + root) / 2)


def any_protocol(S: Any) -> Any:
    """1 - h((1+C)/2), C = sqrt(S^2/4 - 1)."""
    import sympy as sp

    return 1 - binary_entropy((1 + sp.sqrt(S**2 / 4 - 1)) / 2)


def chsh_value(k: Any) -> Any:
    """S = 2 sqrt(1 + C^2) of the device with C = (1 - k^2)/(1 + k^2), k in (0, 1)."""
    import sympy as sp

    return 2 * sp.sqrt(1 + coherence(k) ** 2)


def lean() -> Any:
    """Return k = 1/(1+z) with z > 0: sweeps the open interval (0, 1)."""
    return 1 / (1 + symbol("z"))


def coherence(k: Any) -> Any:
    """C = (1 - k^2)/(1 + k^2): rational in k, and so are the weights 1/(1+k^2) and k^2/(1+k^2) of Phi+ and Phi-."""
    import sympy as sp

    return sp.factor((1 - k**2) / (1 + k**2))


def bell_states() -> tuple[Any, Any]:
    """Density matrices of Phi+ and Phi-."""
    import sympy as sp

    half = sp.Rational(1, 2)
    vectors = [sp.Matrix([1, 0, 0, sign]) for sign in (1, -1)]
    plus, minus = (half * v * v.T for v in vectors)
    return plus, minus


def eve_vectors() -> tuple[Any, Any]:
    """Eve's pure states e_+ and e_- for the two values of Alice's key bit."""
    import sympy as sp

    k = lean()
    return tuple(sp.Matrix([1, sign * k]) / sp.sqrt(1 + k**2) for sign in (1, -1))


def device_steps(key_noise: Any) -> Iterator[Step]:
    """Show that the device reproduces S and Q, whatever 2 < S < 2 sqrt 2 and 0 < Q < 1/2."""
    import sympy as sp

    k = lean()
    C, S = coherence(k), chsh_value(k)
    half = sp.Rational(1, 2)
    plus, minus = bell_states()
    rho = (1 + C) / 2 * plus + (1 - C) / 2 * minus
    X, Z, one = sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[1, 0], [0, -1]]), sp.eye(2)
    yield positive(
        "C = (1-k^2)/(1+k^2) runs through (0, 1) for 0 < k < 1, and S through (2, 2 sqrt 2)",
        C,
        1 - C,
        formula=r"\rho = \frac{1+C}{2}\Phi^+ + \frac{1-C}{2}\Phi^-,\quad 0 < C < 1",
    )
    length = sp.sqrt(1 + C**2)
    alice = [Z, X]
    bob = [(Z + C * X) / length, (Z - C * X) / length]
    yield holds(
        "Bob's test observables square to one",
        all(sp.simplify(b * b - one).is_zero_matrix for b in bob),
        formula=r"B_\pm = (Z \pm C X)/\sqrt{1+C^2},\quad B_\pm^2 = 1",
    )
    chsh = sum(
        sign * (sp.kronecker_product(a, b) * rho).trace()
        for sign, a, b in ((1, alice[0], bob[0]), (1, alice[0], bob[1]), (1, alice[1], bob[0]), (-1, alice[1], bob[1]))
    )
    yield identity("the CHSH value is 2 sqrt(1 + C^2)", chsh, S, formula=r"S = 2\sqrt{1+C^2}")
    yield identity("so that C is a function of S", S**2 / 4 - 1, C**2, formula=r"C = \sqrt{S^2/4 - 1}")
    outcomes = [(one + Z) / 2, (one - Z) / 2]
    noisy = [(1 - key_noise) * outcomes[b] + key_noise * outcomes[1 - b] for b in (0, 1)]
    error = sum((sp.kronecker_product(outcomes[a], noisy[1 - a]) * rho).trace() for a in (0, 1))
    yield identity(
        "with Bob's key outcome flipped in the device with probability Q, the key error is Q",
        error,
        symbol("Q"),
        formula=r"\Pr[A\ne B] = Q",
    )
    weights = {1: 1 / sp.sqrt(1 + k**2), -1: k / sp.sqrt(1 + k**2)}  # roots of (1 +- C)/2
    pointers = {1: sp.Matrix([1, 0]), -1: sp.Matrix([0, 1])}  # Eve's, for Phi+ and Phi-
    purified = sp.zeros(8, 1)
    for sign, weight in weights.items():
        purified += weight * sp.kronecker_product(sp.Matrix([1, 0, 0, sign]) / sp.sqrt(2), pointers[sign])
    parts = [purified.extract([0, 1], [0]), purified.extract([6, 7], [0])]
    blocks = [half * e * e.T for e in eve_vectors()]
    yield holds(
        "after Alice's key measurement Eve holds a pure state e_a, with the weight 1/2 each",
        all(sp.simplify(part * part.T - block).is_zero_matrix for part, block in zip(parts, blocks, strict=True))
        and all(purified[row] == 0 for row in range(2, 6)),
        formula=r"e_\pm = \frac{1}{\sqrt{1+k^2}}(1, \pm k)",
    )
    yield holds(
        "their average has the eigenvalues (1 +- C)/2",
        sp.simplify(blocks[0] + blocks[1] - sp.diag((1 + C) / 2, (1 - C) / 2)).is_zero_matrix,
        formula=r"S(E) = h\left(\frac{1+C}{2}\right)",
    )


def mixed_pointer_step(flip: Any) -> Step:
    """Eigenvalues of Eve's state when the bit is known up to a flip."""
    k = lean()
    first, second = eve_vectors()
    state = (1 - flip) * first * first.T + flip * second * second.T
    discriminant = state.trace() ** 2 - 4 * state.det()
    return identity(
        "a mixture of e_+ and e_- with weights 1-Q and Q has the eigenvalues (1 +- sqrt(1-Q(1-Q)(8-S^2)))/2",
        discriminant,
        1 - flip * (1 - flip) * (8 - chsh_value(k) ** 2),
        formula=r"\mathrm{tr}^2 - 4\det = 1 - 4Q(1-Q)(1-C^2) = 1 - Q(1-Q)(8-S^2)",
    )


def derivation(two_way: Formula = two_way, any_protocol: Callable[[Any], Any] = any_protocol) -> Iterator[Step]:
    """Prove that the device has the stated S and Q, and the values of its two ceilings."""
    import sympy as sp

    k, Q = lean(), symbol("Q")
    C, S = coherence(k), chsh_value(k)
    yield from device_steps(Q)
    yield mixed_pointer_step(Q)
    root = sp.sqrt(sp.factor(1 - Q * (1 - Q) * (8 - S**2)))
    given_alice = sp.Integer(1)  # S(AE): A uniform, E pure given A
    given_bob = 1 + binary_entropy((1 + root) / 2)  # S(BE)
    given_both = 1 + binary_entropy(Q)  # S(ABE): AB spread by the flip, E pure
    eve = binary_entropy((1 + C) / 2)
    yield identity(
        "I(A:B|E) = S(AE) + S(BE) - S(E) - S(ABE)",
        given_alice + given_bob - eve - given_both,
        two_way(S, Q),
        formula=r"I(A:B|E) = 1 - h(Q) - h\left(\frac{1+C}{2}\right) + h\left(\frac{1+\sqrt{1-Q(1-Q)(8-S^2)}}{2}\right)",
    )
    yield cited(
        "discussion of the outputs of an announced key setting cannot exceed the conditional mutual information",
        "arnonfriedman2020",
        formula=r"K \le I(A:B\downarrow E) \le I(A:B|E)",
    )
    plus, minus = bell_states()
    classical = (plus + minus) / 2
    yield holds(
        "the equal mixture of Phi+ and Phi- is diagonal in a product basis, hence separable",
        classical.is_diagonal() and classical.trace() == 1,
        formula=r"\frac{1}{2}(\Phi^+ + \Phi^-) = \frac{1}{2}(|00\rangle\langle 00| + |11\rangle\langle 11|)",
    )
    weights = [(1 + C) / 2, (1 - C) / 2]
    yield identity(
        "relative entropy of the device's state to it",
        -entropy((w, 1) for w in weights) - sum(w * log2(sp.Rational(1, 2)) for w in weights),
        any_protocol(S),
        formula=r"D(\rho\|\sigma) = 1 - h\left(\frac{1+C}{2}\right)",
    )
    yield cited(
        "any protocol on the outputs is a protocol on the device's state",
        "horodecki2009; christandl2021, Eq. (5)",
        formula=r"K \le E_r(\rho) \le D(\rho\|\sigma)",
    )


def pointer_states(S: Any, Q: Any) -> dict[tuple[int, int], Any]:
    """Eve's unnormalised states for key outcomes (a, b) of the dense device, in mpmath."""
    import mpmath as mp

    C = mp.sqrt(S * S / 4 - 1)
    rho = mp.zeros(4)
    rho[0, 0] = rho[3, 3] = mp.mpf(1) / 2
    rho[0, 3] = rho[3, 0] = C / 2
    pure = dense.eve_states(rho, [{row}.__contains__ for row in range(4)])
    return {(a, b): (1 - Q) * pure[2 * a + b] + Q * pure[2 * a + 1 - b] for a in (0, 1) for b in (0, 1)}


def block_entropy(states: list[Any]) -> Any:
    """Entropy of a classical register with Eve's unnormalised state for each of its values."""
    return dense.entropy([value for state in states for value in dense.eigenvalues(state)])


def numerical(two_way: Formula = two_way, any_protocol: Callable[[Any], Any] = any_protocol) -> Iterator[Step]:
    """I(A:B|E) from Eve's dense states, and D(rho||sigma) of dense matrices, at S = 2.677 and Q = 0.0144."""
    import mpmath as mp
    import sympy as sp

    exact = sp.Rational(2677, 1000), sp.Rational(144, 10000)
    with mp.workdps(DIGITS + 10):
        S, Q = (mp.mpf(int(x.p)) / int(x.q) for x in exact)
        eve = pointer_states(S, Q)
        error = mp.re(dense.trace(eve[0, 1]) + dense.trace(eve[1, 0]))
        yield witness("key error of the dense device", Q, error)
        with_alice = block_entropy([eve[a, 0] + eve[a, 1] for a in (0, 1)])
        with_bob = block_entropy([eve[0, b] + eve[1, b] for b in (0, 1)])
        alone = block_entropy([eve[0, 0] + eve[0, 1] + eve[1, 0] + eve[1, 1]])
        found = with_alice + with_bob - alone - block_entropy(list(eve.values()))
        yield witness("I(A:B|E), S = 2.677, Q = 1.44 %", number(two_way(*exact), {}), found)
        C = mp.sqrt(S * S / 4 - 1)
        rho = mp.zeros(4)
        rho[0, 0] = rho[3, 3] = mp.mpf(1) / 2
        rho[0, 3] = rho[3, 0] = C / 2
        found = dense.relative_entropy(rho, mp.diag([mp.mpf(1) / 2, 0, 0, mp.mpf(1) / 2]))
        yield witness("D(rho || sigma), S = 2.677", number(any_protocol(exact[0]), {}), found)


CLAIM = ProseClaim(
    name="two-qubit-ceiling",
    statement="For 2 < S < 2 sqrt 2 and 0 < Q < 1/2 there is a two-qubit device with CHSH value S and key error Q for "
    "which two-way discussion of the outputs of an announced key setting gives at most I(A:B|E), and any protocol at "
    "most 1 - h((1+C)/2), C = sqrt(S^2/4 - 1). Both bound every protocol that must be secure for all devices with "
    "this S and Q.",
    formula=r"K \le 1 - h(Q) - h\left(\frac{1+C}{2}\right) + h\left(\frac{1+\sqrt{1-Q(1-Q)(8-S^2)}}{2}\right),\quad "
    r"K \le E_r \le 1 - h\left(\frac{1+C}{2}\right)",
    source="arnonfriedman2020; rederived",
    derivation=derivation,
    witness=numerical,
)
