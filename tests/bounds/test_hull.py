"""What one device leaves, of which the hull of the ceilings is made: the formula at forty digits, and exactly 0."""

from __future__ import annotations

import mpmath
import pytest
from flint import arb, ctx

from keybounds.bounds.link.hull import device_cost


def entropy(x: mpmath.mpf) -> mpmath.mpf:
    return -sum(p * mpmath.log(p, 2) for p in (x, 1 - x) if p)


@pytest.mark.parametrize(
    ("s", "q"), [(2.1, 0.01), (2.5, 0.08), (2.75, 0.0), (2.75, 0.2), (2.8125, 0.48), (2.03125, 0.0)]
)
def test_a_device_leaves_its_entropy_less_the_reconciliation(s: float, q: float) -> None:
    """I(A:B|E) = 1 - h(q) - h((1+C)/2) + h((1 + √(1 - q(1-q)(8-S²)))/2), C = √(S²/4 - 1)."""
    with ctx.workprec(200), mpmath.workdps(40):
        x, e = mpmath.mpf(s), mpmath.mpf(q)
        noisy = mpmath.sqrt(1 - e * (1 - e) * (8 - x * x))
        exact = 1 - entropy(e) - entropy((1 + mpmath.sqrt(x * x / 4 - 1)) / 2) + entropy((1 + noisy) / 2)
        found = device_cost(arb(s), arb(q))
        assert abs(mpmath.mpf(found.mid().str(45, radius=False)) - exact) < mpmath.mpf(10) ** -35
        assert exact > 0


@pytest.mark.parametrize(("s", "q"), [(2.1, 0.4), (2.5, 0.3125), (2.75, 0.5), (2.0, 0.0), (2.0, 0.25), (1.5, 0.1)])
def test_where_the_orthogonal_observable_attacks_nothing_is_left(s: float, q: float) -> None:
    """Exactly 0, and not below: a mixture with such a device would otherwise have too low a ceiling."""
    with ctx.workprec(200):
        assert device_cost(arb(s), arb(q)) == 0


def test_the_attack_begins_where_four_q_is_the_excess_over_the_square_root_of_two_less_one() -> None:
    with ctx.workprec(200):
        edge = (arb(2.5) - 2) / (4 * (arb(2).sqrt() - 1))
        hair = arb(2) ** -150
        assert device_cost(arb(2.5), edge + hair) == 0
        assert device_cost(arb(2.5), edge - hair) > 0.01
