"""The noncommutative moment engine: words, levels, and the relaxation that the semidefinite bounds stand on."""

from keybounds.bounds.correlations.moments.bell import bell_ceiling
from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.bounds.correlations.moments.words import Scenario

__all__ = ["Relaxation", "Scenario", "bell_ceiling"]
