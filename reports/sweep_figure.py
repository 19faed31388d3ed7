"""The figure of a campaign: lines over one axis, maps over two. Every point is a number of the store."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keybounds.enclosure import Direction
from keybounds.errors import UnsupportedError
from keybounds.reports.style import INK, LOWER, UPPER, image_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection, QuadMesh
    from matplotlib.figure import Figure

    from keybounds.sweeps import Sweep

Numbers = NDArray[np.float64]

_MAPS_A_ROW = 3
_DECADES = 100.0  # from the least to the greatest value of an axis, beyond which it is logarithmic
_COLOURS = {Direction.LOWER: LOWER, Direction.UPPER: UPPER, None: INK}
_STYLES = ("-", "--", ":", "-.")


def sweep_image(found: Sweep, form: str = "pdf") -> bytes:
    """The figure of a campaign over one axis or two, as the bytes of a file; what is missing or failed is left out.

    Raises
    ------
    UnsupportedError
        Other axes than one or two of numbers, or no number yet.
    UnknownNameError
        Not a format of images.
    """
    return image_of(lambda figure: draw_sweep(found, figure), form)


def draw_sweep(found: Sweep, figure: Figure) -> None:
    """Draw lines over one axis, or a map of each number over two; errors as in `sweep_image`."""
    axes = [axis.name for axis in found.plan.axes]
    columns = found.to_columns()
    places = [np.array(columns[name]) for name in axes]
    if len(axes) not in (1, 2) or any(place.dtype.kind != "f" for place in places):
        raise UnsupportedError("figure", "one or two axes of numbers", ", ".join(axes))
    drawn: list[tuple[str, Direction | None, Numbers]] = []
    for column in found.plan.columns:
        for (_, direction), heading in zip(column.quantity.parts, column.headings, strict=False):
            values = np.array([math.nan if one is None else one for one in columns[heading]])
            if np.isfinite(values).any():
                drawn.append((heading, direction, values))
    if not drawn:
        raise UnsupportedError("figure", "numbers to draw", "none yet")
    if len(axes) == 1:
        _lines(figure, axes[0], places[0], drawn)
    else:
        _maps(figure, axes, places, drawn)


def _lines(figure: Figure, name: str, place: Numbers, drawn: list[tuple[str, Direction | None, Numbers]]) -> None:
    figure.set_size_inches(3.4, 2.6)
    panel = figure.subplots()
    order = np.argsort(place, kind="stable")
    seen = dict.fromkeys(_COLOURS, 0)
    for heading, direction, values in drawn:
        style = _STYLES[seen[direction] % len(_STYLES)]
        seen[direction] += 1
        panel.plot(place[order], values[order], style, color=_COLOURS[direction], marker=".", ms=3, label=heading)
    panel.set_xlabel(name)
    panel.set_xscale(_scale(place))
    panel.legend(frameon=False)


def _maps(
    figure: Figure, names: list[str], places: list[Numbers], drawn: list[tuple[str, Direction | None, Numbers]]
) -> None:
    rows, width = -(-len(drawn) // _MAPS_A_ROW), min(len(drawn), _MAPS_A_ROW)
    figure.set_size_inches(2.6 * width + 0.6, 2.2 * rows + 0.2)
    panels = figure.subplots(rows, width, squeeze=False).ravel()
    for panel, (heading, _, values) in zip(panels, drawn, strict=False):
        image = _map(panel, places, values)
        figure.colorbar(image, ax=panel)
        panel.set(title=heading, xlabel=names[0], ylabel=names[1], xscale=_scale(places[0]), yscale=_scale(places[1]))
    for panel in panels[len(drawn) :]:
        panel.set_axis_off()


def _map(panel: Axes, places: list[Numbers], values: Numbers) -> PathCollection | QuadMesh:
    """Cells of a grid, dots elsewhere; a line through the last points without key."""
    x, y = (np.unique(place) for place in places)
    if len(x) * len(y) != len(values):
        return panel.scatter(places[0], places[1], s=8, c=values)
    order = np.lexsort((places[1], places[0]))
    grid = values[order].reshape(len(x), len(y)).T
    image = panel.pcolormesh(_edges(x), _edges(y), np.ma.masked_invalid(grid))
    if min(grid.shape) > 1 and np.nanmin(grid) <= 0 < np.nanmax(grid):
        panel.contour(x, y, np.ma.masked_invalid(grid), levels=[1e-9], colors=["white"], linewidths=0.8)
    return image


def _edges(values: Numbers) -> Numbers:
    """Where cells around these values end: halfway to their neighbours, on the scale of their axis."""
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    logarithmic = _scale(values) == "log"
    at = np.log(values) if logarithmic else values
    half = np.diff(at) / 2
    edges = np.concatenate([[at[0] - half[0]], at[:-1] + half, [at[-1] + half[-1]]])
    return np.exp(edges) if logarithmic else edges


def _scale(place: Numbers) -> str:
    return "log" if place.min() > 0 and place.max() / place.min() > _DECADES else "linear"
