"""Tables, figures and the report page.

Names load on first use: what a name stands for is listed in `keybounds.reports.catalogue`, which loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.reports.catalogue import CATALOGUE, compare, draw, table, tables_of

__all__ = ["CATALOGUE", "compare", "draw", "table", "tables_of"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'keybounds.reports' has no attribute {name!r}")
    return getattr(import_module("keybounds.reports.catalogue"), name)
