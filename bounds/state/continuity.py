"""What the repair of a matrix may change: continuity margins of the bounds on states.

A matrix in doubles is hardly ever a state. Bounds are computed for a state ω next to it, and stated for *every* state ρ
within a given trace distance of the matrix; no such ρ is further than some ε from ω, half the trace norm. With

    g(x) = (1+x) h(x/(1+x)),    h the binary entropy,

the margins are as follows. All rest on one argument [winter2016]: with ρ - ω = Δ₊ - Δ₋, the state
(ρ + Δ₋)/(1+ε) = (ω + Δ₊)/(1+ε) is a mixture of ρ with something and of ω with something, both at weight 1/(1+ε).

- Relative entropy of entanglement, over separable as over PPT states: it is convex, a mixture of parts p_i has at least
  their mean less H(p), and it is at most log2 min(dA,dB). Hence E_r(ρ) <= E_r(ω) + ε log2 min(dA,dB) + g(ε).
- Coherent information S(B) - S(AB) = -H(A|B): it lies in [-log2 dA, log2 dA], is convex, and a mixture has at least the
  mean less H(p): it changes by at most 2ε log2 dA + g(ε).
- ½ I(A;B|E'): I = H(A|E') - H(A|BE'), so that a mixture has the mean up to H(p) either way, and it is at most
  2 log2 min(dA,dB). So extensions at trace distance θ differ by at most θ log2 min(dA,dB) + g(θ), and it remains to
  find an extension of ρ near the explicit one of ω (`extension_distance`). For the trivial extension θ = ε.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from flint import arb

from keybounds.enclosure import ball, binary_entropy, log2

Distance: TypeAlias = Fraction | arb


def entanglement_margin(distance: Distance, dims: tuple[int, int]) -> arb:
    """x log2 min(dA,dB) + g(x): for E_r at x = ε, for ½ I(A;B|E') at x = θ; at the working precision."""
    x = ball(distance)
    return arb(0) if x.is_zero() else x * log2(arb(min(dims))) + _mixing(x)


def conditional_entropy_margin(distance: Distance, dimension: int) -> arb:
    """2ε log2 d + g(ε) for an entropy of a system of dimension d given another; at the working precision."""
    x = ball(distance)
    return arb(0) if x.is_zero() else 2 * x * log2(arb(dimension)) + _mixing(x)


def extension_distance(distance: Distance, least: arb, rest: arb) -> arb:
    """θ: how near to an extension of ω there is one of ρ, at trace distance ε = `distance` of ω.

    The extension of ω is made of a purification by columns, ω = LL†, and an isometry V from E to E'F. Some columns K
    may be kept apart from the others Q: V takes the levels K and Q of E to different levels of F. Let γ = `least` be no
    greater than the least eigenvalue of L_K†L_K, and τ = `rest` no less than ‖L_Q‖² = tr L_Q†L_Q.

    - ρ has a purification with L' = √ρ W, for the unitary W with L = √ω W. By Uhlmann's theorem another one is within
      √(ε(2-ε)) of L; isometries and partial traces bring states no further apart. So much is always enough.
    - Y = L' - L satisfies √ρ Y + Y B = (ρ-ω) W with B = √(L†L), hence on the columns K
      √ρ Y_K + Y_K B_KK = (ρ-ω) W_K - Y_Q B_QK. With ‖ρ-ω‖_2 <= √2 ε, ‖Y‖_2 <= √(2ε) (Powers-Størmer),
      ‖B_QK‖² <= tr (B²)_QQ = τ and B_KK² = (B²)_KK - B_KQ B_QK >= γ - τ, the solution of this Sylvester equation has

          ‖Y_K‖_2 <= η = (√2 ε + √(2ετ)) / √(γ-τ).

      Tracing out F leaves no coherence between K and Q. So the extensions are within ‖Y_K‖ for K, and for Q half
      the sum of their weights τ and 1 - ‖L'_K‖² <= τ + 2η: together θ = τ + 2η.

    The second is linear in ε also for a singular ω, if what rounding adds to it is kept apart.
    """
    x = ball(distance)
    if x.is_zero():
        return arb(0)
    capped = x.min(arb(1))
    always = (capped * (2 - capped)).sqrt()
    if not least > rest:
        return always
    root = (2 * x * x).sqrt() + (2 * x * rest).sqrt()
    return always.min(rest + 2 * root / (least - rest).sqrt())


def _mixing(x: arb) -> arb:
    """g(x)."""
    return (1 + x) * binary_entropy(x / (1 + x))
