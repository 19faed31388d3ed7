"""Ceilings on the key of a noisy singlet's full table, in closed form.

The table is that of v Φ+ + (1-v) I/4 with Alice's Z and X and Bob's (Z+X)/√2, (Z-X)/√2 and Z, key from the two Z. Its
local visibility is 1/√2. Two attacks have the whole table: singlets mixed with deterministic points, of which Eve
forgets those in which Bob errs; and singlets whose key observables are orthogonal, mixed with deterministic points.
"""

from __future__ import annotations

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import Scope, Trust
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import InputError, QuestionError, real_number
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.protocol import Discussion, Protocol
from keybounds.thing import Thing

KEY = (0, 2)
_TANGENTS = 400  # visibilities tried for the end of the chord


def visibility_ceiling(visibility: float, protocol: Protocol) -> Bound:
    """Ceiling on the key of a singlet of visibility v, for protocols that may use the full table of its 2x3 settings.

    With v_L = 1/√2, w = (v-v_L)/(1-v_L) and d = (1-v)/2:

    - ``one_way((0, 2), noise=q)``: w + (1-w) h(q) - h(q + (1-2q) d), 0 for q = 1/2.
    - ``two_way((0, 2))``: f(v) = (w+d)(1 - h(d/(w+d))) by convex combination, 0 for v <= v* = 1/(2-v_L) = .7735 by the
      orthogonal observable, and in between the best chord f(u) (v-v*)/(u-v*), u >= v: Eve mixes the two.

    Parameters
    ----------
    visibility
        v in [0, 1].
    protocol
        The class of protocols.

    Returns
    -------
    Bound
        UPPER, in bits per round of the key setting.

    Raises
    ------
    InputError
        `visibility` outside [0, 1].
    QuestionError
        Another class, another key setting, or post-selection.

    Notes
    -----
    farkas2021; lukanowski2023; the claims ``convex-combination-attack``, ``orthogonal-observable-attack`` and
    ``ceiling-hull``.
    """
    v = real_number("visibility", visibility)
    if not 0.0 <= v <= 1.0:
        raise InputError("visibility", "a number in [0, 1]", repr(visibility))
    if not _covered(protocol):
        expected = f"a class that visibility_ceiling covers: one-way or two-way on key setting {KEY}, keep 1"
        raise QuestionError("protocol", expected, str(protocol))
    q = protocol.noise
    end = _chord_end(v) if protocol.discussion is Discussion.TWO_WAY else None
    name = f"singlet of visibility {v!r}, 2x3 settings"
    return upper_bound(
        enclose(lambda: _one_way(ball(v), ball(q)) if end is None else _two_way(ball(v), ball(end))),
        unit=Unit.PER_ROUND,
        scope=Scope(
            thing=Thing.of_numbers("correlations", name, family="noisy singlet", visibility=v),
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
        ),
        method="convex combination" if end is None else "convex combination and orthogonal observable",
        reference="farkas2021" if end is None else "farkas2021; lukanowski2023",
        certificate=ClosedForm("noisy singlet", {"visibility": v, "protocol": protocol.to_dict(), "chord_end": end}),
        provenance={"visibility": v, "protocol": protocol.to_dict()},
    )


def _covered(protocol: object) -> bool:
    """Whether there is a formula for this class."""
    if not isinstance(protocol, Protocol) or protocol.discussion not in (Discussion.ONE_WAY, Discussion.TWO_WAY):
        return False
    return protocol.keys == (KEY,) and protocol.keep == 1.0


def _local_visibility() -> arb:
    return arb(2).rsqrt()


def _weight(v: arb) -> arb:
    """Weight of the nonlocal rounds, 0 where the table is local."""
    if v == 1:
        return arb(1)
    local = _local_visibility()
    return ((v - local) / (1 - local)).nonnegative_part()


def _one_way(v: arb, q: arb) -> arb:
    if q == 0.5:  # a fresh coin, of which Bob knows nothing
        return arb(0)
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
    share = arb(1) if v == end else (v - top) / (end - top)
    return _convex_combination(end) * share


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
