"""What a method is called is for readers: renamed, every bound stays what it was, and so does its certificate."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from keybounds.bounds import Bound, Direction
from keybounds.bounds.lower import (
    advantage_distillation,
    channel_hashing,
    erasure_rate,
    pair_parity,
    ppt_channel_pair_parity,
    ppt_channel_rate,
    privacy_squeezing,
    pure_loss_rate,
)
from keybounds.bounds.upper import (
    amplitude_damping_ceiling,
    channel_ceiling,
    channel_transpose_bound,
    choi_relative_entropy,
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    max_rains_information,
    max_relative_entropy,
    partial_transpose_bound,
    ppt_channel_ceiling,
    ppt_channel_quantum_ceiling,
    private_state_ceiling,
    pure_loss_ceiling,
)
from keybounds.channels import pure_loss
from keybounds.channels.families import amplitude_damping_choi, depolarizing_choi
from keybounds.channels.ppt_private import ppt_private_choi
from keybounds.proofs import certify, verify
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.states import PPTPrivateFamily

EDGE, INSIDE = PPTPrivateFamily(25), PPTPrivateFamily(8, Fraction("0.303"))
SECTORS, HALF = PPTPrivateFamily.sectors(3, 4, Fraction("0.49845")), PPTPrivateFamily(4, Fraction(1, 2))
HUGE, RATIONAL_EDGE = PPTPrivateFamily(2**200), PPTPrivateFamily.sectors(4, 9, Fraction(1, 3))

CLOSED_FORMS: dict[str, Callable[[], Bound]] = {
    **{
        f"{make.__name__} of {family}": (lambda make=make, family=family: make(family))
        for family in (EDGE, INSIDE, SECTORS, HALF, HUGE, RATIONAL_EDGE)
        for make in (
            privacy_squeezing,
            advantage_distillation,
            pair_parity,
            private_state_ceiling,
            partial_transpose_bound,
        )
    },
    **{
        f"{make.__name__} of {family}": (lambda make=make, family=family: make(family))
        for family in (EDGE, INSIDE, HALF, HUGE)
        for make in (
            ppt_channel_rate,
            ppt_channel_pair_parity,
            ppt_channel_ceiling,
            ppt_channel_quantum_ceiling,
            channel_transpose_bound,
        )
    },
    "published": lambda: partial_transpose_bound(EDGE, method="published"),
    "two copies through Λ": lambda: ppt_channel_rate(EDGE, copies=2),
    "loss rate": lambda: pure_loss_rate(0.3),
    "loss rate, none": lambda: pure_loss_rate(0.0),
    "loss": lambda: pure_loss_ceiling(0.3),
    "splitter": lambda: pure_loss_ceiling(0.3, method="tgw"),
    "erasure rate": lambda: erasure_rate(0.1, 3),
    "erasure": lambda: erasure_ceiling(0.1, 3),
    "erasure, all": lambda: erasure_ceiling(1.0, 10**8),
    "dephasing": lambda: dephasing_ceiling(0.1, 3),
    "dephasing, half": lambda: dephasing_ceiling(0.5),
    "depolarising": lambda: depolarizing_ceiling(0.1, 3),
    "depolarising, separable": lambda: depolarizing_ceiling(0.9),
    "damping": lambda: amplitude_damping_ceiling(0.3),
    "damping, none": lambda: amplitude_damping_ceiling(0.0),
    "damping, all": lambda: amplitude_damping_ceiling(1.0),
    "damping, nearly all": lambda: amplitude_damping_ceiling(1 - 2.0**-53),
    "damping, hardly": lambda: amplitude_damping_ceiling(1e-300),
}
OTHERS: dict[str, Callable[[], Bound]] = {
    "hashing": lambda: channel_hashing(amplitude_damping_choi(0.3)),
    "reverse hashing": lambda: channel_hashing(amplitude_damping_choi(0.3), direction="reverse"),
    "covariant": lambda: choi_relative_entropy(depolarizing_choi(0.1)),
    "max-relative entropy": lambda: max_relative_entropy(amplitude_damping_choi(0.3)),
    "max-Rains": lambda: max_rains_information(amplitude_damping_choi(0.3)),
    "least for loss": lambda: channel_ceiling(pure_loss(0.3)),
    "least for damping": lambda: channel_ceiling(amplitude_damping_choi(0.3)),
}
WITHOUT: dict[str, Callable[[], Bound]] = {
    "Λ recognised": lambda: channel_ceiling(ppt_private_choi(2)),
    "transposed, in general": lambda: channel_transpose_bound(ppt_private_choi(2)),
}


@pytest.mark.parametrize("name", [*CLOSED_FORMS, *OTHERS])
def test_every_certificate_is_accepted_and_forgets_display_text(name: str) -> None:
    bound = {**CLOSED_FORMS, **OTHERS}[name]()
    if name in CLOSED_FORMS:
        assert isinstance(bound.certificate, ClosedForm)
    written = certify(bound)
    renamed = certify(replace(bound, method="another name", provenance={}, diagnostics={}).about("another label"))
    assert renamed["kind"] == written["kind"]
    assert renamed["data"] == written["data"]
    first, second = verify(written), verify(renamed)
    assert first.accepted, first
    assert second.accepted, second


@pytest.mark.parametrize("name", [*CLOSED_FORMS, *OTHERS, *WITHOUT])
def test_renaming_a_method_at_its_source_changes_nothing_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make = {**CLOSED_FORMS, **OTHERS, **WITHOUT}[name]
    before = make()
    for module in MODULES:
        loaded = importlib.import_module(f"keybounds.bounds.{module}")
        for constructor in ("lower_bound", "upper_bound"):
            if hasattr(loaded, constructor):
                monkeypatch.setattr(loaded, constructor, renaming(getattr(loaded, constructor)))
    after = make()
    assert "renamed" in after.method
    assert (after.value, after.direction, after.unit, after.scope, after.status) == (
        before.value,
        before.direction,
        before.unit,
        before.scope,
        before.status,
    )
    assert after.certificate == before.certificate
    assert after.provenance == before.provenance


MODULES = (
    *(f"channel.{name}" for name in ("amplitude_damping", "ceiling", "choi", "closed_forms", "ppt_channels", "rates")),
    *(f"channel.{name}" for name in ("recognised", "semidefinite", "squashing", "transpose")),
    *(f"state.{name}" for name in ("bipartite", "pair_parity", "partial_transpose", "privacy_squeezing")),
    *(f"state.{name}" for name in ("private_state_ceilings", "private_state_rates")),
)


def renaming(constructor: Callable[..., Bound]) -> Callable[..., Bound]:
    def made(*arguments: Any, method: str, **named: Any) -> Bound:
        return constructor(*arguments, method="renamed", **named)

    return made


def test_no_label_makes_bounds_comparable() -> None:
    low, up = pure_loss_rate(0.9).about("it"), pure_loss_ceiling(0.3).about("it")
    assert low.subject == up.subject
    assert low.value > up.value
    assert (low.direction, up.direction) == (Direction.LOWER, Direction.UPPER)
    assert not low.scope.within(up.scope)
