"""The convex hull of the ceilings from (S, Q): Eve mixes devices and keeps the label.

A device with CHSH value S_k and key error Q_k leaves two-way key f(S_k, Q_k), with f the ceiling of `chsh_ceiling`, and
none where Q_k >= (S_k - 2)/(2(2√2 - 2)), by the orthogonal-observable attack. f is not convex, so that a mixture with
Σ w_k S_k = S and Σ w_k Q_k = Q can be a lower ceiling Σ w_k f(S_k, Q_k). Where to look for the points is the business
of a linear program over a grid; the ceiling is the cost of the three points it names, their weights solved for in ball
arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from flint import arb
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.chsh import chsh_ball, device_information
from keybounds.bounds.link.link import Link, LinkCeilings
from keybounds.bounds.scope import Scope, Statistics, Trust
from keybounds.enclosure import ball, enclose
from keybounds.errors import BoundNotEstablishedError
from keybounds.experiments import TSIRELSON
from keybounds.solvers import SECONDS, asked

Point: TypeAlias = tuple[float, float]

_GRID = 48  # points a side; each of the zooms narrows the boxes around the three best points
_ZOOMS = 4
_LARGEST = math.nextafter(TSIRELSON, 0.0)  # certainly within 2√2


def hull_ceiling(link: Link) -> Bound:
    """Ceiling on two-way key from a CHSH value S and a key error rate Q, by a mixture of devices.

    Never above ``chsh_ceiling(link, two_way(link.key))``, and 0 for Q >= (|S|-2)/(2(2√2-2)).

    Parameters
    ----------
    link
        S, Q and the settings to which they belong.

    Returns
    -------
    Bound
        UPPER, in bits per round of the key setting; ``provenance["mixture"]`` holds the points (S_k, Q_k), one where no
        mixture gains.

    Raises
    ------
    QuestionError
        Bob's key setting is one of the CHSH settings.

    Notes
    -----
    kaur2021; the claims ``ceiling-hull`` and ``orthogonal-observable-attack``.
    """
    view = link.ceilings
    value, points = _cheapest(view)
    return upper_bound(
        value,
        unit=Unit.PER_ROUND,
        scope=Scope(
            thing=link.thing,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=view.protocol(),
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="mixture of devices (I(A:B|E))",
        reference="kaur2021",
        certificate=link.closed_form("mixture of devices", points=points),
        provenance={**link.provenance, "mixture": points or [(abs(float(link.chsh)), float(link.qber))]},
    )


def _cheapest(view: LinkCeilings) -> tuple[arb, list[Point]]:
    """The cost of one device or, where that is certainly less, of a mixture of three, and the mixture's points."""
    link = view.link
    alone = enclose(lambda: device_cost(link.s, link.e))
    points = _points((abs(float(link.chsh)), float(link.qber))) if alone > 0 else []
    if len(points) == 3:
        try:
            mixed = enclose(lambda: _mixture_cost(points, link.s, link.e))
        except BoundNotEstablishedError:  # the weights are not certainly positive: no mixture
            return alone, []
        if mixed < alone:
            return mixed, points
    return alone, []


def device_cost(s: arb, e: arb) -> arb:
    """Two-way key that a device with S >= 0 and Q leaves: f(S, Q), or 0 where the orthogonal observable does it."""
    if 4 * e * (arb(2).sqrt() - 1) > s - 2:
        return arb(0)
    return device_information(s, e).max(arb(0))


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

    chsh, errors = np.linspace(2.0, _LARGEST, _GRID), 0.5 * np.linspace(0.0, 1.0, _GRID) ** 2
    boxes = [(chsh, errors)]
    best: list[Point] = []
    for zoom in range(1, _ZOOMS + 1):
        grid = np.array([*((x, y) for xs, ys in boxes for x in xs for y in ys), (2.0, 0.0), (2.0, 0.5), *best])
        rows = np.vstack([grid.T, np.ones(len(grid))])
        with asked("HiGHS"):
            result = linprog(
                _estimates(grid), A_eq=rows, b_eq=[*near, 1.0], method="highs", options={"time_limit": SECONDS}
            )
        if result.x is None:
            return best
        used = sorted(k for k in np.argsort(-result.x)[:3] if result.x[k] > 1e-9)  # no more, whatever came back
        best = [(float(x), float(y)) for x, y in grid[used]]
        half_s, half_q = (_LARGEST - 2.0) / _GRID / 3.0 ** (zoom - 1), 0.5 / _GRID / 3.0 ** (zoom - 1)
        boxes = [
            (
                np.clip(x + half_s * np.linspace(-1, 1, 13), 2.0, _LARGEST),
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
