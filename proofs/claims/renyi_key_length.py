"""The Rényi key length: sup G <= max_S [(1-gamma+gamma u_0) Q*(S) + gamma (u_1-u_0)(1/2 + S/8)], and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims import renyi_chain_rule, renyi_chsh_lemma, renyi_privacy_amplification, renyi_qubits
from keybounds.proofs.claims.renyi_chain_rule import side_exponent
from keybounds.proofs.claims.renyi_chsh_lemma import key_sum
from keybounds.proofs.claims.renyi_qubits import bell_vectors, round_sum

Ceiling = Callable[[Any, Any, Any, Any, Any], Any]


def ceiling(q: Any, w: Any, gamma: Any, u0: Any, u1: Any) -> Any:
    """(1 - gamma + gamma u_0) q + gamma (u_1 - u_0) w: q bounds the sum over a, w is the winning probability."""
    return (1 - gamma + gamma * u0) * q + gamma * (u1 - u0) * w


def outcome_steps() -> Iterator[Step]:
    """Bound Q of both outcomes by Q of Alice's, and by the probability."""
    alpha = symbol("alpha")
    yield cited(
        "Bob's outcome splits Eve's state for a; the trace of X^alpha, alpha >= 1, is superadditive on matrices that "
        "are not negative. So for each x, y the sum over a and b is at most that over a",
        "textbook (McCarthy's inequality)",
        formula=r"\sum_{ab}Q(\omega^{ab|xy}|\omega) \le \sum_a Q(\omega^{a|x}|\omega) \le Q^*(S)",
    )
    yield cited(
        "let tau <= sigma and X = sigma^s tau sigma^s <= sigma^{1+2s} = sigma^{1/alpha}. As x^{alpha-1} is operator "
        "monotone for alpha - 1 in (0, 1], X^{alpha-1} <= sigma^{(alpha-1)/alpha}, so Tr X X^{alpha-1} <= Tr X "
        "sigma^{(alpha-1)/alpha}. Here alpha <= 2 is used",
        "textbook (Loewner-Heinz inequality)",
        formula=r"Q(\tau|\sigma) \le \mathrm{Tr}\,\sigma^s\tau\sigma^s\,\sigma^{(\alpha-1)/\alpha}",
    )
    yield identity(
        "1 + 2s = 1/alpha",
        1 + 2 * side_exponent(alpha),
        1 / alpha,
        formula=r"1+2s = 1/\alpha",
    )
    yield identity(
        "and the powers of sigma cancel: Q of an outcome is at most its probability",
        2 * side_exponent(alpha) + (alpha - 1) / alpha,
        0,
        formula=r"Q(\omega^{ab|xy}|\omega) \le \Pr[ab|xy]",
    )


def game_steps() -> Iterator[Step]:
    """Relate the winning probability to S."""
    import sympy as sp

    table = {(a, b, x, y): sp.Symbol(f"P_{a}{b}{x}{y}") for a in (0, 1) for b in (0, 1) for x in (0, 1) for y in (0, 1)}
    # the last entry of each setting follows from normalisation
    entries = {
        key: (1 - sum(table[a, b, *key[2:]] for a, b in ((0, 0), (0, 1), (1, 0))) if key[:2] == (1, 1) else value)
        for key, value in table.items()
    }
    won = sum(value for (a, b, x, y), value in entries.items() if a ^ b == x * y) / 4
    S = sum((-1) ** (a + b + x * y) * value for (a, b, x, y), value in entries.items())
    yield identity(
        "with uniform x and y the game a + b = xy is won with probability 1/2 + S/8, S = E_00 + E_01 + E_10 - E_11",
        sp.expand(won),
        sp.expand(sp.Rational(1, 2) + S / 8),
        formula=r"w(S) = \frac{1}{2}+\frac{S}{8}",
    )


def derivation(ceiling: Ceiling = ceiling) -> Iterator[Step]:
    """Prove the ceiling on G, and put the pieces together."""
    import sympy as sp

    q, w, gamma, u0, d = (symbol(name) for name in ("q", "w", "gamma", "u_0", "d"))
    lost, every = symbol("L"), symbol("T")
    yield from outcome_steps()
    yield from game_steps()
    yield identity(
        "write u_c = u_0 + (u_1 - u_0) [c = 1], with T and W the sums of Q over all outcomes and over won ones: "
        "u_0 (T - W) + u_1 W",
        u0 * (every - lost) + (u0 + d) * lost,
        u0 * every + d * lost,
        formula=r"\sum u_c Q = u_0 T + (u_1-u_0) W,\quad T \le Q^*(S),\ W \le w(S)",
    )
    yield identity(
        "with u_1 >= u_0 >= 0 both coefficients are not negative, and T and W may be replaced by their bounds",
        (1 - gamma) * q + gamma * (u0 * q + d * w),
        ceiling(q, w, gamma, u0, u0 + d),
        formula=r"G \le (1-\gamma+\gamma u_0)\,Q^*(S) + \gamma(u_1-u_0)\,w(S)",
    )
    free, tested = symbol("z"), symbol("y")
    yield positive(
        "for 0 < gamma < 1 the coefficients are positive",
        (1 - gamma + gamma * u0).subs(gamma, 1 / (1 + free)),
        tested * d,
        formula=r"1-\gamma+\gamma u_0 > 0,\quad \gamma(u_1-u_0) \ge 0",
    )
    yield holds(
        "two qubits suffice (renyi-qubits) and have Q* (renyi-chsh-lemma). Blocks with a certain outcome have S <= 2, "
        "where Q* = 1 and the ceiling does not fall with S; so the greatest value over S in [2, 2 sqrt 2] bounds every "
        "block, and G, which is a mean over blocks",
        _proved(renyi_qubits.CLAIM) and _proved(renyi_chsh_lemma.CLAIM),
        formula=r"\sup G \le \max_{2\le S\le 2\sqrt{2}}\left[(1-\gamma+\gamma u_0)Q^*(S)+\gamma(u_1-u_0)w(S)\right]",
    )
    yield identity(
        "it is below the simpler ceiling (1-gamma) Q* + gamma (u_0 (1-w) + u_1 w) by gamma u_0 (1 - Q*)",
        (1 - gamma) * q + gamma * (u0 * (1 - w) + (u0 + d) * w) - ceiling(q, w, gamma, u0, u0 + d),
        gamma * u0 * (1 - q),
        formula=r"(1-\gamma)Q^* + \gamma(u_0(1-w)+u_1w)",
    )
    S = symbol("S")
    yield holds(
        "S = 2 sqrt(1 + C^2) sweeps [2, 2 sqrt 2] as C sweeps [0, 1], and p = (1 + C)/2",
        sp.simplify(sp.sqrt(S**2 / 4 - 1).subs(S, 2 * sp.sqrt(1 + symbol("C") ** 2)) - symbol("C")) == 0,
        formula=r"C = \sqrt{S^2/4-1}",
    )
    yield holds(
        "the rounds multiply (renyi-chain-rule), and hashing turns their sum into key (renyi-privacy-amplification)",
        _proved(renyi_chain_rule.CLAIM) and _proved(renyi_privacy_amplification.CLAIM),
        formula=r"\kappa = -\frac{1}{\alpha-1}\log\max_S[\ldots]",
    )


def _proved(claim: ProseClaim) -> bool:
    """Whether the derivation of another claim, run now, proves it."""
    return all(step.holds for step in claim.derivation())


def numerical(ceiling: Ceiling = ceiling) -> Iterator[Step]:
    """G of dense states and measurements, against the ceiling at their own S."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        alpha, gamma, u = mp.mpf(13) / 10, mp.mpf(1) / 4, (mp.mpf(1) / 2, mp.mpf(5) / 4)
        phi = [mp.matrix([sp.N(e, DIGITS + 10) for e in v]) for v in bell_vectors()]
        C = mp.mpf(3) / 4
        half = mp.atan(C) / 2
        family = [(1 + C) / 2, (1 - C) / 2, mp.mpf(0), mp.mpf(0)]
        best = (mp.mpf(0), mp.pi / 2, 2 * half, -2 * half)
        noisy = [mp.mpf(v) / 100 for v in (85, 7, 5, 3)]
        generic = (mp.mpf(1) / 5, mp.mpf(9) / 5, mp.mpf(1), mp.mpf(-1) / 2)
        for name, weights, angles in (("attaining", family, best), ("noisy", noisy, generic)):
            rho = renyi.total([w * v * v.H for w, v in zip(weights, phi, strict=True)])
            S = _chsh(weights, angles)
            order = sp.Rational(13, 10)
            p = mp.mpf(1) / 2 + mp.sqrt(max(S * S / 4 - 1, mp.mpf(0))) / 2
            x = sp.Symbol("x")
            stated = ceiling(number(key_sum(order, x), {x: p}), mp.mpf(1) / 2 + S / 8, gamma, *u)
            found = round_sum(rho, angles, alpha, gamma, u)
            yield holds(
                f"{name} device, S = {mp.nstr(S, 8)}: G is below the ceiling",
                found <= stated,
                detail=f"{mp.nstr(found, 10)} against {mp.nstr(stated, 10)}",
                ground=Ground.WITNESS,
            )


def _chsh(weights: list[Any], angles: tuple[Any, Any, Any, Any]) -> Any:
    """S of a Bell-diagonal state measured along cos Z + sin X."""
    import mpmath as mp

    a, b, c, d = weights
    t = a + b - c - d, a - b + c - d

    def correlator(x: int, y: int) -> Any:
        return t[0] * mp.cos(angles[x]) * mp.cos(angles[2 + y]) + t[1] * mp.sin(angles[x]) * mp.sin(angles[2 + y])

    return correlator(0, 0) + correlator(0, 1) + correlator(1, 0) - correlator(1, 1)


CLAIM = ProseClaim(
    name="renyi-key-length",
    statement="n rounds in order, each tested with probability gamma at uniform x, y, key setting (0, 2), inputs "
    "drawn by themselves; whether a round is tested is announced at once, the settings then or at the end; a herald "
    "in Eve's hands may send the states round by round. Assumed: Eve learns of the devices only what is announced, "
    "after the round's state is fixed; Alice's device does not learn whether a round is tested; 1 < alpha <= 2, f_0 "
    "<= f_1, r and the rest are fixed before the data; the hash is exactly uniform. Then the key of "
    "renyi-privacy-amplification holds with this kappa, for general attacks and devices with memory.",
    formula=r"\kappa = -\frac{1}{\alpha-1}\log\max_{2\le S\le 2\sqrt{2}}\left[(1-\gamma+\gamma u_0)\,Q^*(S) "
    r"+ \gamma(u_1-u_0)\left(\frac{1}{2}+\frac{S}{8}\right)\right],\quad u_c = 2^{(\alpha-1)f_c}",
    source="this project, after zhang2020, arqand2025 and hahn2025",
    derivation=derivation,
    witness=numerical,
)
