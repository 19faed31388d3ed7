"""The noncommutative moment engine: words, levels, and the relaxation that the semidefinite bounds stand on."""

from keybounds.bounds.moments.bell import bell_ceiling
from keybounds.bounds.moments.relaxation import Relaxation
from keybounds.bounds.moments.words import Scenario

__all__ = ["Relaxation", "Scenario", "bell_ceiling"]
