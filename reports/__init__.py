"""Tables, figures and the report page."""

from keybounds.reports.catalogue import COMPARISONS, compare, table
from keybounds.reports.comparison import Comparison
from keybounds.tables import FORMATS, Table

__all__ = ["COMPARISONS", "FORMATS", "Comparison", "Table", "compare", "table"]
