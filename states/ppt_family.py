"""Closed forms of the PPT private states, in ball arithmetic, at a cost that does not grow with the dimensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import SupportsIndex

from flint import arb

from keybounds.enclosure import Real, ball, binary_entropy, enclose, log2, nearest, xlog2x
from keybounds.errors import DimensionError, InputError, UnsupportedError
from keybounds.states.arguments import dimension, exact_fraction

_BITS = 128  # of relative accuracy; 38 digits, far beyond what rounding to a double on either side needs
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class PPTPrivateFamily:
    """One PPT private state, known through its closed forms: rho_{d,p}, or one whose sectors are unequal.

    ``PPTPrivateFamily(d, p)`` is rho_{d,p} of `ppt_private_state`, key qubits with shields of dimension d;
    ``PPTPrivateFamily.sectors(m, n, p)`` is the state of `unequal_sector_state`, whose key is a choice between sectors
    of dimensions m and n. Equal sectors m = n = d are rho_{d,p}.

    Every quantity is an `arb` ball that certainly contains it, to 128 leading bits or to 2^-1100; ``float()`` of it is
    the nearest double, fit for display, and `figures` gives all of them so. All logarithms are base 2 and all rates
    and entropies in bits (per copy of the state). With h the binary entropy, D2 the binary relative entropy,
    r = (1-p)/p, c = r/√d and A_r = ½ [[1/m, r/(m√n)], [r/(m√n), 1/n]] (claims ``ppt-edge``, ``er-exact``,
    ``er-exact-transpose`` and ``unequal-sectors``):

    - rho and rho^Γ are states, so both have negativity 0 and no distillable entanglement;
    - rho has the eigenvalues (1-p)/mn (mn times), p/2m (m times), p/2n (n times) and 0;
    - rho^Γ has the eigenvalues (1-p)/2mn (2mn times), those of p A_r (m times each), p/2n (n-m times) and 0; those of
      p A_r are (p/2d)(1±c) if the sectors are equal.

    Parameters
    ----------
    d
        Dimension of each shield, at least 2, of any size.
    p
        Weight of the 01 and 10 blocks, in [1/(√m + 1), 1/2], m = d; None means exactly the lower end, which is
        irrational unless d is a square. A given p is taken as the exact number it is, a float as its dyadic, and
        checked against the range in exact arithmetic. So a float that only approximates the lower end from below is
        refused: leave p out instead.

    Attributes
    ----------
    m, n
        Dimensions of the sectors, m ≤ n.
    rational_p
        p as an exact fraction, or None for rho_{d,p} at the lower end.

    Raises
    ------
    DimensionError
        d is not a whole number of at least 2.
    InputError
        p is outside its range; the message gives the lower end.

    Sources: christandl2021 (the family at the lower end, its key and the published ceiling); the rest this project.
    """

    m: int
    n: int
    rational_p: Fraction | None

    def __init__(self, d: SupportsIndex, p: Real | None = None) -> None:
        size = dimension("d", d)
        exact = None if p is None else _checked_weight(size, p)
        self._fill(size, size, None if exact is None or _is_edge(size, exact) else exact)

    @classmethod
    def sectors(cls, m: SupportsIndex, n: SupportsIndex, p: Real) -> PPTPrivateFamily:
        """The state with sectors of dimensions m ≤ n, and p in [1/(√m + 1), 1/2] as a number.

        Raises
        ------
        DimensionError
            Not whole numbers with 2 ≤ m ≤ n.
        InputError
            p is outside its range.
        """
        small, large = dimension("m", m), dimension("n", n)
        if small > large:
            raise DimensionError("n", f"at least m = {small} (exchange the parties otherwise)", str(large))
        if small == large:
            return cls(small, p)
        state = cls.__new__(cls)
        state._fill(small, large, _checked_weight(small, p))
        return state

    def _fill(self, m: int, n: int, p: Fraction | None) -> None:
        for name, value in (("m", m), ("n", n), ("rational_p", p)):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        if self.equal_sectors:
            return f"PPTPrivateFamily(d={self.m}, p={self.rational_p!r})"
        return f"PPTPrivateFamily.sectors(m={self.m}, n={self.n}, p={self.rational_p!r})"

    def __str__(self) -> str:
        """As tables call it: rho_25 at the lower end, rho_(4, p=9/20), rho_(3+4, p=9/20)."""
        if self.rational_p is None:
            return f"rho_{self.m}"
        return f"rho_({self.m if self.equal_sectors else f'{self.m}+{self.n}'}, p={self.rational_p})"

    @property
    def equal_sectors(self) -> bool:
        """Whether it is rho_{d,p}."""
        return self.m == self.n

    @property
    def d(self) -> int:
        """Dimension of the shields of rho_{d,p}.

        Raises
        ------
        UnsupportedError
            The sectors are unequal.
        """
        if not self.equal_sectors:
            raise UnsupportedError("state", "equal sectors, which are key qubits with shields", str(self))
        return self.m

    @property
    def side(self) -> int:
        """Dimension m + n of Alice's system, and of Bob's."""
        return self.m + self.n

    @property
    def at_edge(self) -> bool:
        """Whether p is exactly 1/(√m + 1), where the state stops being PPT."""
        return self.rational_p is None or _is_edge(self.m, self.rational_p)

    @property
    def edge(self) -> arb:
        """1/(√m + 1): the least p at which the state is PPT."""
        return enclose(self._edge, bits=_BITS)

    @property
    def p(self) -> arb:
        """Weight of the 01 and 10 blocks: the error rate of the key."""
        return enclose(self._p, bits=_BITS)

    @property
    def coherence(self) -> arb:
        """Coherence of rho^Γ between 01 and 10, c = (1-p)/(p√m), relative to its largest, 1, reached at the edge."""
        return enclose(self._coherence, bits=_BITS)

    @property
    def ppt_slack(self) -> arb:
        """The eigenvalue of rho^Γ that would turn negative below the edge, the lesser one of p A_r; exactly 0 there.

        It is (p/2d)(1-c) for equal sectors. The smallest eigenvalue of rho^Γ is 0 for every p of the range, as its
        support is never all of the space.
        """
        if self.at_edge:
            return arb(0)
        return enclose(lambda: self._p() * self._block_eigenvalues()[1], bits=_BITS)

    @property
    def transposed_coherence_norm(self) -> arb:
        """‖X^Γ‖_1 = 1/√n, of the shield operator X with ‖X‖_1 = 1: what partial transposition leaves of the key."""
        return enclose(arb(self.n).rsqrt, bits=_BITS)

    @property
    def entropy(self) -> arb:
        """S(rho) = h(p) + (1-p) log mn + p (1 + ½ log mn)."""

        def formula() -> arb:
            p, log_mn = self._p(), log2(arb(self.m * self.n))
            return binary_entropy(p) + (1 - p) * log_mn + p * (1 + log_mn / 2)

        return enclose(formula, bits=_BITS)

    @property
    def transposed_entropy(self) -> arb:
        """S(rho^Γ) = h(p) + (1-p) log 2mn + p (m S(A_r) + ((n-m)/2n) log 2n), S(A) = -tr A log A.

        The bracket is log d + h((1+c)/2) for equal sectors, whose last term vanishes at the edge.
        """

        def formula() -> arb:
            p, m, n = self._p(), self.m, self.n
            if self.equal_sectors:
                mixing = log2(arb(n)) + binary_entropy((1 + self._coherence()) / 2)
            else:
                own = sum((-xlog2x(value) for value in self._block_eigenvalues()), arb(0))
                mixing = m * own + ball(Fraction(n - m, 2 * n)) * log2(arb(2 * n))
            return binary_entropy(p) + (1 - p) * log2(arb(2 * m * n)) + p * mixing

        return enclose(formula, bits=_BITS)

    @property
    def devetak_winter(self) -> arb:
        """1 - h(p) - p = 1 - H(1-p, p/2, p/2): a key rate that K(rho) reaches where positive; negative for small m.

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
        """1 - h(p) = D(rho_p ‖ rho_{1/2}) ≥ E_r(rho_p) ≥ K(rho_p): ceiling on the device-dependent key.

        rho_{1/2} is separable: its partial transpose is the ensemble of `transpose_ceiling` at p = 1/2.
        """
        if self.rational_p == _HALF:
            return arb(0)
        return enclose(lambda: 1 - binary_entropy(self._p()), bits=_BITS)

    @property
    def transpose_ceiling(self) -> arb:
        """Relative entropy of rho^Γ to a separable ensemble: a ceiling on the device-independent key of rho.

        p m D(A_r ‖ A_1) ≥ E_r(rho^Γ) ≥ K(rho^Γ) ≥ K_DI(rho), D(A ‖ B) = tr A (log A - log B). For equal sectors it is
        p · D2((1+c)/2 ‖ (1+1/√d)/2), and at the edge p (1 + log(1-p)). The ensembles are `separable_ensemble` and
        `unequal_sector_ensemble`.
        """
        if self.rational_p == _HALF:
            return arb(0)  # r = 1: the ensemble is rho^Γ itself
        if not self.equal_sectors:
            return enclose(self._block_divergence, bits=_BITS)
        return enclose(self._edge_divergence if self.at_edge else self._binary_divergence, bits=_BITS)

    @property
    def published_transpose_ceiling(self) -> arb:
        """The published ceiling on K(rho^Γ), p ≥ E_r(rho^Γ); never below `transpose_ceiling`.

        christandl2021 states it for equal sectors at the edge. It holds for every state of the class, by the same
        convexity: rho^Γ is a separable state with weight 1-p and the 01/10 block with weight p, and for the latter
        E_r ≤ 1, as one bit measures what dephasing the key, after which it is separable, costs in relative entropy.
        """
        return self.p

    def figures(self) -> dict[str, float]:
        """Every quantity of the class as the nearest double, by name: for tables and plots, never for a bound."""
        return {name: nearest(quantity(self)) for name, quantity in _FIGURES.items()}

    # The formulas' ingredients, at whatever working precision `enclose` has set.

    def _edge(self) -> arb:
        return 1 / (arb(self.m).sqrt() + 1)

    def _p(self) -> arb:
        return self._edge() if self.rational_p is None else ball(self.rational_p)

    def _coherence(self) -> arb:
        if self.rational_p is None or self.at_edge:
            return arb(1)
        return ball(_odds(self.rational_p)) * arb(self.m).rsqrt()

    def _block_eigenvalues(self) -> tuple[arb, arb]:
        """Of A_r, the larger first."""
        if self.rational_p is None:
            return arb(1) / self.m, arb(0)
        if self.equal_sectors:
            c = self._coherence()
            return (1 + c) / (2 * self.m), (1 - c) / (2 * self.m)
        return _eigenvalues(self.m, self.n, _odds(self.rational_p))

    def _edge_divergence(self) -> arb:
        p = self._p()
        return p * (1 + (-p).log1p() / arb.const_log2())

    def _binary_divergence(self) -> arb:
        c, s = self._coherence(), arb(self.m).rsqrt()
        plus, minus = (1 + c) * log2((1 + c) / (1 + s)), (1 - c) * log2((1 - c) / (1 - s))
        return self._p() * (plus + minus) / 2

    def _block_divergence(self) -> arb:
        p, m, n = self.rational_p, self.m, self.n
        assert p is not None
        own = sum((xlog2x(value) for value in self._block_eigenvalues()), arb(0))
        high, low = _eigenvalues(m, n, Fraction(1))
        slope = log2(high / low) / (high - low)  # log2 A_1 = offset + slope A_1
        offset = log2(high) - slope * high
        overlap = (Fraction(1, m * m) + Fraction(1, n * n) + 2 * _odds(p) / (m * m * n)) / 4  # tr A_r A_1
        return ball(p * m) * (own - offset * ball(_trace(m, n)) - slope * ball(overlap))


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


def _odds(p: Fraction) -> Fraction:
    return (1 - p) / p


def _trace(m: int, n: int) -> Fraction:
    """Of A_r."""
    return (Fraction(1, m) + Fraction(1, n)) / 2


def _eigenvalues(m: int, n: int, r: Fraction) -> tuple[arb, arb]:
    """Of A_r, the larger first."""
    trace, determinant = _trace(m, n), (m - r * r) / (4 * m * m * n)
    high = (ball(trace) + ball(trace * trace - 4 * determinant).sqrt()) / 2
    return high, ball(determinant) / high


def _is_edge(m: int, p: Fraction) -> bool:
    return m * p * p == (1 - p) * (1 - p)


def _checked_weight(m: int, p: object) -> Fraction:
    """`p` as an exact fraction in [1/(√m + 1), 1/2]."""
    exact = exact_fraction("p", p)
    # p ≥ 1/(√m + 1) reads √m ≥ (1-p)/p, and both sides are positive: compare the squares, which are rational.
    if not 0 < exact <= _HALF or m * exact * exact < (1 - exact) * (1 - exact):
        edge = enclose(lambda: 1 / (arb(m).sqrt() + 1), bits=_BITS)
        raise InputError(
            "p",
            f"a weight in [1/(√m + 1), 1/2], m = {m}, here [{edge.str(25, radius=False)}, 0.5]; leave p out for the "
            "lower end",
            enclose(lambda: ball(exact)).str(25, radius=False),
        )
    return exact
