"""Ceilings on the key of a noisy singlet's full table, in closed form.

The table is that of v Φ+ + (1-v) I/4 with Alice's Z and X and Bob's (Z+X)/√2, (Z-X)/√2 and Z, key from the two Z. Its
local visibility is 1/√2. Two attacks have the whole table: singlets mixed with deterministic points, of which Eve
forgets those in which Bob errs; and singlets whose key observables are orthogonal, mixed with deterministic points.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.chsh import check_error_rate
from keybounds.bounds.scope import Scope, Trust, one_way, two_way
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import InputError, UnknownNameError, real_number

KEY = (0, 2)
_TANGENTS = 400  # visibilities tried for the end of the chord


def visibility_ceiling(
    visibility: float,
    *,
    scope: Literal["two-way", "one-way"] = "two-way",
    noise: float = 0.0,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on the key of a singlet of visibility v, for protocols that may use the full table of its 2x3 settings.

    With v_L = 1/√2, w = (v-v_L)/(1-v_L) and d = (1-v)/2:

    - ``"one-way"`` with noise q: w + (1-w) h(q) - h(q + (1-2q) d).
    - ``"two-way"``: f(v) = (w+d)(1 - h(d/(w+d))) by convex combination, 0 for v <= v* = 1/(2-v_L) = .7735 by the
      orthogonal observable, and in between the best chord f(u) (v-v*)/(u-v*), u >= v: Eve mixes the two.

    Parameters
    ----------
    visibility
        v in [0, 1].
    scope
        The class of protocols; the key setting is (0, 2).
    noise
        q in [0, 1/2], of ``"one-way"`` only.
    subject, unit
        What the bound is about, and what a round is called.

    Raises
    ------
    InputError
        A number outside its range; noise with ``"two-way"``.
    UnknownNameError
        Another scope.

    Notes
    -----
    farkas2021; lukanowski2023; the claims ``convex-combination-attack``, ``orthogonal-observable-attack`` and
    ``ceiling-hull``.
    """
    v, q = real_number("visibility", visibility), check_error_rate(noise, "noise")
    if not 0.0 <= v <= 1.0:
        raise InputError("visibility", "a number in [0, 1]", repr(visibility))
    if scope not in ("two-way", "one-way"):
        raise UnknownNameError.among("scope", str(scope), ("two-way", "one-way"))
    if scope == "two-way" and q:
        raise InputError("noise", "0 with two-way discussion, of which it would be a part", repr(noise))
    end = _chord_end(v) if scope == "two-way" else v
    return upper_bound(
        enclose(lambda: _one_way(ball(v), ball(q)) if scope == "one-way" else _two_way(ball(v), ball(end))),
        unit=unit,
        scope=Scope(
            subject=subject or f"singlet of visibility {v!r}, 2x3 settings",
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=two_way(KEY) if scope == "two-way" else one_way(KEY, noise=q),
        ),
        method="convex combination" if scope == "one-way" else "convex combination and orthogonal observable",
        reference="farkas2021" if scope == "one-way" else "farkas2021; lukanowski2023",
        provenance={"visibility": v, "noise": q} | ({"chord_end": end} if scope == "two-way" else {}),
    )


def _local_visibility() -> arb:
    return arb(2).rsqrt()


def _weight(v: arb) -> arb:
    """Weight of the nonlocal rounds, 0 where the table is local."""
    local = _local_visibility()
    return ((v - local) / (1 - local)).nonnegative_part()


def _one_way(v: arb, q: arb) -> arb:
    w = _weight(v)
    return w + (1 - w) * binary_entropy(q) - binary_entropy(q + (1 - 2 * q) * (1 - v) / 2)


def _convex_combination(v: arb) -> arb:
    """f(v), for v certainly above v*."""
    d = (1 - v) / 2
    kept = _weight(v) + d
    return kept * (1 - binary_entropy(d / kept))


def _two_way(v: arb, end: arb) -> arb:
    top = 1 / (2 - _local_visibility())
    if v <= top:
        return arb(0)
    if not v > top:  # cannot be told apart at this precision
        return arb("nan")
    return _convex_combination(end) * (v - top) / (end - top)


def _chord_end(v: float) -> float:
    """Where the chord from (v*, 0) through v may well end: any end in [v, 1] gives a ceiling."""
    top = 1.0 / (2.0 - 0.5**0.5)
    if v <= top or v == 1.0:
        return v
    ends = np.linspace(max(v, top + 1e-9), 1.0, _TANGENTS)  # away from the zero of what is divided by
    d = (1.0 - ends) / 2.0
    kept = (ends - 0.5**0.5) / (1.0 - 0.5**0.5) + d
    share = np.clip(d / kept, 1e-300, 0.5)
    slope = kept * (1.0 + share * np.log2(share) + (1.0 - share) * np.log2(1.0 - share)) / (ends - top)
    return float(ends[int(slope.argmin())])
