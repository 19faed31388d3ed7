"""The convex hull of the ceilings from (S, Q): Eve mixes devices and keeps the label.

A device with CHSH value S_k and key error Q_k leaves two-way key f(S_k, Q_k), with f the ceiling of `chsh_ceiling`, and
none where Q_k >= (S_k - 2)/(2(2√2 - 2)), by the orthogonal-observable attack. f is not convex, so that a mixture with
Σ w_k S_k = S and Σ w_k Q_k = Q can be a lower ceiling Σ w_k f(S_k, Q_k). Where to look for the points is the business
of a linear program over a grid; the ceiling is the cost of the three points it names, their weights solved for in ball
arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb
from keybounds.bounds.subject import subject_of
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.ceilings import has_own_key_setting
from keybounds.bounds.link.chsh import (
    check_chsh,
    check_error_rate,
    chsh_ball,
    chsh_of,
    chsh_value,
    closed_form_of,
    cost_at_the_edge,
    entropy_given_eve,
    error_of,
    input_kind,
    key_error_rate,
)
from keybounds.bounds.scope import Scope, Statistics, Trust, two_way
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import BoundNotEstablishedError, UnsupportedError
from keybounds.experiments import TSIRELSON

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

Point = tuple[float, float]

_GRID = 48  # points a side; each of the zooms narrows the boxes around the three best points
_ZOOMS = 4


def hull_ceiling(
    chsh: float,
    qber: float,
    *,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on two-way key from a CHSH value S and a key error rate Q, by a mixture of devices.

    Never above `chsh_ceiling` with scope ``"two-way"``, and 0 for Q >= (|S|-2)/(2(2√2-2)).

    Parameters
    ----------
    chsh, qber
        S in [-2√2, 2√2] and Q in [0, 1/2].
    key, subject, unit
        As in `chsh_ceiling`.

    Returns
    -------
    Bound
        UPPER; ``provenance["mixture"]`` holds the points (S_k, Q_k), one where no mixture gains.

    Raises
    ------
    InputError
        A number outside its range.
    UnsupportedError
        The key setting's y is one of the CHSH settings.

    Notes
    -----
    kaur2021; the claims ``ceiling-hull`` and ``orthogonal-observable-attack``.
    """
    s, e = check_chsh(chsh), check_error_rate(qber)
    return _hull_bound(
        lambda: chsh_ball(s),
        lambda: ball(e),
        (abs(s), e),
        key=key,
        subject=subject or f"S = {s!r}, Q = {e!r}",
        unit=unit,
        provenance={"chsh": s, "qber": e},
    )


def hull_ceiling_of(
    behaviour: Behaviour, *, key: tuple[int, int], subject: str | None = None, unit: Unit = Unit.PER_ROUND
) -> Bound:
    """`hull_ceiling` of a behaviour, at its exact CHSH value and key error rate.

    Raises
    ------
    InputError, BehaviourError, UnsupportedError
        As in `chsh_ceiling_of`.
    """
    s, e = chsh_value(behaviour), key_error_rate(behaviour, key)
    return _hull_bound(
        lambda: chsh_of(behaviour),
        lambda: error_of(behaviour, key),
        (abs(s), e),
        key=key,
        subject=subject or subject_of("behaviour", behaviour.P),
        unit=unit,
        provenance={"chsh": s, "qber": e, "table": input_kind(behaviour)},
        certified_by=lambda points: closed_form_of("mixture of devices", behaviour, key, points=points),
    )


def _hull_bound(
    s: Callable[[], arb],
    e: Callable[[], arb],
    near: Point,
    *,
    key: tuple[int, int] | None,
    subject: str,
    unit: Unit,
    provenance: dict[str, Any],
    certified_by: Callable[[list[list[float]]], dict[str, Any]] | None = None,
) -> Bound:
    if not has_own_key_setting(key):
        raise UnsupportedError("key", "a setting of Bob beside his CHSH settings 0 and 1", repr(key))
    value, mixture = enclose(lambda: device_cost(s(), e())), [list(near)]
    points = _points(near) if value > 0 else []
    if len(points) == 3:
        try:
            mixed = enclose(lambda: _mixture_cost(points, s(), e()))
        except BoundNotEstablishedError:  # the weights are not certainly positive: no mixture
            mixed = value
        if mixed < value:
            value, mixture = mixed, [list(point) for point in points]
    return upper_bound(
        value,
        unit=unit,
        scope=Scope(
            subject=subject,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=two_way(key),
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="mixture of devices (I(A:B|E))",
        reference="kaur2021",
        provenance={**provenance, "mixture": mixture},
        certificate=certified_by(mixture if len(mixture) > 1 else []) if certified_by else None,
    )


def device_cost(s: arb, e: arb) -> arb:
    """Two-way key that a device with S >= 0 and Q leaves: f(S, Q), or 0 where the orthogonal observable does it."""
    if s <= 2 or 4 * e * (arb(2).sqrt() - 1) > s - 2:
        return arb(0)
    if not s > 2:  # too close to tell
        return cost_at_the_edge(s)
    return (entropy_given_eve(s, e) - binary_entropy(e)).max(arb(0))


def _mixture_cost(points: Sequence[Point], s: arb, e: arb) -> arb:
    """Σ w_k f(S_k, Q_k), the weights reproducing (s, e) exactly; not finite unless all are certainly positive."""
    places = [(chsh_ball(x), ball(y)) for x, y in points]

    def area(i: tuple[arb, arb], j: tuple[arb, arb], k: tuple[arb, arb]) -> arb:
        return (j[0] - i[0]) * (k[1] - i[1]) - (k[0] - i[0]) * (j[1] - i[1])

    whole = area(*places)
    parts = [area(*((s, e) if i == k else place for i, place in enumerate(places))) for k in range(3)]
    weights = [part / whole for part in parts]
    if not all(weight > 0 for weight in weights):
        return arb("nan")
    return sum((w * device_cost(*place) for w, place in zip(weights, places, strict=True)), arb(0))


def _points(near: Point) -> list[Point]:
    """Three points around (S, Q) with the cheapest mixture found; fewer where none gains."""
    from scipy.optimize import linprog

    chsh, errors = np.linspace(2.0, TSIRELSON, _GRID), 0.5 * np.linspace(0.0, 1.0, _GRID) ** 2
    boxes = [(chsh, errors)]
    best: list[Point] = []
    for zoom in range(1, _ZOOMS + 1):
        grid = np.array([*((x, y) for xs, ys in boxes for x in xs for y in ys), (2.0, 0.0), (2.0, 0.5), *best])
        result = linprog(_estimates(grid), A_eq=np.vstack([grid.T, np.ones(len(grid))]), b_eq=[*near, 1.0])
        if result.x is None:
            return best
        best = [(float(x), float(y)) for x, y in grid[np.flatnonzero(result.x > 1e-9)]]
        half_s, half_q = (TSIRELSON - 2.0) / _GRID / 3.0 ** (zoom - 1), 0.5 / _GRID / 3.0 ** (zoom - 1)
        boxes = [
            (
                np.clip(x + half_s * np.linspace(-1, 1, 13), 2.0, TSIRELSON),
                np.clip(y + half_q * np.linspace(-1, 1, 13), 0.0, 0.5),
            )
            for x, y in best
        ]
    return best


def _estimates(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """f on a grid in doubles: only to choose points by."""
    s, q = points.T

    def h(x: NDArray[np.float64]) -> NDArray[np.float64]:
        inner = np.clip(np.stack([x, 1.0 - x]), 1e-300, 1.0)
        return np.asarray(-(inner * np.log2(inner)).sum(axis=0))

    c = np.sqrt(np.clip(s * s / 4.0 - 1.0, 0.0, 1.0))
    noisy = np.sqrt(np.clip(1.0 - q * (1.0 - q) * (8.0 - s * s), 0.0, 1.0))
    cost = 1.0 - h(q) - h((1.0 + c) / 2.0) + h((1.0 + noisy) / 2.0)
    free = 4.0 * q * (2.0**0.5 - 1.0) >= s - 2.0
    return np.where(free, 0.0, np.clip(cost, 0.0, 1.0))
