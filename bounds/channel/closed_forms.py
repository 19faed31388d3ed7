"""Ceilings on the private capacity P_2 of standard channels in closed form: any public discussion, trusted devices.

For the teleportation-covariant ones they are E_r of the Choi state [pirandola2017; wilde2017]; the claims
``channel-closed-forms`` and ``pure-loss`` derive the values. Parameters are taken as the exact numbers that the doubles
are, values are rounded up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, SupportsIndex

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.scopes import loss_thing, parametrised_thing, private
from keybounds.channels.families import dephasing_choi, depolarizing_choi, erasure_choi
from keybounds.enclosure import ball, binary_entropy, enclose, log2, xlog2x
from keybounds.errors import InputError, UnknownNameError
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.states.arguments import dimension as whole_dimension
from keybounds.states.arguments import probability as checked_probability
from keybounds.thing import Thing

LossMethod = Literal["plob", "tgw"]
_LOSS_METHODS: tuple[LossMethod, ...] = ("plob", "tgw")


def pure_loss_ceiling(transmissivity: float, *, method: LossMethod = "plob") -> Bound:
    """Ceiling on the key through pure loss of transmissivity η, per use of one bosonic mode, with any energy.

    ``"plob"``: -log2(1-η), which is the capacity [pirandola2017]; ``"tgw"``: log2((1+η)/(1-η)), from squashing with a
    50:50 beam splitter [takeoka2014], never lower.

    Raises
    ------
    InputError
        η is outside [0, 1), 1 having no finite ceiling; an unknown `method`.
    """
    eta = checked_probability("transmissivity", transmissivity)
    if eta == 1.0:
        raise InputError("transmissivity", "less than 1 (a lossless mode has no finite ceiling)", repr(eta))
    if method not in _LOSS_METHODS:
        raise UnknownNameError.among("method", method, _LOSS_METHODS)
    plob = method == "plob"

    def formula() -> arb:
        kept = ball(eta)
        value = -(-kept).log1p() if plob else kept.log1p() - (-kept).log1p()
        return value / arb.const_log2()

    return _closed_form(
        formula,
        loss_thing(eta),
        "relative entropy of entanglement, -log(1-η)" if plob else "squashed entanglement, log((1+η)/(1-η))",
        "pirandola2017" if plob else "takeoka2014",
        ClosedForm("pure loss, ceiling" if plob else "pure loss, beam splitter", {"transmissivity": eta}),
    )


def erasure_ceiling(probability: float, dimension: SupportsIndex = 2) -> Bound:
    """Ceiling on the key through the erasure channel: (1-ε) log2 d, which is the capacity.

    Raises
    ------
    InputError, DimensionError
        ε = `probability` is outside [0, 1]; `dimension` is not a whole number of at least 2.

    Notes
    -----
    bennett1997 for the quantum capacity, goodenough2016 and pirandola2017 for key.
    """
    e, d = checked_probability("probability", probability), whole_dimension("dimension", dimension)
    return _closed_form(
        lambda: (1 - ball(e)) * log2(arb(d)),
        parametrised_thing(erasure_choi, e, d, f"erasure, ε = {e!r}, d = {d}"),
        "relative entropy of entanglement, (1-ε) log d",
        "pirandola2017",
        ClosedForm("erasure, ceiling", {"probability": e, "dimension": d}),
    )


def dephasing_ceiling(probability: float, dimension: SupportsIndex = 2) -> Bound:
    """Ceiling on the key through the dephasing channel: log2 d - h(p) - p log2(d-1), which is the capacity.

    For a qubit 1 - h(p). The errors Z^k, k = 1 … d-1, are equally likely; see `keybounds.channels.dephasing`.

    Raises
    ------
    InputError, DimensionError
        As `erasure_ceiling`, for p.
    """
    p, d = checked_probability("probability", probability), whole_dimension("dimension", dimension)
    return _closed_form(
        lambda: log2(arb(d)) - binary_entropy(ball(p)) - ball(p) * log2(arb(d - 1)),
        parametrised_thing(dephasing_choi, p, d, f"dephasing, p = {p!r}, d = {d}"),
        "relative entropy of entanglement, log d - H(errors)",
        "pirandola2017",
        ClosedForm("dephasing", {"probability": p, "dimension": d}),
    )


def depolarizing_ceiling(probability: float, dimension: SupportsIndex = 2) -> Bound:
    """Ceiling on the key through the depolarising channel: log2 d + F log2 F + (1-F) log2((1-F)/(d-1)) if F > 1/d.

    F = 1 - p + p/d² is the fidelity of the Choi state, which is isotropic; for F <= 1/d it is separable and the ceiling
    is 0. For a qubit it is 1 - h(3p/4).

    Raises
    ------
    InputError, DimensionError
        As `erasure_ceiling`, for p.

    Notes
    -----
    vollbrecht2001 for the value, pirandola2017 for the ceiling.
    """
    p, d = checked_probability("probability", probability), whole_dimension("dimension", dimension)

    def formula() -> arb:
        fidelity = 1 - ball(p) + ball(p) / (d * d)
        if fidelity <= arb(1) / d:
            return arb(0)
        rest = 1 - fidelity
        return log2(arb(d)) + xlog2x(fidelity) + xlog2x(rest) - rest * log2(arb(d - 1))

    return _closed_form(
        formula,
        parametrised_thing(depolarizing_choi, p, d, f"depolarising, p = {p!r}, d = {d}"),
        "relative entropy of entanglement, isotropic Choi state",
        "pirandola2017",
        ClosedForm("depolarising", {"probability": p, "dimension": d}),
    )


def _closed_form(formula: Callable[[], arb], thing: Thing, method: str, reference: str, form: ClosedForm) -> Bound:
    return upper_bound(
        enclose(formula),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(thing),
        method=method,
        reference=reference,
        provenance=form.inputs,
        certificate=form,
    )
