"""Rounds multiply: sum p(i) prod u Q(rho_E^{a,c|i}|rho_{E|i}) <= (sup G)^n for devices with memory.

Products of sandwiched quasi-entropies over rounds are quantum probability estimation (zhang2020), generalised by
arqand2025 and arqandtan2025; the filtered state is that of the Rényi chain rule of dupuis2020. This is the case of
classical outcomes with test weights. wooltorton2026 shows that one natural tightening of the device-independent chain
rule cannot hold. None is used here: Q compares with Eve's own marginal, in the n rounds and in each of them, and a step
is an identity, Q(next|sigma) = Q(history|sigma) Q(omega^next|omega), whose second factor has omega's own marginal as
reference whatever sigma is. A reference that is optimised (H^up) would have to replace omega there, for which this
derivation gives nothing. That this is the tightening of wooltorton2026 is inferred from its abstract, not read in its
theorem; see docs/prior-art.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.dense import kron
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, witness
from keybounds.proofs.claim import ProseClaim, Step

Exponent = Callable[[Any], Any]

ALPHA_AT = "13/10"  # the order at which the witness is evaluated


def side_exponent(alpha: Any) -> Any:
    """s = (1-alpha)/(2 alpha), the power of sigma on each side of tau in Q(tau|sigma)."""
    return (1 - alpha) / (2 * alpha)


def filter_exponent(alpha: Any) -> Any:
    """(alpha-1)/(2 alpha), the power of omega_E in the filter."""
    return (alpha - 1) / (2 * alpha)


def filter_steps(filter_exponent: Exponent) -> Iterator[Step]:
    """Prove that the filter turns the prefix into a state, and Q given the prefix into Q of that state."""
    import sympy as sp

    alpha, t = symbol("alpha"), symbol("t")
    omega = sp.Symbol("omega", commutative=False)
    K = omega ** filter_exponent(alpha)
    yield cited(
        "let rho_E^h be Eve's state of weight Pr[h] after a history h, and rho_E its sum over histories with the same "
        "announcements. Put s = (1-alpha)/(2 alpha), X = rho_E^s rho_E^h rho_E^s and t = Tr X^alpha = "
        "Q(rho_E^h|rho_E), powers on supports; rho_E^h <= rho_E, so the support of rho_E^h is in that of rho_E",
        "textbook",
        formula=r"\omega_E = X^\alpha/t,\quad X = t^{1/\alpha}\omega_E^{1/\alpha}",
    )
    yield holds(
        "the filter F = t^{-1/(2 alpha)} omega_E^{(alpha-1)/(2 alpha)} rho_E^s on Eve's system gives the state of "
        "devices and Eve after h the Eve part F rho_E^h F* = omega_E: it is normalised",
        sp.simplify(K * t ** (1 / alpha) * omega ** (1 / alpha) * K * t ** (-1 / alpha) - omega) == 0,
        formula=r"t^{-1/\alpha}\,\omega_E^{\frac{\alpha-1}{2\alpha}}\,t^{1/\alpha}\omega_E^{1/\alpha}\,"
        r"\omega_E^{\frac{\alpha-1}{2\alpha}} = \omega_E",
    )
    yield identity(
        "omega_E^s undoes the power of omega_E in F, up to the projector on the support of X. An outcome's "
        "Y = rho_E^s rho_E^{h,next} rho_E^s is at most X, so that projector leaves it as it is",
        side_exponent(alpha) + filter_exponent(alpha),
        0,
        formula=r"\omega_E^s F = t^{-1/2\alpha}\,\Pi_X\,\rho_E^s",
    )
    Q = symbol("Q")
    yield identity(
        "so Q(F rho^{h,next} F*|omega_E) = Tr[(t^{-1/alpha} Y)^alpha] = Q(rho^{h,next}|rho_E)/t: the powers of t in "
        "F and the power alpha leave 1/t",
        (t ** (-1 / alpha)) ** alpha * Q,
        Q / t,
        formula=r"Q(\rho_E^{h,\mathrm{next}}|\rho_E) = Q(\rho_E^h|\rho_E)\,Q(\omega_E^{\mathrm{next}}|\omega_E)",
    )


def derivation(filter_exponent: Exponent = filter_exponent) -> Iterator[Step]:
    """Prove one round's factor, and let Eve act between rounds."""
    yield from filter_steps(filter_exponent)
    yield cited(
        "the filter acts on Eve's system, the devices on theirs: filtering before the round or after it is the same. "
        "So omega^next are Eve's states after one round of these devices, whatever their memory, on a normalised "
        "state omega; and the history, the inputs before and their order are part of the description of omega",
        "textbook (operators on different systems commute)",
        formula=r"\sum_{\mathrm{next}} p(i)\,u_c\,Q(\rho_E^{h,\mathrm{next}}|\rho_E) "
        r"= Q(\rho_E^h|\rho_E)\,G(\omega, \text{devices}) \le Q(\rho_E^h|\rho_E)\,\sup G",
    )
    yield cited(
        "between rounds Eve may map E to E' and a system for the devices by a channel that depends on all "
        "announcements so far; that does not raise Q of any history, both arguments being mapped alike, for alpha > 1",
        "frank2013, Theorem 1; beigi2013",
        formula=r"Q(\mathcal{N}(\tau)|\mathcal{N}(\sigma)) \le Q(\tau|\sigma)",
    )
    yield cited(
        "the reference after that is Eve's state given the announcements. It does not depend on outcomes that were not "
        "announced, as it is the sum over them, nor on inputs not yet announced: measuring the devices leaves Eve's "
        "part as it is. So the next round starts with the sum of its histories' states as reference again",
        "textbook (no signalling)",
        formula=r"\sum_{a,b}\rho_{E}^{a,b|i} = \rho_{E|i}",
    )
    yield cited(
        "by induction over the rounds, starting with Q(rho_E|rho_E) = Tr rho_E = 1",
        "textbook",
        formula=r"\sum_{i,a,c} p(i)\prod_k u_{c_k}\,Q(\rho_E^{a,c|i}|\rho_{E|i}) \le (\sup G)^n",
    )
    alpha = symbol("alpha")
    yield identity(
        "Q(rho_E|rho_E) is Tr rho_E: the power 2s + 1 of rho_E, to the power alpha",
        alpha * (2 * side_exponent(alpha) + 1),
        1,
        formula=r"\alpha(2s+1) = 1",
    )


def numerical(filter_exponent: Exponent = filter_exponent) -> Iterator[Step]:
    """Two rounds of two qubits with a memory, entangled with Eve: the product rule, from dense matrices."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        alpha = mp.mpf(13) / 10
        psi = renyi.pure_state(4, 4, 1)
        everything = mp.eye(4)
        rho = renyi.eve_state(psi, everything)
        exponent = mp.mpmathify(sp.N(filter_exponent(sp.Rational(ALPHA_AT)), DIGITS + 10))
        for first, second in ((0, 3), (1, 1)):
            after = _memory() * kron(renyi.projector(mp.mpf(1) / 3, first), mp.eye(2)) * psi
            outcome = kron(renyi.projector(mp.mpf(7) / 5, second >> 1), renyi.projector(mp.mpf(2), second & 1))
            history = renyi.eve_state(after, everything)
            both = renyi.eve_state(outcome * after, everything)
            t = renyi.sandwiched(history, rho, alpha)
            side = renyi.power(rho, (1 - alpha) / (2 * alpha))
            omega = renyi.power(side * history * side, alpha) / t
            filtered = renyi.power(omega, exponent) * side / t ** (1 / (2 * alpha))
            marginal = filtered * history * filtered.H
            yield witness(f"the filter leaves omega, outcome {first}", omega[0, 1], marginal[0, 1])
            yield witness(
                f"Q of outcomes {first}, {second} in two rounds with memory is the product of the rounds'",
                t * renyi.sandwiched(filtered * both * filtered.H, omega, alpha),
                renyi.sandwiched(both, rho, alpha),
            )


def _memory() -> Any:
    """A unitary of both devices together, without pattern."""
    import mpmath as mp

    q, _ = mp.qr(renyi.pseudorandom(4, 4, 5))
    return q


CLAIM = ProseClaim(
    name="renyi-chain-rule",
    statement="Let 1 < alpha <= 2 and let u_c >= 0 be fixed. In each of n rounds, in order, an input i_k is drawn by "
    "itself from p, two devices with memory give outcomes a, b, and c is a function of (a, b, i_k). Eve holds any "
    "system E, may act on it between rounds by any channel that also sends states to the devices and depends on what "
    "was announced of earlier rounds (inputs included), and learns nothing else of them. Then the sum over all "
    "histories of p(i) prod u_c Q(rho_E^{a,c|i}|rho_{E|i}) is at most (sup G)^n, where G is that sum for one round and "
    "the supremum runs over all states of devices and Eve and all measurements. Systems are finite-dimensional, of any "
    "dimension.",
    formula=r"\sum_{i,a,c} p(i)\prod_{k=1}^n u_{c_k}\,Q(\rho_E^{a,c|i}|\rho_{E|i}) \le (\sup G)^n,\quad "
    r"Q(\tau|\sigma) = \mathrm{Tr}\left[\left(\sigma^{\frac{1-\alpha}{2\alpha}}\tau"
    r"\sigma^{\frac{1-\alpha}{2\alpha}}\right)^\alpha\right]",
    source="this project, after dupuis2020, zhang2020 and arqand2025",
    derivation=derivation,
    witness=numerical,
)
