"""What every figure shares: colours, sizes, and files without a date."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keybounds.errors import UnknownNameError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

IMAGE_FORMATS = ("pdf", "png", "svg")

# Okabe and Ito's colours, told apart by colour-blind readers; lower bounds blue, ceilings vermilion throughout.
LOWER, LOWER_2, UPPER, UPPER_2, BETWEEN, INK = "#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#DDDDDD", "#333333"
GREEN = "#009E73"  # where there are more than two of each

STYLE: Any = {
    "font.size": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "savefig.dpi": 200,
    "svg.hashsalt": "keybounds",  # the same figure gives the same bytes
    "pdf.fonttype": 42,
}

METADATA: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}
"""By format: entries of the file that would change from one drawing to the next, left out."""


def image_of(draw: Callable[[Figure], None], form: str) -> bytes:
    """What `draw` puts on a figure, in this style, as the bytes of a file.

    Raises
    ------
    UnknownNameError
        Not one of `IMAGE_FORMATS`.
    """
    if form not in IMAGE_FORMATS:
        raise UnknownNameError.among("format", form, IMAGE_FORMATS)
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(layout="constrained")
        draw(figure)
        stream = io.BytesIO()
        figure.savefig(stream, format=form, metadata=METADATA[form])
    return stream.getvalue()
