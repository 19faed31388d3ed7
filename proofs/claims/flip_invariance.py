"""Devices that a flip of both parties' outcomes leaves alone suffice, and their nodes come in mirror images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, cited, identity, witness
from keybounds.proofs.claim import ProseClaim, Step

Twin = Callable[[Any, Any, Any], Any]


def twin(alice: Any, bob: Any, joint: Any) -> Any:
    """<AB> of (P + FP)/2, from <A>, <B>, <AB> of P."""
    import sympy as sp

    return joint + sp.Rational(1, 2) - (alice + bob) / 2


def derivation(twin: Twin = twin) -> Iterator[Step]:
    """Mix a device with its relabelled twin; then flip the integrand of the entropy."""
    import sympy as sp

    first, second, z, eve = sp.symbols("E_0 E_1 Z R", commutative=False)
    yield cited(
        "F puts 1 - E for each projector E of both parties: again projectors, the parties still commute, so a device "
        "with its outcomes relabelled is a device. With a flag that the adversary holds, one half each of a device and "
        "its twin are a device whose table is (P + FP)/2",
        "textbook",
        formula=r"E \mapsto 1-E,\qquad P \mapsto \frac{1}{2}(P + FP)",
    )
    yield identity(
        "1 - E is a projector if E is",
        sp.expand((1 - first) ** 2).subs(first**2, first),
        1 - first,
        formula=r"(1-E)^2 = 1-E",
    )
    alice, bob, joint = sp.symbols("a b c", real=True)
    yield identity(
        "the twin's <AB>, averaged with the device's own",
        (joint + (1 - alice - bob + joint)) / 2,
        twin(alice, bob, joint),
        formula=r"\frac{1}{2}\left(\langle AB\rangle + \langle(1-A)(1-B)\rangle\right) = "
        r"\langle AB\rangle + \frac{1}{2} - \frac{1}{2}\langle A\rangle - \frac{1}{2}\langle B\rangle",
    )
    yield identity("and of <A> it makes one half", (alice + (1 - alice)) / 2, sp.Rational(1, 2))
    yield cited(
        "the adversary's states for Alice's symbols 0 and 1 change places in the twin, before and after a flip with "
        "probability q; entropies do not depend on names, and the flag is the adversary's, so the mixture's H(A|E) is "
        "the device's own",
        "textbook",
        formula=r"H(\hat A|E)_{\frac{1}{2}(\rho+F\rho)} = \frac{1}{2}H(\hat A|E)_\rho + \frac{1}{2}H(\hat "
        r"A|E)_{F\rho} = H(\hat A|E)_\rho",
    )
    yield cited(
        "F is an involution, so the mixture is flip-invariant: every product w of projectors has <w> = <Fw>, and with "
        "a projector Z of the adversary's, <wZ> = <F(w) Z'> where Z' is Z with the flag turned round",
        "textbook",
        formula=r"\langle w\rangle = \langle F(w)\rangle,\qquad \langle wZ\rangle = \langle F(w)Z'\rangle",
    )
    word = first * second * first
    flipped = (1 - first) * (1 - second) * (1 - first)
    again = sp.expand((1 - (1 - first)) * (1 - (1 - second)) * (1 - (1 - first)))
    yield identity("F twice is the identity, on E_0 E_1 E_0", again, word)
    yield identity(
        "so that Fw - w changes its sign under F, and is 0 on an invariant device; w = E_0 E_1 E_0",
        sp.expand((again - flipped) + (flipped - word)),
        0,
        formula=r"F(Fw - w) = -(Fw - w)",
    )
    t = sp.Symbol("t", real=True)

    def integrand(t: Any, zero: Any, z: Any) -> Any:
        """(1-t) L_0 (1-Z) + t L_1 Z, without post-selection: L_0 = E, L_1 = 1 - E."""
        return sp.expand((1 - t) * zero * (1 - z) + t * (1 - zero) * z)

    yield identity(
        "flipping Alice's projector turns the integrand at t into that at 1-t, with 1-Z for Z; the minimum over Z "
        "is the same",
        integrand(t, 1 - eve, z),
        integrand(1 - t, eve, 1 - z),
        formula=r"e(t) = \min_Z\langle(1-t)L_0(1-Z) + tL_1Z\rangle = e(1-t)",
    )
    yield identity(
        "the weights are symmetric too, so nodes below 1/2 with twice their weight count for their images as well",
        *(_weight(t, s) for s in (0, 1)),
        formula=r"w(t) = w(1-t),\qquad \sum_i W_ie(t_i) = 2\sum_{t_i<1/2}W_ie(t_i)",
    )


def _weight(t: Any, mirrored: int) -> Any:
    import sympy as sp

    q = sp.Symbol("q", positive=True)
    s = 1 - t if mirrored else t
    return 1 / (q + (1 - 2 * q) * s) + 1 / (q + (1 - 2 * q) * (1 - s))


def numerical(twin: Twin = twin) -> Iterator[Step]:
    """A pure state of Alice, Bob and a qubit of Eve, biased: entropy and table of the mixture with its twin."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        amplitudes = [mp.mpf(k) for k in (7, 2, -1, 3, 2, 5, 4, -2)]
        size = mp.sqrt(sum(x * x for x in amplitudes))
        psi = [x / size for x in amplitudes]
        angle, other = mp.mpf(1) / 3, mp.mpf(6) / 7
        basis = [(mp.cos(angle), mp.sin(angle)), (-mp.sin(angle), mp.cos(angle))]
        bob = [(mp.cos(other), mp.sin(other)), (-mp.sin(other), mp.cos(other))]

        def eve(a: int, b: int) -> Any:
            """Eve's unnormalised state for the outcomes a and b."""
            pairs = [(i, j) for i in (0, 1) for j in (0, 1)]
            vector = [sum(basis[a][i] * bob[b][j] * psi[4 * i + 2 * j + e] for i, j in pairs) for e in (0, 1)]
            return mp.matrix([[x * y for y in vector] for x in vector])

        q = mp.mpf(1) / 10
        symbols = [eve(a, 0) + eve(a, 1) for a in (0, 1)]
        noisy = [(1 - q) * symbols[a] + q * symbols[1 - a] for a in (0, 1)]

        def flagged(first: Any, second: Any) -> Any:
            """One half of each, on the two values of the flag."""
            both = mp.matrix(4, 4)
            for i in (0, 1):
                for j in (0, 1):
                    both[i, j], both[2 + i, 2 + j] = first[i, j] / 2, second[i, j] / 2
            return both

        def entropy(states: Any) -> Any:
            total = states[0] + states[1]
            parts = [dense.entropy(dense.eigenvalues(state)) for state in states]
            return parts[0] + parts[1] - dense.entropy(dense.eigenvalues(total))

        mixture = [flagged(noisy[a], noisy[1 - a]) for a in (0, 1)]
        yield witness("H(A|E) of the mixture, q = 1/10", entropy(mixture), entropy(noisy))
        table = [[mp.re(dense.trace(eve(a, b))) for b in (0, 1)] for a in (0, 1)]
        mean = (table[0][0] + table[1][1]) / 2
        alice, bob_click = table[0][0] + table[0][1], table[0][0] + table[1][0]
        stated = twin(*(sp.Float(x, DIGITS + 5) for x in (alice, bob_click, table[0][0])))
        yield witness("<AB> of the mixture", mp.mpf(str(stated)), mean)


CLAIM = ProseClaim(
    name="flip-invariance",
    statement="For two outcomes a side and no post-selection, the entropy of Alice's symbol given Eve in a table P is "
    "at least its infimum over flip-invariant devices with the table (P + FP)/2, where F flips both parties' outcomes. "
    "For those the integrand of the entropy obeys e(t) = e(1-t), so half the nodes suffice.",
    formula=r"H(\hat A|E)_P \ge \inf_{\rho = F\rho,\ \frac{1}{2}(P+FP)}H(\hat A|E)_\rho,\qquad e(t) = e(1-t)",
    source="this project, after pironio2009",
    derivation=derivation,
    witness=numerical,
)
