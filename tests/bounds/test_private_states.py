"""Bounds on the PPT private states: the published figures, this project's, and their order."""

from __future__ import annotations

import math

import mpmath
import pytest

from keybounds.bounds import Status, Trust, Unit, check_pairs
from keybounds.bounds.lower import advantage_distillation, privacy_squeezing
from keybounds.bounds.upper import partial_transpose_bound, private_state_ceiling
from keybounds.errors import DimensionError, InputError
from keybounds.states import PPTPrivateFamily


def exact(d: int) -> dict[str, mpmath.mpf]:
    """The closed forms at 80 digits, written out anew."""
    p = 1 / (mpmath.sqrt(d) + 1)

    def h(x: mpmath.mpf) -> mpmath.mpf:
        return -x * mpmath.log(x, 2) - (1 - x) * mpmath.log(1 - x, 2)

    q = p**2 / (p**2 + (1 - p) ** 2)
    return {
        "squeezing": 1 - h(p) - p,
        "two copies": (p**2 + (1 - p) ** 2) / 2 * (1 - h(q) - q),
        "published": p,
        "transposed": p * (1 + mpmath.log(1 - p, 2)),
        "trusted": 1 - h(p),
    }


@pytest.mark.parametrize("d", [2, 9, 10, 24, 25, 64, 2**20, 2**200, 10**40 + 7])
def test_every_bound_is_the_closed_form_rounded_to_its_safe_side(d: int) -> None:
    with mpmath.workdps(120):
        forms = exact(d)
        family = PPTPrivateFamily(d)
        lower = {"squeezing": privacy_squeezing(family), "two copies": advantage_distillation(family, copies=2)}
        upper = {
            "published": partial_transpose_bound(family, method="published"),
            "transposed": partial_transpose_bound(family),
            "trusted": private_state_ceiling(family),
        }
        for name, bound in lower.items():
            value = max(forms[name], mpmath.mpf(0))
            assert mpmath.mpf(bound.value) <= value
            assert value <= mpmath.mpf(math.nextafter(bound.value, 2))
        for name, bound in upper.items():
            assert mpmath.mpf(math.nextafter(bound.value, 0)) <= forms[name] <= mpmath.mpf(bound.value)


def test_figures_of_two_to_the_twenty() -> None:
    family = PPTPrivateFamily(2**20)
    assert privacy_squeezing(family).value == pytest.approx(0.987860098290118, abs=1e-15)
    assert partial_transpose_bound(family).value == pytest.approx(9.74235907909e-4, rel=1e-11)


def test_scopes_keep_trusted_key_and_device_independent_ceiling_apart() -> None:
    family = PPTPrivateFamily(25)
    rows = [privacy_squeezing(family), private_state_ceiling(family), partial_transpose_bound(family)]
    assert rows[0].value > rows[2].value, "the gap that the family is about"
    assert [(c.lower.method, c.upper.method) for c in check_pairs(rows)] == [(rows[0].method, rows[1].method)]
    assert rows[2].scope.trust is Trust.DEVICE_INDEPENDENT
    assert {row.unit for row in rows} == {Unit.PER_COPY}


def test_one_copy_is_privacy_squeezing_and_rates_count_per_copy() -> None:
    family = PPTPrivateFamily(40)
    assert advantage_distillation(family, copies=1).value == privacy_squeezing(family).value
    many = [advantage_distillation(family, copies=n).value for n in (2, 4, 8)]
    assert all(value <= 1 / n for value, n in zip(many, (2, 4, 8), strict=True))
    assert advantage_distillation(PPTPrivateFamily(2), copies=20).value < 2.3e-5, "the success probability counts"


def test_small_d_has_no_key_by_squeezing_alone() -> None:
    bound = privacy_squeezing(PPTPrivateFamily(3))
    assert (bound.value, bound.status) == (0.0, Status.NO_KEY)
    assert bound.diagnostics["unclamped"] < 0


def test_off_the_edge_the_ceilings_fall_and_stay_valid() -> None:
    edge, inside, half = PPTPrivateFamily(4), PPTPrivateFamily(4, 0.4), PPTPrivateFamily(4, 0.5)
    for ceiling in (partial_transpose_bound, private_state_ceiling):
        values = [ceiling(family).value for family in (edge, inside, half)]
        assert values[0] > values[1] > values[2] == 0.0
    assert partial_transpose_bound(inside).subject == f"rho_(4, p={inside.rational_p})"
    assert partial_transpose_bound(inside).provenance["p"] == str(inside.rational_p)


def test_bad_input() -> None:
    with pytest.raises(InputError, match=r"^method"):
        partial_transpose_bound(PPTPrivateFamily(4), method="best")  # type: ignore[arg-type]
    with pytest.raises(DimensionError, match="copies"):
        advantage_distillation(PPTPrivateFamily(4), copies=0)
