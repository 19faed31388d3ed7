"""Closed forms of the PPT private states rho_{d,p}, in ball arithmetic, at a cost that does not grow with d."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import SupportsIndex

from flint import arb

from keybounds.enclosure import Real, ball, binary_entropy, enclose, nearest
from keybounds.errors import InputError
from keybounds.states.arguments import dimension, exact_fraction

_BITS = 128  # of relative accuracy; 38 digits, far beyond what rounding to a double on either side needs


@dataclass(frozen=True, slots=True, init=False, repr=False)
class PPTPrivateFamily:
    """One member rho_{d,p} of the PPT private states, known through its closed forms; see `ppt_private_state`.

    Every quantity is an `arb` ball that certainly contains it, to 128 leading bits or to 2^-1100; ``float()`` of it is
    the nearest double, fit for display, and `figures` gives all of them so. All logarithms are base 2 and all rates
    and entropies in bits (per copy of the state). With h the binary entropy, D2 the binary relative entropy and
    c = (1-p)/(p√d) (claims ``ppt-edge``, ``er-exact`` and ``er-exact-transpose``):

    - rho and rho^Γ are states, so both have negativity 0 and no distillable entanglement;
    - rho has the eigenvalues (1-p)/d² (d² times), p/(2d) (2d times) and 0;
    - rho^Γ has the eigenvalues (1-p)/(2d²) (2d² times), (p/2d)(1±c) (d times each) and 0.

    Parameters
    ----------
    d
        Dimension of each shield, at least 2, of any size.
    p
        Weight of the 01 and 10 blocks, in [1/(√d + 1), 1/2]; None means exactly the lower end, which is irrational
        unless d is a square. A given p is taken as the exact number it is, a float as its dyadic, and checked against
        the range in exact arithmetic. So a float that only approximates the lower end from below is refused: leave p
        out instead.

    Attributes
    ----------
    d
        As given.
    rational_p
        p as an exact fraction, or None at the lower end.

    Raises
    ------
    DimensionError
        d is not a whole number of at least 2.
    InputError
        p is outside its range; the message gives the lower end.

    Sources: christandl2021 (the family at the lower end, its key and the published ceiling); the rest this project.
    """

    d: int
    rational_p: Fraction | None

    def __init__(self, d: SupportsIndex, p: Real | None = None) -> None:
        size = dimension("d", d)
        object.__setattr__(self, "d", size)
        object.__setattr__(self, "rational_p", None if p is None else _checked_weight(size, p))

    def __repr__(self) -> str:
        return f"PPTPrivateFamily(d={self.d}, p={self.rational_p!r})"

    @property
    def at_edge(self) -> bool:
        """Whether p is exactly 1/(√d + 1), where the state stops being PPT."""
        return self.rational_p is None

    @property
    def edge(self) -> arb:
        """1/(√d + 1): the least p at which rho_{d,p} is PPT."""
        return enclose(self._edge, bits=_BITS)

    @property
    def p(self) -> arb:
        """Weight of the 01 and 10 blocks: the error rate of the key."""
        return enclose(self._p, bits=_BITS)

    @property
    def coherence(self) -> arb:
        """Coherence of rho^Γ between 01 and 10, c = (1-p)/(p√d), relative to its largest, 1, reached at the edge."""
        return enclose(self._coherence, bits=_BITS)

    @property
    def ppt_slack(self) -> arb:
        """(p/2d)(1-c): the eigenvalue of rho^Γ that would turn negative below the edge; exactly 0 there.

        The smallest eigenvalue of rho^Γ is 0 for every p of the range, as its support is never all of the space.
        """
        return enclose(lambda: self._p() * (1 - self._coherence()) / (2 * self.d), bits=_BITS)

    @property
    def transposed_coherence_norm(self) -> arb:
        """‖X^Γ‖_1 = 1/√d, of the shield operator X with ‖X‖_1 = 1: what partial transposition leaves of the key."""
        return enclose(self._root_inverse, bits=_BITS)

    @property
    def entropy(self) -> arb:
        """S(rho) = h(p) + (1-p) log d² + p log 2d."""

        def formula() -> arb:
            p, log_d = self._p(), _log2(arb(self.d))
            return binary_entropy(p) + (1 - p) * 2 * log_d + p * (1 + log_d)

        return enclose(formula, bits=_BITS)

    @property
    def transposed_entropy(self) -> arb:
        """S(rho^Γ) = h(p) + (1-p) log 2d² + p (log d + h((1+c)/2)); the last term vanishes at the edge."""

        def formula() -> arb:
            p, log_d = self._p(), _log2(arb(self.d))
            mixing = binary_entropy((1 + self._coherence()) / 2)
            return binary_entropy(p) + (1 - p) * (1 + 2 * log_d) + p * (log_d + mixing)

        return enclose(formula, bits=_BITS)

    @property
    def devetak_winter(self) -> arb:
        """1 - h(p) - p = 1 - H(1-p, p/2, p/2): a key rate that K(rho) reaches where positive; negative for small d.

        Devetak-Winter on the privacy-squeezed state, which is Bell-diagonal.
        """
        return self.advantage_distillation(1)

    def advantage_distillation(self, copies: SupportsIndex) -> arb:
        """Key rate of the repetition code on n copies, ((1-p)^n + p^n)/n · (1 - h(q) - q), q = p^n/((1-p)^n + p^n).

        Per copy of rho. A block of n survives with the first factor's numerator as probability; then it is wrong, and
        known to the adversary, with probability q, and else right and secret. Negative where this yields no key.

        Raises
        ------
        DimensionError
            `copies` is not a whole number of at least 1.
        """
        n = dimension("copies", copies, least=1)

        def formula() -> arb:
            p = self._p()
            wrong = p**n
            kept = (1 - p) ** n + wrong
            q = wrong / kept
            return kept / n * (1 - binary_entropy(q) - q)

        return enclose(formula, bits=_BITS)

    @property
    def relative_entropy_ceiling(self) -> arb:
        """1 - h(p) = D(rho_{d,p} ‖ rho_{d,1/2}) ≥ E_r(rho) ≥ K(rho): ceiling on the device-dependent key.

        rho_{d,1/2} is separable: its partial transpose is `separable_ensemble` at p = 1/2.
        """
        if self.rational_p == Fraction(1, 2):
            return arb(0)
        return enclose(lambda: 1 - binary_entropy(self._p()), bits=_BITS)

    @property
    def transpose_ceiling(self) -> arb:
        """Relative entropy of rho^Γ to `separable_ensemble`: a ceiling on the device-independent key of rho.

        p · D2((1+c)/2 ‖ (1+1/√d)/2) ≥ E_r(rho^Γ) ≥ K(rho^Γ) ≥ K_DI(rho). At the edge it is p (1 + log(1-p)).
        """
        if self.rational_p is None:

            def at_edge() -> arb:
                p = self._p()
                return p * (1 + (-p).log1p() / arb.const_log2())

            return enclose(at_edge, bits=_BITS)
        if self.rational_p == Fraction(1, 2):
            return arb(0)  # c = 1/√d: the ensemble is rho^Γ itself

        def formula() -> arb:
            c, r = self._coherence(), self._root_inverse()
            plus, minus = (1 + c) * _log2((1 + c) / (1 + r)), (1 - c) * _log2((1 - c) / (1 - r))
            return self._p() * (plus + minus) / 2

        return enclose(formula, bits=_BITS)

    @property
    def published_transpose_ceiling(self) -> arb:
        """The published ceiling on K(rho^Γ), p ≥ E_r(rho^Γ); never below `transpose_ceiling`.

        christandl2021 states it at the edge. It holds for every p of the range, by the same convexity: rho^Γ is a
        separable state with weight 1-p and the 01/10 block with weight p, and for the latter E_r ≤ 1, as one bit
        measures what dephasing the key, after which it is separable, costs in relative entropy.
        """
        return self.p

    def figures(self) -> dict[str, float]:
        """Every quantity of the class as the nearest double, by name: for tables and plots, never for a bound."""
        return {name: nearest(quantity(self)) for name, quantity in _FIGURES.items()}

    # The formulas' ingredients, at whatever working precision `enclose` has set.

    def _root_inverse(self) -> arb:
        return arb(self.d).rsqrt()

    def _edge(self) -> arb:
        return 1 / (arb(self.d).sqrt() + 1)

    def _p(self) -> arb:
        return self._edge() if self.rational_p is None else ball(self.rational_p)

    def _coherence(self) -> arb:
        if self.rational_p is None:
            return arb(1)
        return ball((1 - self.rational_p) / self.rational_p) * self._root_inverse()


_FIGURES: dict[str, Callable[[PPTPrivateFamily], arb]] = {
    "p": lambda family: family.p,
    "coherence": lambda family: family.coherence,
    "ppt_slack": lambda family: family.ppt_slack,
    "transposed_coherence_norm": lambda family: family.transposed_coherence_norm,
    "entropy": lambda family: family.entropy,
    "transposed_entropy": lambda family: family.transposed_entropy,
    "devetak_winter": lambda family: family.devetak_winter,
    "relative_entropy_ceiling": lambda family: family.relative_entropy_ceiling,
    "transpose_ceiling": lambda family: family.transpose_ceiling,
    "published_transpose_ceiling": lambda family: family.published_transpose_ceiling,
}


def _log2(x: arb) -> arb:
    return x.log() / arb.const_log2()


def _checked_weight(d: int, p: object) -> Fraction | None:
    """`p` as an exact fraction if 1/(√d + 1) < p ≤ 1/2, None if it is exactly the lower end."""
    exact = exact_fraction("p", p)
    # p ≥ 1/(√d + 1) reads √d ≥ (1-p)/p, and both sides are positive: compare the squares, which are rational.
    margin = d * exact * exact - (1 - exact) * (1 - exact)
    if not 0 < exact <= Fraction(1, 2) or margin < 0:
        edge = enclose(lambda: 1 / (arb(d).sqrt() + 1), bits=_BITS)
        raise InputError(
            "p",
            f"a weight in [1/(√d + 1), 1/2], here [{edge.str(25, radius=False)}, 0.5]; leave p out for the lower end",
            enclose(lambda: ball(exact)).str(25, radius=False),
        )
    return exact if margin else None
